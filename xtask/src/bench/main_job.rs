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

/// One sentence a line; those that ask back are not measured.
const SENTENCES: &str = "crates/conversation/tests/sentences.txt";
/// Sentences that warm caches, the geometry worker and the allocator before anything is measured.
const WARM_UP: usize = 3;
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
    for sentence in sentences.iter().take(WARM_UP) {
        let _warmed: Option<Timing> = measure(&platform.client, sentence)?;
    }
    let (mut timings, mut asked_back) = (Vec::new(), Vec::new());
    for sentence in sentences.iter().skip(WARM_UP) {
        if timings.len() == options.sentences {
            break;
        }
        match measure(&platform.client, sentence)? {
            Some(timing) => timings.push(timing),
            None => asked_back.push(*sentence),
        }
    }
    ensure!(!timings.is_empty(), "no sentence could be measured");
    std::thread::sleep(SETTLE);
    let idle = memory::of_tree(platform.child.id())?;
    platform.stop()?;
    report(&timings, &asked_back, options.sentences);
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

/// One sentence from its first byte sent to the last byte of G-code; `None` when it is answered with a question.
fn measure(client: &Client, sentence: &str) -> Result<Option<Timing>> {
    let started = Instant::now();
    let dialogue = client.post("/v1/dialogues", &json!({}))?;
    let dialogue = text(&dialogue, "name")?;
    let turn = client.post(&format!("/v1/{dialogue}/turns"), &json!({ "text": sentence }))?;
    let specification = client.get(&format!("/v1/{dialogue}/specification"))?;
    let turned = started.elapsed().as_secs_f64();
    if !turn["question"].is_null() || specification["complete"] != true {
        return Ok(None);
    }
    let part = &specification["part"];
    let (model, model_s) = work(client, "/v1/models", &json!({"part": part, "madeFrom": [specification["hash"]]}))?;
    let artefacts = model["artefacts"].as_array().with_context(|| format!("{sentence}: no artefacts"))?;
    let stl = artefacts.iter().find(|it| it["kind"] == "stl").with_context(|| format!("{sentence}: no STL"))?;
    let order = json!({"model": model["name"], "meshHash": stl["hash"], "material": part["material"], "quantity": 1});
    let (slice, slice_s) = work(client, "/v1/slices", &order).with_context(|| sentence.to_owned())?;
    let started = Instant::now();
    let gcode = client.download(&format!("/v1/{}/gcode", text(&slice, "name")?))?;
    ensure!(!gcode.is_empty(), "{sentence}: the G-code is empty");
    Ok(Some(Timing { turn: turned, model: model_s, slice: slice_s, download: started.elapsed().as_secs_f64() }))
}

/// Long work from the request to the resource, and the seconds that it took.
fn work(client: &Client, path: &str, request: &Value) -> Result<(Value, f64)> {
    let started = Instant::now();
    let operation = client.post(path, request)?;
    // The watch ends with the operation, so that no polling interval is measured.
    let lines = client.download(&format!("/v1/{}:watch", text(&operation, "name")?))?;
    let elapsed = started.elapsed().as_secs_f64();
    let last = lines.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty()).context("the watch says nothing")?;
    let mut last: Value = serde_json::from_slice(last).context("the watch does not speak JSON")?;
    ensure!(last["state"] == "OPERATION_STATE_SUCCEEDED", "{path}: {last}");
    Ok((last["response"].take(), elapsed))
}

fn text<'v>(value: &'v Value, field: &str) -> Result<&'v str> {
    value[field].as_str().with_context(|| format!("no {field} in {value}"))
}

fn report(timings: &[Timing], asked_back: &[&str], wanted: usize) {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    workspace::say(format_args!("main-job: {} sentences on {cores} cores, one at a time, seconds", timings.len()));
    workspace::say(format_args!("{:<24} {:>8} {:>8} {:>8}", "stage", "p50", "p95", "max"));
    let stages: [(&str, fn(&Timing) -> f64); 5] = [
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
    for sentence in asked_back {
        workspace::say(format_args!("answered with a question, not measured: {sentence}"));
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
