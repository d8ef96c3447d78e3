//! Scores added up: by language and over all.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

use crate::score::DialogueScore;

#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Figures {
    pub(crate) dialogues: usize,
    pub(crate) turns: usize,
    /// Share of turns after which everything is as it must be.
    pub(crate) joint_per_turn: f64,
    /// The same of last turns.
    pub(crate) joint_at_end: f64,
    pub(crate) slot_f1: f64,
    pub(crate) clarification_precision: f64,
    pub(crate) clarification_recall: f64,
    pub(crate) invented: usize,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

pub(crate) fn figures<'a>(scores: impl Iterator<Item = &'a DialogueScore>) -> Figures {
    let (mut joint, mut last, mut asks, mut wanted, mut both) = (0, 0, 0, 0, 0);
    let (mut right, mut missed, mut extra) = (0, 0, 0);
    let mut times: Vec<Duration> = Vec::new();
    let mut sum = Figures::default();
    for dialogue in scores {
        sum.dialogues += 1;
        sum.turns += dialogue.turns.len();
        last += usize::from(dialogue.turns.last().is_some_and(|turn| turn.joint()));
        for turn in &dialogue.turns {
            joint += usize::from(turn.joint());
            asks += usize::from(turn.asked);
            wanted += usize::from(turn.wanted_ask);
            both += usize::from(turn.asked && turn.wanted_ask);
            right += turn.right as usize;
            missed += turn.missed.len();
            extra += turn.extra.len();
            sum.invented += turn.invented.len();
            times.push(turn.took);
        }
    }
    times.sort();
    let percentile = |p: f64| {
        let index = (times.len() as f64 * p) as usize;
        times.get(index.min(times.len().saturating_sub(1))).map_or(0.0, |t| t.as_secs_f64() * 1e6)
    };
    Figures {
        joint_per_turn: share(joint, sum.turns),
        joint_at_end: share(last, sum.dialogues),
        slot_f1: share(2 * right, 2 * right + missed + extra),
        clarification_precision: share(both, asks),
        clarification_recall: share(both, wanted),
        p50_us: percentile(0.5),
        p99_us: percentile(0.99),
        ..sum
    }
}

/// Each language, then "all".
pub(crate) fn by_language(scores: &[DialogueScore]) -> BTreeMap<String, Figures> {
    let mut found: BTreeMap<String, Figures> = BTreeMap::new();
    for lang in ["en", "es", "pt"] {
        found.insert(lang.to_owned(), figures(scores.iter().filter(|score| score.lang == lang)));
    }
    found.insert("all".to_owned(), figures(scores.iter()));
    found
}
