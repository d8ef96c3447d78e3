//! Sentences as different people would say them, written before the rules that read them: the solid that comes out must
//! have the bounding box, through holes and volume that the words determine, and a question comes exactly where a careful
//! shop would ask. One JSON object a line in `tests/dialogues/strangers.jsonl`; what a line leaves out is not checked.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeMap, sync::atomic::AtomicBool};

use conversation::domain::{Engine, State};
use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    lang: String,
    turns: Vec<String>,
    #[serde(default)]
    ask: bool,
    kind: Option<String>,
    /// Millimetres, smallest first.
    bbox: Option<[f64; 3]>,
    holes: Option<i64>,
    /// Cubic millimetres.
    volume: Option<f64>,
    material: Option<String>,
    colour: Option<String>,
    quantity: Option<u32>,
}

/// Bounding boxes agree within this or 0.5 %, whichever is larger: gears and other round things are made of triangles.
const LENGTH_TOLERANCE: f64 = 0.15;
const VOLUME_TOLERANCE: f64 = 0.01;

/// What is wrong with the line, as category and detail.
fn check(engine: &Engine, line: &Line) -> Result<(), (&'static str, String)> {
    let (mut state, mut asked) = (State::default(), None);
    for turn in &line.turns {
        let outcome = engine.turn(&state, turn).map_err(|e| ("rejected", e.to_string()))?;
        (state, asked) = (outcome.state, outcome.question);
    }
    let part = state.part();
    let spec = || {
        let operation = |o: &part::Operation| {
            let sizes: BTreeMap<_, _> = o.parameters.iter().map(|(k, q)| (k.as_str(), q.value)).collect();
            let at = o.placement.as_ref().map(|p| serde_json::to_string(p).unwrap()).unwrap_or_default();
            format!("{} {sizes:?} {:?} {at}", o.kind, o.choices)
        };
        part.features.iter().map(operation).collect::<Vec<_>>().join("\n      ")
    };
    match (&asked, line.ask) {
        (Some(_), true) => return Ok(()),
        (None, true) => return Err(("did not ask", spec())),
        (Some(question), false) => return Err(("asked", format!("{}\n      {}", question.text, spec()))),
        (None, false) => {}
    }
    let kind = part.features.first().map(|o| o.kind.as_str());
    if let Some(wanted) = line.kind.as_deref()
        && kind != Some(wanted)
    {
        return Err(("family", format!("{kind:?} instead of {wanted}")));
    }
    let body = part::lower(part).map_err(|e| ("invalid", e.to_string()))?;
    let options = geometry::Options::default();
    let solid =
        geometry::evaluate(&body, &options, &AtomicBool::new(false)).map_err(|e| ("geometry", e.to_string()))?;
    if let Some(wanted) = line.bbox {
        let mut got = solid.bounds.size();
        got.sort_by(f64::total_cmp);
        let near = got.iter().zip(wanted).all(|(g, w)| (g - w).abs() <= LENGTH_TOLERANCE.max(w * 0.005));
        if !near {
            return Err(("bounding box", format!("{got:.2?} instead of {wanted:?}\n      {}", spec())));
        }
    }
    let holes = solid.mesh.topology().through_holes();
    if let Some(wanted) = line.holes
        && holes != wanted
    {
        return Err(("through holes", format!("{holes} instead of {wanted}\n      {}", spec())));
    }
    if let Some(wanted) = line.volume
        && (solid.volume_mm3 - wanted).abs() > wanted * VOLUME_TOLERANCE
    {
        return Err(("volume", format!("{:.0} instead of {wanted:.0}\n      {}", solid.volume_mm3, spec())));
    }
    let material = part.material.map(|m| m.to_string());
    if line.material.is_some() && material != line.material {
        return Err(("material", format!("{material:?} instead of {:?}", line.material)));
    }
    let colour = part.colour.as_ref().map(|c| c.as_str().to_owned());
    if line.colour.is_some() && colour != line.colour {
        return Err(("colour", format!("{colour:?} instead of {:?}", line.colour)));
    }
    if part.quantity != line.quantity.unwrap_or(1) {
        return Err(("quantity", format!("{} instead of {:?}", part.quantity, line.quantity)));
    }
    Ok(())
}

fn score(text: &str, least: f64) {
    let engine = Engine::new();
    let mut failures: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut scores: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        let line: Line = serde_json::from_str(line).unwrap();
        let (right, all) = scores.entry(line.lang.clone()).or_default();
        *all += 1;
        match check(&engine, &line) {
            Ok(()) => *right += 1,
            Err((category, detail)) => {
                failures.entry(category).or_default().push(format!("{:?}\n      {detail}", line.turns));
            }
        }
    }
    let mut report = format!("{scores:?}\n");
    for (category, lines) in &failures {
        report.push_str(&format!("== {category}: {}\n", lines.len()));
        lines.iter().for_each(|line| report.push_str(&format!("   {line}\n")));
    }
    for (language, (right, all)) in &scores {
        assert!(*right as f64 >= least * *all as f64, "{language} is below {least}\n{report}");
    }
}

#[test]
fn strangers_get_the_part_they_describe() {
    score(include_str!("dialogues/strangers.jsonl"), 1.0);
}

#[test]
fn a_second_set_of_strangers_too() {
    score(include_str!("dialogues/strangers2.jsonl"), 1.0);
}

#[test]
fn a_third_set_from_the_shop_too() {
    score(include_str!("dialogues/strangers3.jsonl"), 1.0);
}

#[test]
fn a_fourth_set_of_strangers_too() {
    score(include_str!("dialogues/strangers4.jsonl"), 1.0);
}

#[test]
fn a_fifth_set_of_strangers_too() {
    score(include_str!("dialogues/strangers5.jsonl"), 1.0);
}

#[test]
fn a_sixth_set_of_strangers_too() {
    score(include_str!("dialogues/strangers6.jsonl"), 0.7);
}
