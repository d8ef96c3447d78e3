//! Nouns of features: which words name a hole, a fillet or a boss, also where the noun is a verb, a plain shape beside a part,
//! or unsaid; and how far what modifies them reaches to the left.

use super::Reader;
use crate::domain::{
    lexeme::{Item, Unit},
    lexicon::Class,
    state::Language,
};

impl Reader<'_> {
    pub(super) fn plural(&self, noun: usize) -> bool {
        self.original[self.lexemes[noun].span.clone()].ends_with(['s', 'S'])
    }

    pub(super) fn feature_at(&self, at: usize) -> Option<&'static str> {
        let lexeme = &self.lexemes[at];
        if let Some(kind) = lexeme.sense(Class::Feature) {
            if self.commands(at) {
                return None;
            }
            // "text" of a name plate is not a feature of it, nor a "cavity" a box.
            return (kind != "text").then_some(kind);
        }
        if self.heads_alone(at) {
            return Some("hole");
        }
        if let Some(kind) = self.made_on_the_body(at) {
            return Some(kind);
        }
        if let Some(kind) = self.radius_of_edges(at) {
            return Some(kind);
        }
        let verb = lexeme.sense(Class::Verb)?;
        // "drill right through, 9 mm, at the corners": no noun says what is drilled.
        if verb == "drill" && self.has_no_noun(at) {
            return Some("hole");
        }
        if verb == "shell" {
            return Some("shell");
        }
        if !matches!(verb, "fillet" | "chamfer") {
            return None;
        }
        let edge = |i: usize| {
            self.lexemes.get(i).is_some_and(|l| {
                l.sense(Class::Edges).is_some() || l.is(Class::Place, "corners") || l.is(Class::Place, "edge")
            })
        };
        let until = (at + 1..self.lexemes.len().min(at + 9)).take_while(|i| !self.lexemes[*i].is_break());
        (until.into_iter().any(edge) || (at.saturating_sub(2)..at).any(edge)).then_some(verb)
    }

    /// "put a 20 mm cylinder on top", "abra uma caixa de 40 por 30": a plain shape beside a part is added to it or cut out of it.
    pub(super) fn made_on_the_body(&self, at: usize) -> Option<&'static str> {
        let lexeme = &self.lexemes[at];
        let family = lexeme.sense(Class::Family).filter(|_| lexeme.sense(Class::Qualifier).is_none())?;
        let kind = match family.split('+').next().unwrap_or(family) {
            "cylinder" | "disc" | "spacer" | "standoff" => "boss",
            "block" | "plate" => "pad",
            "box" => "pocket",
            _ => return None,
        };
        let earlier = (0..at).any(|i| {
            self.lexemes[i].sense(Class::Family).is_some()
                || self.head == Some(i)
                || self.lexemes[i].is(Class::Qualifier, "base")
        });
        if !self.has_body && !earlier || self.reading.acts.restart || self.reading.acts.correct {
            return None;
        }
        // The words that are about it: its sentence, up to the next thing.
        let floor = self.regions.last().map_or(0, |r| r.noun + 1);
        let before = self.lexemes[floor.max(at.saturating_sub(8))..at]
            .iter()
            .rev()
            .take_while(|l| !matches!(l.item, Item::Break('.' | ';' | ':')));
        let after = self.lexemes[at + 1..].iter().take(16).take_while(|l| {
            !matches!(l.item, Item::Break('.' | ';'))
                && l.sense(Class::Feature).is_none()
                && l.sense(Class::Family).is_none()
        });
        let definite = at > 0 && self.lexemes[at - 1].func("the") && !self.lexemes[at - 1].func("a");
        let sized = after.clone().any(|l| l.measure().is_some() || matches!(l.item, Item::Group(_)))
            || at > 0
                && (self.lexemes[at - 1].measure().is_some() || matches!(self.lexemes[at - 1].item, Item::Group(_)))
            || at > 1 && self.lexemes[at - 2].measure().is_some();
        let serves = (at.saturating_sub(3)..at).any(|i| self.lexemes[i].func("for"));
        if definite || !sized || serves {
            return None;
        }
        let adds = before.clone().any(|l| l.act("add"));
        let placed = |l: &crate::domain::lexeme::Lexeme| {
            l.sense(Class::Face).is_some()
                || l.is(Class::Place, "corners")
                || l.is(Class::Place, "centre")
                || l.func("on")
        };
        let stands = before.clone().chain(after.clone()).any(placed);
        if kind == "pocket" {
            let deep = after.clone().any(|l| {
                l.is(Class::Axis, "depth") || l.is(Class::Adjective, "depth") || l.is(Class::Axis, "deepness")
            });
            let opens = before.clone().any(|l| {
                let said = self.original[l.span.clone()].to_lowercase();
                ["abr", "fres", "mill", "cav", "usin", "cut"].iter().any(|s| said.starts_with(s))
            });
            return (deep || opens).then_some(kind);
        }
        // Before a part exists the noun after "with" is not the part.
        (stands && (self.has_body || earlier) || adds && self.has_body).then_some(kind)
    }

    /// "counterbore 11 mm diameter 6 deep": the head of holes that are there.
    pub(super) fn heads_alone(&self, at: usize) -> bool {
        let head = matches!(self.lexemes[at].sense(Class::HoleKind), Some("countersunk" | "counterbored"));
        let noun =
            |l: &crate::domain::lexeme::Lexeme| l.sense(Class::Feature).is_some() || l.sense(Class::Family).is_some();
        head && self.has_body
            && self.reading.features.is_empty()
            && !self.lexemes.iter().any(noun)
            && self.lexemes.iter().any(|l| l.measure().is_some() || matches!(l.item, Item::Group(_)))
    }

    /// "R5 on the vertical corners", "raio de 6 nos cantos": a radius of edges rounds them.
    pub(super) fn radius_of_edges(&self, at: usize) -> Option<&'static str> {
        let lexeme = &self.lexemes[at];
        if !lexeme.is(Class::Axis, "radius") {
            return None;
        }
        let edge = |l: &crate::domain::lexeme::Lexeme| {
            l.sense(Class::Edges).is_some() || l.is(Class::Place, "corners") || l.is(Class::Place, "edge")
        };
        let after =
            self.lexemes[at + 1..].iter().take(6).take_while(|l| !l.is_break() && l.sense(Class::Feature).is_none());
        let led = after
            .clone()
            .take_while(|l| !edge(l))
            .any(|l| l.func("in") || l.func("on") || l.func("of") || l.func("at") || l.measure().is_some());
        let verbed = self.regions.last().is_some_and(|r| at - r.noun <= 8)
            && self.reading.features.last().is_some_and(|f| matches!(f.kind, "fillet" | "chamfer" | "pocket" | "slot"));
        // "the four corners with R6".
        let back = self.lexemes[..at]
            .iter()
            .rev()
            .take(6)
            .take_while(|l| !l.is_break() && l.sense(Class::Feature).is_none() && l.sense(Class::Family).is_none());
        let behind = back.clone().any(edge)
            && (at > 0
                && (self.lexemes[at - 1].func("with")
                    || self.lexemes[at - 1].func("to")
                    || self.lexemes[at - 1].func("of")));
        let numbered = self.lexemes.get(at + 1).is_some_and(|l| l.measure().is_some());
        ((after.clone().any(edge) && led || behind && numbered) && !verbed).then_some("fillet")
    }

    /// "... and one in the centre, 20 mm", "y otro de 6 mm": a hole whose noun is unsaid.
    pub(super) fn another_of_those(&self, at: usize) -> Option<&'static str> {
        let said = self.original[self.lexemes[at].span.clone()].to_lowercase();
        // "make the corner ones 6", "one more of those M5s at six o'clock".
        let those = self.has_body && self.reading.features.is_empty() && {
            let metric = self.lexemes[at].measure().is_some_and(|m| m.unit == Unit::Metric);
            let led = at > 0 && (self.lexemes[at - 1].func("the") || self.lexemes[at - 1].func("pieces"));
            let end = self.lexemes[at].span.end;
            said == "ones" || metric && led && self.original[end..].starts_with(['s', 'S'])
        };
        if those {
            return Some("hole");
        }
        let last = self.reading.features.last().filter(|f| matches!(f.kind, "hole" | "slot" | "pocket" | "boss"))?;
        let one =
            matches!(said.as_str(), "one" | "another" | "another one" | "uno" | "otro" | "um" | "outro" | "mais um");
        let before = at.checked_sub(1).map(|b| &self.lexemes[b])?;
        let led = before.func("and") || before.is_break() || before.func("with");
        let next = self.lexemes.get(at + 1)?;
        let central = next.sense(Class::HoleUse).is_some();
        let goes_on = central || next.func("of") || next.func("in") || next.func("on") || next.func("at");
        let rest = self.lexemes[at + 1..].iter().take(4);
        let named = rest.clone().any(|l| {
            [Class::Feature, Class::Family, Class::Axis].iter().any(|c| l.sense(*c).is_some())
                && l.sense(Class::HoleUse).is_none()
        });
        let sized = self.lexemes[at + 1..]
            .iter()
            .take(7)
            .any(|l| l.measure().is_some_and(|m| m.is_size() || m.unit == Unit::Metric));
        // "two slots, one 20 mm from the front edge and the other 20 mm from the back": where, not what else.
        let of_them = matches!(said.as_str(), "one" | "um" | "uno") && before.is_break() || before.func("the");
        let distance = (at + 1..self.lexemes.len().min(at + 9)).take_while(|i| !self.lexemes[*i].is_break()).any(|i| {
            self.lexemes[i].measure().is_some()
                && self.lexemes[i + 1..].iter().take(2).any(|l| l.func("of") || l.func("from"))
                && self.lexemes[i + 1..]
                    .iter()
                    .take(4)
                    .any(|l| l.is(Class::Place, "edge") || l.sense(Class::Face).is_some())
        });
        if of_them && distance {
            return None;
        }
        // "one in each corner" says where, not what else.
        let shared = self.lexemes[at + 1..].iter().take(4).any(|l| l.func("each") || l.is(Class::Place, "corners"));
        (one && led && goes_on && sized && !named && !shared).then_some(last.kind)
    }

    /// A verb of drilling whose clause sizes something and names no other feature.
    pub(super) fn has_no_noun(&self, at: usize) -> bool {
        // "drill 6 mm down through boss and plate": what it goes through is not what is drilled.
        let direct = self.lexemes[at + 1..].iter().take(2).find_map(|l| l.measure());
        let sized = direct.is_some_and(|m| m.unit != Unit::None || !m.is_count() || m.value > 4.0)
            && !self.lexemes[at + 1..].iter().take(3).any(|l| l.sense(Class::Feature).is_some());
        if sized {
            return true;
        }
        let clause =
            || self.lexemes[at + 1..].iter().take(12).take_while(|l| !matches!(l.item, Item::Break('.' | ';')));
        clause().any(|l| l.measure().is_some_and(|m| m.is_size() || m.unit == Unit::Metric))
            && !clause().take_while(|l| !l.is_break()).any(|l| {
                l.sense(Class::Feature).is_some()
                    || l.sense(Class::Verb).is_some()
                    // "along the axis", "por el eje": a line, not a thing.
                    || l.sense(Class::Family).is_some() && l.sense(Class::Qualifier).is_none()
            })
    }

    /// "Bore a 20 mm hole": a noun that opens a clause and leads to another feature's noun is a verb.
    pub(super) fn commands(&self, at: usize) -> bool {
        let opens = at == 0 || {
            let before = &self.lexemes[at - 1];
            before.is_break() || before.func("and") || before.sense(Class::Stop).is_some()
        };
        let clause = self.lexemes[at + 1..].iter().take(8).take_while(|l| !l.is_break());
        let led = self.lexemes.get(at + 1).is_some_and(|l| l.func("a") || l.func("the") || l.measure().is_some());
        opens
            && led
            && clause
                .into_iter()
                .any(|l| l.sense(Class::Feature).is_some_and(|k| matches!(k, "hole" | "drain" | "slot")))
    }

    pub(super) fn modifiers_start(&self, noun: usize, floor: usize) -> usize {
        // "10 de agujero": the size stands before its noun.
        if self.sized_before(noun) && noun >= floor + 2 && !self.taken[noun - 2] {
            return noun - 2;
        }
        let mut start = noun;
        let mut sized = false;
        while start > floor {
            let lexeme = &self.lexemes[start - 1];
            // "M5 medium-fit clearance holes".
            let fit = lexeme.sense(Class::Fit).is_some()
                || matches!(lexeme.item, Item::Unknown(_)) && self.language == Language::En;
            if fit && start >= floor + 2 && self.lexemes[start - 2].measure().is_some() && !self.taken[start - 2] {
                start -= 1;
                continue;
            }
            if self.taken[start - 1] {
                break;
            }
            let accepted = match &lexeme.item {
                Item::Measure(m) => match self.language {
                    // Sizes follow the noun in Portuguese and Spanish: only a count stands before it.
                    Language::Pt | Language::Es => {
                        // "ancho 22 agujero del eje 8.2": the number has a name already.
                        let named = start >= 2
                            && self.lexemes[start - 2].sense(Class::Axis).is_some()
                            && !self.plural(noun)
                            && m.value > 1.0;
                        !sized && !named && (m.unit == Unit::None && start == noun || self.english_order(noun))
                    }
                    Language::En => true,
                },
                Item::Group(members) => {
                    !sized
                        && start >= noun.saturating_sub(1)
                        && members.len() == 2
                        && (self.language == Language::En || self.english_order(noun))
                }
                Item::Phrase(_) => {
                    let adjective =
                        [Class::HoleKind, Class::HoleUse, Class::Adjective, Class::Axis, Class::Face, Class::Shade]
                            .iter()
                            .any(|c| lexeme.sense(*c).is_some());
                    (adjective || lexeme.sense(Class::Stop).is_some() || lexeme.func("x"))
                        && lexeme.sense(Class::Act).is_none()
                        && !lexeme.func("of")
                        && !lexeme.func("with")
                        && !lexeme.func("without")
                        && !lexeme.func("in")
                        && lexeme.sense(Class::Family).is_none()
                }
                Item::Unknown(_) => false,
                _ => false,
            };
            if !accepted {
                break;
            }
            start -= 1;
            if let Item::Measure(m) = &lexeme.item {
                sized |= matches!(self.language, Language::Pt | Language::Es);
                // A plain count opens the phrase: "four M3 holes".
                let named = self.lexemes.get(start + 1).is_some_and(|l| l.sense(Class::Adjective).is_some());
                if m.is_count() && !named {
                    break;
                }
            }
            if matches!(lexeme.item, Item::Group(_)) {
                break;
            }
        }
        // Words that qualify nothing of the feature do not open it.
        while start < noun
            && self.lexemes[start].measure().is_none()
            && self.lexemes[start].sense(Class::Stop).is_some()
        {
            start += 1;
        }
        start
    }

    /// "24 de diámetro y 10 de agujero": a size, "de" and the noun that it sizes, which no other number follows.
    pub(super) fn sized_before(&self, noun: usize) -> bool {
        let followed = self.lexemes.get(noun + 1).is_some_and(|l| l.func("of") || l.measure().is_some());
        self.language != Language::En
            && noun >= 2
            && self.lexemes[noun - 1].func("of")
            && self.lexemes[noun - 2].measure().is_some_and(|m| m.is_size() && !m.article)
            && !followed
    }

    /// The noun is an English one inside another language's turn.
    pub(super) fn english_order(&self, noun: usize) -> bool {
        match &self.lexemes[noun].item {
            Item::Phrase(senses) => senses.iter().all(|s| s.language == Some(Language::En)),
            _ => false,
        }
    }
}
