//! Scores an engine on dialogues: joint goal accuracy, slot F1, clarification, invented values.

use std::{collections::BTreeMap, time::Duration};

use conversation::domain::{Engine, State};
use part::{Part, Source, catalogue};
use serde_json::Value;

use crate::{
    gold::{After, Dialogue, family},
    project::{Fact, Facts},
    solid,
};

/// Values agree within this share, or 0.02 of a unit.
const NEAR: f64 = 0.002;

/// What one turn came to.
#[derive(Debug, Default)]
pub(crate) struct TurnScore {
    pub(crate) asked: bool,
    pub(crate) wanted_ask: bool,
    pub(crate) right: u32,
    pub(crate) missed: Vec<String>,
    pub(crate) extra: Vec<String>,
    /// Said values whose words are not in the turn that they claim.
    pub(crate) invented: Vec<String>,
    pub(crate) took: Duration,
}

impl TurnScore {
    pub(crate) fn joint(&self) -> bool {
        self.asked == self.wanted_ask && self.missed.is_empty() && self.extra.is_empty()
    }
}

#[derive(Debug)]
pub(crate) struct DialogueScore {
    pub(crate) id: String,
    pub(crate) lang: String,
    pub(crate) turns: Vec<TurnScore>,
    /// The last state, for what a reader wants to know about a failure.
    pub(crate) part: Part,
    pub(crate) question: Option<String>,
}

/// What is under test: from the turns so far to the part, whether it asks, and how long the last turn took.
pub(crate) trait Reader {
    fn read(&mut self, turn: &str) -> (Facts, bool, Duration);
    fn part(&self) -> Part;
    fn question(&self) -> Option<String>;
}

/// The embedded engine.
pub(crate) struct Embedded<'a> {
    engine: &'a Engine,
    state: State,
    question: Option<String>,
}

impl<'a> Embedded<'a> {
    pub(crate) fn new(engine: &'a Engine) -> Self {
        Embedded { engine, state: State::default(), question: None }
    }
}

impl Reader for Embedded<'_> {
    fn read(&mut self, turn: &str) -> (Facts, bool, Duration) {
        let started = std::time::Instant::now();
        let outcome = self.engine.turn(&self.state, turn);
        let took = started.elapsed();
        match outcome {
            Ok(outcome) => {
                (self.state, self.question) = (outcome.state, outcome.question.map(|q| q.text));
            }
            Err(rejected) => self.question = Some(rejected.to_string()),
        }
        (Facts::of(self.state.part()), self.question.is_some(), took)
    }

    fn part(&self) -> Part {
        self.state.part().clone()
    }

    fn question(&self) -> Option<String> {
        self.question.clone()
    }
}

pub(crate) fn dialogue(gold: &Dialogue, reader: &mut dyn Reader) -> DialogueScore {
    let mut turns = Vec::new();
    for (turn, after) in gold.turns.iter().zip(&gold.after) {
        let (facts, asked, took) = reader.read(turn);
        let part = reader.part();
        let mut score = TurnScore { asked, wanted_ask: after.ask, took, ..TurnScore::default() };
        compare(after, &facts, &part, &mut score);
        score.invented = invented(&part, &gold.turns);
        turns.push(score);
    }
    DialogueScore {
        id: gold.id.clone(),
        lang: gold.lang.clone(),
        turns,
        part: reader.part(),
        question: reader.question(),
    }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= (b.abs() * NEAR).max(0.02)
}

/// Numbers as numbers, words without case.
fn agrees(fact: &Fact, wanted: &Value) -> bool {
    match (fact, wanted) {
        (Fact::Number(a), Value::Number(b)) => b.as_f64().is_some_and(|b| near(*a, b)),
        (Fact::Word(a), Value::String(b)) => a.eq_ignore_ascii_case(b),
        _ => false,
    }
}

fn compare(after: &After, facts: &Facts, part: &Part, score: &mut TurnScore) {
    // Which of the part's groups stands for which of the gold's: the one with most properties right.
    let mut names: Vec<&str> =
        after.slots.keys().filter_map(|slot| slot.split_once('.')).map(|(group, _)| group).collect();
    names.dedup();
    let mut free: Vec<usize> = (0..facts.groups.len()).collect();
    let mut chosen: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        let kind = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let fits = |index: &usize| {
            let (own, properties) = &facts.groups[*index];
            if own != kind {
                return None;
            }
            let wanted = after.slots.iter().filter_map(|(slot, v)| slot.split_once('.').map(|(g, p)| (g, p, v)));
            Some(wanted.filter(|(g, p, v)| *g == name && property(properties, p, v)).count())
        };
        let best =
            free.iter().filter_map(|index| fits(index).map(|n| (n, *index))).max_by_key(|(n, i)| (*n, usize::MAX - i));
        if let Some((_, index)) = best {
            free.retain(|other| *other != index);
            chosen.insert(name, index);
        }
    }
    for (slot, wanted) in &after.slots {
        let found = match slot.split_once('.') {
            Some((group, name)) => {
                let by_group = chosen.get(group).is_some_and(|index| property(&facts.groups[*index].1, name, wanted));
                by_group || by_body(facts, &slot.replace('.', "_"), wanted) || by_size(facts, group, name, wanted)
            }
            None => whole(slot, wanted, facts, part),
        };
        if found {
            score.right += 1;
        } else {
            score.missed.push(format!("{slot} = {wanted}"));
        }
    }
    if after.ask {
        return;
    }
    // A said value that is nowhere in the gold was put where it does not belong, or was not meant.
    let numbers: Vec<f64> = after.slots.values().filter_map(Value::as_f64).collect();
    for (place, value) in &facts.said {
        let known = numbers.iter().any(|n| near(*value, *n) || near(*value * 2.0, *n) || near(*value / 2.0, *n));
        // One hole is a hole; gold need not count it.
        let positions =
            ["columns", "rows"].iter().any(|p| place.ends_with(p)) || place.ends_with("count") && *value == 1.0;
        if !known && !positions {
            score.extra.push(format!("{place} = {value}"));
        }
    }
    // Gold has no name for every size; where the solid is what the words determine, what was said is in its place.
    if !score.extra.is_empty() && score.missed.is_empty() && after.bbox.is_some() && solid::check(after, part).is_ok() {
        score.extra.clear();
    }
    let gold_holes =
        after.slots.keys().filter_map(|s| s.split_once('.')).filter(|(g, _)| g.starts_with("hole")).count();
    let loose = free.iter().filter(|index| facts.groups[**index].0 == "hole").count();
    if gold_holes == 0 && loose > 0 && !after.slots.contains_key("bore") && facts.body != "plant_pot" {
        let asked_for = part.features.iter().skip(1).any(|o| o.kind == "hole");
        if asked_for {
            score.extra.push(format!("{loose} holes"));
        }
    }
}

fn property(properties: &BTreeMap<String, Fact>, name: &str, wanted: &Value) -> bool {
    let names: &[&str] = match name {
        "count" => &["total", "count"],
        "radius" => &["radius", "corner_radius"],
        "thickness" | "width" => &["width", "thickness", "diameter"],
        "pitch" => &["pitch", "pitch_u", "pitch_v"],
        "pitch_circle" => &["pitch_circle"],
        "distance" => &["distance", "radius"],
        "diameter" => &["diameter", "nominal_diameter"],
        other => return properties.get(other).is_some_and(|fact| agrees(fact, wanted)),
    };
    names.iter().any(|name| properties.get(*name).is_some_and(|fact| agrees(fact, wanted)))
}

/// Features that the family has as parameters of its own: `vent_count` for slots, `corner_radius` for a fillet.
fn by_body(facts: &Facts, name: &str, wanted: &Value) -> bool {
    let names: &[&str] = match name {
        "fillet_radius" => &["corner_radius", "inside_radius", "fillet_radius"],
        "fillet_edges" => {
            return wanted == "vertical" && facts.values.get("corner_radius").is_some_and(|radius| *radius > 0.0);
        }
        "shell_thickness" => &["wall"],
        "slot_count" => &["vent_count", "slot_count"],
        "slot_width" => &["vent_width", "slot_width", "gap", "cable_slot_width"],
        "slot_length" => &["vent_height", "vent_length", "slot_length"],
        "slot_face" => return facts.values.contains_key("vent_count") && facts.choices.contains_key("vent_sides"),
        "thread_diameter" => {
            let size = ["size", "thread", "screw"].iter().find_map(|choice| facts.choices.get(*choice));
            let metric =
                size.and_then(|s| s.trim_start_matches(['M', 'm']).split(['x', ' ']).next()?.parse::<f64>().ok());
            if metric.zip(wanted.as_f64()).is_some_and(|(a, b)| near(a, b)) {
                return true;
            }
            &["thread_diameter", "diameter", "nominal_diameter"]
        }
        "rib_count" => &["rib_count"],
        "rib_width" => &["rib_thickness", "rib_width"],
        "rib_height" => &["rib_height"],
        "hole_kind" => {
            // A bore goes through.
            let bored = ["bore", "inner_diameter"].iter().any(|b| facts.values.get(*b).is_some_and(|v| *v > 0.0));
            if bored && wanted == "through" {
                return true;
            }
            let kinds = ["hole_kind", "holes", "kind"].iter().filter_map(|c| facts.choices.get(*c));
            return kinds.into_iter().any(|k| wanted.as_str().is_some_and(|w| super::project::hole_kind(k) == w));
        }
        "hole_pitch" => &["hole_spacing", "post_spacing", "hole_pitch"],
        "hole_diameter" => &["hole_diameter", "bore", "screw_diameter", "bolt_diameter", "inner_diameter"],
        "hole_pitch_circle" => &["bolt_circle", "pitch_circle", "bolt_circle_diameter"],
        "hole_count" => &["hole_count", "bolt_count"],
        _ => &[],
    };
    names.iter().any(|name| facts.values.get(*name).is_some_and(|v| wanted.as_f64().is_some_and(|w| near(*v, w))))
}

/// A face that is the only sensible one need not be named.
fn by_size(facts: &Facts, group: &str, name: &str, wanted: &Value) -> bool {
    let kind = group.trim_end_matches(|c: char| c.is_ascii_digit());
    let has = facts.groups.iter().any(|(k, _)| k == kind);
    match name {
        // Unplaced operations act on the top; a through hole from below is the same hole.
        "face" => has && matches!(wanted.as_str(), Some("top" | "bottom")),
        "kind" => has && wanted == "through" && kind == "slot",
        // A tapped hole carries its thread itself.
        "diameter" if kind == "thread" => facts.groups.iter().any(|(k, p)| {
            k == "hole" && p.get("kind") == Some(&Fact::Word("threaded".to_owned())) && property(p, "diameter", wanted)
        }),
        _ => false,
    }
}

fn whole(slot: &str, wanted: &Value, facts: &Facts, part: &Part) -> bool {
    let number = |value: f64| wanted.as_f64().is_some_and(|w| near(value, w));
    match slot {
        "body" => wanted.as_str().is_some_and(|name| family(name) == family(&facts.body)),
        "material" => {
            part.material.is_some_and(|m| wanted.as_str().is_some_and(|w| m.as_str().eq_ignore_ascii_case(w)))
        }
        "colour" => part.colour.as_ref().is_some_and(|c| {
            let grey = |s: &str| s.to_lowercase().replace("gray", "grey");
            wanted.as_str().is_some_and(|w| grey(c.as_str()) == grey(w))
        }),
        "quantity" => number(f64::from(part.quantity)),
        "text" => {
            let said = wanted.as_str().unwrap_or_default();
            facts.choices.values().any(|text| text == said)
                || ["line_1", "line_2"]
                    .iter()
                    .filter_map(|c| facts.choices.get(*c))
                    .any(|text| said.contains(text.as_str()))
        }
        "bore" => {
            let holes = facts.groups.iter().filter(|(kind, _)| kind == "hole");
            let bores = ["bore", "hole_diameter", "inner_diameter", "shaft_diameter"];
            bores.iter().any(|name| facts.values.get(*name).is_some_and(|v| number(*v)))
                || holes.into_iter().any(|(_, p)| property(p, "diameter", wanted))
        }
        name => synonyms(name, facts).iter().any(|name| facts.values.get(*name).is_some_and(|v| number(*v))),
    }
}

/// Where a plain size may be: under its own name where the family has it, else under the names that mean the same.
fn synonyms<'a>(name: &'a str, facts: &Facts) -> Vec<&'a str> {
    let own = catalogue::find(&facts.body).is_some_and(|definition| definition.parameter(name).is_some());
    if own {
        return vec![name];
    }
    let classes: &[&[&str]] = &[
        &["length", "height", "width", "depth", "thickness", "reach", "size", "leg", "span"],
        &["diameter", "outer_diameter", "top_diameter", "bottom_diameter", "base_diameter", "cable_diameter", "size"],
        &["inner_diameter", "bore", "hole_diameter", "cable_diameter"],
        // What a funnel pours through, measured outside or inside.
        &["bottom_diameter", "bore"],
        &["across_flats", "width_across_flats", "size", "diameter"],
        &["wall", "thickness"],
        &["angle", "bend_angle", "opening_angle"],
    ];
    classes.iter().filter(|class| class.contains(&name)).flat_map(|class| class.iter().copied()).collect()
}

fn invented(part: &Part, turns: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for operation in &part.features {
        for (name, quantity) in &operation.parameters {
            let Source::User { turn, start, end } = quantity.source else { continue };
            let text = turns.get(turn as usize).and_then(|t| t.get(start as usize..end as usize));
            if text != Some(quantity.words.as_str()) || quantity.words.is_empty() {
                found.push(format!("{}.{name} = {} ({:?})", operation.id, quantity.value, quantity.words));
            }
        }
    }
    found
}
