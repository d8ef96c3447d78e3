//! Generated utterances against what must hold for any: no panic, undo is the inverse of doing, units survive being said,
//! and an edit changes only the path that it names. `PROPTEST_CASES=100000 cargo test -p conversation --test fuzz` runs the
//! full number.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod say;

use std::sync::LazyLock;

use conversation::domain::{Engine, State};
use part::{Edit, Part};
use proptest::prelude::*;
use serde_json::Value;

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::new);

/// Paths at which two values differ: `features/1/parameters/diameter`.
fn differences(a: &Value, b: &Value, path: &str, found: &mut Vec<String>) {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let keys: std::collections::BTreeSet<&String> = x.keys().chain(y.keys()).collect();
            for key in keys {
                let at = format!("{path}/{key}");
                differences(x.get(key).unwrap_or(&Value::Null), y.get(key).unwrap_or(&Value::Null), &at, found);
            }
        }
        // A quantity, a placement or a list is one value.
        _ if a != b => found.push(path.to_owned()),
        _ => {}
    }
}

/// A part by its operations' names, so that an operation added or removed is one difference.
fn by_name(part: &Part) -> Value {
    let mut value = serde_json::to_value(part).unwrap();
    let features: serde_json::Map<String, Value> =
        part.features.iter().map(|o| (o.id.clone(), serde_json::to_value(o).unwrap())).collect();
    value["features"] = Value::Object(features);
    value
}

/// The path that an edit may change, and nothing outside it.
fn named_by(edit: &Edit) -> String {
    match edit {
        Edit::Add { operation } | Edit::Insert { operation, .. } => format!("/features/{}", operation.id),
        Edit::Remove { operation } => format!("/features/{operation}"),
        Edit::SetParameter { operation, parameter, .. } | Edit::ClearParameter { operation, parameter } => {
            format!("/features/{operation}/parameters/{parameter}")
        }
        Edit::SetChoice { operation, choice, .. } => format!("/features/{operation}/choices/{choice}"),
        Edit::Place { operation, .. } => format!("/features/{operation}/placement"),
        Edit::SetMaterial { .. } => "/material".to_owned(),
        Edit::SetColour { .. } => "/colour".to_owned(),
        Edit::SetQuantity { .. } => "/quantity".to_owned(),
        Edit::SetFit { .. } => "/fit".to_owned(),
        Edit::StartOver => String::new(),
        other => panic!("the engine never says {other:?}"),
    }
}

fn play(turns: &[String]) {
    let mut state = State::default();
    for text in turns {
        let Ok(outcome) = ENGINE.turn(&state, text) else { continue };
        // A turn that travelled starts from where it arrived.
        let mut part = state.part().clone();
        for edit in outcome.edits.iter().filter(|_| !outcome.travelled) {
            let after = part.apply(edit).unwrap_or_else(|e| panic!("{text:?}: {e}"));
            let named = named_by(edit);
            let mut changed = Vec::new();
            differences(&by_name(&part), &by_name(&after), "", &mut changed);
            let outside =
                changed.iter().find(|path| !(named.is_empty() || path.starts_with(&named) || named.starts_with(*path)));
            assert!(outside.is_none(), "{text:?}: {edit:?} changed {outside:?}");
            part = after;
        }
        if !outcome.travelled && outcome.state.head == state.head + 1 {
            assert_eq!(&part, outcome.state.part(), "{text:?}: the edits are not the whole difference");
            let undone = ENGINE.turn(&outcome.state, "undo").unwrap();
            assert_eq!(undone.state.part(), state.part(), "undo after {text:?}");
            let redone = ENGINE.turn(&undone.state, "redo").unwrap();
            assert_eq!(redone.state.part(), outcome.state.part(), "redo after {text:?}");
        }
        assert!(!outcome.reply.is_empty() || outcome.state.part() == state.part(), "no reply to {text:?}");
        state = outcome.state;
    }
}

/// A length said in a unit, and what it is in millimetres.
fn said(hundredths: u32, unit: usize, language: &str) -> (String, f64) {
    let (name, factor) = [("mm", 1.0), ("cm", 10.0), ("in", 25.4), ("", 1.0)][unit % 4];
    let value = f64::from(hundredths) / 100.0;
    let written = format!("{value:.2}").trim_end_matches('0').trim_end_matches('.').to_owned();
    let written = if language == "en" { written } else { written.replace('.', ",") };
    let space = if name.is_empty() { "" } else { " " };
    (format!("{written}{space}{name}"), value * factor)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn utterances_break_nothing(seed in any::<u64>()) {
        let (_, turns) = say::dialogue(seed);
        play(&turns);
    }

    #[test]
    fn units_survive_being_said(sizes in prop::array::uniform3(100_u32..6_000), unit in 0_usize..4, language in 0_usize..3) {
        let language = say::LANGUAGES[language];
        let spoken = sizes.map(|s| said(s, unit, language));
        let [(l, long), (w, wide), (h, high)] = spoken;
        let text = match language {
            "en" => format!("a block {l} long, {w} wide and {h} high"),
            "es" => format!("un bloque de {l} de largo, {w} de ancho y {h} de alto"),
            _ => format!("um bloco de {l} de comprimento, {w} de largura e {h} de altura"),
        };
        let outcome = ENGINE.turn(&State::default(), &text).unwrap();
        let part = outcome.state.part();
        for (name, wanted) in [("length", long), ("width", wide), ("height", high)] {
            let got = part.features[0].parameters.get(name).map(|q| q.value);
            prop_assert!(got.is_some_and(|got| (got - wanted).abs() < 1e-6), "{text}: {name} is {got:?}, not {wanted}");
        }
    }

    #[test]
    fn one_size_changes_one_size(height in 10_u32..200, language in 0_usize..3) {
        let (made, change) = match say::LANGUAGES[language] {
            "en" => ("a block 90 x 60 x 40 with a 10 mm hole in the centre", format!("make the height {height} mm")),
            "es" => ("un bloque de 90 x 60 x 40 con un agujero de 10 en el centro", format!("cambia la altura a {height} mm")),
            _ => ("um bloco de 90 x 60 x 40 com um furo de 10 no centro", format!("muda a altura para {height} mm")),
        };
        let first = ENGINE.turn(&State::default(), made).unwrap().state;
        let second = ENGINE.turn(&first, &change).unwrap().state;
        let mut changed = Vec::new();
        differences(&by_name(first.part()), &by_name(second.part()), "", &mut changed);
        changed.retain(|path| !path.starts_with("/features/block/parameters/height"));
        prop_assert!(changed.is_empty(), "{change}: {changed:?}");
        prop_assert_eq!(second.part().features[0].parameters["height"].value, f64::from(height));
    }
}
