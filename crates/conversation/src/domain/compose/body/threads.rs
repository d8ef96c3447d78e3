//! Screw sizes of a body: "M8" is a bolt's size, and the nominal diameter of a lid's screws.

use part::{Edit, catalogue::Definition};

use super::Composer;
use crate::domain::{
    compose::Detail,
    grammar::Reading,
    lexeme::{Measure, Unit},
    resolve::Name,
    state::QuestionKind,
};

/// Parameters that hold the nominal diameter of screws.
const NOMINAL: &[&str] = &["screw_diameter", "bolt_diameter"];

impl Composer<'_> {
    fn sized_by_screw(&self, body: &str) -> bool {
        self.definition(body).is_some_and(|d| d.choices.iter().any(|c| c.name == "size" && c.options.is_empty()))
    }

    /// Whether an M-size is something other than a hole of this body.
    pub(super) fn screw(&self, body: &str) -> bool {
        let nominal = self.definition(body).is_some_and(|d| NOMINAL.iter().any(|p| d.parameter(p).is_some()));
        nominal || self.sized_by_screw(body)
    }

    /// A plain number beside a screw's size is its length: "M5 x 20".
    pub(super) fn length_of_a_screw(&self, body: &str, definition: &Definition) -> Option<&'static str> {
        let operation = self.part.operation(body)?;
        let open = |name: &&str| definition.parameter(name).is_some() && !operation.parameters.contains_key(*name);
        self.sized_by_screw(body).then(|| ["length", "height", "thread_length"].into_iter().find(open)).flatten()
    }

    /// "M8 x 1,25 x 40": what belongs to a screw's size rather than to the body's usual order.
    pub(super) fn screw_group<'a>(&self, body: &str, reading: &'a Reading) -> Option<&'a [Measure]> {
        let sizes = reading.sizes.as_deref()?;
        let metric = |m: &Measure| m.unit == Unit::Metric;
        let led = sizes.first().is_some_and(metric) || reading.loose.iter().any(metric);
        (led && self.sized_by_screw(body)).then_some(sizes)
    }

    /// "a bolt M8 x 40", "porca M6", "lid with M3 screws"; a bolt without a size is asked for it.
    pub(super) fn screw_size(&mut self, reading: &Reading) {
        let Some(body) = self.body_id().filter(|body| self.screw(body)) else { return };
        let Some(definition) = self.definition(&body) else { return };
        let group = self.screw_group(&body, reading);
        let own = self.sized_by_screw(&body);
        let sizes = reading.sizes.iter().flatten();
        let all = reading.loose.iter().chain(reading.named.iter().map(|(_, m)| m)).chain(sizes);
        let of_features = reading.features.iter().flat_map(|f| f.loose.iter().chain(f.named.iter().map(|(_, m)| m)));
        let metric = all.chain(of_features.filter(|_| own)).find(|m| m.unit == Unit::Metric).cloned();
        if let Some(metric) = metric {
            if own {
                let value = format!("M{}", metric.value);
                self.push(Edit::SetChoice { operation: body.clone(), choice: "size".into(), value });
            } else if let Some(parameter) = NOMINAL.iter().find(|p| definition.parameter(p).is_some()) {
                let value = self.follows(metric.value, &metric, format!("nominal diameter of M{}", metric.value));
                if self.within(&body, definition, parameter, &value) {
                    self.set(&body, parameter, value);
                }
            }
        }
        if let Some(group) = group {
            // "M8x40" is a length, "M8x1,25x40" a pitch and a length.
            let rest: Vec<Measure> = group.iter().filter(|m| m.unit != Unit::Metric).cloned().collect();
            let last = ["length", "height"].into_iter().find(|p| definition.parameter(p).is_some());
            let names: &[Option<&str>] = if rest.len() > 1 { &[Some("pitch"), last] } else { &[last] };
            for (measure, name) in rest.iter().zip(names) {
                if let Some(name) = name {
                    self.give(&body, name, Name::default(), measure);
                }
            }
        }
        // "M6 de 25": beside a screw's size one other number is its length.
        let mut others = reading.loose.iter().filter(|m| m.unit != Unit::Metric && m.is_size());
        if let (true, None, Some(length), None, true) = (
            own,
            &reading.body,
            others.next().cloned(),
            others.next(),
            reading.loose.iter().any(|m| m.unit == Unit::Metric),
        ) && let Some(parameter) = self.length_of_a_screw(&body, definition)
        {
            self.give(&body, parameter, Name::default(), &length);
        }
        let Some(operation) = self.part.operation(&body) else { return };
        let sized = operation.choices.contains_key("size")
            || ["diameter", "across_flats"].iter().any(|p| operation.parameters.contains_key(*p));
        if matches!(definition.kind, "bolt" | "hex_nut") && !sized {
            self.object(QuestionKind::MissingSize, &body, "", Detail::Words("size".into()));
        }
    }

    /// Sizes that people give where the catalogue has another: a prism across its flats, a handle's height.
    pub(super) fn derived_size(&mut self, body: &str, kind: &str, name: Name, measure: &Measure) -> bool {
        if name.qualifier == Some("flange") && name.axis.is_none() && measure.is_count() && measure.value <= 2.0 {
            // "with two flanges" counts them.
            if kind == "pipe" {
                let value = if measure.value > 1.0 { "flanges" } else { "flange" };
                self.push(Edit::SetChoice { operation: body.into(), choice: "ends".into(), value: value.into() });
            }
            return true;
        }
        let (parameter, value, rule) = match (kind, name.qualifier, name.axis) {
            ("prism", None, Some("flats")) => {
                let sides = self.current_or_default(body, "sides").unwrap_or(6.0);
                let across = measure.value / (std::f64::consts::PI / sides).cos();
                ("diameter", (across * 1e6).round() / 1e6, format!("{} mm across flats", measure.value))
            }
            ("handle", None, Some("height")) => {
                let grip = self.current_or_default(body, "grip").unwrap_or(12.0);
                ("clearance", measure.value - grip, format!("{} mm high less a grip of {grip} mm", measure.value))
            }
            ("profile", Some("web"), Some("height" | "depth" | "length")) => {
                let shape = self.part.operation(body).and_then(|o| o.choices.get("shape").cloned()).unwrap_or_default();
                let levels = if shape == "i" { 2.0 } else { 1.0 };
                let thick = self.current_or_default(body, "thickness").unwrap_or_default();
                let rule = format!("a web of {} mm and {levels} x {thick} mm", measure.value);
                ("height", measure.value + levels * thick, rule)
            }
            ("funnel", Some("spout"), Some("outer")) => {
                let wall = self.current_or_default(body, "wall").unwrap_or(2.0);
                ("bore", measure.value - 2.0 * wall, format!("{} mm outside and walls of {wall} mm", measure.value))
            }
            _ => return false,
        };
        let Some(definition) = self.definition(body) else { return false };
        let value = self.follows(value, measure, rule);
        if self.within(body, definition, parameter, &value) {
            self.set(body, parameter, value);
        }
        true
    }
}
