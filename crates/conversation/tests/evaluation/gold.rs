//! Dialogues with what must be true after each turn: only what the words determine, as flat slots.
//!
//! `body` is the family under its everyday name; other slots are its sizes by plain names in millimetres, `material`,
//! `colour`, `quantity`, and `<feature>.<property>` for features, `hole2` being the second hole that differs from the first.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
pub(crate) struct Dialogue {
    pub(crate) id: String,
    pub(crate) lang: String,
    pub(crate) turns: Vec<String>,
    /// One entry a turn.
    pub(crate) after: Vec<After>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct After {
    /// A careful shop asks here.
    pub(crate) ask: bool,
    #[serde(default)]
    pub(crate) slots: BTreeMap<String, Value>,
    /// Millimetres, smallest first; of one copy, like what follows.
    pub(crate) bbox: Option<[f64; 3]>,
    /// Cubic millimetres.
    pub(crate) volume: Option<f64>,
    pub(crate) through_holes: Option<i64>,
    pub(crate) components: Option<usize>,
}

/// One dialogue a line.
pub(crate) fn read(text: &str) -> Result<Vec<Dialogue>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(n, line)| {
            let dialogue: Dialogue = serde_json::from_str(line).map_err(|e| format!("line {}: {e}", n + 1))?;
            if dialogue.turns.len() != dialogue.after.len() {
                return Err(format!(
                    "line {}: {} turns, {} entries",
                    n + 1,
                    dialogue.turns.len(),
                    dialogue.after.len()
                ));
            }
            Ok(dialogue)
        })
        .collect()
}

/// One name for the names that people give one family.
pub(crate) fn family(name: &str) -> &str {
    match name {
        "spur_gear" => "gear",
        "electronics_enclosure" | "electronics_box" => "enclosure",
        "sliding_lid_box" => "sliding_box",
        "screw_lid_box" => "screw_box",
        "hinged_lid_box" => "hinged_box",
        "threaded_jar" | "jar_with_lid" => "jar",
        "screw_cap" => "threaded_cap",
        "key_ring" | "keyring" | "key_tag" => "key_tag",
        "round_plate" => "disc",
        // The same solid under two names: a flat divider or coupon is a plate, a standoff without a thread a spacer.
        "drawer_divider" | "test_coupon" => "plate",
        "standoff" => "spacer",
        "bushing" => "tube",
        "cover_plate" => "wall_plate",
        other => other,
    }
}
