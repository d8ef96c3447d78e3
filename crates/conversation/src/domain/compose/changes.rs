//! Changes in proportion: "20 mm taller", "twice as wide", "10 % bigger".

use part::{Dimension, Quantity, catalogue};

use super::{Composer, Detail};
use crate::domain::{
    grammar::{Change, Ratio, Reading, Relative},
    quantity::tidy,
    resolve,
    state::QuestionKind,
};

impl Composer<'_> {
    pub(super) fn relatives(&mut self, reading: &Reading) {
        for ratio in &reading.ratios {
            self.ratio(ratio);
        }
        for relative in &reading.relatives {
            // "thicken the wall so that 42 remain inside": how much was said in another way.
            let said =
                matches!(relative.change, Change::Unsaid) && (!reading.named.is_empty() || !reading.ratios.is_empty());
            if said {
                continue;
            }
            for (operation, parameter) in self.targets(reading, relative) {
                if let Change::To(measure) = &relative.change {
                    self.give(&operation, &parameter, relative.name, measure);
                    continue;
                }
                self.change(&operation, &parameter, relative);
            }
        }
    }

    /// "the height, half of the length".
    fn ratio(&mut self, ratio: &Ratio) {
        let Some(body) = self.body_id() else { return };
        let Some(definition) = self.definition(&body) else { return };
        let found = (resolve::parameter(definition, ratio.name), resolve::parameter(definition, ratio.of));
        let (Some(parameter), Some(of)) = found else { return };
        let Some(base) = self.current(&body, of) else { return };
        let words = self.text[ratio.span.clone()].to_owned();
        let rule = format!("{of} {} x {}, turn {}", tidy(base), tidy(ratio.factor), self.turn);
        let value = Quantity { words, ..Quantity::derived(tidy(base * ratio.factor), rule) };
        if self.within(&body, definition, parameter, &value) {
            self.set(&body, parameter, value);
        }
    }

    /// The sizes that a comparative is about.
    fn targets(&self, reading: &Reading, relative: &Relative) -> Vec<(String, String)> {
        let mention = relative.feature.and_then(|k| reading.features.get(k));
        let feature = mention.and_then(|mention| {
            let kind = if mention.kind == "drain" { "hole" } else { mention.kind };
            let operation = self.part.features.iter().rev().find(|o| o.kind == kind)?;
            let definition = catalogue::find(&operation.kind)?;
            let parameter = match relative.name.axis {
                Some("size") | None => definition.parameters.first().map(|p| p.name),
                Some("width" | "diameter") if matches!(definition.kind, "hole" | "boss" | "fillet" | "chamfer") => {
                    definition.parameters.first().map(|p| p.name)
                }
                Some("width") if definition.kind == "rib" => Some("thickness"),
                _ => resolve::parameter(definition, relative.name),
            };
            Some((operation.id.clone(), parameter?.to_owned()))
        });
        if let Some((operation, parameter)) = feature {
            // "the slots": all that are alike.
            let plural = mention.is_some_and(|m| m.plural);
            let one = self.part.operation(&operation);
            let alike = self.part.features.iter().filter(|o| {
                o.id == operation
                    || plural && one.is_some_and(|one| one.kind == o.kind && one.parameters == o.parameters)
            });
            return alike.map(|o| (o.id.clone(), parameter.clone())).collect();
        }
        if let Some(target) = self.of_the_focus(reading, relative) {
            return vec![target];
        }
        let Some(body) = self.body_id() else { return Vec::new() };
        let Some(definition) = self.definition(&body) else { return Vec::new() };
        if mention.is_some_and(|m| matches!(m.kind, "hole" | "drain"))
            && let Some(p) =
                ["hole_diameter", "bore", "inner_diameter"].iter().find(|p| definition.parameter(p).is_some())
        {
            return vec![(body, (*p).to_owned())];
        }
        if relative.name.axis == Some("size") && relative.name.qualifier.is_none() {
            let lengths = |p: &&&str| definition.parameter(p).is_some_and(|p| p.dimension == Dimension::Length);
            let all = definition.size_order.iter().filter(lengths).map(|p| (body.clone(), (*p).to_owned()));
            return match relative.change {
                // "bigger", by how much: one question, about the first size.
                Change::Unsaid => all.take(1).collect(),
                _ => all.collect(),
            };
        }
        let parameter = resolve::parameter(definition, relative.name);
        parameter.map(|p| (body, p.to_owned())).into_iter().collect()
    }

    /// "wider, 12" right after a channel was described is about the channel.
    fn of_the_focus(&self, reading: &Reading, relative: &Relative) -> Option<(String, String)> {
        let (id, _) = self.focus_before.as_ref()?;
        let named = reading.body.is_some() || !reading.features.is_empty() || relative.name.qualifier.is_some();
        let place = self.part.features.iter().position(|o| o.id == *id)?;
        if named || place == 0 || matches!(relative.name.axis, Some("size") | None) {
            return None;
        }
        let definition = catalogue::find(&self.part.features[place].kind)?;
        let parameter = match relative.name.axis {
            Some("width") if definition.kind == "rib" => "thickness",
            _ => resolve::parameter(definition, relative.name)?,
        };
        Some((id.clone(), parameter.to_owned()))
    }

    /// The value as it stands, said or by rule.
    pub(crate) fn current(&self, operation: &str, parameter: &str) -> Option<f64> {
        let operation = self.part.operation(operation)?;
        if let Some(said) = operation.parameters.get(parameter) {
            return Some(said.value);
        }
        catalogue::find(&operation.kind)?.resolve(operation, self.part.fit).ok()?.find(parameter)
    }

    fn change(&mut self, operation: &str, parameter: &str, relative: &Relative) {
        let Some(old) = self.current(operation, parameter) else { return };
        let words = self.text[relative.span.clone()].to_owned();
        let (value, rule) = match relative.change {
            Change::To(_) => return,
            Change::Unsaid => return self.object(QuestionKind::MissingSize, operation, parameter, Detail::HowMuch),
            Change::By(delta) => {
                let sign = if delta < 0.0 { "-" } else { "+" };
                (old + delta, format!("{parameter} {} {sign} {}", tidy(old), tidy(delta.abs())))
            }
            Change::Times(factor) => (old * factor, format!("{parameter} {} x {}", tidy(old), tidy(factor))),
        };
        let quantity = Quantity { words, ..Quantity::derived(tidy(value), format!("{rule}, turn {}", self.turn)) };
        let Some(definition) = self.definition(operation) else { return };
        if self.within(operation, definition, parameter, &quantity) {
            self.set(operation, parameter, quantity);
        }
    }
}
