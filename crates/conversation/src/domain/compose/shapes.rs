//! What the shape of a feature leaves to rules: round pockets and windows, the edge of a notch, how long a rib or a slot is.

use part::{Edit, Placement, Quantity};

use super::Composer;
use crate::domain::{grammar::FeatureMention, quantity::tidy, resolve::Name};

impl Composer<'_> {
    /// "the inside corners rounded to 4 mm": those of the pocket that is there.
    pub(super) fn corners_of_a_pocket(&mut self, mention: &FeatureMention) -> bool {
        let pocket = self.part.features.iter().rev().find(|o| o.kind == "pocket").map(|o| o.id.clone());
        let size = mention.named.first().map(|(_, m)| m).or(mention.loose.first()).cloned();
        let (Some(pocket), Some(size), true, "fillet") = (pocket, size, mention.inside, mention.kind) else {
            return false;
        };
        self.give(&pocket, "corner_radius", Name::default(), &size);
        true
    }

    /// "a circular pocket", "a pocket of 50 mm in diameter".
    pub(super) fn round_pocket(&mut self, mention: &FeatureMention, said_round: bool) {
        let named = mention.named.iter().any(|(n, _)| matches!(n.axis, Some("diameter" | "outer")));
        let last = self.part.features.iter().rev().find(|o| o.kind == "pocket").map(|o| o.id.clone());
        if let (Some(operation), true, None) = (last, named || said_round, &mention.sizes) {
            self.push(Edit::SetChoice { operation, choice: "shape".to_owned(), value: "round".to_owned() });
        }
    }

    /// A blind hole in a boss is measured from the boss's end.
    pub(super) fn in_the_last_boss(&mut self, mention: &FeatureMention) {
        let boss =
            self.part.features.iter().rev().find(|o| matches!(o.kind.as_str(), "boss" | "pad")).map(|o| o.id.clone());
        let Some(hole) = self.part.features.last().filter(|o| o.kind == "hole").cloned() else { return };
        let blind = hole.choices.get("kind").is_some_and(|k| k == "blind");
        if let (Some(boss), true, None) = (boss, blind, mention.hole_kind.filter(|k| *k == "through")) {
            let placement = Placement::on(boss, part::Position::Centre);
            self.push(Edit::Place { operation: hole.id, placement });
        }
    }

    /// "a rectangular window", "a cutout right through".
    pub(super) fn through_pocket(&mut self, id: &str, mention: &FeatureMention) {
        let words = self.text.to_lowercase();
        let named = ["window", "janela", "ventana", "cutout", "cut-out", "cut out"].iter().any(|w| words.contains(w));
        let deep = mention.named.iter().any(|(n, _)| matches!(n.axis, Some("depth" | "deepness")))
            || mention.sizes.as_ref().is_some_and(|s| s.len() > 2);
        if !deep && (mention.hole_kind == Some("through") || named) {
            let (operation, choice) = (id.to_owned(), "through".to_owned());
            self.push(Edit::SetChoice { operation, choice, value: "yes".to_owned() });
        }
    }

    /// The edge at which a notch is open: the side that was said.
    pub(super) fn notch_edge(&mut self, id: &str, mention: &FeatureMention) {
        let sides = mention.faces.iter().copied().chain(mention.insets.iter().filter_map(|(side, _)| *side));
        let side = sides.into_iter().find(|s| matches!(*s, "front" | "back" | "left" | "right"));
        if let Some(side) = side {
            let (operation, choice) = (id.to_owned(), "edge".to_owned());
            self.push(Edit::SetChoice { operation, choice, value: side.to_owned() });
        }
    }

    /// "a 14 mm slot for the cable": long enough for its plug.
    pub(super) fn cable_slot(&mut self, id: &str) {
        let words = self.text.to_lowercase();
        let cable = ["cable", "cabo", "cord", "fio"].iter().any(|w| words.contains(w));
        let Some(slot) = self.part.operation(id).filter(|o| cable && !o.parameters.contains_key("length")) else {
            return;
        };
        if let Some(width) = slot.parameters.get("width").map(|q| q.value) {
            let length = Quantity::derived(tidy(width * 1.5), "one and a half times its width, for a cable's plug");
            self.push(Edit::SetParameter { operation: id.to_owned(), parameter: "length".to_owned(), value: length });
        }
    }

    /// Slots in a row that would run into each other lengthwise stand side by side.
    pub(super) fn upright_slots(&mut self, id: &str) {
        let Some(slot) = self.part.operation(id) else { return };
        let size = |name: &str| slot.parameters.get(name).map(|q| q.value);
        let pitch = slot.placement.as_ref().and_then(|p| match &p.position {
            part::Position::Row { count, pitch } if count.value > 1.0 => Some(pitch.value),
            _ => None,
        });
        if let (Some(pitch), Some(length), Some(width), None) =
            (pitch, size("length"), size("width"), slot.choices.get("direction"))
            && length >= pitch
            && width < pitch
        {
            let (operation, choice) = (id.to_owned(), "direction".to_owned());
            self.push(Edit::SetChoice { operation, choice, value: "across".to_owned() });
        }
    }

    /// "a 40 mm pocket 15 mm from the left edge" cannot have its middle there: the distance is to its side.
    pub(super) fn edge_to_edge(&mut self, id: &str) {
        let Some(feature) = self.part.operation(id).filter(|o| matches!(o.kind.as_str(), "pocket" | "pad")) else {
            return;
        };
        let size = |name: &str| feature.parameters.get(name).map(|q| q.value);
        let (Some(length), Some(mut placement)) = (size("length"), feature.placement.clone()) else { return };
        let width = size("width").unwrap_or(length);
        let part::Position::Anchored { u, v } = &mut placement.position else { return };
        let mut moved = false;
        for (anchor, across) in [(u, length), (v, width)] {
            let distance = anchor.distance.value;
            if anchor.from != part::AnchorFrom::Centre && distance < across / 2.0 {
                let rule = format!("{distance} mm from the edge to its side");
                let words = anchor.distance.words.clone();
                anchor.distance = Quantity { words, ..Quantity::derived(tidy(distance + across / 2.0), rule) };
                moved = true;
            }
        }
        if moved {
            self.push(Edit::Place { operation: id.to_owned(), placement });
        }
    }

    /// A rib whose length nobody said runs from end to end.
    pub(super) fn rib_length(&mut self, id: &str) {
        let Some(rib) = self.part.operation(id) else { return };
        if rib.parameters.contains_key("length") {
            return;
        }
        let row = rib.placement.as_ref().is_some_and(|p| matches!(p.position, part::Position::Row { .. }));
        let across = row || rib.choices.get("direction").is_some_and(|d| d == "across");
        if row {
            // Ribs in a row stand side by side.
            let (operation, choice) = (id.to_owned(), "direction".to_owned());
            self.push(Edit::SetChoice { operation, choice, value: "across".to_owned() });
        }
        let (size, _, known) = super::places::body_shape(&self.part);
        if known {
            let length = if across { size[1] } else { size[0] };
            self.set(id, "length", Quantity::derived(length, "from end to end of the face"));
        }
    }
}
