//! Features: which words are about a hole, a fillet or a slot, and what they say of it besides its sizes.

use super::{FeatureMention, Reader, Region};
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
                // "... standing on an 80 x 80 x 5 plate": the size right before the body is the body's.
                let sized = head > region.noun + 1 && matches!(self.lexemes[head - 1].item, Item::Group(_));
                region.end = head - usize::from(sized);
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
