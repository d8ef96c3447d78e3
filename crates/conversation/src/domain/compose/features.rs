//! Features: holes, slots, fillets and the like, as parameters of a family that has them or as operations on the body.

use part::{
    Dimension, Edit, Operation, Placement, Quantity,
    catalogue::{self, Definition},
};

use super::{Composer, Detail};
use crate::domain::{
    grammar::{FeatureMention, Reading},
    lexeme::{Measure, Unit},
    resolve::{self, Name},
    state::QuestionKind,
    threads,
};

impl Composer<'_> {
    pub(super) fn features(&mut self, reading: &Reading) {
        let Some(body) = self.body_id() else { return };
        for (k, mention) in reading.features.iter().enumerate() {
            // "four posts, each with a hole": where they stand.
            let in_each = k.checked_sub(1).and_then(|p| reading.features.get(p));
            let shared =
                in_each.filter(|_| mention.kind == "hole" && (mention.in_each || mention.each && !mention.corners));
            let as_those = shared.map(|there| mention.where_they_are(there));
            let mention = as_those.as_ref().unwrap_or(mention);
            // A slot from end to end is a channel.
            let named = |axis: &str| mention.named.iter().any(|(n, _)| n.axis == Some(axis));
            // "a slot 8 deep from side to side".
            let across = mention.hole_kind == Some("through") && (named("depth") || named("deepness"));
            let long = mention.kind == "slot"
                && (mention.whole || across)
                && mention.sizes.is_none()
                && !mention.named.iter().any(|(n, _)| matches!(n.axis, Some("length" | "pitch")));
            let as_channel = FeatureMention { kind: "channel", ..mention.clone() };
            let mention = if long { &as_channel } else { mention };
            let compared = reading.relatives.iter().any(|r| r.feature == Some(k));
            if mention.negated {
                self.removed(&body, mention);
            } else if compared || self.corners_of_a_pocket(mention) {
                continue;
            } else if shared.is_some() || !self.by_family(&body, mention) {
                self.by_operation(mention);
                if mention.kind == "pocket" {
                    self.round_pocket(mention, reading.round);
                }
                if shared.is_some() {
                    self.in_the_last_boss(mention);
                }
            }
        }
    }

    /// Holes that the family has by itself: drainage holes of a pot, screw holes of a bracket, the bore of a gear.
    fn by_family(&mut self, body: &str, mention: &FeatureMention) -> bool {
        let Some(definition) = self.definition(body) else { return false };
        let has = |name: &str| definition.parameter(name).is_some();
        if mention.kind == "fillet" && has("corner_radius") && matches!(mention.edges, None | Some("vertical")) {
            let Some((name, measure)) =
                mention.named.first().cloned().or(mention.loose.first().map(|m| (Name::default(), m.clone())))
            else {
                return false;
            };
            // "rounded edges" of a box are its vertical ones; a diameter would be read as twice the radius elsewhere.
            let name = if name.axis == Some("radius") { Name::default() } else { name };
            self.give(body, "corner_radius", name, &measure);
            return true;
        }
        // "a 14 mm slot for the cable": the width of a slot that the family has by itself.
        if mention.kind == "slot"
            && let Some(width) = ["cable_slot_width", "slot_width", "cable_slot"].into_iter().find(|p| has(p))
            && let ([(name, measure)], None, []) = (mention.named.as_slice(), &mention.sizes, mention.loose.as_slice())
            && matches!(name.axis, Some("width" | "size"))
        {
            self.give(body, width, Name::default(), measure);
            return true;
        }
        if !matches!(mention.kind, "hole" | "drain") || mention.lid || mention.square_pattern().is_some() {
            return false;
        }
        // "two holes for M4, 128 mm between centres" of a handle.
        let pitch = mention.named.iter().find(|(n, _)| n.axis == Some("pitch")).map(|(_, m)| m.clone());
        if let (true, Some(pitch), true) = (has("hole_spacing"), pitch, mention.insets.is_empty()) {
            self.give(body, "hole_spacing", Name::default(), &pitch);
            let screw = mention.loose.iter().find(|m| m.is_size() || m.unit == Unit::Metric);
            if let (Some(diameter), Some(measure)) =
                (["hole_diameter", "screw_diameter"].into_iter().find(|p| has(p)), screw)
            {
                self.give(body, diameter, Name::default(), measure);
            }
            return true;
        }
        let exists = self.part.features.iter().any(|o| o.kind == "hole");
        let cornered = mention.corners && self.current(body, "hole_count").is_some_and(|n| n > 0.0);
        if exists && (mention.definite || mention.bare()) && !mention.another && !cornered {
            return false;
        }
        let headed =
            definition.choices.iter().any(|c| c.name == "screw_head") && mention.hole_kind == Some("countersunk");
        let plain = (matches!(mention.hole_kind, None | Some("through")) || headed)
            && mention
                .faces
                .iter()
                .all(|f| matches!(*f, "top" | "bottom") || definition.kind == "hook" && *f == "back")
            && !mention.row
            && !mention.grid
            && mention.sizes.is_none()
            && mention.clock.is_empty()
            && !mention.insets.iter().any(|(side, _)| side.is_some())
            && !mention.named.iter().any(|(n, _)| matches!(n.axis, Some("pcd" | "pitch" | "depth")));
        let count = mention.count.as_ref().map(|m| m.value);
        if !plain {
            return false;
        }
        if has("hole_count") {
            // "holes in the corners" are four.
            let cornered = mention.corners && (mention.plural || mention.each) && count.is_none();
            let single = !cornered && count.map_or(!mention.plural, |c| c == 1.0);
            let plate = definition.kind == "plate";
            // One hole in the middle of a plate is an operation beside its pattern; so is a second pattern.
            let second = self.said.iter().any(|(o, p, _)| o == body && p == "hole_diameter");
            if plate && (single || mention.centre) && (!mention.definite || mention.another) || second {
                return false;
            }
            if let Some(count) = &mention.count {
                self.hole_count(body, definition, mention, count);
            } else if cornered {
                self.set(body, "hole_count", Quantity::derived(4.0, "one at every corner"));
            } else if mention.plural && !mention.definite {
                self.hole_number_unsaid(body, definition);
            } else if single && !mention.definite {
                let value = Quantity::derived(1.0, "one hole was named");
                self.set(body, "hole_count", value);
            }
            self.hole_size(body, "hole_diameter", mention);
            if has("hole_inset")
                && let Some((_, inset)) = mention.insets.first()
            {
                self.give(body, "hole_inset", Name::default(), inset);
            }
            return true;
        }
        // A standoff or a nut has the hole of its screw size.
        let screwed = definition.choices.iter().any(|c| matches!(c.name, "size" | "screw" | "thread"));
        if screwed && mention.bare() && !mention.placed() {
            return true;
        }
        let bore = ["bore", "inner_diameter", "hole_diameter"].into_iter().find(|p| has(p));
        let said = |p: &str| self.said.iter().any(|(o, name, _)| o == body && name == p);
        // "an M3 spacer with a through hole": the hole was sized already.
        if bore.is_some_and(said)
            && mention.bare()
            && !mention.elsewhere()
            && count.is_none_or(|c| c == 1.0)
            && !mention.another
        {
            return true;
        }
        if let Some(bore) = bore
            && count.is_none_or(|c| c == 1.0)
            && mention.insets.is_empty()
            && !mention.another
            && !self.said.iter().any(|(o, p, _)| o == body && p == bore)
        {
            self.hole_size(body, bore, mention);
            return true;
        }
        false
    }

    /// A bracket's holes are counted per leg: "4 holes" are two in each.
    fn hole_count(&mut self, body: &str, definition: &Definition, mention: &FeatureMention, count: &Measure) {
        let shared = matches!(definition.kind, "l_bracket" | "hinge")
            && !mention.each
            && count.value % 2.0 == 0.0
            && count.value > 0.0;
        if shared {
            let value = self.follows(count.value / 2.0, count, format!("{} holes over two legs", count.value));
            self.set(body, "hole_count", value);
        } else {
            self.give(body, "hole_count", Name::default(), count);
        }
    }

    /// "with holes": how many is the family's rule, and none at all would not be what was said.
    fn hole_number_unsaid(&mut self, body: &str, definition: &Definition) {
        let none = self.current(body, "hole_count").is_none_or(|n| n == 0.0);
        if none && definition.kind == "plate" {
            self.set(body, "hole_count", Quantity::derived(4.0, "holes of a plate sit at its corners unless counted"));
        }
    }

    fn hole_size(&mut self, operation: &str, parameter: &'static str, mention: &FeatureMention) {
        for (name, measure) in &mention.named {
            match name.axis {
                Some("diameter" | "radius" | "width" | "size" | "inner") if mention.loose.is_empty() => {
                    self.give(operation, parameter, *name, measure)
                }
                _ => self.on_body(*name, measure),
            }
        }
        for measure in mention.loose.iter().filter(|m| m.is_size() || m.unit == Unit::Metric).take(1) {
            self.give(operation, parameter, Name::default(), measure);
        }
    }

    /// A size said near a feature that the feature does not have is the body's: "... and 40 mm tall".
    fn on_body(&mut self, name: Name, measure: &Measure) {
        let Some(body) = self.body_id() else { return };
        let Some(parameter) = self.definition(&body).and_then(|d| resolve::parameter(d, name)) else { return };
        self.give(&body, parameter, name, measure);
    }

    fn by_operation(&mut self, mention: &FeatureMention) {
        let kind = if mention.kind == "drain" { "hole" } else { mention.kind };
        let Some(definition) = catalogue::find(kind) else {
            return self.object(QuestionKind::NotUnderstood, "", "", Detail::Words(kind.to_owned()));
        };
        let same_edges =
            |o: &Operation| o.choices.get("edges").map(String::as_str) == mention.edges || mention.edges.is_none();
        let reference = self.part.features.iter().skip(1).rev().find(|o| {
            o.kind == kind
                && match kind {
                    "fillet" | "chamfer" => same_edges(o),
                    _ => {
                        // "hole stays 10 deep": a hole without a diameter, a count or an article is the one that is there.
                        let sized = |(n, _): &(Name, Measure)| {
                            matches!(n.axis, Some("diameter" | "radius" | "length" | "width" | "size"))
                        };
                        let unsaid =
                            mention.loose.is_empty() && mention.sizes.is_none() && !mention.named.iter().any(sized);
                        let there = kind == "hole"
                            && unsaid
                            && !mention.indefinite
                            && mention.count.is_none()
                            && !mention.plural;
                        (mention.definite || mention.bare() || there) && !mention.another
                    }
                }
        });
        let twin = self.twin(kind, mention);
        let existing = reference.map(|o| o.id.clone());
        let id = match existing.clone() {
            Some(id) => id,
            None => {
                let id = self.part.fresh_id(kind);
                let mut operation = Operation::new(id.clone(), kind);
                if let Some(twin) = &twin {
                    operation.parameters.clone_from(&twin.parameters);
                    operation.choices.clone_from(&twin.choices);
                }
                self.push(Edit::Add { operation });
                if let Some((first, _)) = twin.as_ref().and_then(|t| t.parameters.first_key_value()) {
                    self.focus = Some((id.clone(), first.clone()));
                }
                id
            }
        };
        self.feature_choices(&id, definition, mention);
        if kind == "pocket" {
            self.through_pocket(&id, mention);
        }
        let deep = self.feature_sizes(&id, definition, mention);
        if kind == "hole" {
            self.hole_kind(&id, mention, deep);
        }
        if existing.is_some() && self.recounted(&id, mention) {
            return;
        }
        self.direction(&id, definition, mention);
        if !matches!(kind, "fillet" | "chamfer" | "shell") && (existing.is_none() || mention.placed()) {
            let row = mention.row_from_an_edge().cloned();
            let single = FeatureMention { count: None, row: false, ..mention.clone() };
            let mut places = self.placements(if row.is_some() { &single } else { mention }, &id);
            if let (Some(pitch), [place]) = (&row, places.as_mut_slice()) {
                self.start_of_a_row(place, mention, pitch);
            }
            if let (Some(twin), [place]) = (twin, places.as_mut_slice()) {
                same_distance(place, &twin, mention);
            }
            for (n, placement) in places.into_iter().enumerate() {
                self.place(&id, n, placement);
            }
            self.edge_to_edge(&id);
            if let (Some(pitch), Some(count)) = (row, &mention.count) {
                self.repeat(&id, mention, count, &pitch);
            }
        }
        if kind == "rib" {
            self.rib_length(&id);
        }
        if kind == "notch" {
            self.notch_edge(&id, mention);
        }
        if kind == "slot" {
            self.cable_slot(&id);
        }
        if kind == "slot" {
            self.upright_slots(&id);
        }
    }

    /// "a second one, identical": the sizes are those of the last of its kind.
    fn twin(&self, kind: &str, mention: &FeatureMention) -> Option<Operation> {
        let wanted = mention.bare() && mention.another;
        self.part.features.iter().skip(1).rev().find(|o| wanted && o.kind == kind).cloned()
    }

    /// The first placement is the operation's own; further ones, which no pattern expresses, are copies of it.
    fn place(&mut self, id: &str, n: usize, placement: Placement) {
        if n == 0 {
            return self.push(Edit::Place { operation: id.to_owned(), placement });
        }
        let Some(mut copy) = self.part.operation(id).cloned() else { return };
        copy.id = self.part.fresh_id(&copy.kind);
        copy.placement = Some(placement);
        self.push(Edit::Add { operation: copy });
    }

    fn feature_choices(&mut self, id: &str, definition: &Definition, mention: &FeatureMention) {
        let options = |name: &str| definition.choices.iter().find(|c| c.name == name);
        let mut choose = |choice: &str, value: &str| {
            self.push(Edit::SetChoice { operation: id.to_owned(), choice: choice.to_owned(), value: value.to_owned() });
        };
        if options("edges").is_some() {
            match mention.edges {
                Some(edges) => choose("edges", edges),
                // A round body has no upright edges.
                None => {
                    let (_, round, _) = super::places::body_shape(&self.part);
                    if round {
                        self.push(Edit::SetChoice {
                            operation: id.to_owned(),
                            choice: "edges".into(),
                            value: "top".into(),
                        });
                    }
                }
            }
        }
        if definition.kind == "shell"
            && let Some(face) = mention.faces.first().filter(|f| options("open").is_some_and(|c| c.options.contains(f)))
        {
            let (operation, value) = (id.to_owned(), (*face).to_owned());
            self.push(Edit::SetChoice { operation, choice: "open".to_owned(), value });
        }
        if options("piece").is_some() && mention.lid {
            self.push(Edit::SetChoice { operation: id.to_owned(), choice: "piece".into(), value: "lid".into() });
        }
    }

    /// Gives the feature its sizes; true when a depth was among them.
    fn feature_sizes(&mut self, id: &str, definition: &Definition, mention: &FeatureMention) -> bool {
        let mut deep = false;
        for (name, measure) in &mention.named {
            // "a slot 40 mm between centres".
            let single = mention.count.as_ref().is_none_or(|c| c.value == 1.0);
            // Of several slots too, when nothing else says how long they are.
            let long = mention.named.iter().any(|(n, _)| n.axis == Some("length"));
            let single = single || !long && mention.loose.is_empty();
            if definition.kind == "slot" && name.axis == Some("pitch") && single && mention.sizes.is_none() {
                self.feature_size(id, "length", Name::default(), measure, mention);
                let (operation, choice) = (id.to_owned(), "measured".to_owned());
                self.push(Edit::SetChoice { operation, choice, value: "centres".to_owned() });
                continue;
            }
            // The side of a square pattern is no size of its holes.
            if mention.square_pattern().is_some() && name.axis == Some("size") {
                continue;
            }
            if matches!(name.axis, Some("pcd" | "pitch")) || (measure.unit == Unit::Angle) {
                continue;
            }
            let edge_size = matches!(definition.kind, "fillet" | "chamfer");
            let parameter = match name.axis {
                _ if name.qualifier == Some("head") => resolve::parameter(definition, *name),
                Some("radius") if definition.parameter("corner_radius").is_some() => Some("corner_radius"),
                Some("diameter" | "outer") if definition.kind == "pocket" => Some("length"),
                Some("radius" | "diameter" | "size" | "width") if edge_size => {
                    definition.parameters.first().map(|p| p.name)
                }
                Some("height" | "thickness" | "length") if edge_size => None,
                Some("outer") => None,
                Some("width") if definition.kind == "rib" => Some("thickness"),
                _ if definition.kind == "shell"
                    && (matches!(name.qualifier, Some("wall" | "base"))
                        || matches!(name.axis, Some("depth" | "thickness"))) =>
                {
                    Some("thickness")
                }
                Some("thickness" | "height") if definition.kind == "hole" => None,
                Some("length") if definition.kind == "hole" => Some("depth"),
                Some("depth") => definition.parameter("depth").map(|p| p.name),
                // A qualifier names a piece of the body: "3 mm walls" after a hole.
                _ if name.qualifier.is_some_and(|q| !matches!(q, "top" | "bottom" | "shaft" | "head")) => None,
                _ => resolve::parameter(definition, *name),
            };
            match parameter {
                Some(parameter) => {
                    deep |= parameter == "depth";
                    let name = if edge_size || parameter == "corner_radius" { Name::default() } else { *name };
                    self.feature_size(id, parameter, name, measure, mention);
                }
                None => self.on_body(*name, measure),
            }
        }
        // "a 20 x 10 notch" is 20 along its edge; a step runs all along it.
        let step = ["step", "degrau", "escal", "rebate", "rabbet"].iter().any(|w| self.text.to_lowercase().contains(w));
        if let ("notch", Some([along, inward]), false) =
            (definition.kind, mention.sizes.as_deref(), mention.whole || step)
        {
            self.feature_size(id, "length", Name::default(), along, mention);
            self.feature_size(id, "width", Name::default(), inward, mention);
        } else if !mention.grid
            && let Some(sizes) = &mention.sizes
        {
            for (measure, parameter) in sizes.iter().zip(definition.size_order) {
                deep |= *parameter == "depth";
                self.feature_size(id, parameter, Name::default(), measure, mention);
            }
        }
        for measure in mention.loose.iter().filter(|m| m.is_size() || m.unit == Unit::Metric) {
            let given = self.said.iter().filter(|(o, ..)| o == id).map(|(_, p, _)| p.clone()).collect::<Vec<_>>();
            let taken = |name: &str| given.iter().any(|g| g == name);
            let first = definition
                .parameters
                .iter()
                .find(|p| p.dimension == Dimension::Length && !taken(p.name))
                .map(|p| p.name);
            let parameter = if definition.size_order.iter().any(|p| Some(*p) == first) { first } else { None };
            if let Some(parameter) = parameter {
                deep |= parameter == "depth" && definition.kind == "hole";
                self.feature_size(id, parameter, Name::default(), measure, mention);
            }
        }
        deep
    }

    fn feature_size(&mut self, id: &str, parameter: &str, name: Name, measure: &Measure, mention: &FeatureMention) {
        // A thread is drilled, not cleared.
        if measure.unit == Unit::Metric
            && mention.hole_kind == Some("threaded")
            && threads::tap_drill(measure.value).is_some()
            && parameter == "diameter"
        {
            // The family drills for the tap; the diameter is the thread's.
            let screw = format!("M{}", measure.value);
            let value =
                self.follows(measure.value, measure, format!("nominal diameter of the thread {screw}, ISO 261"));
            self.push(Edit::SetChoice { operation: id.to_owned(), choice: "screw".into(), value: screw });
            return self.set(id, parameter, value);
        }
        self.give(id, parameter, name, measure);
    }

    fn hole_kind(&mut self, id: &str, mention: &FeatureMention, deep: bool) {
        let headless = !mention.named.iter().any(|(n, _)| n.qualifier == Some("head"));
        let deep = deep && headless;
        let kind = match mention.hole_kind {
            Some("countersunk") => "countersink",
            Some("counterbored") => "counterbore",
            Some("threaded") => "threaded",
            Some("blind") => "blind",
            Some("through") => "through",
            _ if deep => "blind",
            _ => return,
        };
        self.push(Edit::SetChoice { operation: id.to_owned(), choice: "kind".into(), value: kind.into() });
    }
}

/// "same distance off the front": the direction that was not said is the twin's.
fn same_distance(placement: &mut Placement, twin: &Operation, mention: &FeatureMention) {
    let Some(Placement { position: part::Position::Anchored { u: first_u, v: first_v }, .. }) = &twin.placement else {
        return;
    };
    if placement.on.is_none()
        && let part::Position::Anchored { u, v } = &mut placement.position
    {
        let side = |names: [&str; 2]| mention.insets.iter().any(|(s, _)| s.is_some_and(|s| names.contains(&s)));
        if !side(["left", "right"]) {
            *u = first_u.clone();
        }
        if !side(["front", "back"]) && !side(["top", "bottom"]) {
            *v = first_v.clone();
        }
    }
}

impl FeatureMention {
    /// The same feature where others are.
    fn where_they_are(&self, there: &FeatureMention) -> FeatureMention {
        FeatureMention {
            count: there.count.clone().or(self.count.clone()),
            plural: there.plural,
            corners: there.corners,
            row: there.row,
            grid: there.grid,
            evenly: there.evenly,
            sizes: if there.grid { there.sizes.clone() } else { self.sizes.clone() },
            named: self
                .named
                .iter()
                .chain(there.named.iter().filter(|(n, _)| matches!(n.axis, Some("pcd" | "pitch"))))
                .cloned()
                .collect(),
            faces: there.faces.clone(),
            insets: there.insets.clone(),
            clock: there.clock.clone(),
            each: there.each,
            centre: false,
            another: true,
            ..self.clone()
        }
    }

    /// "4 x M3 on a 60 mm square pattern": the side of the square.
    pub(super) fn square_pattern(&self) -> Option<&Measure> {
        let four = self.kind == "hole" && self.count.as_ref().is_some_and(|c| c.value == 4.0) && !self.loose.is_empty();
        self.named.iter().find(|(n, _)| four && n.axis == Some("size")).map(|(_, m)| m)
    }

    /// Several in a row that starts at an edge: how far apart they are.
    fn row_from_an_edge(&self) -> Option<&Measure> {
        let several = self.count.as_ref().is_some_and(|c| c.value > 1.0 && c.value <= 100.0);
        let sided = self.insets.iter().any(|(s, _)| s.is_some_and(|s| s != "centre"));
        let pitch = self.named.iter().find(|(n, _)| n.axis == Some("pitch")).map(|(_, m)| m);
        pitch.filter(|_| several && sided && self.clock.is_empty() && self.insets.len() as f64 != self.count_or_one())
    }

    fn count_or_one(&self) -> f64 {
        self.count.as_ref().map_or(1.0, |c| c.value)
    }

    /// True when its direction is that of a row, not of its axis.
    pub(super) fn placed_in_row(&self) -> bool {
        self.row || self.count_or_one() > 1.0 || self.plural || self.named.iter().any(|(n, _)| n.axis == Some("pitch"))
    }

    /// True when nothing was said of its size.
    pub(super) fn bare(&self) -> bool {
        self.sizes.is_none()
            && self.loose.is_empty()
            && self.named.iter().all(|(n, _)| matches!(n.axis, Some("pcd" | "pitch")))
    }

    /// True when the words say where, the count aside.
    pub(super) fn elsewhere(&self) -> bool {
        FeatureMention { count: None, ..self.clone() }.placed()
    }

    /// True when the words say where.
    fn placed(&self) -> bool {
        self.centre
            || self.corners
            || self.row
            || self.grid
            || self.lid
            || !self.faces.is_empty()
            || !self.insets.is_empty()
            || !self.clock.is_empty()
            || self.named.iter().any(|(n, _)| matches!(n.axis, Some("pcd" | "pitch")))
            || self.count.is_some()
    }
}
