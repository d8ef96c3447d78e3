//! What words anywhere in a turn make of a body: the kind that a "sliding lid" makes of a box, the head of a bolt.

use std::sync::LazyLock;

use crate::domain::normalise;

/// Kinds that turn into each other by their lids.
pub(super) const BOXES: &[&str] = &["box", "box_with_lid", "hinged_box", "sliding_box", "screw_box"];

enum Effect {
    Become { kind: &'static str, from: Vec<&'static str> },
    Choose { kinds: Vec<&'static str>, choice: &'static str, value: &'static str, refused: &'static str },
}

struct Trait {
    effect: Effect,
    forms: Vec<Vec<&'static str>>,
}

static TRAITS: LazyLock<Vec<Trait>> = LazyLock::new(|| {
    let text = include_str!("../../lexicon/traits.txt");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(": ")).filter_map(|(head, forms)| read(head, forms)).collect()
});

fn read(head: &'static str, forms: &'static str) -> Option<Trait> {
    let forms = forms.split('|').map(|form| form.split_whitespace().collect()).collect();
    let effect = match head.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["become", kind, "from", from @ ..] => Effect::Become { kind, from: from.to_vec() },
        ["choose", kinds, choice, value, refused] => {
            Effect::Choose { kinds: kinds.split(',').collect(), choice, value, refused }
        }
        _ => return None,
    };
    Some(Trait { effect, forms })
}

/// The words of a turn, folded: no accents, no capitals, no marks.
pub(super) struct Words(Vec<String>);

impl Words {
    pub(super) fn of(text: &str) -> Words {
        let folded = normalise::fold(text).text;
        let words = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        Words(words.map(str::to_owned).collect())
    }

    /// Where a form stands.
    fn find(&self, form: &[&str]) -> Option<usize> {
        if form.is_empty() {
            return None;
        }
        self.0.windows(form.len()).position(|window| window.iter().zip(form).all(|(a, b)| a == b))
    }

    pub(super) fn says(&self, forms: &[&str]) -> bool {
        forms.iter().any(|form| self.find(&form.split(' ').collect::<Vec<_>>()).is_some())
    }

    /// The number written right before a noun.
    pub(super) fn count_before(&self, noun: &str) -> Option<f64> {
        let at = self.find(&[noun])?;
        self.0.get(at.checked_sub(1)?)?.parse::<u32>().ok().map(f64::from)
    }

    /// "without a saucer", "sem o pratinho", "no stacking lip".
    fn refused(&self, at: usize) -> bool {
        let no = |word: &String| {
            matches!(
                word.as_str(),
                "no" | "without"
                    | "sem"
                    | "sin"
                    | "not"
                    | "nao"
                    | "nem"
                    | "remove"
                    | "lose"
                    | "drop"
                    | "tira"
                    | "tire"
                    | "quita"
                    | "quite"
            )
        };
        self.0[..at].iter().rev().take(2).any(no)
    }

    /// The longest form that is said, and where.
    fn longest(&self, forms: &[Vec<&'static str>]) -> Option<(usize, usize)> {
        let found = forms.iter().filter_map(|form| Some((self.find(form)?, form.len())));
        found.max_by_key(|(_, length)| *length)
    }

    /// The other kind that the words make of a kind; the most words win.
    pub(super) fn becomes(&self, kind: &str) -> Option<&'static str> {
        let made = TRAITS.iter().filter_map(|t| match &t.effect {
            Effect::Become { kind: other, from } if from.contains(&kind) => {
                let (at, length) = self.longest(&t.forms)?;
                (!self.refused(at)).then_some((length, *other))
            }
            _ => None,
        });
        made.max_by_key(|(length, _)| *length).map(|(_, other)| other)
    }

    /// Choices that the words make for a kind, the longest form of each choice.
    pub(super) fn choices(&self, kind: &str) -> Vec<(&'static str, &'static str)> {
        let mut chosen: Vec<(&'static str, &'static str, usize)> = Vec::new();
        for t in TRAITS.iter() {
            let Effect::Choose { kinds, choice, value, refused } = &t.effect else { continue };
            if !kinds.contains(&kind) {
                continue;
            }
            let Some((at, length)) = self.longest(&t.forms) else { continue };
            let value = if self.refused(at) { *refused } else { *value };
            if value == "-" {
                continue;
            }
            match chosen.iter_mut().find(|(name, ..)| name == choice) {
                Some(earlier) if earlier.2 < length => *earlier = (choice, value, length),
                Some(_) => {}
                None => chosen.push((choice, value, length)),
            }
        }
        chosen.into_iter().map(|(choice, value, _)| (choice, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use part::catalogue;

    use super::*;

    #[test]
    fn every_line_is_read_and_names_what_the_catalogue_has() {
        let text = include_str!("../../lexicon/traits.txt");
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        assert_eq!(TRAITS.len(), lines);
        for t in TRAITS.iter() {
            match &t.effect {
                Effect::Become { kind, from } => {
                    for kind in from.iter().chain([kind]) {
                        assert!(catalogue::find(kind).is_some(), "{kind}");
                    }
                }
                Effect::Choose { kinds, choice, value, refused } => {
                    for kind in kinds {
                        let definition = catalogue::find(kind).unwrap_or_else(|| panic!("{kind}"));
                        let known = definition.choices.iter().find(|c| c.name == *choice);
                        let known = known.unwrap_or_else(|| panic!("{kind} has no {choice}"));
                        for value in [value, refused] {
                            assert!(*value == "-" || known.options.contains(value), "{kind}.{choice}: {value}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn lids_and_their_refusals() {
        assert_eq!(Words::of("a box with a sliding lid").becomes("box"), Some("sliding_box"));
        assert_eq!(Words::of("uma caixa com tampa").becomes("box"), None);
        assert_eq!(Words::of("Vaso sem o pratinho").choices("plant_pot"), [("saucer", "none")]);
        assert_eq!(Words::of("no stacking lip").choices("gridfinity_bin"), [("lip", "no")]);
        assert_eq!(Words::of("M8 socket head cap screw").choices("bolt"), [("head", "socket")]);
    }
}
