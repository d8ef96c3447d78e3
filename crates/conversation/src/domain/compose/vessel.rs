//! Sizes that follow from others: inside dimensions, what a vessel holds, one size as large as another.

use part::{Edit, Quantity};

use super::{Composer, Detail};
use crate::domain::{
    grammar::Reading,
    lexeme::{Measure, Unit},
    quantity::tidy,
    resolve,
    state::QuestionKind,
};

impl Composer<'_> {
    /// "height equal to the diameter": whichever of the two is known gives the other.
    pub(super) fn equals(&mut self, reading: &Reading) {
        let Some(body) = self.body_id() else { return };
        let Some(definition) = self.definition(&body) else { return };
        for (one, other) in &reading.equals {
            let found = (resolve::parameter(definition, *one), resolve::parameter(definition, *other));
            let (Some(one), Some(other)) = found else { continue };
            let given = |name: &str| self.part.operation(&body).and_then(|o| o.parameters.get(name)).map(|q| q.value);
            match (given(one), given(other)) {
                (_, Some(value)) => self.set(&body, one, Quantity::derived(value, format!("equal to {other}"))),
                (Some(value), None) => self.set(&body, other, Quantity::derived(value, format!("equal to {one}"))),
                (None, None) => {}
            }
        }
    }

    /// A range is asked about: any value in it would be ours, not the speaker's.
    pub(super) fn range(&mut self, reading: &Reading) {
        let (Some((from, to)), Some(body)) = (reading.range, self.body_id()) else { return };
        let Some(definition) = self.definition(&body) else { return };
        let given = self.part.operation(&body).map(|o| o.parameters.keys().cloned().collect::<Vec<_>>());
        let given = given.unwrap_or_default();
        let taken = |name: &str| given.iter().any(|g| g == name);
        let first = resolve::main(definition, &taken, part::Dimension::Length);
        if let Some(parameter) = first.or(definition.size_order.first().copied()) {
            self.object(QuestionKind::Contradiction, &body, parameter, Detail::Two(from, to));
        }
    }

    /// Sizes said of the inside become outer ones: two walls wider, a floor (and a lid) higher.
    pub(super) fn inside(&mut self, reading: &Reading) {
        let words = self.text.to_lowercase();
        let outside = ["por fora", "outside", "por fuera", "external", "extern"].iter().any(|w| words.contains(w));
        if reading.inside && outside {
            return self.room(reading);
        }
        if !reading.inside {
            return;
        }
        let Some(body) = self.body_id() else { return };
        let Some(definition) = self.definition(&body) else { return };
        if definition.parameter("inner_diameter").is_some() {
            return;
        }
        let Some(wall) = self.current_or_default(&body, "wall") else { return };
        let floor = self.current_or_default(&body, "floor").unwrap_or(wall);
        let lid = definition.parameter("lid_thickness").and_then(|_| self.current_or_default(&body, "lid_thickness"));
        let said: Vec<(String, f64)> =
            self.said.iter().filter(|(o, ..)| *o == body).map(|(_, p, v)| (p.clone(), *v)).collect();
        for (parameter, value) in said {
            let (outer, rule) = match parameter.as_str() {
                "length" | "width" | "diameter" => {
                    (value + 2.0 * wall, format!("{value} mm inside and two walls of {wall} mm"))
                }
                "height" => match lid {
                    Some(lid) => {
                        (value + floor + lid, format!("{value} mm inside, a floor of {floor} mm and a lid of {lid} mm"))
                    }
                    None => (value + floor, format!("{value} mm inside and a floor of {floor} mm")),
                },
                _ => continue,
            };
            self.replace(&body, &parameter, outer, rule);
        }
    }

    /// Outer sizes and walls leave a room; another one that is said of the inside cannot be.
    fn room(&mut self, reading: &Reading) {
        let Some(body) = self.body_id() else { return };
        let Some(wall) = self.current_or_default(&body, "wall") else { return };
        let floor = self.current_or_default(&body, "floor").unwrap_or(wall);
        let left: Vec<f64> = ["length", "width", "diameter"]
            .iter()
            .filter_map(|p| Some(self.current(&body, p)? - 2.0 * wall))
            .chain(self.current(&body, "height").map(|h| h - floor))
            .collect();
        let named = reading.named.iter().filter(|(n, _)| n.qualifier.is_none()).map(|(_, m)| m);
        let outer = |m: &Measure| self.said.iter().any(|(_, _, v)| (v - m.value).abs() < 1e-9);
        let other = reading
            .loose
            .iter()
            .chain(named.filter(|m| !outer(m)))
            .find(|m| m.is_size() && !left.iter().any(|l| (l - m.value).abs() < 1e-6));
        if let (Some(other), Some(first)) = (other, left.first()) {
            self.object(QuestionKind::Contradiction, &body, "wall", Detail::Two(*first, other.value));
        }
    }

    /// Changes a value that was said into the one that follows from it; the words stay.
    fn replace(&mut self, operation: &str, parameter: &str, value: f64, rule: String) {
        let words = self.part.operation(operation).and_then(|o| o.parameters.get(parameter)).map(|q| q.words.clone());
        let value = Quantity { words: words.unwrap_or_default(), ..Quantity::derived(tidy(value), rule) };
        self.push(Edit::SetParameter { operation: operation.to_owned(), parameter: parameter.to_owned(), value });
    }

    /// A parameter's value even while essential ones are missing.
    pub(super) fn current_or_default(&self, operation: &str, parameter: &str) -> Option<f64> {
        let definition = self.definition(operation)?;
        let mut whole = self.part.operation(operation)?.clone();
        for name in definition.missing(&whole) {
            whole.parameters.insert(name.to_owned(), Quantity::derived(100.0, "stands in for a size to come"));
        }
        definition.resolve(&whole, self.part.fit).ok()?.find(parameter)
    }

    /// "300 ml": what is still open of a straight cup or an open box follows from what it holds; of other vessels the
    /// size is asked for, since their shape decides how much they hold.
    pub(super) fn capacity(&mut self, reading: &Reading) {
        let all = reading.loose.iter().chain(reading.features.iter().flat_map(|f| &f.loose));
        let Some(volume) = all.into_iter().find(|m| m.unit == Unit::Volume).cloned() else { return };
        let Some(body) = self.body_id() else { return };
        let Some(definition) = self.definition(&body) else { return };
        let given = |name: &str| self.part.operation(&body).and_then(|o| o.parameters.get(name)).map(|q| q.value);
        let (Some(wall), Some(floor)) =
            (self.current_or_default(&body, "wall"), self.current_or_default(&body, "floor"))
        else {
            return;
        };
        let rule = format!("holds {}", &self.text[volume.span.clone()]);
        let bore = |diameter: f64| std::f64::consts::FRAC_PI_4 * (diameter - 2.0 * wall).max(0.1).powi(2);
        match (definition.kind, given("diameter"), given("height")) {
            ("cup", Some(diameter), None) if given("base_diameter").is_none() => {
                self.follow(&body, "height", volume.value / bore(diameter) + floor, &volume, rule);
            }
            ("cup", None, Some(height)) if given("base_diameter").is_none() && height > floor => {
                let inner = (volume.value / (height - floor) / std::f64::consts::FRAC_PI_4).sqrt();
                self.follow(&body, "diameter", inner + 2.0 * wall, &volume, rule);
            }
            ("cup", None, None) if given("base_diameter").is_none() => {
                // A cup is 1.2 times as high as it is wide unless said; what it holds grows with the diameter.
                let holds = |d: f64| bore(d) * (1.2 * d - floor);
                let (mut low, mut high) = (2.0 * wall + 1.0, 1_000.0);
                for _ in 0..60 {
                    let middle = (low + high) / 2.0;
                    if holds(middle) < volume.value { low = middle } else { high = middle }
                }
                let diameter = (high * 100.0).round() / 100.0;
                self.follow(&body, "diameter", diameter, &volume, format!("{rule} at 120 % of the diameter in height"));
                let height = volume.value / bore(diameter) + floor;
                self.follow(&body, "height", height, &volume, rule);
            }
            ("box", _, None) => {
                if let (Some(length), Some(width)) = (given("length"), given("width")) {
                    let area = ((length - 2.0 * wall) * (width - 2.0 * wall)).max(0.1);
                    self.follow(&body, "height", volume.value / area + floor, &volume, rule);
                }
            }
            (_, Some(_), Some(_)) => {}
            (_, diameter, _) => {
                let open = if diameter.is_none() { "diameter" } else { "height" };
                if definition.parameter(open).is_some() {
                    self.object(QuestionKind::MissingSize, &body, open, Detail::None);
                }
            }
        }
    }

    fn follow(&mut self, operation: &str, parameter: &str, value: f64, from: &Measure, rule: String) {
        let value = self.follows(value, from, rule);
        let Some(definition) = self.definition(operation) else { return };
        if self.within(operation, definition, parameter, &value) {
            self.set(operation, parameter, value);
        }
    }
}
