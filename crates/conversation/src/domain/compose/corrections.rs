//! Corrections: one value for another, the value last changed, or the only one that a unit can be about.

use part::{Edit, Operation, Quantity, catalogue};

use super::{Composer, places};
use crate::domain::{
    grammar::Reading,
    lexeme::{Measure, Unit},
    quantity::tidy,
    resolve::Name,
    state::State,
};

impl Composer<'_> {
    /// "the pitch was not 20 but 18", "the 6 was a 7": one value for another, wherever it is in the part.
    pub(super) fn swapped(&mut self, reading: &Reading) -> bool {
        let [wrong] = reading.not.as_slice() else { return false };
        if reading.body.is_some() || reading.sizes.is_some() || !reading.acts.correct || !reading.relatives.is_empty() {
            return false;
        }
        let features = reading.features.iter();
        let said: Vec<Measure> = (reading.named.iter().map(|(_, m)| m))
            .chain(&reading.loose)
            .chain(features.flat_map(|f| f.named.iter().map(|(_, m)| m).chain(&f.loose).chain(&f.count)))
            .cloned()
            .collect();
        let [right] = said.as_slice() else { return false };
        // "60" was said as "6 x ... cm": the new value is in the same unit.
        let factor = |quantity: &Quantity| {
            let plain = wrong.unit == Unit::None && right.unit == Unit::None;
            let user = matches!(quantity.source, part::Source::User { .. });
            [1.0, 10.0, 25.4, 1000.0]
                .into_iter()
                .filter(|f| *f == 1.0 || plain && user)
                .find(|f| (quantity.value - wrong.value * f).abs() < 1e-6)
        };
        let in_unit = |factor: f64| Measure {
            value: tidy(right.value * factor),
            unit: if factor == 1.0 { right.unit } else { Unit::Length },
            ..right.clone()
        };
        for operation in self.part.features.clone().iter().rev() {
            let found = operation.parameters.iter().find_map(|(name, q)| Some((name.clone(), factor(q)?)));
            if let Some((parameter, factor)) = found {
                self.give(&operation.id, &parameter, Name::default(), &in_unit(factor));
                return true;
            }
            let Some(mut placement) = operation.placement.clone() else { continue };
            let slot = places::quantities(&mut placement.position)
                .into_iter()
                .find_map(|(dimension, quantity)| Some((dimension, factor(quantity)?, quantity)));
            if let Some((dimension, factor, quantity)) = slot {
                *quantity = self.quantity(&in_unit(factor), dimension);
                self.push(Edit::Place { operation: operation.id.clone(), placement });
                return true;
            }
        }
        false
    }

    /// "make it two per leaf": the holes of a hinge or a bracket are counted so.
    fn per_leg(&mut self, count: &Measure) -> bool {
        let after = self.text[count.span.end..].trim_start().to_lowercase();
        let per = ["per ", "por ", "in each ", "on each ", "em cada ", "en cada "].iter().any(|p| after.starts_with(p));
        let Some(body) = self.part.features.first().filter(|_| per && count.is_count()) else { return false };
        if !matches!(body.kind.as_str(), "hinge" | "l_bracket" | "shelf_bracket") {
            return false;
        }
        let counted = catalogue::find(&body.kind).is_some_and(|d| d.parameter("hole_count").is_some());
        let id = body.id.clone();
        if counted {
            self.give(&id, "hole_count", Name::default(), count);
        }
        counted
    }

    /// "better M4", "make it 45 degrees": only one thing in the part has such a value.
    pub(super) fn of_its_own(&self, measure: &Measure) -> Option<(String, String)> {
        let has = |operation: &Operation, name: &str| {
            catalogue::find(&operation.kind).is_some_and(|d| d.parameter(name).is_some())
        };
        match measure.unit {
            Unit::Metric => {
                let names = ["hole_diameter", "bore"];
                let hole = self.part.features.iter().rev().find(|o| o.kind == "hole");
                let found = hole.map(|o| (o.id.clone(), "diameter".to_owned()));
                found.or_else(|| {
                    let body = self.part.features.first()?;
                    let name = names.into_iter().find(|n| has(body, n))?;
                    Some((body.id.clone(), name.to_owned()))
                })
            }
            Unit::Angle => {
                let body = self.part.features.first()?;
                has(body, "angle").then(|| (body.id.clone(), "angle".to_owned()))
            }
            _ => None,
        }
    }

    /// The value of a place that was said last is another one.
    pub(super) fn moved_to(&mut self, id: &str, measure: &Measure) -> bool {
        let Some(mut placement) = self.part.operation(id).and_then(|o| o.placement.clone()) else { return false };
        let said = |q: &Quantity| match q.source {
            part::Source::User { turn, start, .. } => Some((turn, start)),
            _ => None,
        };
        let last = places::quantities(&mut placement.position).into_iter().max_by_key(|(_, q)| said(q));
        let Some((dimension, quantity)) = last.filter(|(_, q)| said(q).is_some()) else { return false };
        *quantity = self.quantity(measure, dimension);
        self.push(Edit::Place { operation: id.to_owned(), placement });
        true
    }

    /// "no, 30, not 20": the value last changed, or the one that was named as wrong.
    pub(super) fn correction(&mut self, state: &State, reading: &Reading) {
        // "... 90 degrees, I mean 45, 40 outside": what comes first in a correction is what is corrected.
        let first = reading.loose.first().filter(|m| {
            let named = reading.named.iter().map(|(_, m)| m.span.start).min();
            self.correcting && reading.loose.len() == 1 && named.is_some_and(|n| m.span.start < n)
        });
        if let (Some(first), Some((operation, parameter))) = (first.cloned(), state.focus.clone()) {
            return self.give(&operation, &parameter, Name::default(), &first);
        }
        let [right] = reading.loose.as_slice() else { return };
        let pieces = state.focus.as_ref().is_some_and(|(operation, what)| operation.is_empty() && what == "quantity");
        if pieces && reading.acts.correct && right.is_count() && (1.0..=1000.0).contains(&right.value) {
            return self.push(Edit::SetQuantity { quantity: right.value as u32 });
        }
        if reading.body.is_some()
            || !reading.named.is_empty()
            || !reading.features.is_empty()
            || !reading.relatives.is_empty()
            || reading.sizes.is_some()
        {
            return;
        }
        if self.per_leg(right) {
            return;
        }
        if let Some((operation, parameter)) = self.of_its_own(right) {
            let tapped =
                self.part.operation(&operation).and_then(|o| o.choices.get("kind")).is_some_and(|k| k == "threaded");
            if tapped && right.unit == Unit::Metric {
                let screw = format!("M{}", right.value);
                let value =
                    self.follows(right.value, right, format!("nominal diameter of the thread {screw}, ISO 261"));
                let choice = "screw".to_owned();
                self.push(Edit::SetChoice { operation: operation.clone(), choice, value: screw });
                return self.set(&operation, &parameter, value);
            }
            return self.give(&operation, &parameter, Name::default(), right);
        }
        if let Some((operation, what)) = &state.focus
            && what == "placement"
            && reading.acts.correct
            && right.is_size()
            && reading.not.is_empty()
            && self.moved_to(operation, right)
        {
            return;
        }
        let focus =
            state.focus.clone().filter(|(o, p)| self.part.operation(o).is_some_and(|o| o.parameters.contains_key(p)));
        let wrong = reading.not.first().and_then(|wrong| {
            let matches = |quantity: &Quantity| {
                (quantity.value - wrong.value).abs() < 1e-6
                    || quantity
                        .words
                        .split(' ')
                        .next()
                        .is_some_and(|w| w == self.text[wrong.span.clone()].split(' ').next().unwrap_or(""))
            };
            let of = |operation: &Operation| {
                operation.parameters.iter().find(|(_, q)| matches(q)).map(|(p, _)| (operation.id.clone(), p.clone()))
            };
            let focused = focus
                .clone()
                .filter(|(o, p)| self.part.operation(o).and_then(|o| o.parameters.get(p)).is_some_and(matches));
            focused.or_else(|| self.part.features.iter().rev().find_map(of))
        });
        let only = !reading.acts.correct && self.edits.is_empty() && reading.unknown.is_empty();
        let target = if reading.acts.correct {
            wrong.or(focus)
        } else if only {
            focus
        } else {
            None
        };
        let Some((operation, parameter)) = target else { return };
        // "12 cm" corrected to "14" means 14 cm; "2 inches" to "1 1/2" inches.
        let mut right = right.clone();
        let old = self.part.operation(&operation).and_then(|o| o.parameters.get(&parameter)).cloned();
        if right.unit == Unit::None
            && let Some(old) = old
            && let Some(factor) = unit_of(&old.words).filter(|f| right.value * f < 10.0 * old.value)
        {
            right.value = tidy(right.value * factor);
            right.unit = Unit::Length;
        }
        // "walls and floor of 30": one number for two sizes is one correction.
        let twins: Vec<String> = match self.part.operation(&operation) {
            Some(o) => {
                let words = o.parameters.get(&parameter).map(|q| q.source.clone());
                let same =
                    |q: &Quantity| matches!(q.source, part::Source::User { .. }) && Some(&q.source) == words.as_ref();
                o.parameters.iter().filter(|(p, q)| **p != parameter && same(q)).map(|(p, _)| p.clone()).collect()
            }
            None => Vec::new(),
        };
        // "make both of them 8".
        let alike: Vec<String> = match self.part.operation(&operation) {
            Some(one) if reading.both => {
                let same = |o: &&Operation| {
                    o.id != one.id
                        && o.kind == one.kind
                        && o.parameters.get(&parameter).map(|q| q.value)
                            == one.parameters.get(&parameter).map(|q| q.value)
                };
                self.part.features.iter().filter(same).map(|o| o.id.clone()).collect()
            }
            _ => Vec::new(),
        };
        for other in alike {
            self.give(&other, &parameter, Name::default(), &right);
        }
        for twin in twins {
            self.give(&operation, &twin, Name::default(), &right);
        }
        self.give(&operation, &parameter, Name::default(), &right);
    }
}

/// The unit at the end of the words that said a size, when it is not the millimetre.
fn unit_of(words: &str) -> Option<f64> {
    let words = words.trim().to_lowercase();
    if words.ends_with("cm") || words.contains("centim") || words.contains("centím") {
        return Some(10.0);
    }
    let inches = ["in", "inch", "inches", "\"", "pol", "pulg"].iter().any(|u| words.ends_with(u));
    (inches || words.contains("poleg") || words.contains("pulgada")).then_some(25.4)
}
