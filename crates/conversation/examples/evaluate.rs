//! Scores the embedded engine on files of dialogues, beside a page of regular expressions: `cargo xtask eval conversation`
//! runs it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program")]

#[path = "../tests/evaluation/baseline.rs"]
mod baseline;
#[path = "../tests/evaluation/figures.rs"]
mod figures;
#[path = "../tests/evaluation/gold.rs"]
mod gold;
#[path = "../tests/evaluation/project.rs"]
mod project;
#[path = "../tests/evaluation/score.rs"]
mod score;
#[path = "../tests/evaluation/solid.rs"]
mod solid;

use std::process::ExitCode;

use conversation::domain::Engine;
use figures::{Figures, by_language};
use gold::Dialogue;
use score::{DialogueScore, Embedded, dialogue};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("evaluate: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut flag = |name: &str| {
        let before = arguments.len();
        arguments.retain(|argument| argument != name);
        arguments.len() < before
    };
    let (failures, solids, json) = (flag("--failures"), flag("--solids"), flag("--json"));
    let engine = Engine::new();
    let mut all = Scored::default();
    for file in &arguments {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        let golds = gold::read(&text).map_err(|error| format!("{file}: {error}"))?;
        let scored = Scored::of(&engine, golds);
        scored.print(file, json);
        if solids {
            built(&scored.golds, &scored.engine);
        }
        if failures {
            scored.golds.iter().zip(&scored.engine).for_each(|(gold, score)| explain(gold, score));
        }
        all.add(scored);
    }
    if arguments.len() > 1 {
        all.print("all files together", json);
    }
    Ok(())
}

/// Dialogues with what the engine and the baseline made of them.
#[derive(Default)]
struct Scored {
    golds: Vec<Dialogue>,
    engine: Vec<DialogueScore>,
    plain: Vec<DialogueScore>,
}

impl Scored {
    fn of(engine: &Engine, golds: Vec<Dialogue>) -> Scored {
        // Once for nothing: the first turn pays for tables that are built on demand.
        if let Some(first) = golds.first() {
            dialogue(first, &mut Embedded::new(engine));
        }
        let plain = golds.iter().map(|gold| dialogue(gold, &mut baseline::Baseline::default())).collect();
        let engine = golds.iter().map(|gold| dialogue(gold, &mut Embedded::new(engine))).collect();
        Scored { golds, engine, plain }
    }

    fn add(&mut self, other: Scored) {
        self.golds.extend(other.golds);
        self.engine.extend(other.engine);
        self.plain.extend(other.plain);
    }

    fn print(&self, name: &str, json: bool) {
        if json {
            let (engine, plain) = (by_language(&self.engine), by_language(&self.plain));
            println!("{}", serde_json::json!({"file": name, "engine": engine, "baseline": plain}));
            return;
        }
        println!("{name}");
        table("engine", &self.engine);
        table("regular expressions", &self.plain);
    }
}

fn table(name: &str, scores: &[DialogueScore]) {
    println!("  {name}");
    println!(
        "    {:4} {:>9} {:>5} {:>10} {:>8} {:>7} {:>9} {:>9} {:>8} {:>8} {:>8}",
        "",
        "dialogues",
        "turns",
        "joint/turn",
        "at end",
        "slot F1",
        "ask prec.",
        "ask rec.",
        "invented",
        "p50 us",
        "p99 us"
    );
    for (lang, f) in by_language(scores) {
        let Figures { dialogues, turns, invented, .. } = f;
        println!(
            "    {lang:4} {dialogues:9} {turns:5} {:9.1}% {:7.1}% {:6.1}% {:8.1}% {:8.1}% {invented:8} {:8.0} {:8.0}",
            f.joint_per_turn * 100.0,
            f.joint_at_end * 100.0,
            f.slot_f1 * 100.0,
            f.clarification_precision * 100.0,
            f.clarification_recall * 100.0,
            f.p50_us,
            f.p99_us
        );
    }
}

fn explain(gold: &Dialogue, score: &DialogueScore) {
    for (n, turn) in score.turns.iter().enumerate() {
        if turn.joint() && turn.invented.is_empty() {
            continue;
        }
        println!("  {} turn {}: {}", score.id, n + 1, gold.turns[n]);
        if turn.asked != turn.wanted_ask {
            println!("    {}", if turn.asked { "- asked" } else { "+ should ask" });
        }
        turn.missed.iter().for_each(|slot| println!("    + {slot}"));
        turn.extra.iter().for_each(|slot| println!("    - {slot}"));
        turn.invented.iter().for_each(|value| println!("    ! invented {value}"));
    }
    if score.turns.iter().any(|turn| !turn.joint()) {
        if let Some(question) = &score.question {
            println!("    asked at the end: {question}");
        }
        for operation in &score.part.features {
            let sizes: Vec<_> = operation.parameters.iter().map(|(name, q)| format!("{name}={}", q.value)).collect();
            println!("    has {} {} {:?}", operation.kind, sizes.join(" "), operation.choices);
        }
    }
}

/// The solids that the last turns lead to, against what the words determine.
fn built(golds: &[Dialogue], scores: &[DialogueScore]) {
    let (mut right, mut all) = (0, 0);
    for (gold, score) in golds.iter().zip(scores) {
        let Some(last) = gold.after.last().filter(|after| !after.ask && after.bbox.is_some()) else { continue };
        all += 1;
        match solid::check(last, &score.part) {
            Ok(()) => right += 1,
            Err(why) => println!("  {}: {why}", gold.id),
        }
    }
    println!("  solids as the words determine: {right} of {all}");
}
