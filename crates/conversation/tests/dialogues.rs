//! Dialogues of our own writing with the part that they must lead to: one JSON object a line in `tests/dialogues/`.
//!
//! `turns` are said in order; then the part's kind, its said or derived sizes, features, material, colour, quantity and the
//! kind of the pending question must be exactly these. A size that the line does not name must not be set.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use conversation::domain::{Engine, QuestionKind, State};
use serde_json::{Map, Value, json};

fn play(engine: &Engine, turns: &[&str]) -> (State, Option<QuestionKind>) {
    let (mut state, mut asked) = (State::default(), None);
    for turn in turns {
        let outcome = engine.turn(&state, turn).unwrap_or_else(|e| panic!("{turn}: {e}"));
        assert!(!outcome.reply.is_empty(), "no reply to {turn:?}");
        assert_eq!(outcome.complete, outcome.question.is_none() && !outcome.state.part().features.is_empty(), "{turn}");
        (state, asked) = (outcome.state, outcome.question.map(|q| q.kind));
    }
    (state, asked)
}

/// The part as the dialogue files write it.
fn gist(state: &State, asked: Option<QuestionKind>) -> Value {
    let part = state.part();
    let mut gist = Map::new();
    for (n, operation) in part.features.iter().enumerate() {
        let sizes: BTreeMap<&str, f64> = operation.parameters.iter().map(|(k, q)| (k.as_str(), q.value)).collect();
        let mut entry = json!({ "kind": operation.kind, "sizes": sizes });
        if !operation.choices.is_empty() {
            entry["choices"] = json!(operation.choices);
        }
        if let Some(placement) = &operation.placement {
            let value = serde_json::to_value(placement).unwrap();
            entry["at"] =
                json!(format!("{} {}", value["face"].as_str().unwrap(), value["position"]["kind"].as_str().unwrap()));
        }
        if n == 0 {
            gist.insert("body".into(), entry);
        } else {
            gist.entry("features").or_insert_with(|| json!([])).as_array_mut().unwrap().push(entry);
        }
    }
    if let Some(material) = part.material {
        gist.insert("material".into(), json!(material));
    }
    if let Some(colour) = &part.colour {
        gist.insert("colour".into(), json!(colour));
    }
    if part.quantity != 1 {
        gist.insert("quantity".into(), json!(part.quantity));
    }
    if let Some(kind) = asked {
        gist.insert("asks".into(), json!(kind));
    }
    Value::Object(gist)
}

#[test]
fn dialogues_lead_to_the_parts_they_describe() {
    let engine = Engine::new();
    let text = include_str!("dialogues/dev.jsonl");
    let (mut failures, mut count) = (Vec::new(), 0);
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        count += 1;
        let mut wanted: Map<String, Value> = serde_json::from_str(line).unwrap();
        let turns = wanted.remove("turns").unwrap();
        let turns: Vec<&str> = turns.as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
        let (state, asked) = play(&engine, &turns);
        let got = gist(&state, asked);
        if got != Value::Object(wanted.clone()) {
            failures.push(format!("{turns:?}\n  wanted {}\n  got    {got}", Value::Object(wanted)));
        }
    }
    assert!(count >= 80, "only {count} dialogues");
    assert!(failures.is_empty(), "{} of {count} dialogues failed\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_benchmark_sentence_needs_no_question() {
    let engine = Engine::new();
    let lines: Vec<&str> = include_str!("sentences.txt").lines().collect();
    assert!(lines.len() >= 50);
    for line in lines {
        let outcome = engine.turn(&State::default(), line).unwrap();
        assert!(outcome.complete, "{line:?}: {}", outcome.reply);
    }
}

#[test]
fn replies_are_in_the_language_of_the_turn() {
    let engine = Engine::new();
    let first = engine.turn(&State::default(), "caixa de 80 x 60 x 40 mm").unwrap();
    assert!(first.reply.contains("altura 40 mm"), "{}", first.reply);
    let second = engine.turn(&first.state, "now make it 20 mm taller please").unwrap();
    assert!(second.reply.contains("height: 40 mm → 60 mm"), "{}", second.reply);
    // A turn without words of either language keeps the language of the dialogue.
    let third = engine.turn(&second.state, "PETG").unwrap();
    assert!(third.reply.starts_with("material PETG"), "{}", third.reply);
}
