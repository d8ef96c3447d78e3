//! Measures the evaluation of one part, in a process of its own; `cargo xtask bench geometry` runs it.
//!
//! `bench cold CASE RUNS` builds the case from nothing so many times, triangles included, and prints one JSON line: CPU
//! milliseconds of each run, what it built, and the process' peak memory. `bench change CASE` changes each number of the
//! case in turn by one percent, first as a preview and then exactly, with the caches of the part before the change.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that fails has no result")]

#[allow(dead_code, reason = "only what reads a case is needed here")]
#[path = "cases/record.rs"]
mod record;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

use geometry::{CacheLimits, Evaluated, Evaluator, GeometryError, Imports, Options, evaluate};
use part::{Dimension, Part, catalogue};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["cold", case, runs] => cold(&read(case), runs.parse().expect("a number of runs")),
        ["change", case] => change(&read(case), &record::imports(&folder(case)).expect("its files")),
        _ => say(&json!({"error": "bench cold CASE RUNS | bench change CASE"})),
    }
}

fn say(line: &serde_json::Value) {
    writeln!(std::io::stdout().lock(), "{line}").expect("standard output");
}

fn folder(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases").join(case)
}

fn read(case: &str) -> Part {
    serde_json::from_slice(&std::fs::read(folder(case).join("part.json")).expect("the case's part.json"))
        .expect("a part")
}

/// CPU time of this process so far, all threads, user and system.
fn cpu() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
}

/// The most memory that was resident at once, megabytes.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<f64>().map_or(f64::NAN, |kb| kb / 1024.0)
}

fn cold(part: &Part, runs: usize) {
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..runs {
        let before = cpu();
        let body = part::lower(part).expect("a valid part");
        let evaluated = evaluate(&body, &Options::default(), &AtomicBool::new(false)).expect("a part that builds");
        times.push((cpu() - before).as_secs_f64() * 1e3);
        last = Some(evaluated);
    }
    let last = last.expect("one run");
    say(&json!({
        "cpu_ms": times, "volume_mm3": last.volume_mm3, "triangles": last.mesh.triangles.len(), "exact": last.exact,
        "peak_mb": peak_mb(), "size_mm": last.bounds.size().into_iter().fold(0.0, f64::max),
    }));
}

/// The part as it was, and with one number changed: what a slider does.
struct Change {
    name: String,
    changed: Part,
}

fn changes(part: &Part) -> Vec<Change> {
    let mut changes = Vec::new();
    for (index, operation) in part.features.iter().enumerate() {
        let Some(definition) = catalogue::find(&operation.kind) else { continue };
        for parameter in definition.parameters {
            let said = operation.parameters.get(parameter.name);
            let lengths = matches!(parameter.dimension, Dimension::Length | Dimension::Angle);
            let (Some(said), true) = (said, lengths) else { continue };
            let mut changed = part.clone();
            let mut quantity = said.clone();
            quantity.value *= 1.01;
            changed.features[index].parameters.insert(parameter.name.to_owned(), quantity);
            changes.push(Change { name: format!("{}.{}", operation.id, parameter.name), changed });
        }
    }
    changes
}

fn change(part: &Part, imports: &Imports) {
    for Change { name, changed } in changes(part) {
        let mut row = json!({"change": name});
        for (form, options) in [("preview", Options::preview()), ("exact", Options::default())] {
            // Warm with the part as it was; the changed one has never been seen.
            let evaluator = Evaluator::new(CacheLimits::default());
            if build(&evaluator, part, &options, imports).is_none_or(|built| built.is_err()) {
                continue;
            }
            let (wall, before) = (Instant::now(), cpu());
            match build(&evaluator, &changed, &options, imports) {
                Some(Ok(built)) => {
                    row[form] = json!({
                        "ms": wall.elapsed().as_secs_f64() * 1e3, "cpu_ms": (cpu() - before).as_secs_f64() * 1e3,
                        "exact": built.exact,
                    });
                }
                Some(Err(error)) => row[form] = json!({"refused": error.to_string()}),
                // One percent more contradicts another number: no such slider position.
                None => {}
            }
        }
        say(&row);
    }
    say(&json!({"peak_mb": peak_mb()}));
}

/// `None` for a part that contradicts itself.
fn build(
    evaluator: &Evaluator,
    part: &Part,
    options: &Options,
    imports: &Imports,
) -> Option<Result<Evaluated, GeometryError>> {
    let body = part::lower(part).ok()?;
    Some(evaluator.evaluate(&body, options, imports, &AtomicBool::new(false)))
}
