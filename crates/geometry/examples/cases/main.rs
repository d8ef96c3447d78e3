//! Evaluates the cases of `tests/cases` and compares them with what is committed; `cargo xtask cases` runs it.
//!
//! Options: `--bless` writes answers and pictures, `--out DIR` writes each case's STL and STEP for other programs to read,
//! `--only TEXT` takes the cases whose name holds it, `--catalogue DIR` draws each kind of the catalogue instead.

mod catalogue;
mod picture;
mod record;

use std::{
    fmt::Display,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};

use record::{Expected, Run};

/// Largest `picture.png`.
const PICTURE_BYTES: usize = 25_000;

#[derive(Default)]
struct Arguments {
    bless: bool,
    out: Option<PathBuf>,
    only: String,
    catalogue: Option<PathBuf>,
}

fn main() -> ExitCode {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let result = arguments().and_then(|arguments| match &arguments.catalogue {
        Some(folder) => catalogue::write(folder, &cases).map(|()| true),
        None => all(&cases, &arguments),
    });
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(error);
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<Arguments, String> {
    let mut read = Arguments::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut next = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--bless" => read.bless = true,
            "--out" => read.out = Some(next()?.into()),
            "--only" => read.only = next()?,
            "--catalogue" => read.catalogue = Some(next()?.into()),
            other => return Err(format!("there is no option {other}")),
        }
    }
    Ok(read)
}

/// CPU time of this process so far.
fn cpu() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
}

/// A closed pipe is not this program's error.
fn say(line: impl Display) {
    writeln!(std::io::stdout().lock(), "{line}").unwrap_or_default();
}

/// Gives every sample part of the catalogue a case that has none yet.
fn samples(cases: &Path) -> Result<(), String> {
    for (name, part) in part::examples::examples() {
        let folder = cases.join(name);
        if folder.exists() {
            continue;
        }
        let text = serde_json::to_string_pretty(&part).map_err(|error| error.to_string())? + "\n";
        std::fs::create_dir_all(&folder).map_err(|error| format!("{name}: {error}"))?;
        std::fs::write(folder.join("part.json"), text).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

fn all(cases: &Path, arguments: &Arguments) -> Result<bool, String> {
    if arguments.bless {
        samples(cases)?;
    }
    let (mut failed, mut refused, mut count, mut oracles) = (Vec::new(), 0, 0, 0);
    say(format_args!(
        "{:<34} {:>5} {:>14} {:>14} {:>10} {:>7}",
        "case", "exact", "volume mm3", "oracle mm3", "apart", "CPU ms"
    ));
    for folder in record::folders(cases)? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.contains(&arguments.only) {
            continue;
        }
        count += 1;
        let before = cpu();
        let run = match record::run(&folder) {
            Ok(run) => run,
            Err(error) => {
                say(format_args!("{name:<34} {error}"));
                failed.push(name);
                continue;
            }
        };
        let took = cpu() - before;
        let (answer, mut problems) = judge(&run, took, &folder, arguments.bless)?;
        if let Some(out) = &arguments.out {
            problems.extend(export(&run, out, &name).err());
        }
        refused += usize::from(!answer.exact);
        oracles += usize::from(answer.oracle.is_some());
        let oracle = answer.oracle.as_ref().map_or_else(|| "-".to_owned(), |it| format!("{:.3}", it.volume_mm3));
        let off = answer.off().map_or_else(|| "-".to_owned(), |off| format!("{:.6} %", off * 100.0));
        let exact = if answer.exact { "yes" } else { "mesh" };
        say(format_args!(
            "{name:<34} {exact:>5} {:>14.3} {oracle:>14} {off:>10} {:>7.0}",
            answer.volume_mm3,
            took.as_secs_f64() * 1e3
        ));
        for problem in &problems {
            say(format_args!("    {problem}"));
        }
        if !problems.is_empty() {
            failed.push(name);
        }
    }
    say(format_args!("{count} cases, {oracles} with an oracle's volume, {refused} from the mesh kernel"));
    if !failed.is_empty() {
        say(format_args!("{} do not hold: {}", failed.len(), failed.join(", ")));
    }
    Ok(failed.is_empty())
}

/// The answer to show, and what is wrong with it. Blessing writes it first.
fn judge(run: &Run, took: Duration, folder: &Path, bless: bool) -> Result<(Expected, Vec<String>), String> {
    let mut answer = run.measured.clone();
    let mut problems = record::not_closed(&run.evaluated);
    let committed = record::committed(folder)?;
    answer.oracle = committed.as_ref().and_then(|it| it.oracle.clone());
    let picture = folder.join("picture.png");
    let differences = committed.as_ref().map(|committed| answer.differences(committed));
    if bless {
        if differences.as_ref().is_none_or(|found| !found.is_empty()) || !picture.exists() {
            let rgb = run.part.colour.as_ref().map(|colour| colour.rgb());
            let bytes = picture::png(run.evaluated.mesh.clone(), rgb, [320, 240], PICTURE_BYTES)?;
            std::fs::write(&picture, bytes).map_err(|error| format!("{}: {error}", picture.display()))?;
        }
        // The last digits of what did not change stay as they are committed.
        if let Some(committed) = committed.as_ref().filter(|it| answer.differences(it).is_empty()) {
            let reason = answer.inexact_reason.take();
            answer = Expected { inexact_reason: reason, ..committed.clone() };
        }
        // Twice as fast as the limit before it counts as fast again.
        answer.slow = took > if answer.slow { record::SLOW / 2 } else { record::SLOW };
        let text = serde_json::to_string_pretty(&answer).map_err(|error| error.to_string())? + "\n";
        std::fs::write(folder.join("expected.json"), text).map_err(|error| format!("expected.json: {error}"))?;
    } else {
        problems.extend(differences.unwrap_or_else(|| vec!["has no expected.json; see it, then --bless".to_owned()]));
    }
    if let Some(off) = answer.off().filter(|off| *off > answer.may_be_off()) {
        problems.push(format!("its volume is {:.4} % from the oracle's", off * 100.0));
    }
    Ok((answer, problems))
}

/// One STL a piece, and the STEP file of all where there is one.
fn export(run: &Run, out: &Path, name: &str) -> Result<(), String> {
    let wrong = |error: &dyn Display| format!("{name}: {error}");
    std::fs::create_dir_all(out).map_err(|error| wrong(&error))?;
    for piece in &run.evaluated.pieces {
        let mut bytes = Vec::new();
        mesh::stl::write(&piece.mesh, &mut bytes).map_err(|error| wrong(&error))?;
        std::fs::write(out.join(format!("{name}.{}.stl", piece.name)), bytes).map_err(|error| wrong(&error))?;
    }
    let metadata = geometry::formats::Metadata { title: name.to_owned(), rgb: [176, 178, 182], material: None };
    let text = geometry::formats::step::write(&run.evaluated, &metadata).map_err(|error| wrong(&error))?;
    if let Some(text) = text {
        std::fs::write(out.join(format!("{name}.step")), text).map_err(|error| wrong(&error))?;
    }
    let record = serde_json::to_string(&run.measured).map_err(|error| wrong(&error))?;
    std::fs::write(out.join(format!("{name}.json")), record).map_err(|error| wrong(&error))
}
