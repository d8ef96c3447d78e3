//! Changes in proportion: "20 mm taller", "twice as wide", "the height, half of the length", "lower it 1 cm".

use super::{Change, Ratio, Reader, Relative, links::Named};
use crate::domain::{
    lexeme::{Item, Lexeme, Measure, Unit},
    lexicon::Class,
    resolve::Name,
};

/// "along the whole length", "de ponta a ponta": no size is needed.
const WHOLE: [&str; 17] = [
    "whole length",
    "full length",
    "entire length",
    "whole width",
    "full width",
    "end to end",
    "todo o comprimento",
    "ponta a ponta",
    "todo el largo",
    "todo lo largo",
    "todo lo ancho",
    "full depth",
    "whole depth",
    "toda a extens",
    "toda la longitud",
    "extremo a extremo",
    "punta a punta",
];

impl Reader<'_> {
    /// "a hole in each end": two, by these words.
    pub(super) fn at_both_ends(&mut self) {
        const ENDS: [&str; 11] = [
            "end",
            "ends",
            "ponta",
            "pontas",
            "extremidade",
            "extremidades",
            "extremo",
            "extremos",
            "punta",
            "puntas",
            "extremos",
        ];
        for at in 1..self.lexemes.len() {
            let said = self.original[self.lexemes[at].span.clone()].to_lowercase();
            let each = self.lexemes[at - 1].func("each");
            let Some(k) = self.owner(at).filter(|_| each && ENDS.contains(&said.as_str())) else { continue };
            let mention = &mut self.reading.features[k];
            if mention.kind != "hole" || mention.count.as_ref().is_some_and(|c| c.value != 1.0) {
                continue;
            }
            let span = self.lexemes[at - 1].span.start..self.lexemes[at].span.end;
            mention.count = Some(Measure { value: 2.0, unit: Unit::None, factor: 1.0, span, article: false });
            mention.plural = true;
        }
    }

    /// Notes which features run from end to end; "40 mm from end to end" is a size.
    pub(super) fn end_to_end(&mut self) {
        for (mention, region) in self.reading.features.iter_mut().zip(&self.regions) {
            let words = &self.lexemes[region.noun..region.end.max(region.noun + 1)];
            let (Some(first), Some(last)) = (words.first(), words.last()) else { continue };
            let said = self.original[first.span.start..last.span.end.max(first.span.start)].to_lowercase();
            let long = ["length", "comprimento", "largo", "longitud"].iter().any(|w| said.contains(w));
            mention.whole = WHOLE.iter().any(|w| {
                said.find(w).is_some_and(|at| {
                    let before: Vec<&str> = said[..at].split_whitespace().rev().take(2).collect();
                    !before.iter().any(|b| *b == "mm" || b.chars().all(|c| c.is_ascii_digit()))
                })
            });
            if mention.whole && long && mention.direction.is_none() {
                mention.direction = Some("along");
            }
        }
    }

    /// "20 mm taller", "mais alta 20 mm", "10 % bigger", "three times wider".
    pub(super) fn comparatives(&mut self, names: &mut [Named]) {
        for at in 0..self.lexemes.len() {
            let lexeme = &self.lexemes[at];
            let (axis, sign) = match (lexeme.sense(Class::More), lexeme.sense(Class::Less)) {
                (Some(axis), _) => (axis, 1.0),
                (None, Some(axis)) => (axis, -1.0),
                _ => continue,
            };
            if !self.has_body || self.taken[at] {
                continue;
            }
            self.taken[at] = true;
            // "two holes in the longer leg" tells which.
            let tells = at > 0
                && !self.regions.is_empty()
                && (self.lexemes[at - 1].sense(Class::Qualifier).is_some()
                    || self.lexemes.get(at + 1).is_some_and(|l| l.sense(Class::Qualifier).is_some()));
            if tells {
                continue;
            }
            let amount = |i: usize| self.lexemes.get(i).and_then(Lexeme::measure).filter(|m| m.unit != Unit::Metric);
            let passes = |l: &Lexeme| {
                ["by", "in", "the", "it", "a", "of", "its", "plus"].iter().any(|f| l.func(f))
                    || l.sense(Class::Stop).is_some()
            };
            let left = (1..=2).map_while(|n| at.checked_sub(n)).find(|i| amount(*i).is_some());
            let left = left.filter(|i| self.lexemes[i + 1..at].iter().all(|l| passes(l) || l.func("x")));
            let right = (at + 1..self.lexemes.len().min(at + 6)).find(|i| amount(*i).is_some());
            let right = right.filter(|i| {
                self.lexemes[at + 1..*i].iter().enumerate().all(|(n, l)| {
                    passes(l)
                        || l.func("to")
                        || matches!(l.item, Item::Break(','))
                        || self.is_name(at + 1 + n, names)
                        || l.sense(Class::Family).is_some()
                })
            });
            let qualifier = names
                .iter_mut()
                .filter(|n| !n.used && n.name.qualifier.is_some())
                .min_by_key(|n| n.start.abs_diff(at))
                .filter(|n| n.start.abs_diff(at) <= 4);
            let mut name = Name { axis: Some(axis), qualifier: None };
            if let Some(found) = qualifier {
                found.used = true;
                name.qualifier = found.name.qualifier;
            }
            // "raise the rim to 60 mm" is the size itself; "make it bigger in height" names the axis.
            let place = left.or(right);
            let feature = self.owner(at);
            let made = feature.is_none() && self.regions.iter().any(|r| r.noun > at);
            let Some(place) = place else {
                // "raise a round boss" makes it.
                if made {
                    continue;
                }
                let factor = self.lexemes[..at]
                    .iter()
                    .rev()
                    .take(2)
                    .find_map(|l| l.sense(Class::Factor))
                    .and_then(|f| f.parse::<f64>().ok());
                let change = factor.map_or(Change::Unsaid, |f| Change::Times(if sign > 0.0 { f } else { 1.0 / f }));
                let span = lexeme.span.clone();
                self.reading.relatives.push(Relative { name, feature, change, span });
                continue;
            };
            let Some(measure) = amount(place).cloned() else { continue };
            self.taken[place] = true;
            let absolute = right == Some(place)
                && self.lexemes[at..place].iter().any(|l| l.func("to") || matches!(l.item, Item::Break(',')))
                || self.lexemes.get(place.wrapping_sub(1)).is_some_and(|l| matches!(l.item, Item::Break(':')));
            if absolute {
                match feature {
                    Some(k) => self.reading.features[k].named.push((name, measure)),
                    None => {
                        let (change, span) = (Change::To(measure.clone()), measure.span);
                        self.reading.relatives.push(Relative { name, feature: None, change, span });
                    }
                }
                continue;
            }
            let times = self.lexemes.get(place + 1).is_some_and(|l| l.func("x")) && measure.unit == Unit::None;
            let change = if times {
                Change::Times(if sign > 0.0 { measure.value } else { 1.0 / measure.value.max(1e-6) })
            } else {
                change_by(&measure, sign)
            };
            self.reading.relatives.push(Relative { name, feature, change, span: measure.span });
        }
    }

    pub(super) fn is_name(&self, at: usize, names: &[Named]) -> bool {
        names.iter().any(|n| (n.start..n.end).contains(&at))
    }

    /// "twice as wide", "o dobro da largura", "half the height".
    pub(super) fn factors(&mut self, names: &[Named]) {
        if !self.has_body {
            return;
        }
        for at in 0..self.lexemes.len() {
            let Some(factor) = self.lexemes[at].sense(Class::Factor).and_then(|f| f.parse::<f64>().ok()) else {
                continue;
            };
            if self.taken[at]
                || self
                    .lexemes
                    .get(at + 1)
                    .is_some_and(|l| l.sense(Class::More).is_some() || l.sense(Class::Less).is_some())
            {
                continue;
            }
            self.taken[at] = true;
            let named = names.iter().find(|n| !n.used && n.start > at && n.start - at <= 4);
            let span = self.lexemes[at].span.clone();
            // "the height, half of the length": one size as a share of another.
            let led = names.iter().rfind(|n| !n.used && n.end <= at && at - n.end <= 3);
            if let (Some(named), Some(led)) = (named, led)
                && named.name != led.name
                && !named.adjective
            {
                self.reading.ratios.push(Ratio { name: led.name, of: named.name, factor, span });
                continue;
            }
            let name = named.or(led).map_or(Name::axis("size"), |n| n.name);
            self.reading.relatives.push(Relative { name, feature: None, change: Change::Times(factor), span });
        }
    }

    /// "three quarters of that diameter", "one and a half times as tall", "scale it up two and a half times".
    pub(super) fn shares(&mut self, names: &mut [Named]) {
        if !self.has_body || self.reading.body.as_ref().is_some_and(|b| !b.definite) {
            return;
        }
        for at in 0..self.lexemes.len() {
            let Some(measure) = self.lexemes[at].measure().filter(|m| m.unit == Unit::None && m.value > 0.0).cloned()
            else {
                continue;
            };
            if self.taken[at] {
                continue;
            }
            let following = |n: usize| self.lexemes.get(at + n);
            let share = measure.value < 1.0
                && following(1)
                    .is_some_and(|l| l.func("of") || matches!(l.item, Item::Unknown(_)) && l.span.len() == 1)
                && following(2).is_some_and(|l| l.func("the"));
            let scaled = self.lexemes[..at].iter().rev().take(8).any(|l| {
                l.act("scale") || l.act("increase") || l.sense(Class::More).is_some() || l.sense(Class::Less).is_some()
            });
            let times = following(1).is_some_and(|l| l.func("x"))
                && following(2).is_none_or(|l| l.is_break() || l.func("than"))
                && (scaled || following(2).is_some_and(|l| l.func("than")));
            if !share && !times {
                continue;
            }
            let named = names.iter_mut().find(|n| !n.used && n.start > at && n.start - at <= 4);
            if share && named.is_none() {
                continue;
            }
            self.taken[at] = true;
            let name = named.map_or(Name::axis("size"), |n| {
                n.used = true;
                n.name
            });
            // The verb's comparative has its amount now.
            for verb in at.saturating_sub(8)..at {
                let l = &self.lexemes[verb];
                self.taken[verb] |= l.sense(Class::More).is_some() || l.sense(Class::Less).is_some();
            }
            self.reading.relatives.retain(|r| !matches!(r.change, Change::Unsaid));
            self.reading.relatives.push(Relative {
                name,
                feature: self.owner(at),
                change: Change::Times(measure.value),
                span: measure.span,
            });
        }
    }

    /// "raise it 5 mm", "bajalo 1 cm": a verb of going up or down changes the height.
    pub(super) fn up_or_down(&mut self, at: usize, measure: &Measure) -> bool {
        let verb = self.lexemes[..at].iter().rev().take(3).find_map(|l| {
            let said = self.original[l.span.clone()].to_lowercase();
            let vertical = ["baj", "abaix", "sub", "sob", "lower", "raise"].iter().any(|s| said.starts_with(s));
            match l.sense(Class::Act).filter(|_| vertical) {
                Some("increase") => Some(1.0),
                Some("decrease") => Some(-1.0),
                _ => None,
            }
        });
        let to = at > 0 && (self.lexemes[at - 1].func("to") || self.lexemes[at - 1].func("at"));
        let (Some(sign), false, true) = (verb, to, self.has_body && measure.unit == Unit::Length) else { return false };
        let span = measure.span.clone();
        let change = change_by(measure, sign);
        self.reading.relatives.push(Relative { name: Name::axis("height"), feature: None, change, span });
        true
    }
}

impl Reader<'_> {
    /// "the mouth is too wide, take an inch off it": a difference without a name of its own is that of the only one named.
    pub(super) fn taken_off(&mut self, at: usize, measure: &Measure, names: &[Named]) -> bool {
        let verb = self.lexemes[..at].iter().rev().take(3).find_map(|l| match l.sense(Class::Act) {
            Some("increase" | "add") => Some(1.0),
            Some("decrease" | "remove") => Some(-1.0),
            _ => {
                let said = self.original[l.span.clone()].to_lowercase();
                ["take", "shave", "knock", "lop"].contains(&said.as_str()).then_some(-1.0)
            }
        });
        let led_to = at > 0 && (self.lexemes[at - 1].func("to") || self.lexemes[at - 1].func("at"));
        let Some(sign) = verb.filter(|_| self.has_body && !led_to && measure.unit == Unit::Length) else {
            return false;
        };
        let unused = || names.iter().filter(|n| !n.used);
        let whole = unused().find(|n| n.name.qualifier.is_some()).or_else(|| unused().next());
        let Some(named) = whole else { return false };
        let (name, span) = (named.name, measure.span.clone());
        // "the mouth is too wide": which way it is wide is the mouth's own.
        let name = if name.qualifier.is_some() { Name { axis: None, ..name } } else { name };
        let change = change_by(measure, sign);
        self.reading.relatives.push(Relative { name, feature: None, change, span });
        true
    }
}

pub(super) fn change_by(measure: &Measure, sign: f64) -> Change {
    match measure.unit {
        Unit::Percent => Change::Times(1.0 + sign * measure.value),
        _ => Change::By(sign * measure.value),
    }
}
