//! Which one and where: corners by their sides, hours, rows, what stands before its noun, and what is taken away.

use super::{FeatureMention, Reader, Region, Which};
use crate::domain::{
    lexeme::{Item, Unit},
    lexicon::Class,
    state::Language,
};

impl Reader<'_> {
    /// "a 30 mm da borda esquerda": "de" leads from a distance to the side that it is measured from.
    pub(super) fn measured_from(&self, at: usize) -> bool {
        if self.language == Language::En {
            return false;
        }
        (at.saturating_sub(5)..at).any(|of| {
            let edge = self.lexemes[of..at].iter().any(|l| l.is(Class::Place, "edge"));
            let size =
                of.checked_sub(1).map(|m| &self.lexemes[m]).and_then(|l| l.measure()).is_some_and(|m| m.is_size());
            let led = of.checked_sub(2).is_some_and(|i| self.lexemes[i].func("at") || self.lexemes[i].func("and"));
            let parted = self.lexemes[of..at].iter().any(|l| matches!(l.item, Item::Break(_)));
            self.lexemes[of].func("of") && size && (edge || led) && !parted
        })
    }

    /// Hours: "at 12, 4 and 8 o'clock", "a las 3", "às 9 horas". They belong to the feature named last before them.
    pub(super) fn clock(&mut self) {
        let hour = |at: usize| {
            self.lexemes[at].measure().filter(|m| m.is_count() && (1.0..=12.0).contains(&m.value) && !m.article)
        };
        let said = |at: usize| self.original[self.lexemes[at].span.clone()].to_lowercase();
        let mut hours = Vec::new();
        let mut words = Vec::new();
        for at in 0..self.lexemes.len() {
            if self.lexemes[at].func("clock") {
                words.push(at);
                for back in (0..at).rev() {
                    let lexeme = &self.lexemes[back];
                    if hour(back).is_some() && !hours.contains(&back) {
                        hours.push(back);
                    } else if !(lexeme.func("and")
                        || lexeme.func("at")
                        || lexeme.func("the")
                        || matches!(lexeme.item, Item::Break(',')))
                    {
                        break;
                    }
                }
            }
            // "a las 4", "às 8": no word for the hour is needed.
            let led = match self.language {
                Language::Es => at >= 2 && self.lexemes[at - 2].func("at") && said(at - 1) == "las",
                Language::Pt => at >= 1 && said(at - 1) == "às",
                Language::En => false,
            };
            let ends = self
                .lexemes
                .get(at + 1)
                .is_none_or(|l| l.is_break() || l.func("and") || l.func("in") || l.func("on") || l.func("clock"));
            if led && ends && hour(at).is_some() && !hours.contains(&at) {
                hours.push(at);
            }
        }
        let Some(first) = hours.iter().min().copied() else { return };
        let Some(k) = self.regions.iter().rposition(|r| r.noun < first) else { return };
        hours.sort_unstable();
        for at in hours {
            if let Some(hour) = self.lexemes[at].measure().cloned() {
                self.reading.features[k].clock.push(hour);
            }
            self.taken[at] = true;
        }
        words.into_iter().for_each(|at| self.taken[at] = true);
    }

    /// "the pocket is too much, take it out", "quita el del medio": what is taken away stands before its verb, or is unsaid.
    pub(super) fn taken_away(&mut self) {
        let acts = self.reading.acts;
        if !acts.remove || acts.add || !self.has_body || self.reading.features.iter().any(|f| f.negated) {
            return;
        }
        if let [mention] = self.reading.features.as_mut_slice() {
            let bare = mention.sizes.is_none() && mention.named.is_empty() && mention.loose.is_empty();
            mention.negated = bare && mention.definite;
            return;
        }
        let Some(verb) = self.lexemes.iter().position(|l| l.act("remove")) else { return };
        let rest = || self.lexemes[verb + 1..].iter().take_while(|l| !l.is_break());
        let other = |l: &crate::domain::lexeme::Lexeme| {
            l.measure().is_some_and(|m| m.unit != Unit::None || m.value != 1.0)
                || [Class::Axis, Class::Family, Class::Qualifier, Class::More, Class::Less]
                    .iter()
                    .any(|c| l.sense(*c).is_some())
        };
        let which = self.which(verb + 1, self.lexemes.len());
        let centre = rest().any(|l| l.is(Class::Place, "centre"));
        let edges = rest().find_map(|l| l.sense(Class::Edges));
        let face = rest().find_map(|l| l.sense(Class::Face));
        let singled = which.is_some() || centre || edges.is_some() || face.is_some();
        if !self.reading.features.is_empty() || rest().any(other) || !singled {
            return;
        }
        let faces = if centre { Vec::new() } else { face.into_iter().collect() };
        let mention = FeatureMention {
            kind: "it",
            negated: true,
            definite: true,
            which,
            centre,
            edges,
            faces,
            ..Default::default()
        };
        self.reading.features.push(mention);
        self.regions.push(Region { start: verb, noun: verb, end: verb });
    }

    /// "the second hole", "el último agujero".
    pub(super) fn which(&self, start: usize, noun: usize) -> Option<Which> {
        let from = start.saturating_sub(2);
        (from..self.lexemes.len().min(noun + 2)).filter(|at| *at != noun).find_map(|at| {
            let said = self.original[self.lexemes[at].span.clone()].to_lowercase();
            Some(match said.as_str() {
                "first" | "primeiro" | "primeira" | "primer" | "primero" | "primera" => Which::First,
                "second" | "segundo" | "segunda" => Which::Second,
                "third" | "terceiro" | "terceira" | "tercer" | "tercero" | "tercera" => Which::Third,
                "last" | "último" | "última" | "ultimo" | "ultima" => Which::Last,
                "middle" | "meio" | "medio" if at < noun => Which::Middle,
                _ => return None,
            })
        })
    }

    /// "the front left corner", "no canto da frente à esquerda": a side beside a single corner tells which.
    pub(super) fn sides_of_a_corner(&self, at: usize) -> bool {
        let single = |l: &crate::domain::lexeme::Lexeme| {
            let said = self.original[l.span.clone()].to_lowercase();
            l.is(Class::Place, "corners") && matches!(said.as_str(), "corner" | "canto" | "quina" | "esquina")
        };
        let near = |l: &&crate::domain::lexeme::Lexeme| !matches!(l.item, Item::Break(_)) && l.measure().is_none();
        self.lexemes[..at].iter().rev().take(6).take_while(near).any(single)
            || self.lexemes[at + 1..].iter().take(3).take_while(near).any(single)
    }

    /// "On the left face, a round pocket ...": what stands before the first feature of a clause says where it is.
    pub(super) fn places_before(&mut self) {
        let Some(first) = self.regions.first().map(|r| r.start) else { return };
        let led =
            self.lexemes[..first].iter().all(|l| l.sense(Class::Family).is_none() && l.sense(Class::Axis).is_none());
        if !led || self.head.is_some_and(|head| head < first) {
            return;
        }
        for at in 0..first {
            let lexeme = &self.lexemes[at];
            if self.taken[at] {
                continue;
            }
            if let Some(side) = lexeme.sense(Class::Face).filter(|_| self.sides_of_a_corner(at)) {
                self.reading.features[0].corner.push(side);
                self.taken[at] = true;
                continue;
            }
            let mention = &mut self.reading.features[0];
            let edge = matches!(mention.kind, "fillet" | "chamfer");
            if let Some(face) = lexeme.sense(Class::Face).filter(|_| !edge && lexeme.sense(Class::Adjective).is_none())
            {
                if mention.faces.is_empty() {
                    mention.faces.push(face);
                }
                self.taken[at] = true;
            } else if lexeme.is(Class::Place, "centre") {
                mention.centre = true;
                self.taken[at] = true;
            } else if lexeme.is(Class::Place, "corners") && !edge && mention.corner.is_empty() {
                let said = self.original[lexeme.span.clone()].to_lowercase();
                mention.corners = true;
                mention.plural |= !matches!(said.as_str(), "corner" | "canto" | "quina" | "esquina");
                self.taken[at] = true;
            }
        }
    }

    /// "break the top edges with a 1 mm chamfer": the edges stand before the noun, in its sentence.
    pub(super) fn edges_before(&mut self) {
        for k in 0..self.regions.len() {
            if !matches!(self.reading.features[k].kind, "fillet" | "chamfer")
                || self.reading.features[k].edges.is_some()
            {
                continue;
            }
            let floor = k.checked_sub(1).map_or(0, |p| self.regions[p].noun + 1);
            let found = (floor..self.regions[k].start)
                .rev()
                .take_while(|at| !self.lexemes[*at].is_break())
                .find_map(|at| self.lexemes[at].sense(Class::Edges));
            self.reading.features[k].edges = found;
        }
    }

    /// "in two rows of three".
    pub(super) fn rows(&mut self, k: usize, start: usize, end: usize) {
        let count = |l: &crate::domain::lexeme::Lexeme| l.measure().filter(|m| m.is_count()).cloned();
        for at in start + 1..end.saturating_sub(2) {
            if !self.lexemes[at].is(Class::Place, "row") || !self.lexemes[at + 1].func("of") {
                continue;
            }
            if let (Some(rows), Some(columns)) = (count(&self.lexemes[at - 1]), count(&self.lexemes[at + 2])) {
                self.reading.features[k].sizes = Some(vec![columns, rows]);
                self.reading.features[k].grid = true;
                self.taken[at - 1..at + 3].iter_mut().for_each(|t| *t = true);
            }
        }
    }
}
