//! A part as the facts that gold slots can be compared with: the body's resolved values and its features as groups.

use std::collections::BTreeMap;

use part::{Face, Operation, Part, Position, Source, catalogue};

/// What a part says, flat.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) body: String,
    /// The body's values by parameter, said, derived and default.
    pub(crate) values: BTreeMap<String, f64>,
    pub(crate) choices: BTreeMap<String, String>,
    /// Features by kind, each with its properties.
    pub(crate) groups: Vec<(String, BTreeMap<String, Fact>)>,
    /// Values that somebody said, with where they sit: `body.length`, `hole.diameter`.
    pub(crate) said: Vec<(String, f64)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fact {
    Number(f64),
    Word(String),
}

impl Facts {
    pub(crate) fn of(part: &Part) -> Facts {
        let mut facts = Facts::default();
        let Some(body) = part.features.first() else { return facts };
        facts.body.clone_from(&body.kind);
        facts.values = resolved(body, part);
        facts.choices.clone_from(&body.choices);
        for (n, operation) in part.features.iter().enumerate() {
            let place = if n == 0 { "body" } else { operation.kind.as_str() };
            for (name, quantity) in &operation.parameters {
                if matches!(quantity.source, Source::User { .. }) {
                    facts.said.push((format!("{place}.{name}"), quantity.value));
                }
            }
        }
        facts.family_holes();
        facts.everyday();
        for operation in &part.features[1..] {
            // A pattern is the feature that it repeats, several times.
            match pattern_of(operation, part) {
                Some(repeated) => facts.repeated(operation, &repeated.kind),
                None => facts.groups.push(group(operation, part)),
            }
        }
        facts.merged();
        facts
    }

    /// Sizes that people name and the catalogue derives from others.
    fn everyday(&mut self) {
        let get = |name: &str| self.values.get(name).copied();
        let more = match self.body.as_str() {
            "prism" => get("diameter")
                .zip(get("sides"))
                .map(|(d, sides)| ("across_flats", d * (std::f64::consts::PI / sides).cos())),
            "handle" => get("clearance").zip(get("grip")).map(|(clearance, grip)| ("height", clearance + grip)),
            "funnel" => get("bore").zip(get("wall")).map(|(bore, wall)| ("bottom_diameter", bore + 2.0 * wall)),
            // What holds a pipe is named by it.
            "clamp" | "cable_clip" => get("diameter").map(|d| ("inner_diameter", d)),
            _ => None,
        };
        if let Some((name, value)) = more {
            self.values.insert(name.to_owned(), value);
        }
        // A handle and a blank plate are held by two screws.
        if matches!(self.body.as_str(), "handle" | "wall_plate") && self.values.get("hole_diameter") != Some(&0.0) {
            self.values.insert("hole_count".to_owned(), 2.0);
            self.groups.iter_mut().filter(|(kind, _)| kind == "hole").for_each(|(_, properties)| {
                properties.insert("count".to_owned(), Fact::Number(2.0));
            });
        }
    }

    fn repeated(&mut self, pattern: &Operation, kind: &str) {
        let value = |name: &str| pattern.parameters.get(name).map(|q| q.value);
        let Some((_, properties)) = self.groups.iter_mut().rev().find(|(own, _)| own == kind) else { return };
        let count = value("count").unwrap_or(1.0) * value("count_2").unwrap_or(1.0);
        properties.insert("count".to_owned(), Fact::Number(count));
        if let Some(pitch) = value("pitch") {
            properties.insert("pitch".to_owned(), Fact::Number(pitch.abs()));
        }
    }

    /// Holes that a family has by itself are holes like any other.
    fn family_holes(&mut self) {
        let get = |name: &str| self.values.get(name).copied();
        let per_leg = if matches!(self.body.as_str(), "l_bracket" | "shelf_bracket" | "hinge") { 2.0 } else { 1.0 };
        let mut properties = BTreeMap::new();
        let count = get("hole_count").or_else(|| get("bolt_count")).map(|n| n * per_leg);
        if count == Some(0.0) || count.is_none() && get("hole_diameter").is_none() {
            return;
        }
        properties.insert("count".to_owned(), Fact::Number(count.unwrap_or(1.0)));
        let names = [("hole_diameter", "diameter"), ("hole_inset", "inset"), ("bolt_circle", "pitch_circle")];
        for (name, property) in names.into_iter().chain([("hole_spacing", "pitch"), ("bolt_diameter", "diameter")]) {
            if let Some(value) = get(name) {
                properties.insert(property.to_owned(), Fact::Number(value));
            }
        }
        let kind = ["hole_kind", "holes", "screw_head"]
            .iter()
            .find_map(|c| self.choices.get(*c))
            .map_or("through", String::as_str);
        properties.insert("kind".to_owned(), Fact::Word(hole_kind(kind).to_owned()));
        self.groups.push(("hole".to_owned(), properties));
    }

    /// Equal features that differ only in place are one group with their number.
    fn merged(&mut self) {
        let mut merged: Vec<(String, BTreeMap<String, Fact>)> = Vec::new();
        for (kind, properties) in self.groups.drain(..) {
            let same = |other: &BTreeMap<String, Fact>| {
                ["diameter", "kind", "depth", "length", "width", "height"]
                    .iter()
                    .all(|p| other.get(*p) == properties.get(*p))
            };
            let twin = merged.iter_mut().find(|(k, p)| *k == kind && same(p));
            match twin {
                Some((_, first)) => {
                    let so_far = if first.contains_key("total") { "total" } else { "count" };
                    let count = number(&properties, "count") + number(first, so_far);
                    first.insert("total".to_owned(), Fact::Number(count));
                    merged.push((kind, properties));
                }
                None => merged.push((kind, properties)),
            }
        }
        self.groups = merged;
    }
}

/// The operation that a pattern repeats.
fn pattern_of<'a>(operation: &Operation, part: &'a Part) -> Option<&'a Operation> {
    let of = operation.choices.get("of").filter(|_| operation.kind == "pattern")?;
    part.operation(of)
}

fn number(properties: &BTreeMap<String, Fact>, name: &str) -> f64 {
    match properties.get(name) {
        Some(Fact::Number(value)) => *value,
        _ => 1.0,
    }
}

fn resolved(operation: &Operation, part: &Part) -> BTreeMap<String, f64> {
    let Some(definition) = catalogue::find(&operation.kind) else { return BTreeMap::new() };
    match definition.resolve(operation, part.fit) {
        Ok(values) => values.quantities.iter().map(|(name, q)| ((*name).to_owned(), q.value)).collect(),
        // Something essential is missing yet: what was said stands.
        Err(_) => operation.parameters.iter().map(|(name, q)| (name.clone(), q.value)).collect(),
    }
}

/// Everyday words for the kinds of holes.
pub(crate) fn hole_kind(kind: &str) -> &str {
    match kind {
        "countersink" => "countersunk",
        "counterbore" => "counterbored",
        other => other,
    }
}

fn group(operation: &Operation, part: &Part) -> (String, BTreeMap<String, Fact>) {
    let mut properties: BTreeMap<String, Fact> =
        resolved(operation, part).into_iter().map(|(name, value)| (name, Fact::Number(value))).collect();
    for (name, choice) in &operation.choices {
        properties.insert(name.clone(), Fact::Word(hole_kind(choice).to_owned()));
    }
    if operation.kind == "hole" {
        properties.entry("kind".to_owned()).or_insert(Fact::Word("through".to_owned()));
    }
    if operation.kind == "pocket"
        && operation.choices.get("shape").is_some_and(|shape| shape == "round")
        && let Some(diameter) = properties.get("length").cloned()
    {
        properties.insert("diameter".to_owned(), diameter);
    }
    if matches!(operation.kind.as_str(), "fillet" | "chamfer") {
        properties.entry("edges".to_owned()).or_insert(Fact::Word("vertical".to_owned()));
    }
    let size = part::lower(part).map(|body| body.size).unwrap_or_default();
    let mut put = |name: &str, value: f64| {
        properties.insert(name.to_owned(), Fact::Number(value));
    };
    put("count", 1.0);
    // In every one of the bosses that it stands in.
    let on = operation.placement.as_ref().and_then(|p| p.on.as_ref()).and_then(|on| part.operation(on));
    if let Some(Fact::Number(count)) = on.and_then(|on| group(on, part).1.get("count").cloned()) {
        put("count", count);
        return (operation.kind.clone(), properties);
    }
    let Some(placement) = &operation.placement else { return (operation.kind.clone(), properties) };
    let across = match placement.face {
        Face::Top | Face::Bottom => [size[0], size[1]],
        Face::Left | Face::Right => [size[1], size[2]],
        _ => [size[0], size[2]],
    };
    let (u, v) = (across[0] / 2.0, across[1] / 2.0);
    match &placement.position {
        Position::Centre => edges(&mut put, across, [u, v]),
        Position::Offset { u: du, v: dv } => edges(&mut put, across, [u + du.value, v + dv.value]),
        Position::FromCorner { u, v } => edges(&mut put, across, [u.value, v.value]),
        Position::Corners { inset } => {
            put("count", 4.0);
            put("inset", inset.value);
        }
        Position::Grid { columns, rows, pitch_u, pitch_v } => {
            put("count", columns.value * rows.value);
            put("pitch", pitch_u.value);
            put("pitch_v", pitch_v.value);
        }
        Position::Circle { count, diameter, .. } => {
            put("count", count.value);
            put("pitch_circle", diameter.value);
        }
        Position::Row { count, pitch } => {
            put("count", count.value);
            put("pitch", pitch.value);
            edges(&mut put, across, [u - pitch.value * (count.value - 1.0) / 2.0, v]);
        }
        Position::Around { angle, height } => {
            put("angle", angle.value);
            put("from_bottom", height.value);
        }
        other => others(other, across, &mut put),
    }
    let face = serde_json::to_value(placement.face).ok().and_then(|f| f.as_str().map(str::to_owned));
    properties.insert("face".to_owned(), Fact::Word(face.unwrap_or_default()));
    (operation.kind.clone(), properties)
}

/// Distances from the four edges of the face, by their names on the top face.
fn edges(put: &mut dyn FnMut(&str, f64), across: [f64; 2], [u, v]: [f64; 2]) {
    put("from_left", u);
    put("from_right", across[0] - u);
    put("from_front", v);
    put("from_back", across[1] - v);
    put("from_bottom", v);
    put("from_top", across[1] - v);
}

/// Positions that name points one by one.
fn others(position: &Position, across: [f64; 2], put: &mut dyn FnMut(&str, f64)) {
    let json = serde_json::to_value(position).unwrap_or_default();
    let value = |q: &serde_json::Value| q["value"].as_f64();
    if let Some(points) = json["points"].as_array() {
        put("count", points.len() as f64);
        return;
    }
    for (axis, (low, high), total) in [
        ("u", ("from_left", "from_right"), across[0]),
        ("v", ("from_front", "from_back"), across[1]),
        ("v", ("from_bottom", "from_top"), across[1]),
    ] {
        let anchor = &json[axis];
        if let Some(distance) = value(&anchor["distance"]) {
            let near = match anchor["from"].as_str() {
                Some("high") => total - distance,
                Some("centre") => total / 2.0 + distance,
                _ => distance,
            };
            put(low, near);
            put(high, total - near);
        }
    }
}
