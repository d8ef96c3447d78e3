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
            // A round pocket is a blind hole.
            let round = mention.kind == "pocket"
                && mention.sizes.is_none()
                && mention.named.iter().any(|(n, _)| matches!(n.axis, Some("diameter" | "outer")));
            let as_hole =
                FeatureMention { kind: "hole", hole_kind: mention.hole_kind.or(Some("blind")), ..mention.clone() };
            let mention = if round { &as_hole } else { mention };
            let compared = reading.relatives.iter().any(|r| r.feature == Some(k));
            if mention.negated {
                self.removed(&body, mention);
            } else if !compared && !self.by_family(&body, mention) {
                self.by_operation(mention);
            }
        }
    }

    fn removed(&mut self, body: &str, mention: &FeatureMention) {
        let kind = if mention.kind == "drain" { "hole" } else { mention.kind };
        let ids: Vec<String> =
            self.part.features.iter().skip(1).filter(|o| o.kind == kind).map(|o| o.id.clone()).collect();
        if !ids.is_empty() {
            for operation in ids {
                self.push(Edit::Remove { operation });
            }
            return;
        }
        let Some(definition) = self.definition(body) else { return };
        let name = match kind {
            "hole" => {
                ["hole_count", "bore"].into_iter().find(|p| definition.parameter(p).is_some_and(|p| p.range.0 <= 0.0))
            }
            "fillet" => definition.parameter("corner_radius").map(|p| p.name),
            _ => None,
        };
        if let Some(name) = name {
            self.set(body, name, Quantity::derived(0.0, format!("none wanted, turn {}", self.turn)));
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
        if !matches!(mention.kind, "hole" | "drain") || mention.lid {
            return false;
        }
        let exists = self.part.features.iter().any(|o| o.kind == "hole");
        if exists && mention.definite && !mention.another {
            return false;
        }
        let plain = matches!(mention.hole_kind, None | Some("through"))
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
        let bore = ["bore", "inner_diameter", "hole_diameter"].into_iter().find(|p| has(p));
        if let Some(bore) = bore
            && count.is_none_or(|c| c == 1.0)
            && mention.insets.is_empty()
            && !self.said.iter().any(|(o, p, _)| o == body && p == bore)
        {
            self.hole_size(body, bore, mention);
            return true;
        }
        false
    }

    /// A bracket's holes are counted per leg: "4 holes" are two in each.
    fn hole_count(&mut self, body: &str, definition: &Definition, mention: &FeatureMention, count: &Measure) {
        let shared = definition.kind == "l_bracket" && !mention.each && count.value % 2.0 == 0.0 && count.value > 0.0;
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
                    _ => mention.definite && !mention.another,
                }
        });
        let existing = reference.map(|o| o.id.clone());
        let id = match existing.clone() {
            Some(id) => id,
            None => {
                let id = self.part.fresh_id(kind);
                let operation = Operation::new(id.clone(), kind);
                self.push(Edit::Add { operation });
                id
            }
        };
        self.feature_choices(&id, definition, mention);
        let deep = self.feature_sizes(&id, definition, mention);
        if kind == "hole" {
            self.hole_kind(&id, mention, deep);
        }
        if !matches!(kind, "fillet" | "chamfer") && (existing.is_none() || mention.placed()) {
            for (n, placement) in self.placements(mention, &id).into_iter().enumerate() {
                self.place(&id, n, placement);
            }
        }
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
        if options("piece").is_some() && mention.lid {
            self.push(Edit::SetChoice { operation: id.to_owned(), choice: "piece".into(), value: "lid".into() });
        }
    }

    /// Gives the feature its sizes; true when a depth was among them.
    fn feature_sizes(&mut self, id: &str, definition: &Definition, mention: &FeatureMention) -> bool {
        let mut deep = false;
        for (name, measure) in &mention.named {
            if matches!(name.axis, Some("pcd" | "pitch")) || (measure.unit == Unit::Angle) {
                continue;
            }
            let edge_size = matches!(definition.kind, "fillet" | "chamfer");
            let parameter = match name.axis {
                Some("radius") if definition.parameter("corner_radius").is_some() => Some("corner_radius"),
                Some("radius" | "diameter" | "size" | "width") if edge_size => {
                    definition.parameters.first().map(|p| p.name)
                }
                Some("height" | "thickness" | "length") if edge_size => None,
                Some("outer") => None,
                Some("thickness" | "height") if definition.kind == "hole" => None,
                Some("length") if definition.kind == "hole" => Some("depth"),
                Some("depth") => definition.parameter("depth").map(|p| p.name),
                // A qualifier names a piece of the body: "3 mm walls" after a hole.
                _ if name.qualifier.is_some_and(|q| !matches!(q, "top" | "bottom" | "shaft")) => None,
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
        if !mention.grid
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
            && let Some((drill, rule)) = threads::tap_drill(measure.value)
        {
            let value = self.follows(drill, measure, rule);
            return self.set(id, parameter, value);
        }
        self.give(id, parameter, name, measure);
    }

    fn hole_kind(&mut self, id: &str, mention: &FeatureMention, deep: bool) {
        let kind = match mention.hole_kind {
            Some("countersunk") => "countersink",
            Some("counterbored") => "counterbore",
            Some("blind") => "blind",
            Some("through") => "through",
            _ if deep => "blind",
            _ => return,
        };
        self.push(Edit::SetChoice { operation: id.to_owned(), choice: "kind".into(), value: kind.into() });
    }
}

impl FeatureMention {
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
