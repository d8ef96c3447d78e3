//! Features: which words are about a hole, a fillet or a slot, and what they say of it besides its sizes.

use super::{FeatureMention, Reader, Region, Which};
use crate::domain::{
    lexeme::{Item, Unit},
    lexicon::Class,
    state::Language,
};

impl Reader<'_> {
    /// Finds the nouns and how far their modifiers reach to the left.
    pub(super) fn feature_regions(&mut self) {
        for noun in 0..self.lexemes.len() {
            if self.taken[noun] {
                continue;
            }
            let elliptic = self.another_of_those(noun);
            let Some(kind) = self.feature_at(noun).or(elliptic) else { continue };
            // "a fillet", "rounded edges": an edge verb and its noun are one feature.
            if let Some(last) = self.regions.last()
                && noun - last.noun <= 3
                && self.reading.features.last().is_some_and(|f| f.kind.split('+').next() == kind.split('+').next())
                && !self.lexemes[last.noun..noun].iter().any(|l| l.func("and") || l.is_break())
                && matches!(kind.split('+').next(), Some("fillet" | "chamfer"))
            {
                continue;
            }
            // "centre of the hole", "through the middle of the boss": the thing is a landmark here.
            let landmark = (noun.saturating_sub(3)..noun).any(|of| {
                self.lexemes[of].func("of")
                    && of > 0
                    && self.lexemes[of - 1].is(Class::Place, "centre")
                    && self.lexemes[of + 1..noun].iter().all(|l| l.func("the"))
            });
            let passed = !self.reading.features.is_empty()
                && (noun.saturating_sub(4)..noun).any(|i| {
                    self.lexemes[i].is(Class::HoleKind, "through")
                        && self.lexemes[i + 1..noun]
                            .iter()
                            .all(|l| l.func("the") || l.func("and") || l.sense(Class::Family).is_some() || l.func("of"))
                });
            // "the middle of each slot 25 mm from the end": the slots that this clause named.
            let again = noun > 0
                && (self.lexemes[noun - 1].func("each")
                    || self.lexemes[noun - 1].func("the") && !self.lexemes[noun - 1].func("a"))
                && self.reading.features.last().is_some_and(|f| f.kind == kind.split('+').next().unwrap_or(kind))
                && !self.lexemes[self.regions.last().map_or(0, |r| r.noun)..noun]
                    .iter()
                    .any(|l| l.act("add") || l.act("change"));
            if passed || again {
                self.taken[noun] = true;
                continue;
            }
            if landmark && !self.reading.features.is_empty() {
                self.taken[noun] = true;
                continue;
            }
            // "furação de seis furos", "rasgos oblongos": one thing under two names.
            if let Some(last) = self.regions.last()
                && self.reading.features.last().is_some_and(|f| f.kind == kind.split('+').next().unwrap_or(kind))
            {
                let between = &self.lexemes[last.noun + 1..noun];
                let twice = between.is_empty()
                    || between.len() <= 2
                        && between[0].func("of")
                        && between[1..].iter().all(|l| l.measure().is_some_and(|m| m.is_count()));
                if twice {
                    let start = if between.is_empty() { last.start } else { last.noun + 2 };
                    let (noun_before, plural) = (last.noun, self.plural(noun));
                    if let (Some(region), Some(feature)) = (self.regions.last_mut(), self.reading.features.last_mut()) {
                        (region.start, region.noun) = (start, noun);
                        feature.plural |= plural;
                    }
                    (self.taken[noun_before], self.taken[noun]) = (true, true);
                    continue;
                }
            }
            let floor = self.regions.last().map_or(0, |r| r.noun + 1);
            let start = self.modifiers_start(noun, floor);
            self.regions.push(Region { start, noun, end: self.lexemes.len() });
            let named = kind.split_once('+');
            let mut mention =
                FeatureMention { kind: named.map_or(kind, |n| n.0), edges: named.map(|n| n.1), ..Default::default() };
            let said = self.original[self.lexemes[noun].span.clone()].to_lowercase();
            let heads = self.heads_alone(noun);
            let ones = said == "ones" || heads;
            mention.another |= elliptic.is_some() && !ones;
            mention.plural = elliptic.is_none() && self.plural(noun) || ones;
            mention.definite = ones;
            if heads {
                mention.hole_kind = self.lexemes[noun].sense(Class::HoleKind);
            }
            mention.negated = self.refused(start) || self.refused(noun);
            self.reading.features.push(mention);
            self.taken[noun] = true;
        }
    }

    fn plural(&self, noun: usize) -> bool {
        self.original[self.lexemes[noun].span.clone()].ends_with(['s', 'S'])
    }

    fn feature_at(&self, at: usize) -> Option<&'static str> {
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
    fn made_on_the_body(&self, at: usize) -> Option<&'static str> {
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
    fn heads_alone(&self, at: usize) -> bool {
        let head = matches!(self.lexemes[at].sense(Class::HoleKind), Some("countersunk" | "counterbored"));
        let noun =
            |l: &crate::domain::lexeme::Lexeme| l.sense(Class::Feature).is_some() || l.sense(Class::Family).is_some();
        head && self.has_body
            && self.reading.features.is_empty()
            && !self.lexemes.iter().any(noun)
            && self.lexemes.iter().any(|l| l.measure().is_some() || matches!(l.item, Item::Group(_)))
    }

    /// "R5 on the vertical corners", "raio de 6 nos cantos": a radius of edges rounds them.
    fn radius_of_edges(&self, at: usize) -> Option<&'static str> {
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

    /// "a 30 mm da borda esquerda": "de" leads from a distance to the side that it is measured from.
    fn measured_from(&self, at: usize) -> bool {
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

    /// "... and one in the centre, 20 mm", "y otro de 6 mm": a hole whose noun is unsaid.
    fn another_of_those(&self, at: usize) -> Option<&'static str> {
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
    fn has_no_noun(&self, at: usize) -> bool {
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
    fn commands(&self, at: usize) -> bool {
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

    fn modifiers_start(&self, noun: usize, floor: usize) -> usize {
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
    fn sized_before(&self, noun: usize) -> bool {
        let followed = self.lexemes.get(noun + 1).is_some_and(|l| l.func("of") || l.measure().is_some());
        self.language != Language::En
            && noun >= 2
            && self.lexemes[noun - 1].func("of")
            && self.lexemes[noun - 2].measure().is_some_and(|m| m.is_size() && !m.article)
            && !followed
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

    /// The noun is an English one inside another language's turn.
    fn english_order(&self, noun: usize) -> bool {
        match &self.lexemes[noun].item {
            Item::Phrase(senses) => senses.iter().all(|s| s.language == Some(Language::En)),
            _ => false,
        }
    }

    /// "no hub, 8 bore": a number before one thing is no count of it.
    pub(super) fn counted_sizes(&mut self) {
        for (mention, region) in self.reading.features.iter_mut().zip(&self.regions) {
            // "a 6-hole plate" counts.
            if self.lexemes.get(region.noun + 1).is_some_and(|l| l.sense(Class::Family).is_some()) {
                continue;
            }
            let sized = mention.sizes.is_some()
                || !mention.loose.is_empty()
                || mention.named.iter().any(|(n, _)| !matches!(n.axis, Some("depth" | "pcd" | "pitch")));
            let spread = mention.corners || mention.row || mention.grid || mention.each || !mention.clock.is_empty();
            if mention.kind == "hole" && !mention.plural && !sized && !spread && !mention.another {
                let several = |m: &&mut Option<crate::domain::lexeme::Measure>| {
                    m.as_ref().is_some_and(|m| m.value > 1.0 && !m.article)
                };
                mention.loose.extend(Some(&mut mention.count).filter(several).and_then(Option::take));
            }
        }
    }

    /// A region ends where the next begins, or at the noun of the body.
    pub(super) fn close_regions(&mut self) {
        let starts: Vec<usize> = self.regions.iter().map(|r| r.start).collect();
        for (k, region) in self.regions.iter_mut().enumerate() {
            // "a 3 x 3 grid of 4 mm holes".
            let grid =
                (region.start.saturating_sub(3)..region.start).find(|i| self.lexemes[*i].is(Class::Place, "grid"));
            if let Some(grid) = grid
                && grid > 0
                && matches!(self.lexemes[grid - 1].item, Item::Group(_))
            {
                region.start = grid - 1;
                if let (Item::Group(members), Some(feature)) =
                    (&self.lexemes[grid - 1].item, self.reading.features.get_mut(k))
                {
                    feature.sizes = Some(members.clone());
                    feature.grid = true;
                    self.taken[grid - 1] = true;
                }
            }
            // "a grid of 4 by 3 holes", "una cuadrícula de 4 por 3 agujeros".
            let counts = (region.start.saturating_sub(2)..region.noun).find(|i| {
                matches!(&self.lexemes[*i].item, Item::Group(members) if members.len() == 2)
                    && (i.saturating_sub(2)..*i).any(|g| self.lexemes[g].is(Class::Place, "grid"))
            });
            if let Some(at) = counts.filter(|at| !self.taken[*at])
                && let (Item::Group(members), Some(feature)) =
                    (&self.lexemes[at].item, self.reading.features.get_mut(k))
            {
                (feature.sizes, feature.grid) = (Some(members.clone()), true);
                self.taken[at] = true;
            }
            region.end = starts.get(k + 1).copied().unwrap_or(self.lexemes.len());
            if let Some(head) = self.head
                && head > region.noun
                && head < region.end
                // "the top edges of the plate, radius 8" goes on.
                && !(self.has_body
                    && self.lexemes[head - 1..head].iter().any(|l| l.func("of") || l.func("the") && !l.func("a")))
            {
                region.end = head;
            }
        }
    }

    /// Everything about a feature that is not a size.
    pub(super) fn feature_words(&mut self) {
        for k in 0..self.regions.len() {
            let Region { start, noun, end } = self.regions[k].clone();
            self.rows(k, start, end);
            self.count(k, start, noun);
            let before = start.checked_sub(1).map(|b| &self.lexemes[b]);
            let within = |f: &str| self.lexemes[start..noun].iter().any(|l| l.func(f));
            let definite =
                before.is_some_and(|l| l.func("the") && !l.func("a") || self.ends_in_article(l)) || within("the");
            let ordinal = |l: &crate::domain::lexeme::Lexeme| {
                let said = self.original[l.span.clone()].to_lowercase();
                matches!(
                    said.as_str(),
                    "second" | "segundo" | "segunda" | "third" | "terceiro" | "tercero" | "identical"
                )
            };
            let alike = |l: &crate::domain::lexeme::Lexeme| {
                let said = self.original[l.span.clone()].to_lowercase();
                ["same size", "same", "identical", "igual", "iguais", "iguales", "mesmo tamanho", "idénti", "idênti"]
                    .iter()
                    .any(|s| said.starts_with(s))
            };
            let as_well = !definite
                && !self.lexemes.iter().any(|l| l.act("change"))
                && self.has_body
                && self.lexemes[start.saturating_sub(3)..end].iter().any(alike)
                && !self.lexemes[start..end].iter().any(|l| l.act("change"));
            let another = as_well
                || self.lexemes[start.saturating_sub(4)..noun]
                    .iter()
                    .rev()
                    .take_while(|l| !l.is_break())
                    .any(|l| l.act("add") || ordinal(l) && !within("the"));
            let from_edge: Vec<bool> = (start..end).map(|at| self.measured_from(at)).collect();
            let corner_sides: Vec<bool> = (start..end)
                .map(|at| {
                    self.lexemes[at].sense(Class::Face).is_some()
                        && !self.measured_from(at)
                        && self.sides_of_a_corner(at)
                })
                .collect();
            // "posts, each with a 3 mm hole", "torretas con agujero de 3 en cada una".
            let before_noun = k.checked_sub(1).map_or(start, |p| self.regions[p].noun + 1);
            let each_of_them = k > 0
                && self.lexemes[before_noun..start]
                    .iter()
                    .rev()
                    .take(4)
                    .take_while(|l| !l.is_break())
                    .any(|l| l.func("each"));
            let inner = self.lexemes[before_noun..start].iter().rev().take(4).take_while(|l| !l.is_break()).any(|l| {
                let said = self.original[l.span.clone()].to_lowercase();
                ["inner", "inside", "internal", "intern", "interior"].iter().any(|s| said.starts_with(s))
            });
            let which = self.which(start, noun);
            let indefinite = before.is_some_and(|l| l.func("a") || l.act("add") || l.func("with")) || within("a");
            // "Counterbore four M6 holes": the verb opens the phrase.
            let opening =
                start.checked_sub(1).filter(|b| self.free(*b)).and_then(|b| self.lexemes[b].sense(Class::HoleKind));
            if let Some(b) = start.checked_sub(1).filter(|_| opening.is_some()) {
                self.taken[b] = true;
            }
            let mention = &mut self.reading.features[k];
            mention.hole_kind = mention.hole_kind.or(opening);
            mention.indefinite = indefinite;
            mention.inside |= inner;
            mention.definite |= definite;
            mention.another |= another;
            mention.in_each |= each_of_them;
            mention.which = which;
            for at in start..end {
                let lexeme = &self.lexemes[at];
                if at == noun {
                    if let Some(edges) = lexeme.sense(Class::Edges) {
                        mention.edges = mention.edges.or(Some(edges));
                    }
                    continue;
                }
                if self.taken[at] {
                    continue;
                }
                if corner_sides[at - start] {
                    mention.corner.extend(lexeme.sense(Class::Face));
                    self.taken[at] = true;
                    continue;
                }
                let mut used = true;
                // "the right ... I mean the front side".
                if lexeme.act("correct") {
                    mention.faces.clear();
                }
                // A distance from an edge names a side without being on it.
                let straight = self.lexemes.get(at + 1).is_some_and(|l| l.sense(Class::HoleKind).is_some())
                    && self.language == Language::En;
                let distance = self.lexemes[noun.min(at)..at].iter().rev().take(3).any(|l| l.func("from"))
                    || straight && lexeme.sense(Class::Face).is_some()
                    || lexeme.sense(Class::Face).is_some() && from_edge[at - start];
                // "12 de fundo" is how deep.
                let deep = at >= 2
                    && lexeme.sense(Class::Adjective).is_some()
                    && self.lexemes[at - 1].func("of")
                    && self.lexemes[at - 2].measure().is_some();
                let said = self.original[lexeme.span.clone()].to_lowercase();
                mention.inside |=
                    ["inner", "inside", "internal", "intern", "interior"].iter().any(|s| said.starts_with(s));
                if let Some(kind) = lexeme.sense(Class::HoleKind) {
                    // "don't break through"; a head or a thread says more than "through".
                    let refused = self.lexemes[start.max(at.saturating_sub(3))..at]
                        .iter()
                        .any(|l| l.func("not") || self.original[l.span.clone()].eq_ignore_ascii_case("don't"));
                    let kind = if kind == "through" && refused { "blind" } else { kind };
                    let weak = matches!(kind, "through" | "blind") && mention.hole_kind.is_some();
                    if !weak || mention.hole_kind == Some("through") && kind == "blind" {
                        mention.hole_kind = Some(kind);
                    }
                } else if let Some(edges) =
                    lexeme.sense(Class::Edges).filter(|_| matches!(mention.kind, "fillet" | "chamfer"))
                {
                    mention.edges = mention.edges.or(Some(edges));
                } else if lexeme.is(Class::Place, "centre") || lexeme.is(Class::HoleUse, "central") {
                    let of = self.language != Language::En
                        && at >= 2
                        && self.lexemes[at - 1].func("of")
                        && self.lexemes[at - 2].measure().is_some();
                    mention.centre |= !distance && !of;
                    used = !distance && !of;
                } else if lexeme.is(Class::Place, "corners")
                    && matches!(mention.kind, "pocket" | "slot")
                    && at > noun
                    && !self.lexemes[noun..at]
                        .iter()
                        .rev()
                        .take(3)
                        .any(|l| l.func("in") || l.func("at") || l.func("each"))
                {
                    // "the corners of the pocket" are its own.
                } else if lexeme.is(Class::Place, "corners") && !distance {
                    mention.corners = true;
                    // "each corner" is all of them.
                    let said = self.original[lexeme.span.clone()].to_lowercase();
                    mention.plural |= !matches!(said.as_str(), "corner" | "canto" | "quina" | "esquina");
                    if matches!(mention.kind, "fillet" | "chamfer") {
                        mention.edges = mention.edges.or(Some("vertical"));
                    }
                } else if lexeme.is(Class::Place, "lengthwise") || lexeme.is(Class::Place, "crosswise") {
                    // "centred along the length", "midway front to back" say where, not which way.
                    let said = self.original[self.lexemes[at - 1].span.clone()].to_lowercase();
                    let midway = ["midway", "halfway", "mid", "metade", "mitad"].contains(&said.as_str());
                    let centred = midway || self.lexemes[at - 1].is(Class::Place, "centre");
                    let way = if lexeme.is(Class::Place, "lengthwise") { "along" } else { "across" };
                    if !centred {
                        mention.direction = mention.direction.or(Some(way));
                    }
                } else if lexeme.is(Class::Place, "row") {
                    mention.row = true;
                } else if lexeme.is(Class::Place, "grid") {
                    mention.grid = true;
                } else if lexeme.is(Class::Place, "evenly") {
                    mention.evenly = true;
                } else if lexeme.func("each") {
                    mention.each = true;
                    used = false;
                } else if lexeme.is(Class::Qualifier, "lid") && at > 0 && mention.kind != "drain" {
                    mention.lid =
                        self.lexemes[noun.min(at)..at].iter().rev().take(2).any(|l| l.func("in") || l.func("on"));
                    used = false;
                } else if let Some(face) =
                    lexeme.sense(Class::Face).filter(|_| !distance && lexeme.sense(Class::Axis).is_none() && !deep)
                {
                    let led = at > noun
                        && self.lexemes[noun.min(at)..at].iter().rev().take(3).any(|l| {
                            ["in", "on", "at", "of"].iter().any(|f| l.func(f)) || l.sense(Class::Stop).is_some()
                        });
                    let adverb = matches!(&lexeme.item, Item::Phrase(s) if s.iter().any(|s| s.class == Class::Face))
                        && at > noun;
                    if led || adverb || at < noun {
                        mention.faces.push(face);
                        if matches!(mention.kind, "fillet" | "chamfer") && matches!(face, "top" | "bottom") {
                            mention.edges = mention.edges.or(Some(face));
                        }
                    }
                    // "the 80 mm base": a face that is also a piece of the part may still name a size.
                    used = lexeme.sense(Class::Qualifier).is_none();
                } else {
                    used = false;
                }
                self.taken[at] = used;
            }
        }
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
    fn sides_of_a_corner(&self, at: usize) -> bool {
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
    fn rows(&mut self, k: usize, start: usize, end: usize) {
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

    fn count(&mut self, k: usize, start: usize, noun: usize) {
        for at in start..noun {
            if self.taken[at] {
                continue;
            }
            match &self.lexemes[at].item {
                Item::Measure(_) if at + 2 == noun && self.sized_before(noun) => return,
                Item::Measure(m) if m.is_count() => {
                    let named = self
                        .lexemes
                        .get(at + 1)
                        .is_some_and(|l| l.sense(Class::Adjective).is_some() || l.sense(Class::Axis).is_some());
                    // "a 6-hole plate" counts; "a 10 hole" measures.
                    let compound =
                        at + 1 == noun && self.lexemes.get(noun + 1).is_some_and(|l| l.sense(Class::Family).is_some());
                    let article = at > 0 && self.lexemes[at - 1].func("a") && !compound;
                    if !named && !article {
                        self.reading.features[k].count = Some(m.clone());
                        self.taken[at] = true;
                    }
                    return;
                }
                // "a 1 mm by 45 chamfer".
                Item::Group(members) if members.len() == 2 && self.reading.features[k].kind == "chamfer" => {
                    self.reading.features[k].loose.push(members[0].clone());
                    self.taken[at] = true;
                    return;
                }
                // "4 x 5 mm holes".
                Item::Group(members)
                    if members.len() == 2
                        && !matches!(self.reading.features[k].kind, "slot" | "pocket")
                        && members[0].factor == members[1].factor
                        && (members[0].value / members[0].factor).fract() == 0.0 =>
                {
                    let mut count = members[0].clone();
                    count.value /= count.factor;
                    count.unit = Unit::None;
                    self.reading.features[k].count = Some(count);
                    self.reading.features[k].loose.push(members[1].clone());
                    self.taken[at] = true;
                    return;
                }
                Item::Group(members) => {
                    self.reading.features[k].sizes = Some(members.clone());
                    self.taken[at] = true;
                    return;
                }
                _ => {}
            }
        }
    }
}
