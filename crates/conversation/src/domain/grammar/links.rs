//! Sizes: which name each number belongs to, which numbers are changes in proportion, which are distances from edges.
//!
//! A number is linked to the name before it ("altura de 10 cm") or after it ("10 cm tall"). Both may be near; the
//! assignment with the least total cost over the whole turn wins, each name serving one number.

use super::{Reader, Relative, proportions::change_by};
use crate::domain::{
    lexeme::{Item, Lexeme, Measure, Unit},
    lexicon::Class,
    resolve::Name,
};

/// A size's name as it stands in the turn.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) name: Name,
    /// "tall" against "height": an adjective follows its number.
    pub(super) adjective: bool,
    pub(super) used: bool,
}

/// What leaving a number without a name costs.
const UNLINKED: f64 = 3.0;

impl Reader<'_> {
    pub(super) fn sizes(&mut self) {
        let mut names = self.size_names();
        self.equals(&mut names);
        self.shares(&mut names);
        self.comparatives(&mut names);
        self.insets();
        let measures: Vec<usize> = (0..self.lexemes.len())
            .filter(|at| {
                self.free(*at) && self.lexemes[*at].measure().is_some_and(|m| !m.article || m.unit != Unit::None)
            })
            .collect();
        let mut links = self.assign(&measures, &names);
        self.only_one(&measures, &mut names, &mut links);
        for (measure, link) in measures.iter().zip(links) {
            let Some(n) = link else { continue };
            names[n].used = true;
            let name = self.completed(&mut names, n, *measure);
            self.file(*measure, name);
            self.shared(&mut names, n, *measure);
        }
        self.groups(&mut names);
        for at in measures {
            if !self.taken[at]
                && let Some(measure) = self.lexemes[at].measure().cloned()
            {
                self.taken[at] = true;
                // "then every 15 mm" is how far apart they are.
                let said = at.checked_sub(1).map(|b| self.original[self.lexemes[b].span.clone()].to_lowercase());
                let every = said.is_some_and(|s| ["every", "each", "cada", "a cada"].contains(&s.as_str()))
                    && self.lexemes[at - 1].func("each")
                    && measure.is_size()
                    && self.owner(at).is_some_and(|k| {
                        let feature = &self.reading.features[k];
                        feature.plural || feature.count.as_ref().is_some_and(|c| c.value > 1.0)
                    });
                match self.owner(at) {
                    Some(k) if every => self.reading.features[k].named.push((Name::axis("pitch"), measure)),
                    None if self.up_or_down(at, &measure) => {}
                    None if self.taken_off(at, &measure, &names) => {}
                    Some(k) if self.of_the_head(k, at) && measure.is_size() => {
                        let axis = match self.reading.features[k].named.iter().any(|(n, _)| n.qualifier == Some("head"))
                        {
                            true => "depth",
                            false => "diameter",
                        };
                        let head = Name { axis: Some(axis), qualifier: Some("head") };
                        self.reading.features[k].named.push((head, measure));
                    }
                    None if self.goes_over(at) => self.reading.named.push((Name::axis("inner"), measure)),
                    Some(k) => self.reading.features[k].loose.push(measure),
                    None => self.reading.loose.push(measure),
                }
            }
        }
        self.factors(&names);
        self.reading.names = names.iter().filter(|n| !n.used).map(|n| n.name).collect();
    }

    /// Names of sizes: an axis, a piece of the part, or both ("diameter of the base", "wall thickness").
    fn size_names(&self) -> Vec<Named> {
        let mut names: Vec<Named> = Vec::new();
        let mut at = 0;
        while at < self.lexemes.len() {
            let Some((name, adjective)) = self.name_at(at) else {
                at += 1;
                continue;
            };
            let mut named = Named { start: at, end: at + 1, name, adjective, used: false };
            loop {
                let joined = self.lexemes[named.end..]
                    .iter()
                    .take(2)
                    .take_while(|l| ["of", "the", "at", "in", "on"].iter().any(|f| l.func(f)) && l.measure().is_none())
                    .count();
                let Some((next, more)) = self.name_at(named.end + joined) else { break };
                // "diâmetro externo parede 2": two names beside each other, not one.
                // "15 cm de diâmetro em cima": the number is before it, so the end is its own.
                let end = matches!(next.qualifier, Some("top" | "bottom"))
                    && next.axis.is_none()
                    && self.lexemes[..named.start].iter().rev().take(2).any(|l| l.measure().is_some());
                if named.name.axis.is_some() && next.qualifier.is_some() && joined == 0 && !named.adjective && !end {
                    break;
                }
                // "twenty high walls two and a half": each number has a name of its own.
                if named.adjective
                    && next.qualifier.is_some()
                    && joined == 0
                    && self.language == crate::domain::state::Language::En
                    && named.start > 0
                    && self.lexemes[named.start - 1].measure().is_some()
                    && self.lexemes.get(named.end + 1).is_some_and(|l| l.measure().is_some())
                {
                    break;
                }
                // "a slot 10 mm wide on the top": the place of a feature is no part of its size's name.
                if named.adjective && next.qualifier.is_some() && joined > 0 && self.owner(named.start).is_some() {
                    break;
                }
                let merged = Name {
                    axis: match (named.name.axis, next.axis) {
                        (Some("pcd"), Some("diameter" | "radius")) => Some("pcd"),
                        (
                            Some("diameter" | "size" | "thickness" | "width"),
                            Some(axis @ ("outer" | "inner" | "pcd")),
                        ) => Some(axis),
                        (Some(_), Some(_)) => break,
                        (a, b) => a.or(b),
                    },
                    qualifier: match (named.name.qualifier, next.qualifier) {
                        (Some(_), Some(_)) => break,
                        (a, b) => a.or(b),
                    },
                };
                // "80 mm wide base": an adjective before a piece of the part is about the piece only if thick.
                named.name = merged;
                named.adjective |= more;
                named.end += joined + 1;
            }
            at = named.end;
            names.push(named);
        }
        names
    }

    fn name_at(&self, at: usize) -> Option<(Name, bool)> {
        if !self.free(at) {
            return None;
        }
        let lexeme = &self.lexemes[at];
        let letter = lexeme.span.len() == 1;
        let beside_number = lexeme.glued
            || self.lexemes.get(at + 1).is_some_and(|l| l.glued || matches!(l.item, Item::Break(':' | '=')));
        // "bent into an L: 60 mm" is a shape.
        let shape = at > 0 && ["in", "a", "of"].iter().any(|f| self.lexemes[at - 1].func(f)) && !lexeme.glued;
        if letter && (!beside_number || shape) {
            return None;
        }
        let qualifier = lexeme.sense(Class::Qualifier);
        // "5 holes along the length" says where they run.
        let runs = |l: &Lexeme| {
            let said = self.original[l.span.clone()].to_lowercase();
            ["along", "ao longo", "a lo largo"].contains(&said.as_str())
        };
        if self.lexemes[..at].iter().rev().take(3).take_while(|l| l.measure().is_none() && !l.is_break()).any(runs) {
            return None;
        }
        if qualifier == Some("base")
            && (lexeme.is(Class::Axis, "depth") || lexeme.is(Class::Adjective, "depth"))
            && self.names_the_floor(at)
        {
            return Some((Name { axis: None, qualifier }, false));
        }
        if let Some(axis) = self.bare_diameter(at) {
            return Some((Name::axis(axis), true));
        }
        if let Some(axis) = lexeme.sense(Class::Axis) {
            return Some((Name { axis: Some(axis), qualifier: None }, false));
        }
        if let Some(axis) = lexeme.sense(Class::Adjective) {
            return Some((Name { axis: Some(axis), qualifier: None }, true));
        }
        // Sides of the part ("top", "back") name a size only beside an axis or a number.
        let side = lexeme.sense(Class::Face).is_some() && !matches!(qualifier, Some("base"));
        let near = |i: Option<usize>| {
            i.and_then(|i| self.lexemes.get(i)).is_some_and(|l| {
                l.measure().is_some()
                    || l.sense(Class::Axis).is_some()
                    || l.sense(Class::Adjective).is_some()
                    || ["of", "at", "in", "the", "is", "with"].iter().any(|f| l.func(f))
            })
        };
        if side && !(near(at.checked_sub(1)) || near(Some(at + 1))) {
            return None;
        }
        Some((Name { axis: None, qualifier: Some(qualifier?) }, false))
    }

    fn joins(&self, range: std::ops::Range<usize>, funcs: &[&str]) -> Option<f64> {
        let mut cost = 0.0;
        for lexeme in &self.lexemes[range] {
            let joiner =
                funcs.iter().any(|f| lexeme.func(f)) || matches!(lexeme.item, Item::Break(':' | '=' | '(' | ')'));
            if joiner {
                cost -= 0.1;
            } else if lexeme.sense(Class::Stop).is_some() || lexeme.act("change") {
                cost += 0.1;
            } else if matches!(lexeme.item, Item::Unknown(_)) {
                cost += 0.6;
            } else if lexeme.func("a") || lexeme.func("the") {
                cost += 0.2;
            } else {
                return None;
            }
        }
        Some(cost)
    }

    /// The least-cost assignment of names to numbers, left to right; a number may take the last name before it or the
    /// first after it.
    fn assign(&self, measures: &[usize], names: &[Named]) -> Vec<Option<usize>> {
        // For each number, the costs of its links.
        let options: Vec<[Option<(usize, f64)>; 2]> = measures
            .iter()
            .map(|at| {
                let left = names
                    .iter()
                    .rposition(|n| n.end <= *at && !n.used)
                    .and_then(|n| Some((n, self.left_cost(&names[n], *at)?)));
                let right = names
                    .iter()
                    .position(|n| n.start > *at && !n.used)
                    .and_then(|n| Some((n, self.right_cost(*at, &names[n])?)));
                [left, right]
            })
            .collect();
        // best[k] = cost of the first numbers when number k took: 0 nothing, 1 its left name, 2 its right name.
        let mut best: Vec<[(f64, usize); 3]> = Vec::with_capacity(measures.len());
        for (k, option) in options.iter().enumerate() {
            let mut row = [(f64::INFINITY, 0); 3];
            for (choice, cell) in row.iter_mut().enumerate() {
                let (cost, name) = match choice {
                    0 => (UNLINKED, None),
                    n => match option[n - 1] {
                        Some((name, cost)) => (cost, Some(name)),
                        None => continue,
                    },
                };
                let before = if k == 0 {
                    vec![(0.0, 0)]
                } else {
                    best[k - 1]
                        .iter()
                        .enumerate()
                        .map(|(c, (cost, _))| {
                            let taken = c > 0 && name.is_some() && options[k - 1][c - 1].map(|o| o.0) == name;
                            (if taken { f64::INFINITY } else { *cost }, c)
                        })
                        .collect()
                };
                if let Some((total, from)) = before.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)) {
                    *cell = (total + cost, from);
                }
            }
            best.push(row);
        }
        let mut links = vec![None; measures.len()];
        let Some(last) = best.last() else { return links };
        let mut choice = (0..3).min_by(|a, b| last[*a].0.total_cmp(&last[*b].0)).unwrap_or(0);
        for k in (0..measures.len()).rev() {
            links[k] = if choice == 0 { None } else { options[k][choice - 1].map(|o| o.0) };
            choice = best[k][choice].1;
        }
        links
    }

    pub(super) fn compatible(&self, measure: usize, name: &Name) -> bool {
        let Some(m) = self.lexemes[measure].measure() else { return false };
        // "a 2 mm chamfer on top" places the chamfer; it does not size the top.
        let side = name.axis.is_none() && matches!(name.qualifier, Some("top" | "bottom" | "back" | "base"));
        if side && self.owner(measure).is_some() {
            return false;
        }
        match name.axis {
            Some("teeth" | "sides" | "flutes") => m.is_count(),
            // "increase the height by 20 %", "aumenta a altura 20%".
            _ if m.unit == Unit::Percent => {
                self.has_body
                    && self.lexemes[..measure].iter().rev().take(6).any(|l| l.act("increase") || l.act("decrease"))
            }
            Some("angle") => matches!(m.unit, Unit::Angle | Unit::None),
            Some("module") => m.is_size() || m.unit == Unit::Metric,
            _ => {
                m.is_size()
                    || (m.unit == Unit::Metric && matches!(name.qualifier, Some("shaft")))
                    || (m.unit == Unit::Metric && matches!(name.axis, Some("inner")))
            }
        }
    }

    fn left_cost(&self, name: &Named, measure: usize) -> Option<f64> {
        if !self.compatible(measure, &name.name) || measure - name.end > 4 {
            return None;
        }
        // The number belongs to the noun that follows it, not to a name outside its phrase.
        let crosses = self.regions.iter().any(|r| (r.start..=r.noun).contains(&measure) && name.end <= r.start);
        // "with lid of 80 mm" sizes the box.
        let lid = name.name == Name { axis: None, qualifier: Some("lid") };
        if crosses || lid {
            return None;
        }
        let joined = self.joins(name.end..measure, &["of", "is", "to", "with", "by", "at", "in", "up", "from"])?;
        Some(
            1.0 + joined
                + if name.adjective && self.language == crate::domain::state::Language::En { 0.9 } else { 0.0 },
        )
    }

    fn right_cost(&self, measure: usize, name: &Named) -> Option<f64> {
        if !self.compatible(measure, &name.name) || name.start - measure > 4 {
            return None;
        }
        let joined = self.joins(measure + 1..name.start, &["of", "in", "at", "for", "on", "plus", "minus"])?;
        // "5 mm holes on a circle": the circle has a size of its own.
        if name.name.axis == Some("pcd") && name.start > measure + 1 {
            return None;
        }
        // "holes of 5 mm in each wing": the wing is where they are.
        let between = &self.lexemes[measure + 1..name.start];
        if name.name.axis.is_none()
            && self.owner(measure).is_some()
            && between.iter().any(|l| l.func("in") || l.func("on"))
        {
            return None;
        }
        let direct = name.start == measure + 1;
        let weak =
            matches!(name.name, Name { axis: None, qualifier: Some("top" | "bottom" | "back" | "lid" | "base") });
        Some(match (direct, name.adjective) {
            (true, true) => 0.0,
            (true, false) if weak => 1.2,
            // "3 mm walls" in English; "altura 10 cm largura 5 cm" without prepositions in Portuguese.
            (true, false) if self.language == crate::domain::state::Language::En => 0.6,
            (true, false) => 1.3,
            (false, _) => 0.7 + joined,
        })
    }

    /// "walls 3 mm thick": the piece stands before the number, the direction after it.
    fn completed(&self, names: &mut [Named], n: usize, measure: usize) -> Name {
        let name = names[n].name;
        if names[n].start > measure
            && name.qualifier.is_none()
            && n > 0
            && names[n - 1].end <= measure
            && measure - names[n - 1].end <= 6
            && !names[n - 1].used
        {
            let other = names[n - 1].name;
            let gap = self.joins(names[n - 1].end..measure, &["of", "is", "to", "with", "at"]);
            // Portuguese "e" is "and" as well as "is".
            let gap = gap.filter(|_| !self.lexemes[names[n - 1].end..measure].iter().any(|l| l.func("and")));
            let fits = match (other.axis, other.qualifier) {
                (None, Some(_)) => name.axis == Some("thickness") || !matches!(other.qualifier, Some("lid")),
                (Some("pcd"), None) => name.axis == Some("diameter"),
                _ => false,
            };
            if gap.is_some() && fits {
                names[n - 1].used = true;
                return Name {
                    axis: if other.axis.is_some() { other.axis } else { name.axis },
                    qualifier: other.qualifier,
                };
            }
        }
        // "on a circle, 75 mm in diameter".
        if n > 0 && names[n - 1].name.axis == Some("pcd") && !names[n - 1].used && name == Name::axis("diameter") {
            names[n - 1].used = true;
            return Name::axis("pcd");
        }
        name
    }

    pub(super) fn file(&mut self, at: usize, name: Name) {
        let Some(mut measure) = self.lexemes[at].measure().cloned() else { return };
        self.taken[at] = true;
        self.inherit_unit(at, name, &mut measure);
        // "mais 20 mm de altura", "add 10 mm to the height", "20 mm more in height".
        let before = at.checked_sub(1).map(|b| &self.lexemes[b]);
        let after = self.lexemes.get(at + 1);
        let by = |f: &str| before.is_some_and(|b| b.func(f)) || after.is_some_and(|a| a.func(f));
        // "ponle 5 cm" sets, "add 5 cm" adds.
        let sets = |l: &Lexeme| {
            let said = self.original[l.span.clone()].to_lowercase();
            ["pon", "pong", "put", "poe", "põe", "ponh", "bot", "coloc", "give", "dale"]
                .iter()
                .any(|s| said.starts_with(s))
        };
        let verb = |act: &str| {
            // "cut a 20 mm diameter hole" adds no 20 mm.
            let before = self.lexemes[..at].iter().rev().take(2).take_while(|l| !l.func("a") || l.act(act));
            before.into_iter().any(|l| l.act(act) && !(act == "add" && sets(l)))
        };
        let english = self.language == crate::domain::state::Language::En;
        let led_to = before.is_some_and(|b| b.func("to") || !english && b.func("at"));
        if self.has_body && self.reading.body.as_ref().is_none_or(|b| b.definite) {
            // "open the channel up by 2 mm in width": "by" after a verb is a difference, after a size a cross.
            let by_so_much = before.is_some_and(|b| b.func("by"))
                && !self.lexemes[..at].iter().rev().skip(1).take(6).take_while(|l| !l.is_break()).any(|l| {
                    l.measure().is_some() || l.sense(Class::Adjective).is_some() || matches!(l.item, Item::Group(_))
                });
            let more = by("plus") || verb("add") || by_so_much;
            let less = by("minus") || verb("remove");
            let change = self.lexemes[..at].iter().rev().take(6).find_map(|l| match l.sense(Class::Act) {
                Some("increase") => Some(1.0),
                Some("decrease") => Some(-1.0),
                _ => None,
            });
            let sign = match (more, less, change) {
                (_, _, Some(sign)) if !led_to => Some(sign),
                (true, false, _) => Some(1.0),
                (false, true, _) => Some(-1.0),
                _ => None,
            };
            if let Some(sign) = sign {
                let span = measure.span.clone();
                return self.reading.relatives.push(Relative {
                    name,
                    feature: self.owner(at).or_else(|| self.of_what_follows(at)),
                    change: change_by(&measure, sign),
                    span,
                });
            }
        }
        match self.owner(at) {
            Some(k)
                if self.of_the_head(k, at) && matches!(name.axis, Some("diameter" | "outer" | "depth" | "width")) =>
            {
                let head = Name { qualifier: Some("head"), ..name };
                self.reading.features[k].named.push((head, measure));
            }
            Some(k) => self.reading.features[k].named.push((name, measure)),
            None => self.reading.named.push((name, measure)),
        }
    }

    /// "2 mm more in diameter to the hole": the noun stands after its size.
    fn of_what_follows(&self, at: usize) -> Option<usize> {
        let k = self.regions.iter().position(|r| r.noun > at && r.noun - at <= 8)?;
        let led = |l: &Lexeme| ["at", "to", "of", "for"].iter().any(|f| l.func(f));
        let noun = self.regions[k].noun;
        (noun >= 1 && (led(&self.lexemes[noun - 1]) || noun >= 2 && led(&self.lexemes[noun - 2]))).then_some(k)
    }

    /// "..., counterbored 15 mm diameter by 5 deep": what follows the head's name sizes the head.
    fn of_the_head(&self, k: usize, at: usize) -> bool {
        let region = &self.regions[k];
        let mention = &self.reading.features[k];
        let head = |l: &Lexeme| matches!(l.sense(Class::HoleKind), Some("countersunk" | "counterbored"));
        let (noun, end) = (region.noun, at.max(region.noun));
        let first = (noun..end).find(|i| head(&self.lexemes[*i]));
        let named = first.is_some();
        let before =
            first.is_some_and(|h| self.lexemes[noun..h].iter().any(|l| l.measure().is_some_and(|m| !m.article)));
        let sized = before
            || !mention.loose.is_empty()
            || mention.named.iter().any(|(n, _)| matches!(n.axis, Some("diameter" | "radius")))
            || (region.start..noun)
                .any(|i| self.lexemes[i].measure().is_some_and(|m| !m.is_count() || m.unit != Unit::None))
            || (region.start..noun).filter(|i| self.lexemes[*i].measure().is_some()).count() > 1;
        let counted = self.lexemes.get(at + 1).is_some_and(|l| l.func("by") || l.func("each"))
            && self.lexemes[at].measure().is_some_and(Measure::is_count);
        let whole = region.noun < self.lexemes.len() && head(&self.lexemes[noun]);
        mention.kind == "hole" && (named && sized || whole) && !counted
    }

    /// "A x B x C" of the body or of a feature.
    fn groups(&mut self, names: &mut [Named]) {
        for at in 0..self.lexemes.len() {
            let Item::Group(members) = &self.lexemes[at].item else { continue };
            if self.taken[at] {
                continue;
            }
            self.taken[at] = true;
            let members: Vec<Measure> = members.clone();
            match self.owner(at) {
                // "a chamfer of 1 x 45".
                Some(k) if self.reading.features[k].kind == "chamfer" && members.len() == 2 => {
                    self.reading.features[k].loose.push(members[0].clone());
                }
                Some(k) if self.of_the_head(k, at) && members.len() == 2 => {
                    for (axis, measure) in ["diameter", "depth"].into_iter().zip(members) {
                        let head = Name { axis: Some(axis), qualifier: Some("head") };
                        self.reading.features[k].named.push((head, measure));
                    }
                }
                Some(k)
                    if matches!(
                        self.reading.features[k].kind,
                        "slot" | "pocket" | "boss" | "rib" | "channel" | "pad" | "notch"
                    ) && self.reading.features[k].sizes.is_none() =>
                {
                    self.reading.features[k].sizes = Some(members);
                }
                Some(k) if self.reading.features[k].grid && members.len() == 2 => {
                    self.reading.features[k].sizes = Some(members);
                }
                _ if self.reading.sizes.is_none() => {
                    // "60 x 40 x 10 mm thick".
                    let after = at + 1 + usize::from(self.lexemes.get(at + 1).is_some_and(|l| l.func("of")));
                    if let Some(next) = names.iter_mut().find(|n| n.start == after && n.name.axis.is_some() && !n.used)
                    {
                        next.used = true;
                        self.reading.last_size = Some(next.name);
                    }
                    self.reading.sizes = Some(members);
                }
                _ => self.reading.loose.extend(members),
            }
        }
    }
}
