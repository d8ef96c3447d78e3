//! How long the embedded engine takes for a turn, beside a page of regular expressions: over files of dialogues and over
//! generated utterances, by language. `cargo xtask bench conversation` runs it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program")]

#[path = "../tests/evaluation/baseline.rs"]
mod baseline;
#[allow(dead_code, reason = "the evaluation shows more than a bench needs")]
#[path = "../tests/evaluation/gold.rs"]
mod gold;
#[path = "../tests/evaluation/project.rs"]
mod project;
#[path = "../tests/fuzz/say.rs"]
mod say;
#[allow(dead_code, reason = "the evaluation shows more than a bench needs")]
#[path = "../tests/evaluation/score.rs"]
mod score;

#[allow(dead_code, reason = "the evaluation shows more than a bench needs")]
#[path = "../tests/evaluation/solid.rs"]
mod solid;

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

use conversation::domain::{Engine, State};
use score::Reader;

/// The turns of a dialogue in its language.
type Spoken = (String, Vec<String>);
/// What a turn took, by language.
type Times = BTreeMap<String, Vec<Duration>>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("latency: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let generated = arguments.next().and_then(|n| n.parse().ok()).ok_or("say how many utterances to generate")?;
    let engine = Engine::new();
    let mut said: Vec<Spoken> = Vec::new();
    for file in arguments {
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
        let golds = gold::read(&text).map_err(|error| format!("{file}: {error}"))?;
        said.extend(golds.into_iter().map(|gold| (gold.lang, gold.turns)));
    }
    // Once for nothing: the first turn pays for tables that are built on demand.
    measure(&engine, &said[..said.len().min(3)]);
    compare("dialogues of tests/conversation", &engine, &said);
    let mut made: Vec<Spoken> = Vec::new();
    let mut turns = 0;
    for seed in 0.. {
        if turns >= generated {
            break;
        }
        let (language, dialogue) = say::dialogue(seed);
        turns += dialogue.len();
        made.push((language.to_owned(), dialogue));
    }
    compare("generated utterances", &engine, &made);
    Ok(())
}

fn compare(name: &str, engine: &Engine, said: &[Spoken]) {
    println!("{name}");
    println!("  {:5} {:>7}  {:>27}  {:>27}", "", "", "engine, us", "regular expressions, us");
    println!(
        "  {:5} {:>7}  {:>8} {:>8} {:>9}  {:>8} {:>8} {:>9}",
        "", "turns", "p50", "p99", "longest", "p50", "p99", "longest"
    );
    let (ours, plain) = (least(|| measure(engine, said)), least(|| regular(said)));
    for (language, times) in &ours {
        let [a, b] = [times, &plain[language]].map(|times| [0.5, 0.99, 1.0].map(|share| percentile(times, share)));
        println!(
            "  {language:5} {:7}  {:8.0} {:8.0} {:9.0}  {:8.0} {:8.0} {:9.0}",
            times.len(),
            a[0],
            a[1],
            a[2],
            b[0],
            b[1],
            b[2]
        );
    }
}

fn note(times: &mut Times, language: &str, took: Duration) {
    for name in [language, "all"] {
        times.entry(name.to_owned()).or_default().push(took);
    }
}

/// The least of three runs for each turn: what others do on the machine is no cost of ours.
fn least(run: impl Fn() -> Times) -> Times {
    let mut best = run();
    for _ in 0..2 {
        for (language, times) in run() {
            let Some(so_far) = best.get_mut(&language) else { continue };
            so_far.iter_mut().zip(times).for_each(|(least, took)| *least = took.min(*least));
        }
    }
    best
}

/// The engine alone: reading, validating and answering.
fn measure(engine: &Engine, said: &[Spoken]) -> Times {
    let mut times = Times::new();
    for (language, turns) in said {
        let mut state = State::default();
        for turn in turns {
            let started = std::time::Instant::now();
            let outcome = engine.turn(&state, turn);
            note(&mut times, language, started.elapsed());
            if let Ok(outcome) = outcome {
                state = outcome.state;
            }
        }
    }
    times
}

fn regular(said: &[Spoken]) -> Times {
    let mut times = Times::new();
    for (language, turns) in said {
        let mut reader = baseline::Baseline::default();
        for turn in turns {
            let (_, _, took) = reader.read(turn);
            note(&mut times, language, took);
        }
    }
    times
}

/// Microseconds.
fn percentile(times: &[Duration], share: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort();
    let index = (sorted.len() as f64 * share) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).map_or(0.0, |t| t.as_secs_f64() * 1e6)
}
