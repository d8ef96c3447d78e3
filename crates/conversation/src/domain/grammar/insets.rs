//! Distances from edges and corners, from the side that is named or from whichever is near.

use super::Reader;
use crate::domain::{
    lexeme::{Lexeme, Unit},
    lexicon::Class,
};

impl Reader<'_> {
    /// "5 mm from each edge", "a 8 mm das bordas", "20 mm from the left edge", "15 mm acima da base".
    pub(super) fn insets(&mut self) {
        for at in 0..self.lexemes.len() {
            let Some(k) = self.owner(at) else { continue };
            let Some(measure) = self.lexemes[at].measure().filter(|m| m.is_size() && !m.article).cloned() else {
                continue;
            };
            // "25 deep from the top" is a depth.
            let deep =
                |l: Option<&Lexeme>| l.is_some_and(|l| l.is(Class::Adjective, "depth") || l.is(Class::Axis, "depth"));
            let named = deep(self.lexemes.get(at + 1))
                || self.lexemes.get(at + 1).is_some_and(|l| l.func("of")) && deep(self.lexemes.get(at + 2));
            if self.taken[at] || named {
                continue;
            }
            // "in all four corners half an inch in".
            let inwards = self.lexemes.get(at + 1).is_some_and(|l| l.func("in"))
                && self.lexemes.get(at + 2).is_none_or(|l| l.is_break() || l.func("and"));
            if inwards && self.reading.features[k].corners {
                self.reading.features[k].insets.push((None, measure));
                (self.taken[at], self.taken[at + 1]) = (true, true);
                continue;
            }
            let mut from = self.lexemes[..at].iter().rev().take(2).any(|l| l.func("from"));
            let mut up = false;
            for n in at + 1..self.lexemes.len().min(at + 7) {
                let lexeme = &self.lexemes[n];
                if lexeme.func("up") {
                    up = true;
                    from = true;
                }
                if lexeme.func("from") || (lexeme.func("of") && self.language != crate::domain::state::Language::En) {
                    from = true;
                    continue;
                }
                let edge = lexeme.is(Class::Place, "edge")
                    || lexeme.is(Class::Place, "corners")
                    || lexeme.sense(Class::Edges).is_some();
                let base = lexeme.is(Class::Qualifier, "base") || lexeme.is(Class::Qualifier, "bottom");
                let mut n = n;
                let mut face = lexeme.sense(Class::Face);
                // "da borda da frente", "the edge at the left".
                if edge && face.is_none() && !lexeme.is(Class::Place, "corners") {
                    let skip = self.lexemes[n + 1..]
                        .iter()
                        .take(2)
                        .take_while(|l| l.func("of") || l.func("at") || l.func("the"));
                    let after = n + 1 + skip.count();
                    if (after > n + 1 || self.language != crate::domain::state::Language::En)
                        && let Some(side) = self.lexemes.get(after).and_then(|l| l.sense(Class::Face))
                    {
                        (face, n) = (Some(side), after);
                    }
                }
                if from && lexeme.is(Class::Place, "centre") {
                    self.reading.features[k].insets.push((Some("centre"), measure));
                    self.taken[at..=n].iter_mut().for_each(|t| *t = true);
                    break;
                }
                if from && (edge || face.is_some() || base || up) {
                    let side = face.filter(|f| *f != "side").or(if up || base { Some("bottom") } else { None });
                    let side =
                        if edge && side.is_none() && lexeme.is(Class::Edges, "top") { Some("top") } else { side };
                    self.reading.features[k].insets.push((side, measure.clone()));
                    // "15 mm from the front and back edges": the same from both.
                    let skip = |l: &&Lexeme| {
                        ["and", "of", "the", "at"].iter().any(|f| l.func(f)) || l.is(Class::Place, "edge")
                    };
                    let joined = self.lexemes.get(n + 1).is_some_and(|l| l.func("and"));
                    let other =
                        n + 1 + self.lexemes[(n + 1).min(self.lexemes.len())..].iter().take(4).take_while(skip).count();
                    let second =
                        self.lexemes.get(other).and_then(|l| l.sense(Class::Face)).filter(|f| joined && *f != "side");
                    if let (Some(second), Some(_)) = (second, side) {
                        self.reading.features[k].insets.push((Some(second), measure));
                        self.taken[other] = true;
                    }
                    self.taken[at] = true;
                    for m in at + 1..=n {
                        self.taken[m] = true;
                    }
                    break;
                }
                // "das duas arestas", "of the two edges": both of them.
                let both = lexeme.measure().is_some_and(|m| m.unit == Unit::None && m.value == 2.0);
                if both {
                    self.reading.features[k].each = true;
                    self.taken[n] = true;
                }
                let passes = ["the", "each", "a", "in", "at", "all"].iter().any(|f| lexeme.func(f))
                    || both
                    || lexeme.sense(Class::Stop).is_some();
                if !passes {
                    break;
                }
            }
        }
    }
}
