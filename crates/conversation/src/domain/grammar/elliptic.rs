//! What is said of a feature that is there without describing it again: "mirror it to the other side", "repeat it every
//! 30 mm along the front edge, four in total".

use super::{Reader, Repeated};
use crate::domain::{lexeme::Measure, lexicon::Class};

impl Reader<'_> {
    pub(super) fn copied(&mut self) {
        if !self.has_body {
            return;
        }
        let verb = |act: &str| self.lexemes.iter().position(|l| l.act(act));
        let clause = |from: usize| self.lexemes[from..].iter().take(12);
        let sized = |l: &crate::domain::lexeme::Lexeme| {
            matches!(l.item, crate::domain::lexeme::Item::Group(_))
                || l.measure().is_some_and(|m| !m.article && !(m.is_count() && m.value == 1.0))
        };
        if let Some(at) = verb("mirror").filter(|_| !self.lexemes.iter().any(sized)) {
            let side = clause(at).find_map(|l| l.sense(Class::Face));
            // "another one, symmetrical": a mirrored one is another one.
            self.reading.mirrored = Some(side);
            self.taken.iter_mut().for_each(|t| *t = true);
            return;
        }
        let Some(at) = verb("repeat") else { return };
        let mut count: Option<Measure> = None;
        let mut pitch: Option<Measure> = None;
        for i in at + 1..self.lexemes.len() {
            let Some(m) = self.lexemes[i].measure().filter(|m| m.is_size() && !m.article).cloned() else { continue };
            let before = self.lexemes[..i].iter().rev().take(2).any(|l| l.func("each") || l.is(Class::Axis, "pitch"));
            let after = self.lexemes.get(i + 1).is_some_and(|l| l.is(Class::Axis, "pitch"));
            let times = self.lexemes.get(i + 1).is_some_and(|l| l.func("x"));
            if before || after || m.unit != crate::domain::lexeme::Unit::None {
                pitch = pitch.or(Some(m));
            } else if m.is_count() {
                // "three more times" are four.
                let more = self.lexemes[i + 1..].iter().take(2).any(|l| l.func("plus"));
                let value = m.value + if times || more { 1.0 } else { 0.0 };
                count = count.or(Some(Measure { value, ..m }));
            }
        }
        let (Some(count), Some(pitch)) = (count, pitch) else { return };
        let edge = self.lexemes[at..].iter().find_map(|l| l.sense(Class::Face));
        let way = self.lexemes[at..].iter().find_map(|l| match l.sense(Class::Place) {
            Some("lengthwise") => Some(false),
            Some("crosswise") => Some(true),
            _ => None,
        });
        let across = way.or(edge.map(|side| matches!(side, "left" | "right")));
        self.reading.repeated = Some(Repeated { count, pitch, across });
        self.taken.iter_mut().for_each(|t| *t = true);
    }
}
