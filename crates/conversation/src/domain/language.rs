//! Which language a turn is in, by the words that only one language has.

use super::{lexicon::Lexicon, state::Language};

/// The language of a turn: sticky, unless the words clearly say another.
pub(crate) fn detect(words: &[Option<u32>], lexicon: &Lexicon, before: Option<Language>) -> Language {
    let mut scores = [0.0_f32; 3];
    for word in words.iter().flatten() {
        let known: Vec<Language> = lexicon.languages(*word).collect();
        // A word of one language weighs most; one of all three says nothing.
        let weight = match known.len() {
            1 => 1.0,
            2 => 0.4,
            _ => 0.0,
        };
        for language in known {
            scores[index(language)] += weight;
        }
    }
    let best = Language::ALL.into_iter().max_by(|a, b| {
        // Equal scores go to the earlier language of the list.
        scores[index(*a)].total_cmp(&scores[index(*b)]).then(index(*b).cmp(&index(*a)))
    });
    match (before, best) {
        (Some(before), Some(best)) => {
            let (old, new) = (scores[index(before)], scores[index(best)]);
            if new >= 1.0 && (old == 0.0 && new >= 1.8 || new > old * 1.5 + 0.5) { best } else { before }
        }
        (None, Some(best)) if scores[index(best)] > 0.0 => best,
        _ => before.unwrap_or(Language::Pt),
    }
}

fn index(language: Language) -> usize {
    match language {
        Language::Pt => 0,
        Language::En => 1,
        Language::Es => 2,
    }
}
