//! A feature that is there, mirrored or repeated.

use part::{Anchor, AnchorFrom, Dimension, Edit, Operation, Placement, Position, Quantity};

use super::Composer;
use crate::domain::{
    grammar::{Reading, Repeated},
    lexeme::Measure,
    quantity::tidy,
    resolve::Name,
};

impl Composer<'_> {
    pub(super) fn copied(&mut self, reading: &Reading) {
        if let Some(mirrored) = reading.mirrored {
            let last = self.last_feature().map(|o| o.kind);
            let placed = |o: &&Operation| o.placement.is_some() && last.as_ref().is_some_and(|kind| o.kind == *kind);
            let those: Vec<Operation> =
                self.part.features.iter().skip(1).filter(placed).rev().take(mirrored.count).cloned().collect();
            for feature in those.into_iter().rev() {
                let one = if mirrored.count == 1 { self.last_feature().unwrap_or(feature) } else { feature };
                self.mirrored(one, mirrored.side, mirrored.diagonal);
            }
        }
        if let Some((side, inset)) = &reading.edge_inset {
            self.inset(*side, inset);
        }
        if reading.swap {
            self.swap();
        }
        if let Some(repeated) = &reading.repeated {
            self.repeated(repeated);
        }
    }

    /// The feature that was spoken of last.
    fn last_feature(&self) -> Option<Operation> {
        let features = || self.part.features.iter().skip(1).filter(|o| o.placement.is_some());
        let focused = self.focus_before.as_ref().and_then(|(id, _)| features().find(|o| o.id == *id));
        focused.or(features().next_back()).cloned()
    }

    /// To the other side of the middle: the side that was said, else the one across which it lies off the middle.
    fn mirrored(&mut self, mut copy: Operation, side: Option<&str>, diagonal: bool) {
        let Some(placement) = &mut copy.placement else { return };
        let off = |u: bool| match &placement.position {
            Position::Anchored { u: a, v: b } => {
                let anchor = if u { a } else { b };
                anchor.from != AnchorFrom::Centre || anchor.distance.value != 0.0
            }
            Position::Offset { u: a, v: b } => {
                if u {
                    a.value != 0.0
                } else {
                    b.value != 0.0
                }
            }
            _ => false,
        };
        let across = match side {
            Some("left" | "right") => true,
            Some("front" | "back" | "top" | "bottom") => false,
            _ => off(true),
        };
        if !off(across) && !diagonal {
            return;
        }
        let flip = |anchor: &mut Anchor| match anchor.from {
            AnchorFrom::Low => anchor.from = AnchorFrom::High,
            AnchorFrom::High => anchor.from = AnchorFrom::Low,
            AnchorFrom::Centre => negate(&mut anchor.distance),
        };
        match &mut placement.position {
            Position::Anchored { u, v } if diagonal => [u, v].into_iter().for_each(flip),
            Position::Anchored { u, v } => flip(if across { u } else { v }),
            Position::Offset { u, v } => negate(if across { u } else { v }),
            _ => return,
        }
        copy.id = self.part.fresh_id(&copy.kind);
        self.focus = copy.parameters.first_key_value().map(|(name, _)| (copy.id.clone(), name.clone()));
        self.push(Edit::Add { operation: copy });
    }

    /// "with the centres 10 from the edges", "put it 10 mm from the back edge": the last feature moves.
    fn inset(&mut self, side: Option<&str>, measure: &Measure) {
        let features =
            self.part.features.iter().skip(1).filter(|o| !matches!(o.kind.as_str(), "fillet" | "chamfer" | "pattern"));
        let focused = self.focus_before.as_ref().map(|(id, _)| id.clone());
        let feature =
            features.clone().find(|o| Some(&o.id) == focused.as_ref()).or(features.clone().next_back()).cloned();
        let Some(feature) = feature else {
            let Some(body) = self.body_id() else { return };
            let has = self.definition(&body).is_some_and(|d| d.parameter("hole_inset").is_some());
            if has && self.current(&body, "hole_count").is_some_and(|n| n > 0.0) {
                self.give(&body, "hole_inset", Name::default(), measure);
            }
            return;
        };
        let distance = self.quantity(measure, Dimension::Length);
        let centred = || Anchor { from: AnchorFrom::Centre, distance: Quantity::derived(0.0, "centred") };
        let mut placement =
            feature.placement.clone().unwrap_or_else(|| Placement::new(part::Face::Top, Position::Centre));
        if placement.position == Position::Centre && side.is_some() {
            placement.position = Position::Anchored { u: centred(), v: centred() };
        }
        let upright = matches!(placement.face, part::Face::Left | part::Face::Right);
        match (&mut placement.position, side) {
            (Position::Corners { inset }, None) => *inset = distance,
            (Position::Anchored { u, v }, None) => {
                for anchor in [u, v].into_iter().filter(|a| a.from != AnchorFrom::Centre) {
                    anchor.distance = distance.clone();
                }
            }
            (Position::Anchored { u, v }, Some(side)) => {
                let from = if matches!(side, "right" | "back" | "top") { AnchorFrom::High } else { AnchorFrom::Low };
                let along = matches!(side, "left" | "right") || upright && matches!(side, "front" | "back");
                *(if along { u } else { v }) = Anchor { from, distance };
            }
            _ => return,
        }
        self.push(Edit::Place { operation: feature.id, placement });
    }

    /// "swap those two": outer and inner were said the wrong way round.
    fn swap(&mut self) {
        let Some(body) = self.body_id() else { return };
        let given = |name: &str| self.part.operation(&body).and_then(|o| o.parameters.get(name)).cloned();
        let (Some(outer), Some(inner)) = (given("outer_diameter"), given("inner_diameter")) else { return };
        for (parameter, value) in [("outer_diameter", inner), ("inner_diameter", outer)] {
            let parameter = parameter.to_owned();
            self.push(Edit::SetParameter { operation: body.clone(), parameter, value });
        }
    }

    /// In a row from where it is towards the far side.
    fn repeated(&mut self, repeated: &Repeated) {
        let Some(feature) = self.last_feature() else { return };
        let Some(Placement { face, position, .. }) = &feature.placement else { return };
        let across = repeated.across.unwrap_or(false);
        let high = match position {
            Position::Anchored { u, v } => (if across { v } else { u }).from == AnchorFrom::High,
            _ => false,
        };
        let upright = matches!(face, part::Face::Left | part::Face::Right);
        let axis = match (across, upright, face) {
            (false, true, _) => "y",
            (false, false, _) => "x",
            (true, _, part::Face::Top | part::Face::Bottom) => "y",
            (true, ..) => "z",
        };
        let pattern = self.part.fresh_id("pattern");
        let mut operation = Operation::new(pattern.clone(), "pattern");
        for (choice, value) in [("of", feature.id.as_str()), ("kind", "linear"), ("direction", axis)] {
            operation.choices.insert(choice.to_owned(), value.to_owned());
        }
        self.push(Edit::Add { operation });
        let count = self.quantity(&repeated.count, Dimension::Count);
        self.set(&pattern, "count", count);
        let pitch = match high {
            false => self.quantity(&repeated.pitch, Dimension::Length),
            true => self.follows(
                -repeated.pitch.value,
                &repeated.pitch,
                format!("every {} mm from the far side", repeated.pitch.value),
            ),
        };
        self.set(&pattern, "pitch", pitch);
    }
}

/// To the other side of the middle.
fn negate(quantity: &mut Quantity) {
    if quantity.value != 0.0 {
        let rule = format!("{} mm on the other side", tidy(quantity.value.abs()));
        *quantity = Quantity { words: quantity.words.clone(), ..Quantity::derived(0.0 - quantity.value, rule) };
    }
}
