//! The body: which family is meant, whether it is new, and its own sizes.

use part::{Edit, Operation, Quantity, catalogue};

use super::{Composer, Detail};
use crate::domain::{
    grammar::{BodyMention, Reading},
    lexeme::{Measure, Unit},
    resolve::{self, Name},
    state::QuestionKind,
};

impl Composer<'_> {
    pub(super) fn body(&mut self, reading: &Reading) {
        if let Some(mention) = &reading.body {
            self.mentioned(mention, reading);
        }
        self.lid(reading);
        self.choices(reading);
        self.body_sizes(reading);
    }

    fn mentioned(&mut self, mention: &BodyMention, reading: &Reading) {
        let mut words = mention.family.split('+');
        let mut kind = words.next().unwrap_or_default();
        if kind == "box" && reading.lid == Some(true) {
            kind = "box_with_lid";
        }
        // What carries text is a name plate; what is round and holds things is a cup.
        if kind == "plate" && reading.text.is_some() {
            kind = "name_plate";
        }
        let axis = |axis: &str| reading.named.iter().any(|(n, _)| n.axis == Some(axis) && n.qualifier.is_none());
        if kind == "box" && axis("diameter") && !axis("width") && !axis("length") && reading.sizes.is_none() {
            kind = "cup";
            words = "handle=no".split('+');
        }
        // "a round plate of 100 mm" has a diameter.
        if kind == "plate" && reading.round && reading.sizes.is_none() && !axis("width") && !axis("length") {
            kind = "disc";
        }
        let current = self.part.features.first().map(|o| o.kind.clone());
        let family = |kind: &str| kind.trim_end_matches("_with_lid").to_owned();
        if let Some(current) = &current {
            let same = family(current) == family(kind);
            let sized = reading.sizes.is_some() || !reading.named.is_empty() || !reading.loose.is_empty();
            let fresh = mention.indefinite && reading.acts.create && sized;
            if (same && !fresh) || (mention.definite && !mention.indefinite) {
                return;
            }
        }
        let Some(definition) = catalogue::find(kind) else {
            return self.object(QuestionKind::UnknownObject, "", "", Detail::Words(kind.replace('_', " ")));
        };
        if current.is_some() {
            // A new thing: what was said of the old one goes, what is said in this turn stays.
            let kept: Vec<Edit> = self.edits.drain(..).filter(|e| !matches!(e, Edit::StartOver)).collect();
            self.push(Edit::StartOver);
            for edit in kept {
                self.push(edit);
            }
        }
        let mut operation = Operation::new(kind, kind);
        for (name, value) in words.filter_map(|w| w.split_once('=')) {
            if definition.choices.iter().any(|c| c.name == name) {
                operation.choices.insert(name.to_owned(), value.to_owned());
            } else if let (Some(p), Ok(value)) = (definition.parameter(name), value.parse()) {
                let rule = format!("what a {kind} of this name has");
                operation.parameters.insert(p.name.to_owned(), Quantity::derived(value, rule));
            }
        }
        self.push(Edit::Add { operation });
    }

    /// A lid on an existing box makes it a box with a lid, and the reverse: the history is told again with the other kind.
    fn lid(&mut self, reading: &Reading) {
        let Some(wanted) = reading.lid else { return };
        let Some(first) = self.part.features.first() else { return };
        let kind = match (first.kind.as_str(), wanted) {
            ("box", true) => "box_with_lid",
            ("box_with_lid", false) => "box",
            _ => return,
        };
        let Some(definition) = catalogue::find(kind) else { return };
        let old = self.part.clone();
        let mut features = old.features.clone();
        kind.clone_into(&mut features[0].kind);
        kind.clone_into(&mut features[0].id);
        features[0].parameters.retain(|name, _| definition.parameter(name).is_some());
        self.push(Edit::StartOver);
        for operation in features {
            self.push(Edit::Add { operation });
        }
        self.push(Edit::SetMaterial { material: old.material });
        self.push(Edit::SetColour { colour: old.colour });
        self.push(Edit::SetQuantity { quantity: old.quantity });
        self.push(Edit::SetFit { fit: old.fit });
    }

    fn choices(&mut self, reading: &Reading) {
        let Some(body) = self.body_id() else { return };
        let Some(definition) = self.definition(&body) else { return };
        let has = |name: &str| definition.choices.iter().any(|c| c.name == name);
        if let (Some(text), true) = (&reading.text, has("text")) {
            self.push(Edit::SetChoice { operation: body.clone(), choice: "text".into(), value: text.clone() });
        }
        if let (Some(handle), true) = (reading.handle, has("handle")) {
            let value = if handle { "yes" } else { "no" };
            self.push(Edit::SetChoice { operation: body, choice: "handle".into(), value: value.into() });
        }
    }

    fn body_sizes(&mut self, reading: &Reading) {
        let Some(body) = self.body_id() else { return };
        let Some(definition) = self.definition(&body) else { return };
        // "a base of 60 mm" is how wide it is; "a base of 4 mm" how thick.
        let wide = |name: &Name, measure: &Measure| {
            name.qualifier == Some("base") && name.axis.is_none() && measure.value > 20.0
        };
        let names: Vec<Name> = reading
            .named
            .iter()
            .map(|(name, m)| if wide(name, m) { Name { axis: Some("diameter"), ..*name } } else { *name })
            .collect();
        let resolved = resolve::together(definition, &names);
        for ((name, measure), parameter) in reading.named.iter().zip(resolved) {
            match parameter {
                Some(parameter) => self.give(&body, parameter, *name, measure),
                None if name.axis == Some("inner") && name.qualifier.is_none() => self.inner_diameter(&body, measure),
                None => self.elsewhere(*name, measure),
            }
        }
        if let Some(sizes) = &reading.sizes {
            let values: Vec<f64> = sizes.iter().map(|m| m.value).collect();
            let mut order = resolve::sizes(definition, &values);
            if let Some(last) = reading.last_size.and_then(|n| resolve::parameter(definition, n))
                && order.last().copied().flatten() != Some(last)
                && definition.size_order.contains(&last)
            {
                let others = definition.size_order.iter().copied().filter(|p| *p != last);
                order = others.take(sizes.len() - 1).map(Some).chain([Some(last)]).collect();
            }
            for (i, measure) in sizes.iter().enumerate() {
                match order.get(i).copied().flatten() {
                    Some(parameter) => self.give(&body, parameter, Name::default(), measure),
                    None if i > 0 && (values[i] - values[i - 1]).abs() < 1e-9 => {}
                    None => {
                        let first = definition.size_order.first().copied().unwrap_or_default();
                        self.object(QuestionKind::Contradiction, &body, first, Detail::Two(values[0], values[i]));
                    }
                }
            }
        }
        // A lone number in a turn that does not name the part is a correction or an answer, not another size.
        if reading.body.is_some() {
            for measure in &reading.loose {
                self.loose(&body, measure);
            }
        }
        if !self.edits.is_empty() {
            self.square(&body, reading);
            self.outline(&body, reading);
            self.outer_from_inner(&body);
        }
    }

    /// "80 mm square", "chapa quadrada de 100 mm": one side is the other.
    fn square(&mut self, body: &str, reading: &Reading) {
        let Some(operation) = self.part.operation(body) else { return };
        let sides =
            self.definition(body).is_some_and(|d| d.parameter("length").is_some() && d.parameter("width").is_some());
        let side = operation.parameters.get("length").map(|q| q.value);
        if let (true, true, Some(side), false) =
            (reading.square, sides, side, operation.parameters.contains_key("width"))
        {
            self.set(body, "width", Quantity::derived(side, "square: as wide as long"));
        }
    }

    /// "a round key tag of 40 mm", "square coasters": the choice of outline, and the side that it leaves open.
    fn outline(&mut self, body: &str, reading: &Reading) {
        let Some(definition) = self.definition(body) else { return };
        let Some(choice) = definition.choices.iter().find(|c| c.name == "shape") else { return };
        let value = if reading.square { "square" } else { "round" };
        let said = reading.square || reading.round;
        if !said || !choice.options.contains(&value) {
            return;
        }
        self.push(Edit::SetChoice { operation: body.to_owned(), choice: "shape".into(), value: value.into() });
        let Some(operation) = self.part.operation(body) else { return };
        let length = operation.parameters.get("length").map(|q| q.value);
        if let (true, Some(length), false) = (value == "round", length, operation.parameters.contains_key("width")) {
            self.set(body, "width", Quantity::derived(length, "round: as wide as long"));
        }
    }

    /// The inside of a vessel that is given by its outer diameter: two walls less.
    fn inner_diameter(&mut self, body: &str, measure: &Measure) {
        let Some(definition) = self.definition(body) else { return };
        let wall = self.current(body, "wall");
        let (Some(_), Some(wall)) = (definition.parameter("diameter"), wall) else {
            return self.elsewhere(Name::axis("inner"), measure);
        };
        let value = self.follows(
            measure.value + 2.0 * wall,
            measure,
            format!("{} mm inside and two walls of {wall} mm", measure.value),
        );
        if self.within(body, definition, "diameter", &value) {
            self.set(body, "diameter", value);
        }
    }

    /// A bore and a wall make an outer diameter.
    fn outer_from_inner(&mut self, body: &str) {
        let Some(operation) = self.part.operation(body) else { return };
        let given = |name: &str| operation.parameters.get(name).map(|q| q.value);
        // A cap is named by the tube that it goes over.
        let usual = (operation.kind == "cap").then_some(2.0);
        let tube = self
            .definition(body)
            .is_some_and(|d| d.parameter("outer_diameter").is_some() && d.parameter("wall").is_some());
        if let (true, None, Some(inner), Some(wall)) =
            (tube, given("outer_diameter"), given("inner_diameter"), given("wall").or(usual))
        {
            let value = Quantity::derived(inner + 2.0 * wall, "the inner diameter and two walls");
            self.set(body, "outer_diameter", value);
        }
    }

    /// A named size that the body does not have may belong to a feature of it: "depth 6" after a hole was made.
    fn elsewhere(&mut self, name: Name, measure: &Measure) {
        if measure.unit == Unit::Percent {
            return;
        }
        let found = self.part.features.iter().skip(1).rev().find_map(|operation| {
            let definition = catalogue::find(&operation.kind)?;
            Some((operation.id.clone(), resolve::parameter(definition, name)?))
        });
        if let Some((operation, parameter)) = found {
            self.give(&operation, parameter, name, measure);
        }
    }
}
