//! The body: which family is meant, whether it is new, and its own sizes.

use part::{Edit, Material, Operation, Quantity, catalogue};

use super::{Composer, Detail};
use crate::domain::{
    grammar::{BodyMention, Reading},
    lexeme::{Measure, Unit},
    resolve::{self, Name},
    state::QuestionKind,
};

mod threads;
mod traits;

use traits::{BOXES, Words};

/// How a handle is led by words that do not lead a material.
const HANDLES: &[&str] =
    &["con asa", "sin asa", "com asa", "sem asa", "una asa", "uma asa", "un asa", "la asa", "el asa"];
const THROUGH: &[&str] =
    &["clearance", "through", "thru", "passante", "pasante", "de passagem", "de paso", "plain bore", "inner diameter"];
const THREADED: &[&str] = &[
    "hex",
    "hexagonal",
    "threaded",
    "tapped",
    "male",
    "female",
    "sextavado",
    "sextavada",
    "roscado",
    "roscada",
    "rosqueado",
    "com rosca",
    "con rosca",
];

impl Composer<'_> {
    pub(super) fn body(&mut self, reading: &Reading) {
        self.handle_for_material(reading);
        if let Some(mention) = &reading.body {
            self.mentioned(mention, reading);
        }
        if reading.copies.as_ref().is_some_and(|copies| self.in_a_name(copies)) {
            self.push(Edit::SetQuantity { quantity: 1 });
        }
        self.lid(reading);
        self.choices(reading);
        self.sharp(&reading.acts);
        self.pieces(reading);
        self.body_sizes(reading);
        self.screw_size(reading);
    }

    /// "uma caneca sem asa", "asa de 150 mm": the word for a handle in two languages is written like a plastic.
    fn handle_for_material(&mut self, reading: &Reading) {
        let plastic = self.text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "ASA");
        let handle = Words::of(self.text).says(HANDLES) || self.text.to_lowercase().starts_with("asa ");
        if reading.material == Some(Material::Asa) && self.part.features.is_empty() && handle && !plastic {
            self.push(Edit::SetMaterial { material: None });
        }
    }

    fn mentioned(&mut self, mention: &BodyMention, reading: &Reading) {
        let mut words = mention.family.split('+');
        let named = words.next().unwrap_or_default();
        let (kind, handleless) = self.kind_meant(named, mention, reading);
        if handleless {
            words = "handle=no".split('+');
        }
        let current = self.part.features.first().map(|o| o.kind.clone());
        // Boxes differ by their lids only.
        let family = |kind: &str| if BOXES.contains(&kind) { "box".to_owned() } else { kind.to_owned() };
        if let Some(current) = &current {
            let same = family(current) == family(kind);
            let sized = reading.sizes.is_some() || !reading.named.is_empty() || !reading.loose.is_empty();
            let fresh = mention.indefinite && reading.acts.create && sized;
            // Screws and nuts beside a part are what it is fastened with.
            let hardware = matches!(kind, "bolt" | "hex_nut" | "washer") && !reading.acts.create && !same;
            // "... It goes on a round plate.": the turn that made a part goes on about it, unless it only named it so far.
            let made = self.part.features.first().is_some_and(|o| !o.parameters.is_empty());
            let goes_on = self.follows && made && !same && !reading.acts.restart;
            if (same && !fresh) || (mention.definite && !mention.indefinite) || hardware || goes_on {
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

    /// The kind that a noun means beside what else is said; true when a cup without a handle is meant.
    fn kind_meant(&self, named: &'static str, mention: &BodyMention, reading: &Reading) -> (&'static str, bool) {
        let words = Words::of(self.text);
        let axis = |axis: &str| reading.named.iter().any(|(n, _)| n.axis == Some(axis) && n.qualifier.is_none());
        let (wide, long) = (axis("width"), axis("length"));
        let round = axis("diameter") && !wide && !long && reading.sizes.is_none();
        let members = reading.sizes.as_ref().map_or(0, Vec::len);
        if let Some(other) = words.becomes(named) {
            return (other, false);
        }
        match named {
            // What is round and holds things is a cup; with a lid it is a jar.
            "box" if round && reading.lid == Some(true) => ("jar", false),
            "box" if round => ("cup", true),
            "box" if reading.lid == Some(true) => ("box_with_lid", false),
            "cup" if reading.lid == Some(true) && mention.family.contains("handle=no") => ("jar", false),
            // What carries text is a name plate.
            "plate" if reading.text.is_some() => ("name_plate", false),
            // "a round plate of 100 mm" has a diameter.
            "plate" if reading.round && reading.sizes.is_none() && !wide && !long => ("disc", false),
            // A sleeve without its flange is a piece of tube.
            "bushing" if !mention.family.contains("flange") && !self.flanged(reading, &words) => ("tube", false),
            "tube" if self.flanged(reading, &words) => ("pipe", false),
            // A clearance hole all through makes a plain spacer of it.
            "standoff" if words.says(THROUGH) && !words.says(THREADED) => ("spacer", false),
            "handle" if round => ("knob", false),
            "saucer" if members == 3 || wide && long => ("tray", false),
            "clip" if words.says(&["cable", "cables", "cabo", "cabos", "wire", "wires", "cord", "fio", "fios"]) => {
                ("cable_clip", false)
            }
            // A flat bar or divider of three sizes is a plate, whatever it serves.
            "test_coupon" if members == 3 && !mention.family.contains('=') => ("plate", false),
            "drawer_divider" if axis("thickness") && !wide && !axis("depth") && members == 0 => ("plate", false),
            _ => (named, false),
        }
    }

    fn flanged(&self, reading: &Reading, words: &Words) -> bool {
        let sized = reading.named.iter().any(|(n, _)| n.qualifier == Some("flange"));
        sized || words.says(&["flange", "flanges", "flanged", "flangeado", "brida", "bridas", "bridado", "valona"])
    }

    /// A lid on an existing box makes it a box with a lid, and the reverse: the history is told again with the other kind.
    fn lid(&mut self, reading: &Reading) {
        let Some(first) = self.part.features.first() else { return };
        let words = Words::of(self.text);
        let current = first.kind.as_str();
        let kind = match (words.becomes(current), reading.lid) {
            (Some(other), _) if BOXES.contains(&current) || current == "tube" && reading.body.is_none() => other,
            (_, Some(true)) if current == "box" => "box_with_lid",
            (_, Some(false)) if current != "box" && BOXES.contains(&current) => "box",
            _ => return,
        };
        let Some(definition) = catalogue::find(kind) else { return };
        let old = self.part.clone();
        let mut features = old.features.clone();
        kind.clone_into(&mut features[0].kind);
        kind.clone_into(&mut features[0].id);
        features[0].parameters.retain(|name, _| definition.parameter(name).is_some());
        features[0].choices.retain(|name, _| definition.choices.iter().any(|c| c.name == name));
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
            self.push(Edit::SetChoice { operation: body.clone(), choice: "handle".into(), value: value.into() });
        }
        if reading.only_asks {
            return;
        }
        for (choice, value) in Words::of(self.text).choices(definition.kind) {
            self.push(Edit::SetChoice { operation: body.clone(), choice: choice.into(), value: value.into() });
        }
        self.cells(&body);
    }

    /// "sharp corners", "cantos vivos": the ends of a gusset are not cut off.
    fn sharp(&mut self, acts: &crate::domain::grammar::Acts) {
        const SHARP: &[&str] =
            &["sharp", "cantos vivos", "canto vivo", "quinas vivas", "pontas vivas", "sin despuntar", "aristas vivas"];
        let Some(body) = self.body_id().filter(|_| !acts.remove && Words::of(self.text).says(SHARP)) else { return };
        let given = self.part.operation(&body).is_some_and(|o| o.parameters.contains_key("nose"));
        if self.definition(&body).is_some_and(|d| d.parameter("nose").is_some()) && !given {
            self.set(&body, "nose", Quantity::derived(0.0, "its corners are sharp"));
        }
    }

    /// "4 columns and 3 rows" of a divider.
    fn cells(&mut self, body: &str) {
        let Some(definition) = self.definition(body) else { return };
        let words = Words::of(self.text);
        for (parameter, nouns) in
            [("columns", ["columns", "colunas", "columnas"]), ("rows", ["rows", "fileiras", "filas"])]
        {
            let Some(count) = nouns.iter().find_map(|noun| words.count_before(noun)) else { continue };
            if definition.parameter(parameter).is_some_and(|p| (p.range.0..=p.range.1).contains(&count)) {
                self.set(body, parameter, Quantity::derived(count, format!("{count} {parameter} were named")));
            }
        }
    }

    /// The 2 of "GT2" is no size.
    fn in_a_name(&self, measure: &Measure) -> bool {
        let before = self.text.get(..measure.span.start).unwrap_or_default().to_lowercase();
        before.ends_with("gt")
    }

    fn body_sizes(&mut self, reading: &Reading) {
        let Some(body) = self.body_id() else { return };
        let Some(definition) = self.definition(&body) else { return };
        // "a base of 60 mm" is how wide it is; "a base of 4 mm" how thick.
        let wide = |name: &Name, measure: &Measure| {
            name.qualifier == Some("base") && name.axis.is_none() && measure.value > 20.0
        };
        // "a 24 mm flange" of a sleeve is how wide it is; "a 3 mm flange" how thick.
        let sleeve = definition.parameter("flange_diameter").is_some();
        let collar = |name: &Name, measure: &Measure| {
            sleeve && name.qualifier == Some("flange") && name.axis.is_none() && measure.value > 12.0
        };
        let names: Vec<Name> = reading
            .named
            .iter()
            .map(
                |(name, m)| {
                    if wide(name, m) || collar(name, m) { Name { axis: Some("diameter"), ..*name } } else { *name }
                },
            )
            .collect();
        let resolved = resolve::together(definition, &names);
        // Sizes that follow from others come last.
        let follows =
            |name: &Name| matches!(name.qualifier, Some("spout" | "web")) || matches!(name.axis, Some("flats"));
        let mut order: Vec<_> = reading.named.iter().zip(resolved).collect();
        order.sort_by_key(|((name, _), _)| follows(name));
        for ((name, measure), parameter) in order {
            match parameter {
                _ if measure.unit == Unit::Metric && self.screw(&body) => {}
                _ if self.derived_size(&body, definition.kind, *name, measure) => {}
                Some(parameter) => self.give(&body, parameter, *name, measure),
                None if name.axis == Some("inner") && name.qualifier.is_none() => self.inner_diameter(&body, measure),
                None => self.elsewhere(*name, measure),
            }
        }
        // A clause that goes on about something unknown does not size the body anew.
        let whole = self.part.operation(&body).is_some_and(|o| definition.missing(o).is_empty());
        if self.follows && whole && reading.body.is_none() && reading.sizes.is_some() && !reading.unknown.is_empty() {
            return self.object(QuestionKind::NotUnderstood, "", "", Detail::Words(reading.unknown.join(" ")));
        }
        if let Some(sizes) = reading.sizes.as_ref().filter(|_| self.screw_group(&body, reading).is_none()) {
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
        // What a turn goes on to say fills what it left open.
        let open = self.follows
            && reading.features.is_empty()
            && self.part.operation(&body).is_some_and(|o| !definition.missing(o).is_empty());
        if reading.body.is_some() || open {
            let (screw, mut loose) = (self.screw(&body), Vec::new());
            for measure in reading.loose.iter().filter(|m| (m.unit != Unit::Metric || !screw) && !self.in_a_name(m)) {
                loose.push(measure.clone());
            }
            for measure in &loose {
                // A coaster of 5 mm has no room for a rim.
                let flat = definition.kind == "coaster" && measure.value <= 5.0;
                match self.length_of_a_screw(&body, definition).or(flat.then_some("thickness")) {
                    Some(length) if measure.is_size() => self.give(&body, length, Name::default(), measure),
                    _ => self.loose(&body, measure),
                }
            }
        }
        // "make it 45 degrees" of an elbow.
        if let ([angle], None, true) = (reading.loose.as_slice(), &reading.body, reading.named.is_empty())
            && angle.unit == Unit::Angle
            && reading.features.is_empty()
            && !reading.acts.correct
            && let Some(parameter) = resolve::parameter(definition, Name::axis("angle"))
        {
            self.give(&body, parameter, Name::default(), angle);
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
