//! Bodies that are told piece by piece: a shaft by its sections, a transition by its ends, a bent rod by its straight legs.

use super::Reader;
use crate::domain::{
    lexeme::{Item, Lexeme, Measure},
    lexicon::Class,
};

/// An end of a transition: its outline, its sizes and, where said, which end it is.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) round: bool,
    pub(crate) sizes: Vec<Measure>,
    pub(crate) top: Option<bool>,
}

/// A section of a shaft: diameter and length.
pub(crate) type Section = [Measure; 2];

const STEPPED: [&str; 9] =
    ["stepped", "escalonad", "escalonada", "escalonado", "tramos", "trechos", "degraus", "escalones", "multi-diameter"];
const STRAIGHT: [&str; 14] = [
    "straight", "leg", "legs", "recto", "recta", "rectos", "tramo", "reto", "reta", "trecho", "perna", "lado", "arm",
    "pata",
];

impl Reader<'_> {
    pub(super) fn pieces(&mut self) {
        let Some(family) = self.reading.body.as_ref().map(|body| body.family) else { return };
        match family.split('+').next().unwrap_or(family) {
            "cylinder" if self.says(&STEPPED) => self.sections(),
            "transition" => self.ends(),
            "cylinder" | "tube" if self.bent() => {
                if let Some(body) = &mut self.reading.body {
                    body.family = "bent_rod";
                }
                self.legs();
            }
            "bent_rod" => self.legs(),
            _ => {}
        }
    }

    fn said(&self, at: usize) -> String {
        self.lexemes.get(at).map(|l| self.original[l.span.clone()].to_lowercase()).unwrap_or_default()
    }

    fn says(&self, words: &[&str]) -> bool {
        (0..self.lexemes.len()).any(|at| words.iter().any(|w| self.said(at).starts_with(w)))
    }

    fn bent(&self) -> bool {
        self.says(&["bend", "bent", "dobrad", "dobre", "dobrar", "doblad", "dobla", "curvad"])
    }

    /// Diameter and length of each section in turn; the one that is called a diameter is it, else the first.
    fn sections(&mut self) {
        let mut said: Vec<(usize, Measure, bool)> = Vec::new();
        for at in 0..self.lexemes.len() {
            match &self.lexemes[at].item {
                Item::Measure(m) if m.is_size() && !m.article && self.free(at) => {
                    let named = (at + 1..at + 3).chain(at.saturating_sub(2)..at).any(|i| {
                        let l = self.lexemes.get(i);
                        l.is_some_and(|l| l.is(Class::Axis, "diameter") || l.is(Class::Adjective, "diameter"))
                            && !(at.min(i) + 1..at.max(i))
                                .any(|b| self.lexemes[b].is_break() || self.lexemes[b].measure().is_some())
                    });
                    // "three sections": a count before its noun.
                    let counts = m.is_count()
                        && self.said(at + 1).starts_with(['t', 's', 'd', 'e'])
                        && STEPPED.iter().any(|w| self.said(at + 1).starts_with(w))
                        || ["sections", "steps", "diameters", "secciones", "diametros"]
                            .contains(&self.said(at + 1).as_str());
                    let single = m.is_count() && m.value == 1.0;
                    if !counts && !single {
                        said.push((at, m.clone(), named));
                    }
                }
                Item::Group(members) if members.len() == 2 && self.free(at) => {
                    said.push((at, members[0].clone(), true));
                    said.push((at, members[1].clone(), false));
                }
                _ => {}
            }
        }
        if said.len() < 4 || said.len() % 2 == 1 {
            return;
        }
        for pair in said.chunks(2) {
            let [first, second] = pair else { continue };
            let turned = second.2 && !first.2;
            let (diameter, length) = if turned { (second, first) } else { (first, second) };
            self.reading.sections.push([diameter.1.clone(), length.1.clone()]);
            (self.taken[first.0], self.taken[second.0]) = (true, true);
        }
        self.forget_names();
    }

    /// Names of sizes that have found their numbers.
    fn forget_names(&mut self) {
        for at in 0..self.lexemes.len() {
            let lexeme = &self.lexemes[at];
            self.taken[at] |=
                [Class::Axis, Class::Adjective, Class::Qualifier].iter().any(|c| lexeme.sense(*c).is_some());
        }
    }

    fn ends(&mut self) {
        const ROUND: [&str; 7] = ["circle", "circular", "round", "redond", "circulo", "círculo", "circunfer"];
        const ANGULAR: [&str; 8] = ["square", "rect", "ret", "quadrad", "cuadrad", "rectáng", "retâng", "oblong"];
        let starts = |said: &str, words: &[&str]| words.iter().any(|w| said.starts_with(w));
        let mut used = vec![false; self.lexemes.len()];
        for at in 0..self.lexemes.len() {
            let said = self.said(at);
            let round = starts(&said, &ROUND);
            if !round && !starts(&said, &ANGULAR) {
                continue;
            }
            let sized = |l: &Lexeme| match &l.item {
                Item::Measure(m) => m.is_size() && !m.article,
                Item::Group(members) => members.len() <= 2,
                _ => false,
            };
            // Its size stands right before it or after it.
            let before = (1..=2)
                .filter_map(|n| at.checked_sub(n))
                .find(|i| sized(&self.lexemes[*i]) && !used[*i] && self.free(*i));
            let after = (at + 1..self.lexemes.len().min(at + 6))
                .take_while(|i| !self.lexemes[*i].is_break() || matches!(self.lexemes[*i].item, Item::Break(',')))
                .find(|i| sized(&self.lexemes[*i]) && !used[*i] && self.free(*i));
            let Some(place) = before.or(after) else { continue };
            used[place] = true;
            let sizes = match &self.lexemes[place].item {
                Item::Group(members) => members.clone(),
                Item::Measure(m) => vec![m.clone()],
                _ => continue,
            };
            let position = |i: usize| -> Option<bool> {
                let l = self.lexemes.get(i)?;
                let top = l.is(Class::Face, "top") || l.is(Class::Qualifier, "top");
                let bottom =
                    l.is(Class::Face, "bottom") || l.is(Class::Qualifier, "bottom") || l.is(Class::Qualifier, "base");
                (top || bottom).then_some(top)
            };
            let (low, high) = (at.min(place), at.max(place));
            let clear = |i: usize| !self.lexemes[i].is_break() && (i == place || !sized(&self.lexemes[i]));
            let forward = (high + 1..self.lexemes.len().min(high + 5)).take_while(|i| clear(*i)).find_map(position);
            let back = (low.saturating_sub(3)..low).rev().take_while(|i| clear(*i)).find_map(position);
            // "base quadrada": what stands right before names the end.
            let near = low.checked_sub(1).and_then(position);
            self.reading.ends.push(End { round, sizes, top: near.or(forward).or(back) });
            self.taken[place] = true;
            for i in low..=high {
                self.taken[i] = true;
            }
        }
        // "diameter" beside "circle" names it again.
        self.reading.ends.truncate(2);
    }

    fn legs(&mut self) {
        for at in 0..self.lexemes.len() {
            let Some(measure) = self.lexemes[at].measure().filter(|m| m.is_size() && !m.article).cloned() else {
                continue;
            };
            let near = |i: usize| STRAIGHT.contains(&self.said(i).as_str());
            let named = (at + 1..at + 3).any(near)
                || at > 0 && near(at - 1)
                || at > 1 && self.lexemes[at - 1].func("of") && near(at - 2);
            if named && self.free(at) {
                self.taken[at] = true;
                self.reading.legs.push(measure);
            }
        }
    }
}
