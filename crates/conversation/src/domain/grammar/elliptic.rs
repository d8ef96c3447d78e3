//! What is said of a feature that is there without describing it again: "mirror it to the other side", "repeat it every
//! 30 mm along the front edge, four in total".

use super::{Mirrored, Reader, Repeated};
use crate::domain::{
    lexeme::{Item, Lexeme, Measure},
    lexicon::Class,
};

impl Reader<'_> {
    pub(super) fn copied(&mut self) {
        if !self.has_body {
            return;
        }
        let verb = |act: &str| self.lexemes.iter().position(|l| l.act(act));
        let clause = |from: usize| self.lexemes[from..].iter().take(12);
        let said = |l: &Lexeme| self.original[l.span.clone()].to_lowercase();
        let starts = |l: &Lexeme, forms: &[&str]| forms.iter().any(|f| said(l).starts_with(f));
        // "those two" are no size.
        let counted = |at: usize| {
            self.lexemes[at].measure().is_some_and(Measure::is_count)
                && at > 0
                && (self.lexemes[at - 1].func("the") || self.lexemes[at - 1].func("each"))
        };
        let sized = (0..self.lexemes.len()).any(|at| {
            let l = &self.lexemes[at];
            matches!(l.item, Item::Group(_))
                || l.measure().is_some_and(|m| !(m.article || m.is_count() && m.value == 1.0)) && !counted(at)
        });
        if self
            .lexemes
            .iter()
            .any(|l| starts(l, &["swap", "al reves", "al revés", "inverte", "invertid", "trocad", "intercambia"]))
            && !sized
        {
            self.reading.swap = true;
            self.taken.iter_mut().for_each(|t| *t = true);
            return;
        }
        let noun = |l: &Lexeme| l.sense(Class::Feature).is_some() || l.sense(Class::Family).is_some();
        let alike = self.lexemes.iter().any(|l| {
            starts(l, &["like it", "igual", "identic", "idéntic", "idêntic", "same", "just like"]) || l.func("than")
        });
        let another = self.lexemes.iter().any(|l| starts(l, &["another", "otro", "otra", "outro", "outra"]));
        let diagonal =
            self.lexemes.iter().any(|l| starts(l, &["diagonal", "diagonally", "opposite", "opuest", "opost"]));
        let elsewhere = another && alike && diagonal && !self.lexemes.iter().any(noun);
        let mirrors = verb("mirror").or(elsewhere.then_some(0));
        if let Some(at) = mirrors.filter(|_| !sized) {
            let side = clause(at).find_map(|l| l.sense(Class::Face));
            // "another one, symmetrical": a mirrored one is another one.
            let cornered = self.lexemes.iter().any(|l| l.is(Class::Place, "corners"));
            let count = (0..self.lexemes.len()).filter(|at| counted(*at)).find_map(|at| self.lexemes[at].measure());
            let both = self.lexemes.iter().any(|l| l.func("each"));
            let count = count.map_or(if both { 2 } else { 1 }, |m| m.value.clamp(1.0, 20.0) as usize);
            self.reading.mirrored = Some(Mirrored { side, diagonal: elsewhere && cornered, count });
            self.taken.iter_mut().for_each(|t| *t = true);
            return;
        }
        self.reading.both = self.lexemes.windows(2).any(|w| w[0].func("each") && (w[1].func("it") || w[1].func("of")))
            || self
                .lexemes
                .iter()
                .any(|l| starts(l, &["both", "ambos", "ambas", "los dos", "las dos", "os dois", "as duas"]));
        let noun_free = !self.lexemes.iter().any(noun);
        for at in 0..self.lexemes.len() {
            let Some(measure) = self.lexemes[at].measure().filter(|m| m.is_size() && !m.article).cloned() else {
                continue;
            };
            let rest = &self.lexemes[at + 1..];
            let leads = rest
                .iter()
                .take(3)
                .take_while(|l| l.func("of") || l.func("from") || l.func("each") || l.func("the"))
                .count();
            let clause = rest.iter().skip(leads).take(4).take_while(|l| !l.is_break() && l.measure().is_none());
            let edge = clause.clone().any(|l| l.is(Class::Place, "edge"));
            let side = clause.clone().find_map(|l| l.sense(Class::Face)).filter(|s| *s != "side");
            let taken = at
                + 1
                + leads
                + clause
                    .clone()
                    .take_while(|l| {
                        l.is(Class::Place, "edge") || l.sense(Class::Face).is_some() || l.func("of") || l.func("the")
                    })
                    .count();
            if noun_free && (edge || side.is_some()) && leads > 0 && self.reading.edge_inset.is_none() {
                self.reading.edge_inset = Some((side, measure));
                let until = taken.min(self.taken.len());
                self.taken[at..until].iter_mut().for_each(|t| *t = true);
            }
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
