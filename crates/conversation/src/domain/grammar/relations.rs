//! What words around a size say of its name: bare "interno" and "fundo", one number for two names, one size equal to
//! another, and the size of what goes inside.

use super::{Reader, links::Named};
use crate::domain::{
    lexeme::{Lexeme, Measure, Unit},
    lexicon::Class,
    resolve::Name,
};

impl Reader<'_> {
    /// "four holes, one in each corner": the one is no size.
    pub(super) fn distributives(&mut self) {
        for at in 0..self.lexemes.len().saturating_sub(2) {
            let one = self.lexemes[at].measure().is_some_and(|m| m.is_count() && m.value == 1.0);
            let led = ["in", "at", "for", "by", "on"].iter().any(|f| self.lexemes[at + 1].func(f));
            let all = self.lexemes[at + 2].func("each") || self.lexemes[at + 2].is(Class::Place, "corners");
            if one && led && all && self.owner(at).is_some_and(|k| self.regions[k].noun < at) {
                self.taken[at] = true;
            }
        }
    }

    /// "fundo", "fondo" is the floor in "fundo de 3 mm" and "paredes e fundo", a depth in "80 mm de fundo".
    pub(super) fn names_the_floor(&self, at: usize) -> bool {
        let measure = |i: Option<usize>| i.and_then(|i| self.lexemes.get(i)).and_then(Lexeme::measure);
        let of = |i: Option<usize>| i.and_then(|i| self.lexemes.get(i)).is_some_and(|l| l.func("of"));
        let before =
            measure(at.checked_sub(1)).is_some() || of(at.checked_sub(1)) && measure(at.checked_sub(2)).is_some();
        // "parede 2,5 fundo 4": the number before has a name of its own.
        let named = |n: usize| {
            let lexeme = at.checked_sub(n).and_then(|i| self.lexemes.get(i));
            lexeme.is_some_and(|l| l.sense(Class::Qualifier).is_some() || l.sense(Class::Axis).is_some())
        };
        let before = before && !(measure(Some(at + 1)).is_some() && named(2));
        let after = measure(Some(at + 1)).or(if of(Some(at + 1)) { measure(Some(at + 2)) } else { None });
        let beside_walls =
            at >= 2 && self.lexemes[at - 1].func("and") && self.lexemes[at - 2].sense(Class::Qualifier) == Some("wall");
        beside_walls || !before && after.is_none_or(|m| m.value <= 20.0)
    }

    /// "12 mm externo 8 interno", "dois de interno", "20 mm outside": the diameter itself is unsaid.
    pub(super) fn bare_diameter(&self, at: usize) -> Option<&'static str> {
        let back = |n: usize| at.checked_sub(n).map(|i| &self.lexemes[i]);
        let measure = |l: Option<&Lexeme>| l.is_some_and(|l| l.measure().is_some());
        let sized = measure(back(1)) || back(1).is_some_and(|l| l.func("of")) && measure(back(2));
        // "exterior 10, interior 5".
        let opens = back(1).is_none_or(|l| l.is_break() || l.func("and") || l.func("with"));
        let leads = opens && measure(self.lexemes.get(at + 1));
        let lexeme = &self.lexemes[at];
        let single = [Class::Stop, Class::Func].iter().any(|c| lexeme.sense(*c).is_some())
            && lexeme.sense(Class::Axis).is_none();
        let next = self.lexemes.get(at + 1);
        let alone = next.is_none_or(|l| {
            l.is_break() || l.measure().is_some() || l.func("and") || l.func("by") || l.func("with") || l.func("x")
        });
        if !single || !(sized && alone || leads) {
            return None;
        }
        match self.original[lexeme.span.clone()].to_lowercase().as_str() {
            "outside" | "outer" | "external" | "externo" | "exterior" | "por fora" | "fora" | "por fuera" | "fuera"
            | "afuera" | "por afuera" => Some("outer"),
            "inside" | "inner" | "internal" | "interno" | "interior" | "por dentro" | "adentro" | "por adentro" => {
                Some("inner")
            }
            _ => None,
        }
    }

    /// "a cap for a 32 mm pipe", "a washer for a 10 mm shaft": the size of what goes inside.
    pub(super) fn goes_over(&self, at: usize) -> bool {
        let head = self.head.and_then(|head| self.lexemes[head].sense(Class::Family));
        let ring = matches!(
            head,
            Some("cap" | "washer" | "spacer" | "knob" | "gear" | "wheel" | "pulley" | "ring" | "tube" | "flange")
        );
        let led = self.lexemes[..at].iter().rev().take(4).take_while(|l| !l.is_break()).any(|l| l.func("for"));
        let near = |l: &Lexeme| {
            matches!(l.sense(Class::Family), Some("tube" | "cylinder" | "block"))
                || matches!(l.sense(Class::Qualifier), Some("shaft" | "rod"))
        };
        let around = at.saturating_sub(2)..self.lexemes.len().min(at + 3);
        ring && led && self.lexemes[around].iter().any(near)
    }

    /// "the inside was measured wrong, it is 34": one name and one number are each other's, whatever stands between.
    pub(super) fn only_one(&self, measures: &[usize], names: &mut Vec<Named>, links: &mut [Option<usize>]) {
        let mut open = (0..links.len()).filter(|k| links[*k].is_none());
        let (Some(k), None) = (open.next(), open.next()) else { return };
        let linked: Vec<usize> = links.iter().flatten().copied().collect();
        let groups = self.lexemes.iter().any(|l| matches!(l.item, crate::domain::lexeme::Item::Group(_)));
        let alone = self.has_body
            && self.reading.body.is_none()
            && self.regions.is_empty()
            && self.reading.relatives.is_empty()
            && !groups;
        if !alone || !linked.is_empty() || self.lexemes[measures[k]].measure().is_some_and(|m| m.unit == Unit::Metric) {
            return;
        }
        if names.iter().all(|n| n.used) {
            // Bare "inside" and "outside" name diameters.
            let bare = (0..self.lexemes.len()).filter(|at| self.free(*at)).find_map(|at| {
                let said = self.original[self.lexemes[at].span.clone()].to_lowercase();
                let axis = match said.as_str() {
                    "outside" | "externo" | "exterior" | "afuera" | "fora" => "outer",
                    "inside" | "interno" | "interior" | "adentro" => "inner",
                    _ => return None,
                };
                Some(Named { start: at, end: at + 1, name: Name::axis(axis), adjective: false, used: false })
            });
            names.extend(bare);
        }
        let mut unused = (0..names.len()).filter(|n| !names[*n].used);
        if let (Some(n), None) = (unused.next(), unused.next())
            && self.compatible(measures[k], &names[n].name)
        {
            links[k] = Some(n);
        }
    }

    /// "height equal to the diameter", "altura igual ao diâmetro".
    pub(super) fn equals(&mut self, names: &mut [Named]) {
        for n in 1..names.len() {
            let between = &self.lexemes[names[n - 1].end..names[n].start];
            let word = |l: &Lexeme| self.original[l.span.clone()].to_lowercase();
            let same = between
                .iter()
                .any(|l| ["igual", "iguais", "equal", "same", "mesm", "mism"].iter().any(|s| word(l).starts_with(s)));
            let near =
                between.len() <= 4 && !between.iter().any(|l| l.is_break() || l.measure().is_some() || l.func("and"));
            if same && near && !names[n - 1].used {
                (names[n - 1].used, names[n].used) = (true, true);
                self.reading.equals.push((names[n - 1].name, names[n].name));
            }
        }
    }

    /// "walls and floor of 2 mm", "2 mm walls and floor", "largura e altura de 40": one number for two names.
    pub(super) fn shared(&mut self, names: &mut [Named], n: usize, measure: usize) {
        let joined = |from: usize, to: usize| {
            let between = &self.lexemes[from..to];
            (1..=2).contains(&between.len()) && between[0].func("and") && between[1..].iter().all(|l| l.func("the"))
        };
        let other = if names[n].end <= measure {
            (n > 0
                && joined(names[n - 1].end, names[n].start)
                && !(self.lexemes[..names[n - 1].start].iter().rev().take(2).any(|l| l.measure().is_some())))
            .then(|| n - 1)
        } else {
            (n + 1 < names.len()
                && joined(names[n].end, names[n + 1].start)
                && !(self.lexemes[names[n + 1].end..].iter().take(2).any(|l| l.measure().is_some())))
            .then_some(n + 1)
        };
        let Some(other) = other.filter(|o| !names[*o].used && self.compatible(measure, &names[*o].name)) else {
            return;
        };
        let alike = names[other].name.axis.is_some() == names[n].name.axis.is_some();
        if alike {
            names[other].used = true;
            self.file(measure, names[other].name);
        }
    }

    /// "doze centímetros de diâmetro e dez de altura": an overall size without a unit has the unit of its neighbour.
    pub(super) fn inherit_unit(&self, at: usize, name: Name, measure: &mut Measure) {
        let end = matches!(name.qualifier, Some("top" | "bottom"));
        let overall = (name.qualifier.is_none() || end)
            && matches!(name.axis, Some("width" | "height" | "length" | "depth" | "diameter" | "outer" | "inner"))
            || end && name.axis.is_none();
        if measure.unit != Unit::None || !overall {
            return;
        }
        let unit = |l: &Lexeme| l.measure().filter(|m| m.unit == Unit::Length).map(|m| m.factor);
        let before = self.lexemes[..at].iter().rev().take(14).find_map(unit);
        let after = || self.lexemes[at + 1..].iter().take(7).find_map(unit);
        // A bore is smaller than what it is in.
        let largest = self.lexemes[..at].iter().filter_map(|l| l.measure().filter(|m| m.is_size())).map(|m| m.value);
        let largest = largest.fold(0.0, f64::max);
        let fits = |factor: f64| name.axis != Some("inner") || measure.value * factor < largest;
        // A size said later lends its unit only to what would be far too small without it: "10 across and 12 cm high".
        let later =
            || self.lexemes[at + 1..].iter().take(7).find_map(|l| l.measure().filter(|m| m.unit == Unit::Length));
        let small = || later().is_some_and(|m| measure.value * 4.0 <= m.value || m.factor == 25.4);
        if let Some(factor) = before.or_else(|| after().filter(|_| small())).filter(|f| fits(*f)) {
            measure.value = crate::domain::quantity::tidy(measure.value * factor);
            measure.factor = factor;
            measure.unit = Unit::Length;
        }
    }
}
