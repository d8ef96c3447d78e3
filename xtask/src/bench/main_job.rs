//! `bench main-job`: from a sentence to G-code on a warm platform, black box over REST, with memory and binary size.

mod http;
mod memory;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use self::http::Client;
use crate::workspace;

/// One sentence a line.
const SENTENCES: &str = "crates/conversation/tests/sentences.txt";
/// They warm the geometry worker, the pools and the allocator before anything is measured, and are no lines of the file:
/// the same part asked for again would be found, not built.
const WARM_UP: [&str; 3] = [
    "a plant pot 117 mm wide and 93 mm tall with 3 mm walls and two 7 mm drainage holes, in PLA",
    "caixa com tampa de 77 por 53 por 41 mm, paredes de 2 mm",
    "a spacer 17 mm long for M4 screws, 11 mm outer diameter",
];
/// What an idle platform still does after work (connections that close, buffers that go back) has ended by then.
const SETTLE: Duration = Duration::from_secs(10);

/// Options of the bench.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Measure this binary instead of building one.
    #[arg(long, value_name = "FILE")]
    pub pot: Option<PathBuf>,
    /// How many sentences to measure.
    #[arg(long, default_value_t = 50)]
    pub sentences: usize,
}

/// A column of the table: which seconds of a sentence.
type Seconds = fn(&Timing) -> f64;

/// Seconds that one sentence took.
struct Timing {
    turn: f64,
    model: f64,
    slice: f64,
    download: f64,
}

impl Timing {
    fn total(&self) -> f64 {
        self.turn + self.model + self.slice + self.download
    }
}

/// Runs the bench on the repository at `root`.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let pot = match &options.pot {
        Some(pot) => pot.clone(),
        None => build(root)?,
    };
    let size = std::fs::metadata(&pot).with_context(|| format!("there is no {}", pot.display()))?.len();
    let text = std::fs::read_to_string(root.join(SENTENCES)).with_context(|| format!("could not read {SENTENCES}"))?;
    let sentences: Vec<&str> =
        text.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#')).collect();

    let scratch = scratch()?;
    let mut platform = Platform::start(&pot, scratch.path())?;
    let fresh = memory::of_tree(platform.child.id())?;
    for sentence in WARM_UP {
        let _warmed: Outcome = measure(&platform.client, sentence)?;
    }
    let (mut timings, mut left_out) = (Vec::new(), Vec::new());
    for sentence in &sentences {
        if timings.len() == options.sentences {
            break;
        }
        match measure(&platform.client, sentence)? {
            Ok(timing) => timings.push(timing),
            Err(why) => left_out.push(format!("{sentence}: {why}")),
        }
    }
    ensure!(!timings.is_empty(), "no sentence could be measured");
    std::thread::sleep(SETTLE);
    let idle = memory::of_tree(platform.child.id())?;
    platform.stop()?;
    report(&timings, &left_out, options.sentences);
    workspace::say(format_args!("memory (PSS of the whole process tree), before the first job: {fresh}"));
    workspace::say(format_args!("memory, idle after the jobs: {idle}"));
    workspace::say(format_args!("pot has {:.1} MB", size as f64 / 1e6));
    Ok(())
}

fn build(root: &Path) -> Result<PathBuf> {
    let mut cargo = Command::new(workspace::cargo());
    workspace::run(cargo.args(["build", "--release", "--locked", "--package", "pot"]).current_dir(root))?;
    let target = workspace::env("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release/pot"))
}

/// As root the database runs as a user who has to be able to come here, and /tmp may be a small memory file system.
fn scratch() -> Result<tempfile::TempDir> {
    let base = Path::new("/var/lib");
    let made = tempfile::Builder::new().prefix("pot-bench-").permissions(open_folder()).tempdir_in(base);
    made.or_else(|_| tempfile::Builder::new().prefix("pot-bench-").tempdir()).context("no folder for the data")
}

fn open_folder() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o755)
}

/// What a sentence took, or why it does not lead to G-code: it is answered with a question, or with a refusal.
type Outcome = Result<Timing, String>;

/// One sentence from its first byte sent to the last byte of G-code.
fn measure(client: &Client, sentence: &str) -> Result<Outcome> {
    let started = Instant::now();
    let dialogue = client.post("/v1/dialogues", &json!({}))?;
    let dialogue = text(&dialogue, "name")?;
    let turn = client.post(&format!("/v1/{dialogue}/turns"), &json!({ "text": sentence }))?;
    let specification = client.get(&format!("/v1/{dialogue}/specification"))?;
    let turned = started.elapsed().as_secs_f64();
    if !turn["question"].is_null() || specification["complete"] != true {
        return Ok(Err("it is answered with a question".to_owned()));
    }
    let part = &specification["part"];
    let order = json!({"part": part, "madeFrom": [specification["hash"]]});
    let (model, model_s) = match work(client, "/v1/models", &order).with_context(|| sentence.to_owned())? {
        Ok(made) => made,
        Err(why) => return Ok(Err(why)),
    };
    let artefacts = model["artefacts"].as_array().with_context(|| format!("{sentence}: no artefacts"))?;
    let stl = artefacts.iter().find(|it| it["kind"] == "stl").with_context(|| format!("{sentence}: no STL"))?;
    let order = json!({"model": model["name"], "meshHash": stl["hash"], "material": part["material"], "quantity": 1});
    let (slice, slice_s) = match work(client, "/v1/slices", &order).with_context(|| sentence.to_owned())? {
        Ok(made) => made,
        Err(why) => return Ok(Err(why)),
    };
    let started = Instant::now();
    let gcode = client.download(&format!("/v1/{}/gcode", text(&slice, "name")?))?;
    ensure!(!gcode.is_empty(), "{sentence}: the G-code is empty");
    Ok(Ok(Timing { turn: turned, model: model_s, slice: slice_s, download: started.elapsed().as_secs_f64() }))
}

/// gRPC's FAILED_PRECONDITION: the platform says what about the part cannot be done. Anything else is a fault.
const REFUSED: u64 = 9;

/// Long work from the request to the resource, and the seconds that it took; or why it was refused.
fn work(client: &Client, path: &str, request: &Value) -> Result<Result<(Value, f64), String>> {
    let started = Instant::now();
    let operation = client.post(path, request)?;
    // The watch ends with the operation, so that no polling interval is measured.
    let lines = client.download(&format!("/v1/{}:watch", text(&operation, "name")?))?;
    let elapsed = started.elapsed().as_secs_f64();
    let last = lines.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty()).context("the watch says nothing")?;
    let mut last: Value = serde_json::from_slice(last).context("the watch does not speak JSON")?;
    if last["error"]["code"] == REFUSED {
        return Ok(Err(text(&last["error"], "message")?.to_owned()));
    }
    ensure!(last["state"] == "OPERATION_STATE_SUCCEEDED", "{path}: {last}");
    Ok(Ok((last["response"].take(), elapsed)))
}

fn text<'v>(value: &'v Value, field: &str) -> Result<&'v str> {
    value[field].as_str().with_context(|| format!("no {field} in {value}"))
}

fn report(timings: &[Timing], left_out: &[String], wanted: usize) {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    workspace::say(format_args!("main-job: {} sentences on {cores} cores, one at a time, seconds", timings.len()));
    workspace::say(format_args!("{:<24} {:>8} {:>8} {:>8}", "stage", "p50", "p95", "max"));
    let stages: [(&str, Seconds); 5] = [
        ("turn and specification", |it| it.turn),
        ("model, all files", |it| it.model),
        ("slice", |it| it.slice),
        ("G-code download", |it| it.download),
        ("total", Timing::total),
    ];
    for (name, of) in stages {
        let mut values: Vec<f64> = timings.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        let at = |share| quantile(&values, share);
        workspace::say(format_args!("{name:<24} {:>8.3} {:>8.3} {:>8.3}", at(0.5), at(0.95), at(1.0)));
    }
    for sentence in left_out {
        workspace::say(format_args!("not measured: {sentence}"));
    }
    if timings.len() < wanted {
        workspace::say(format_args!("fewer than the {wanted} sentences asked for"));
    }
}

/// The smallest value that is not below `share` of them.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the number of values")]
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

struct Platform {
    child: Child,
    client: Client,
}

impl Platform {
    fn start(pot: &Path, scratch: &Path) -> Result<Self> {
        let mut command = Command::new(pot);
        command.arg("--data").arg(scratch.join("data")).args(["--json", "up", "--listen", "127.0.0.1:0"]);
        command.args(["--mqtt-listen", "127.0.0.1:0"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("could not start {}", pot.display()))?;
        let stdout = child.stdout.take().context("no standard output")?;
        // Dropped on an error, this ends the child.
        let mut platform = Self { child, client: Client::default() };
        for line in BufReader::new(stdout).lines() {
            let event: Value = serde_json::from_str(&line?).context("pot up --json does not speak JSON")?;
            if event["event"] == "ready" {
                let token = std::fs::read_to_string(text(&event, "token_file")?).context("no token")?;
                platform.client = Client::new(text(&event, "address")?, token.trim());
                return Ok(platform);
            }
        }
        bail!("pot up ended before it was ready")
    }

    fn stop(&mut self) -> Result<()> {
        let pid = self.child.id().to_string();
        workspace::run(Command::new("kill").args(["-INT", &pid]))?;
        let status = self.child.wait()?;
        ensure!(matches!(status.code(), Some(0 | 130)), "pot up ended with {status}");
        Ok(())
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.child.kill().and_then(|()| self.child.wait().map(drop)).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let values: Vec<f64> = (1..=50).map(f64::from).collect();
        assert_eq!([0.5, 0.95, 1.0].map(|share| quantile(&values, share)), [25.0, 48.0, 50.0]);
        assert_eq!(quantile(&[7.0], 0.5), 7.0);
    }
}
