//! What is read across a sentence: questions that change nothing, corrections of one value by another, a value chosen
//! within a range, and how many copies of the part are wanted.

use super::Reader;
use crate::domain::{
    lexeme::{Item, Unit},
    lexicon::Class,
};

impl Reader<'_> {
    /// "30, not 20", "the 6 was a 7", "it was not 20 but 18".
    pub(super) fn corrections(&mut self) {
        for at in 0..self.lexemes.len() {
            let said = |at: usize| {
                self.lexemes.get(at).map(|l| self.original[l.span.clone()].to_lowercase()).unwrap_or_default()
            };
            let was = |at: usize| matches!(said(at).as_str(), "era" | "eram" | "eran" | "was" | "were");
            let measure = |at: usize| self.lexemes.get(at).and_then(|l| l.measure()).filter(|m| !m.article);
            let Some(wrong) = measure(at).filter(|_| self.free(at)).cloned() else { continue };
            let sino = matches!(said(at + 1).as_str(), "sino" | "but" | "mas")
                && measure(at + 2).is_some()
                && at > 0
                && (was(at - 1) || self.lexemes[at - 1].func("is") || self.lexemes[at - 1].func("not"));
            let skip = at + 2 + usize::from(self.lexemes.get(at + 2).is_some_and(|l| l.func("a") || l.func("the")));
            let meant = was(at + 1) && measure(skip).is_some();
            if self.has_body && (sino || meant) {
                self.reading.not.push(wrong);
                self.taken[at] = true;
                self.reading.acts.correct = true;
            }
        }
        for at in 0..self.lexemes.len() {
            if !self.lexemes[at].func("not") {
                continue;
            }
            if let Some(measure) = self.lexemes.get(at + 1).and_then(|l| l.measure()) {
                self.reading.not.push(measure.clone());
                self.taken[at + 1] = true;
                self.reading.acts.correct = true;
            }
        }
    }

    /// A sentence that only asks changes nothing: what it names is what it is about. One that holds a number or a verb
    /// of changing is a request in the form of a question.
    pub(super) fn questions(&mut self) {
        for mark in 0..self.lexemes.len() {
            if !matches!(self.lexemes[mark].item, Item::Break('?')) {
                continue;
            }
            let start = (0..mark)
                .rev()
                .find(|at| matches!(self.lexemes[*at].item, Item::Break('.' | '!' | '?' | ';')))
                .map_or(0, |at| at + 1);
            let sentence = &self.lexemes[start..mark];
            let asks = sentence.iter().any(|l| l.act("ask"));
            let requests = sentence.iter().any(|l| {
                ["add", "remove", "change", "create", "increase", "decrease", "undo", "redo", "restart"]
                    .iter()
                    .any(|act| l.act(act))
                    || l.sense(Class::Verb).is_some()
                    || l.sense(Class::More).is_some()
                    || l.sense(Class::Less).is_some()
            });
            // "do you do two colours?" counts what the part does not have.
            let measured = sentence.iter().enumerate().any(|(n, l)| {
                let counts = l.measure().is_some_and(|m| m.unit == Unit::None)
                    && sentence
                        .get(n + 1)
                        .is_some_and(|next| matches!(next.item, Item::Unknown(_)) || next.func("coloured"));
                matches!(&l.item, Item::Group(_))
                    || l.measure().is_some_and(|m| !matches!(m.unit, Unit::Other | Unit::Volume)) && !counts
            });
            if !self.has_body || measured && !asks || requests {
                continue;
            }
            self.reading.acts.ask = true;
            self.reading.only_asks = start == 0 && self.lexemes[mark..].iter().all(|l| l.is_break());
            for at in start..mark {
                let lexeme = &self.lexemes[at];
                let kept = lexeme.sense(Class::Axis).is_some() || lexeme.sense(Class::Adjective).is_some();
                self.taken[at] |= !kept;
            }
        }
    }

    /// "about 50 long, anything from 48 to 52 will do": the speaker chose.
    pub(super) fn chosen_in_range(&mut self) {
        let Some((from, to)) = self.reading.range else { return };
        let named = self.reading.named.iter().map(|(_, m)| m);
        let chosen = named.chain(&self.reading.loose).any(|m| m.is_size() && m.value >= from && m.value <= to);
        if chosen {
            self.reading.range = None;
        }
    }

    /// How many of the whole part.
    pub(super) fn copies(&mut self) {
        let count = |at: usize| {
            self.lexemes.get(at).and_then(|l| l.measure()).filter(|m| m.is_count() && m.value >= 0.0 && !m.article)
        };
        let mut found = None;
        for at in 0..self.lexemes.len() {
            let lexeme = &self.lexemes[at];
            let before = at.checked_sub(1).map(|b| &self.lexemes[b]);
            let after = self.lexemes.get(at + 1);
            let Some(_) = count(at).filter(|_| self.free(at)) else { continue };
            let set = before.is_some_and(|b| b.func("set"));
            let named = before.is_some_and(|b| b.func("quantity"))
                || (before.is_some_and(|b| b.func("is") || b.func("of") || matches!(b.item, Item::Break(':' | '=')))
                    && at >= 2
                    && self.lexemes[at - 2].func("quantity"));
            let pieces = after.is_some_and(|l| l.func("pieces"))
                || (after.is_some_and(|l| l.func("of"))
                    && self.lexemes.get(at + 2).is_some_and(|l| l.func("pieces") || l.func("it")));
            let times = before.is_some_and(|b| b.func("x"))
                && (at < 2
                    || self.lexemes[at - 2].measure().is_none() && self.lexemes[at - 2].sense(Class::Axis).is_none())
                && !after.is_some_and(|l| l.sense(Class::Axis).is_some() || l.sense(Class::Adjective).is_some());
            let crossed =
                after.is_some_and(|l| l.func("x")) && (self.head == Some(at + 2) || at + 2 >= self.lexemes.len());
            // "quero 4", "make three" with nothing else said.
            let wanted = before.is_some_and(|b| b.act("create"))
                && (after
                    .is_none_or(|l| l.is_break() || l.sense(Class::Stop).is_some() || l.func("and") || l.func("in")))
                && (self.has_body || self.head.is_some_and(|head| head < at));
            // "print me four in orange".
            let wanted = wanted
                || self.has_body
                    && self.head.is_none()
                    && after.is_some_and(|l| l.func("in") || l.func("of"))
                    && self.lexemes[..at].iter().rev().take(2).any(|l| l.act("create"));
            // "PLA branco, três", "white, four of them": a count by itself among the part's attributes.
            let alone = before.is_none_or(|b| b.is_break() || b.func("and") || b.func("is"))
                && after.is_none_or(|l| l.is_break() || l.func("in") && self.bare_in(at + 1))
                && self.has_body
                && self.head.is_none()
                && self.regions.is_empty()
                && (self.reading.material.is_some() || self.reading.colour.is_some())
                && self.lexemes.iter().filter(|l| matches!(l.item, Item::Measure(_) | Item::Group(_))).count() == 1;
            // "..., meia dúzia": dozens and pairs count things.
            let dozens = ["dozen", "duzia", "dúzia", "docena", "dezena", "decena"];
            let said = self.original[lexeme.span.clone()].to_lowercase();
            let dozen = dozens.iter().any(|d| said.contains(d))
                && after.is_none_or(|l| l.is_break() || l.func("in") || l.func("of") || l.func("please"));
            // "preciso de quatro", "run five".
            let wanted = wanted
                || self.has_body
                    && at >= 2
                    && before.is_some_and(|b| b.sense(Class::Stop).is_some())
                    && self.lexemes[at - 2].act("create")
                    && after.is_none_or(|l| l.is_break())
                || before.is_some_and(|b| b.func("of"))
                    && at >= 2
                    && self.lexemes[at - 2].act("create")
                    && after.is_none_or(|l| l.is_break())
                    && self.has_body;
            let one_for_each = count(at).is_some_and(|m| m.value > 1.0)
                && self.lexemes[..at].iter().rev().take(5).any(|l| l.func("each"))
                && self.lexemes[..at].iter().rev().take(6).any(|l| l.func("for"))
                && self.regions.is_empty()
                && self.has_body;
            if (set || named || pieces || times || crossed || wanted || alone || one_for_each || dozen)
                && self.owner(at).is_none_or(|_| set || named || pieces || wanted || alone || dozen)
            {
                found = Some(at);
            }
        }
        if found.is_none()
            && let Some(head) = self.head
        {
            found = self.count_before(head);
        }
        if let Some(at) = found {
            self.reading.copies = count(at).cloned();
            self.taken[at] = true;
        }
    }

    /// "five red 20 mm cubes", "uma dúzia de arruelas".
    fn count_before(&self, head: usize) -> Option<usize> {
        let mut best = None;
        for at in (0..head).rev() {
            let lexeme = &self.lexemes[at];
            match &lexeme.item {
                Item::Measure(m) if m.is_count() && !m.article && self.free(at) && self.owner(at).is_none() => {
                    let named = self
                        .lexemes
                        .get(at + 1)
                        .is_some_and(|l| l.sense(Class::Adjective).is_some() || l.sense(Class::Axis).is_some());
                    // "a 20 cube" has a size; "20 teeth gear" a number of teeth.
                    let of =
                        at > 1 && self.lexemes[at - 1].func("of") && self.lexemes[at - 2].sense(Class::Act).is_none();
                    let article = of || at > 0 && self.lexemes[at - 1].func("a");
                    return (!named && !article).then_some(at);
                }
                Item::Measure(_) | Item::Group(_) => {}
                Item::Phrase(_) => {
                    let passes = [
                        Class::Stop,
                        Class::Colour,
                        Class::Material,
                        Class::Adjective,
                        Class::Axis,
                        Class::Shade,
                        Class::Family,
                    ]
                    .iter()
                    .any(|c| lexeme.sense(*c).is_some())
                        || lexeme.func("of")
                        || lexeme.func("set");
                    if !passes {
                        break;
                    }
                }
                Item::Unknown(_) => {}
                _ => break,
            }
            best = best.or(None);
        }
        best
    }
}
