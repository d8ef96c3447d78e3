//! The part of the catalogue that a turn can be about: what the model is told in full, so that a small one can read it and
//! a large one is not paid for the rest.

use std::{collections::BTreeSet, fmt::Write};

use part::{
    Part,
    catalogue::{self, Default as Rule, Definition, Role},
};

use crate::domain::{lexeme::Item, lexeme::Lexeme, lexicon::Class};

/// Bytes of the lines about kinds, beside the names of the others.
pub(super) const MOST: usize = 3_000;

/// Kinds that most things are made of.
const STAPLES: [&str; 8] = ["block", "box", "plate", "cylinder", "tube", "hole", "slot", "fillet"];

/// Sizes that so many kinds have go by themselves.
const COMMON: usize = 8;

/// Kinds in order of how much the turn and the part have to do with them.
pub(super) struct Excerpt {
    pub(super) told: Vec<&'static Definition>,
    others: Vec<&'static str>,
}

impl Excerpt {
    /// `said` is what the embedded engine recognised in the turns that matter.
    pub(super) fn new<'a>(part: &Part, said: impl Iterator<Item = &'a Lexeme>) -> Excerpt {
        let (mut kinds, mut axes) = (BTreeSet::new(), BTreeSet::new());
        for lexeme in said {
            let Item::Phrase(senses) = &lexeme.item else { continue };
            for sense in senses {
                match sense.class {
                    // "fillet+vertical" is a fillet.
                    Class::Family | Class::Feature | Class::Verb => {
                        kinds.extend(sense.name.split('+').next());
                    }
                    Class::Axis => axes.extend([sense.name]),
                    _ => {}
                }
            }
        }
        let score = |definition: &Definition| {
            let named = kinds.contains(definition.kind) || part.features.iter().any(|o| o.kind == definition.kind);
            let sized = axes.iter().filter(|axis| definition.parameter(axis).is_some()).count();
            // Where nothing is there yet a body is wanted, else rather a change.
            let body = definition.role != Role::Modifier;
            let wanted = usize::from(body == part.features.is_empty());
            let staple = STAPLES.contains(&definition.kind);
            usize::from(named) * 16 + sized * 2 + wanted + usize::from(staple) * 3
        };
        let mut ordered: Vec<&'static Definition> = catalogue::definitions().to_vec();
        // Stable: among equals the catalogue's order.
        ordered.sort_by_key(|definition| std::cmp::Reverse(score(definition)));
        let (mut told, mut others, mut bytes) = (Vec::new(), Vec::new(), 0);
        for definition in ordered {
            bytes += line(definition).len();
            if bytes <= MOST { told.push(definition) } else { others.push(definition.kind) }
        }
        Excerpt { told, others }
    }

    pub(super) fn text(&self) -> String {
        let mut text: String = self.told.iter().map(|definition| line(definition)).collect();
        // Writing to a string cannot fail.
        writeln!(text, "Other kinds, with the usual sizes: {}", self.others.join(" ")).unwrap_or_default();
        text
    }

    /// Names of parameters: those of the kinds told, and those that many kinds have.
    pub(super) fn parameters(&self) -> BTreeSet<&'static str> {
        let of = |definition: &&'static Definition| definition.parameters.iter().map(|p| p.name);
        let mut names: BTreeSet<&str> = self.told.iter().flat_map(of).collect();
        let all = catalogue::definitions();
        let common = |name: &str| all.iter().filter(|d| d.parameter(name).is_some()).count() >= COMMON;
        names.extend(all.iter().flat_map(of).filter(|name| common(name)));
        names
    }

    pub(super) fn choices(&self) -> BTreeSet<&'static str> {
        self.told.iter().flat_map(|definition| definition.choices).map(|choice| choice.name).collect()
    }
}

fn line(definition: &Definition) -> String {
    let role = match definition.role {
        Role::Body => "body",
        Role::Modifier => "modifier",
        Role::Either => "body or modifier",
    };
    let parameters = definition.parameters.iter().map(|p| match p.default {
        Rule::Essential => format!("{}*", p.name),
        _ => p.name.to_owned(),
    });
    let choices = definition.choices.iter().map(|c| match c.options {
        [] => format!("{}=text", c.name),
        options => format!("{}={}", c.name, options.join("/")),
    });
    let (parameters, choices) = (parameters.collect::<Vec<_>>().join(" "), choices.collect::<Vec<_>>().join(" "));
    format!("{} ({role}): {} | {parameters} | {choices}\n", definition.kind, definition.meaning)
}

#[cfg(test)]
mod tests {
    use part::Operation;

    use super::*;
    use crate::domain::{lexicon::Lexicon, proposal::evidence};

    fn told(part: &Part, text: &str) -> Vec<&'static str> {
        let lexemes = evidence::lexemes(&Lexicon::new(), text, None);
        let excerpt = Excerpt::new(part, lexemes.iter());
        assert!(excerpt.text().len() < MOST + 1_500, "{}", excerpt.text().len());
        assert_eq!(excerpt.told.len() + excerpt.others.len(), catalogue::definitions().len());
        excerpt.told.iter().map(|definition| definition.kind).collect()
    }

    #[test]
    fn what_is_named_sized_or_there_is_told() {
        let empty = Part::default();
        assert!(
            told(&empty, "quero um trequinho com 12 cm de comprimento, 8 cm de largura e 5 mm de espessura")
                .contains(&"plate")
        );
        assert!(told(&empty, "un chisme como una maceta").contains(&"plant_pot"));
        let gear = Part { features: vec![Operation::new("gear", "gear")], ..Part::default() };
        let kinds = told(&gear, "jazzify the hole by 3 mm");
        assert!(kinds[..2].contains(&"gear") && kinds[..2].contains(&"hole"), "{kinds:?}");
        // Nothing known at all: the staples.
        let kinds = told(&empty, "xyzzy");
        assert!(STAPLES.iter().all(|staple| kinds.contains(staple)), "{kinds:?}");
    }
}
