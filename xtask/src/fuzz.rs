//! `fuzz`: everything that reads bytes from outside, under libFuzzer with coverage feedback; and random feature histories,
//! evaluated on both kernels.
//!
//! The fuzzers of `fuzz/` are built with the pinned toolchain: coverage counters are stable compiler options. A C++ compiler
//! is needed for libFuzzer's own runtime. What a run learns stays in `fuzz/corpus/`, which is not committed; the seeds are.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// Options of the command.
#[derive(Debug, clap::Args)]
pub struct Fuzz {
    /// One fuzzer, or `histories`; without it each fuzzer in turn.
    pub target: Option<String>,
    /// Executions of each: a million, or ten thousand histories.
    #[arg(long)]
    pub runs: Option<u64>,
    /// The first history, each of which has a number.
    #[arg(long, default_value_t = 0)]
    pub first: u64,
    /// Seconds after which a fuzzer stops short of its executions; 0 is never.
    #[arg(long, default_value_t = 0)]
    pub seconds: u64,
    /// Build here instead of in fuzz/target.
    #[arg(long, value_name = "DIR")]
    pub target_dir: Option<PathBuf>,
}

/// The suite of random feature histories, which needs no libFuzzer.
const HISTORIES: &str = "histories";

/// The fuzzers by name, and the longest input that is of use to each.
const TARGETS: [(&str, u32); 10] = [
    ("stl", 4096),
    ("obj", 4096),
    ("threemf", 4096),
    ("step", 16_384),
    ("planner", 2048),
    ("part_json", 8192),
    ("expression", 512),
    ("gcode", 4096),
    ("mqtt", 2048),
    ("sentence", 512),
];

/// Longest that one input may take, seconds.
const HANG: u32 = 10;
/// Greatest resident memory of a fuzzer, MB.
const MEMORY: u32 = 2048;

/// What cargo-fuzz passes too, but for its sanitisers: the tree has no unsafe code for them to watch.
const COVERAGE: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg",
    "fuzzing",
];

/// What libFuzzer says at the end.
#[derive(Debug, Default, PartialEq)]
struct Figures {
    executions: u64,
    peak_mb: u64,
}

impl Figures {
    fn note(&mut self, line: &str) {
        let Some((name, value)) = line.strip_prefix("stat::").and_then(|line| line.split_once(':')) else { return };
        let Ok(value) = value.trim().parse() else { return };
        match name {
            "number_of_executed_units" => self.executions = value,
            "peak_rss_mb" => self.peak_mb = value,
            _ => {}
        }
    }
}

/// Runs the fuzzers of the repository at `root`; fails at the first that finds a panic, a hang or too much memory.
pub fn run(root: &Path, options: &Fuzz) -> Result<()> {
    if options.target.as_deref() == Some(HISTORIES) {
        return histories(root, options.first, options.runs.unwrap_or(10_000));
    }
    let chosen: Vec<(&str, u32)> = TARGETS
        .into_iter()
        .filter(|(name, _)| options.target.as_deref().is_none_or(|target| target == *name))
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).chain([HISTORIES]).collect();
        bail!("there is no fuzzer `{}`; there are: {}", options.target.as_deref().unwrap_or(""), names.join(", "));
    }
    let host = host()?;
    let target_dir = options.target_dir.clone().unwrap_or_else(|| root.join("fuzz/target"));
    for (name, longest) in chosen {
        build(root, name, &host, &target_dir)?;
        let started = Instant::now();
        let figures = feed(root, name, longest, &target_dir.join(&host).join("release").join(name), options)?;
        workspace::say(format_args!(
            "fuzz {name}: {} executions, {} a second, peak {} MB, no panic, no hang",
            figures.executions,
            (figures.executions as f64 / started.elapsed().as_secs_f64()).round(),
            figures.peak_mb
        ));
    }
    Ok(())
}

/// The ignored test that evaluates them and prints what became of each.
fn histories(root: &Path, first: u64, count: u64) -> Result<()> {
    let mut cargo = Command::new(workspace::cargo());
    cargo.args(["test", "--quiet", "--locked", "--package", "geometry", "--test", "histories", "--"]);
    cargo.args(["--ignored", "--nocapture"]);
    cargo.env("POT_HISTORIES", count.to_string()).env("POT_HISTORIES_FIRST", first.to_string());
    workspace::run(cargo.current_dir(root)).context("some histories do not hold")
}

/// The machine's own target, named explicitly so that build scripts are compiled without counters.
fn host() -> Result<String> {
    let version = workspace::capture(Command::new("rustc").arg("-vV"))?;
    let version = String::from_utf8_lossy(&version).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say its host")?.to_owned())
}

fn build(root: &Path, name: &str, host: &str, target_dir: &Path) -> Result<()> {
    let mut cargo = Command::new(workspace::cargo());
    cargo.args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", host, "--bin", name]);
    if name == "sentence" {
        cargo.args(["--features", "sentence"]);
    }
    cargo.arg("--target-dir").arg(target_dir).env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\x1f"));
    workspace::run(cargo.current_dir(root)).context("the fuzzer does not build; libFuzzer needs a C++ compiler")
}

fn feed(root: &Path, name: &str, longest: u32, fuzzer: &Path, options: &Fuzz) -> Result<Figures> {
    let runs = options.runs.unwrap_or(1_000_000);
    let corpus = root.join("fuzz/corpus").join(name);
    let artefacts = root.join("fuzz/artifacts").join(name);
    for folder in [&corpus, &artefacts] {
        std::fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
    }
    let mut command = Command::new(fuzzer);
    command
        .arg(&corpus)
        .arg(root.join("crates/fuzz-targets/seeds").join(name))
        .arg(format!("-runs={runs}"))
        .arg(format!("-max_total_time={}", options.seconds))
        .arg(format!("-timeout={HANG}"))
        .arg(format!("-rss_limit_mb={MEMORY}"))
        .arg(format!("-max_len={longest}"))
        .arg(format!("-artifact_prefix={}/", artefacts.display()))
        .args(["-print_final_stats=1", "-verbosity=1"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("could not start {}", fuzzer.display()))?;
    let mut figures = Figures::default();
    let mut last = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).lines().map_while(std::result::Result::ok) {
            figures.note(&line);
            if line.starts_with("panic") {
                workspace::say(&line);
            }
            last.push(line);
            if last.len() > 60 {
                last.remove(0);
            }
        }
    }
    let status = child.wait().context("could not wait for the fuzzer")?;
    if !status.success() {
        bail!("{name} failed ({status}); its input is in {}:\n{}", artefacts.display(), last.join("\n"));
    }
    if figures.executions < runs && options.seconds == 0 {
        bail!("{name} ended after {} of {runs} executions:\n{}", figures.executions, last.join("\n"));
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_read() {
        let mut figures = Figures::default();
        let lines = "Done 1000 runs\nstat::number_of_executed_units: 1000\nstat::average_exec_per_sec:     333\n\
                     stat::new_units_added:          7\nstat::peak_rss_mb:              81";
        lines.lines().for_each(|line| figures.note(line));
        assert_eq!(figures, Figures { executions: 1000, peak_mb: 81 });
    }

    #[test]
    fn every_fuzzer_has_a_target_and_seeds() {
        let root = workspace::root();
        let manifest = std::fs::read_to_string(root.join("fuzz/Cargo.toml")).unwrap();
        for (name, _) in TARGETS {
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
            assert!(root.join(format!("fuzz/fuzz_targets/{name}.rs")).exists(), "{name}");
            assert!(
                std::fs::read_dir(root.join("crates/fuzz-targets/seeds").join(name)).unwrap().count() > 0,
                "{name}"
            );
        }
    }
}
