//! Taking things away: all of a kind, or the one that the words single out.

use part::{Edit, Operation, Placement, Position, Quantity};

use super::{Composer, places};
use crate::domain::{
    grammar::{FeatureMention, Which},
    quantity::tidy,
};

impl Composer<'_> {
    pub(super) fn removed(&mut self, body: &str, mention: &FeatureMention) {
        let kind = match mention.kind {
            "drain" => "hole".to_owned(),
            // "the middle one": of what was spoken of last.
            "it" => match self.spoken_of() {
                Some(kind) => kind,
                None => return,
            },
            kind => kind.to_owned(),
        };
        let all: Vec<Operation> = self.part.features.iter().skip(1).filter(|o| o.kind == kind).cloned().collect();
        let fitting: Vec<&Operation> = all.iter().filter(|o| self.singled_out(o, mention)).collect();
        let central = mention.centre && kind == "hole" && self.current(body, "bore").is_some_and(|b| b > 0.0);
        if central && fitting.is_empty() {
            let none = Quantity::derived(0.0, format!("none wanted, turn {}", self.turn));
            return self.set(body, "bore", none);
        }
        // One of a row.
        if let (Some(which), [pattern]) = (mention.which.or(mention.centre.then_some(Which::Middle)), all.as_slice())
            && self.one_of_a_row(pattern, which)
        {
            return;
        }
        let chosen: Vec<String> = match (mention.which, mention.plural || all.len() < 2) {
            (Some(which), _) if all.len() > 1 => pick(&all, which).map(|o| o.id.clone()).into_iter().collect(),
            (_, true) if fitting.is_empty() => all.iter().map(|o| o.id.clone()).collect(),
            (_, true) => fitting.iter().map(|o| o.id.clone()).collect(),
            // "the hole", of several: the one that fits, else what was spoken of last.
            _ => fitting.last().copied().or(all.last()).map(|o| o.id.clone()).into_iter().collect(),
        };
        if !chosen.is_empty() {
            chosen.iter().for_each(|id| self.remove(id));
            return;
        }
        let Some(definition) = self.definition(body) else { return };
        let name = match kind.as_str() {
            "hole" => {
                ["hole_count", "bore"].into_iter().find(|p| definition.parameter(p).is_some_and(|p| p.range.0 <= 0.0))
            }
            "fillet" => definition.parameter("corner_radius").map(|p| p.name),
            _ => None,
        };
        // Screw holes that a family always has are none when they are nothing wide.
        let none_wide = || definition.parameter("hole_diameter").filter(|p| p.range.0 <= 0.0).map(|p| p.name);
        let name = name.or_else(|| none_wide().filter(|_| kind == "hole"));
        if let Some(name) = name {
            let said: Vec<String> =
                self.part.operation(body).map(|o| o.parameters.keys().cloned().collect()).unwrap_or_default();
            for parameter in said.into_iter().filter(|p| kind == "hole" && p.starts_with("hole_") && p != name) {
                self.push(Edit::ClearParameter { operation: body.to_owned(), parameter });
            }
            self.set(body, name, Quantity::derived(0.0, format!("none wanted, turn {}", self.turn)));
        }
    }

    /// Removes an operation with what repeats it or stands on it.
    fn remove(&mut self, id: &str) {
        let needs = |o: &&Operation| {
            o.choices.get("of").is_some_and(|of| of == id)
                || o.placement.as_ref().is_some_and(|p| p.on.as_deref() == Some(id))
        };
        let dependents: Vec<String> = self.part.features.iter().filter(needs).map(|o| o.id.clone()).collect();
        for operation in dependents.into_iter().filter(|other| other != id) {
            self.push(Edit::Remove { operation });
        }
        self.push(Edit::Remove { operation: id.to_owned() });
    }

    /// The kind of the feature that was changed or made last.
    fn spoken_of(&self) -> Option<String> {
        let focused =
            self.focus_before.as_ref().and_then(|(id, _)| self.part.features.iter().skip(1).find(|o| o.id == *id));
        focused.or(self.part.features.iter().skip(1).next_back()).map(|o| o.kind.clone())
    }

    /// Whether the words about which one fit an operation: its place, its direction, its size.
    fn singled_out(&self, operation: &Operation, mention: &FeatureMention) -> bool {
        let placement = operation.placement.as_ref();
        let centred = placement.is_none_or(|p| p.position == Position::Centre);
        let level = placement.is_none_or(|p| matches!(p.face, part::Face::Top | part::Face::Bottom));
        let cornered = placement.is_some_and(|p| matches!(p.position, Position::Corners { .. }));
        let size = mention.loose.first().or(mention.named.first().map(|(_, m)| m));
        let sized = size.is_none_or(|m| operation.parameters.values().any(|q| (q.value - m.value).abs() < 1e-6));
        let face = mention.faces.first().is_none_or(|face| places::says(placement, face));
        let way = match mention.edges {
            Some("vertical") if operation.kind == "hole" => level,
            Some(edges) => operation.choices.get("edges").is_none_or(|e| e == edges),
            None => true,
        };
        (!mention.centre || centred) && (!mention.corners || cornered) && sized && face && way
    }

    /// "the middle one" of a row of ribs: the others stay where they are.
    fn one_of_a_row(&mut self, operation: &Operation, which: Which) -> bool {
        let Some(Placement { face, position, on }) = operation.placement.clone() else { return false };
        let (count, pitch, upright) = match &position {
            Position::Row { count, pitch } => (count.value, pitch.value, false),
            Position::Grid { columns, rows, pitch_v, .. } if columns.value == 1.0 => (rows.value, pitch_v.value, true),
            _ => return false,
        };
        let n = count as usize;
        if !(2..=100).contains(&n) || which == Which::Middle && n.is_multiple_of(2) {
            return false;
        }
        let gone = match which {
            Which::First => 0,
            Which::Second => 1,
            Which::Third => 2,
            Which::Middle => n / 2,
            Which::Last => n - 1,
        };
        let zero = || Quantity::derived(0.0, "on the middle line");
        let along = |i: usize| {
            let at = tidy(pitch * (i as f64 - (count - 1.0) / 2.0));
            Quantity::derived(at, format!("number {} of {n}, {pitch} mm apart", i + 1))
        };
        let points = (0..n).filter(|i| *i != gone).map(|i| match upright {
            false => part::Point { x: along(i), y: zero() },
            true => part::Point { x: zero(), y: along(i) },
        });
        let placement = Placement { face, position: Position::Points { points: points.collect() }, on };
        self.push(Edit::Place { operation: operation.id.clone(), placement });
        true
    }
}

fn pick(all: &[Operation], which: Which) -> Option<&Operation> {
    match which {
        Which::First => all.first(),
        Which::Second => all.get(1),
        Which::Third => all.get(2),
        Which::Middle => all.get(all.len() / 2),
        Which::Last => all.last(),
    }
}
