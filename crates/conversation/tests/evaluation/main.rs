//! Two sets of dialogues with what must be true after each turn: one by authors who saw no code (`held_out.jsonl`, never
//! edited after its first score), one by those who wrote the rules. The figures may not fall under what has been reached.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod baseline;
#[allow(dead_code, reason = "the example shows more than the floors need")]
mod figures;
#[allow(dead_code, reason = "the example shows more than the floors need")]
mod gold;
mod project;
#[allow(dead_code, reason = "the example shows more than the floors need")]
mod score;
mod solid;

use std::path::Path;

use conversation::domain::Engine;
use figures::figures;
use score::{DialogueScore, Embedded, dialogue};

fn scores(file: &str) -> Vec<DialogueScore> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conversation").join(file);
    let golds = gold::read(&std::fs::read_to_string(path).unwrap()).unwrap();
    let engine = Engine::new();
    golds.iter().map(|gold| dialogue(gold, &mut Embedded::new(&engine))).collect()
}

fn holds(file: &str, at_end: f64, slot_f1: f64) {
    let scores = scores(file);
    let got = figures(scores.iter());
    let failed: Vec<_> =
        scores.iter().filter(|s| !s.turns.last().is_some_and(|turn| turn.joint())).map(|s| s.id.as_str()).collect();
    assert_eq!(got.invented, 0, "invented values");
    assert!(
        got.joint_at_end >= at_end && got.slot_f1 >= slot_f1,
        "{got:#?}\nwrong at the end: {failed:?}\nsee `cargo xtask eval conversation --failures`"
    );
}

#[test]
fn dialogues_of_authors_who_saw_no_code_are_understood() {
    holds("held_out.jsonl", 0.69, 0.95);
}

#[test]
fn the_engine_reads_more_than_regular_expressions() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conversation/held_out.jsonl");
    let golds = gold::read(&std::fs::read_to_string(path).unwrap()).unwrap();
    let plain: Vec<_> = golds.iter().map(|gold| dialogue(gold, &mut baseline::Baseline::default())).collect();
    let engine = figures(scores("held_out.jsonl").iter());
    let plain = figures(plain.iter());
    assert!(engine.joint_at_end > plain.joint_at_end && engine.slot_f1 > plain.slot_f1, "{engine:#?} {plain:#?}");
}

#[test]
fn a_wrong_gold_is_noticed() {
    let line = r#"{"id":"x","lang":"en","turns":["a 40 mm sphere"],"after":[{"ask":false,"slots":{"body":"sphere","diameter":50}}]}"#;
    let golds = gold::read(line).unwrap();
    let engine = Engine::new();
    let score = dialogue(&golds[0], &mut Embedded::new(&engine));
    assert_eq!(score.turns[0].missed, ["diameter = 50"]);
    assert_eq!(score.turns[0].extra, ["body.diameter = 40"]);
    assert!(gold::read(r#"{"id":"x","lang":"en","turns":["a"],"after":[]}"#).is_err());
}
