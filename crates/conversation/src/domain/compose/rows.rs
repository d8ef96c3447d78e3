//! Rows: which way they run, where they start, how often and how far apart.

use part::{Dimension, Edit, Operation, Placement, catalogue::Definition};

use super::Composer;
use crate::domain::{grammar::FeatureMention, lexeme::Measure, quantity::tidy};

impl Composer<'_> {
    /// "a row 20 mm from the front edge, 25 apart": along the edge it is centred, so its first starts half of it before the
    /// middle.
    pub(super) fn start_of_a_row(&mut self, place: &mut Placement, mention: &FeatureMention, pitch: &Measure) {
        let across = mention.direction == Some("across");
        let own = if across { ["front", "back", "bottom", "top"] } else { ["left", "right", "left", "right"] };
        let said = mention.insets.iter().any(|(s, _)| s.is_some_and(|s| own.contains(&s)));
        let count = mention.count.as_ref().map_or(1.0, |c| c.value);
        if let (false, part::Position::Anchored { u, v }) = (said, &mut place.position) {
            let half = tidy(-(count - 1.0) / 2.0 * pitch.value);
            let distance = self.follows(half, pitch, format!("half a row of {count} before the middle"));
            *(if across { v } else { u }) = part::Anchor { from: part::AnchorFrom::Centre, distance };
        }
    }

    /// "front to back": which way a long feature lies.
    pub(super) fn direction(&mut self, id: &str, definition: &Definition, mention: &FeatureMention) {
        let has = definition.choices.iter().any(|c| c.name == "direction" && c.options.contains(&"across"));
        if let Some(way) = mention.direction.filter(|_| has) {
            let (operation, choice) = (id.to_owned(), "direction".to_owned());
            self.push(Edit::SetChoice { operation, choice, value: way.to_owned() });
        }
    }

    /// "the first 15 mm from the left edge, then every 20": the first stays where it was said, a pattern repeats it.
    pub(super) fn repeat(&mut self, id: &str, mention: &FeatureMention, count: &Measure, pitch: &Measure) {
        let from = |sides: [&str; 2]| mention.insets.iter().any(|(s, _)| s.is_some_and(|s| sides.contains(&s)));
        let face = self.part.operation(id).and_then(|o| o.placement.as_ref()).map(|p| p.face);
        let upright = matches!(face, Some(part::Face::Left | part::Face::Right));
        let level = matches!(face, None | Some(part::Face::Top | part::Face::Bottom));
        let across = mention.direction == Some("across");
        let axis = match (across, upright) {
            (false, false) => "x",
            (false, true) => "y",
            (true, _) if level => "y",
            (true, _) => "z",
        };
        let back = if across { from(["back", "top"]) } else { from(["right", "right"]) };
        let pattern = self.part.fresh_id("pattern");
        let mut operation = Operation::new(pattern.clone(), "pattern");
        for (choice, value) in [("of", id), ("kind", "linear"), ("direction", axis)] {
            operation.choices.insert(choice.to_owned(), value.to_owned());
        }
        self.push(Edit::Add { operation });
        let number = self.quantity(count, Dimension::Count);
        self.set(&pattern, "count", number);
        let step = match back {
            false => self.quantity(pitch, Dimension::Length),
            true => self.follows(-pitch.value, pitch, format!("every {} mm from the far side", pitch.value)),
        };
        self.set(&pattern, "pitch", step);
    }

    /// "make it eight holes, not six": the pattern stays, its number changes.
    pub(super) fn recounted(&mut self, id: &str, mention: &FeatureMention) -> bool {
        let Some(count) = mention.count.clone().filter(|_| mention.bare() && !mention.elsewhere()) else {
            return false;
        };
        let of_it = |o: &&Operation| o.kind == "pattern" && o.choices.get("of").is_some_and(|of| of == id);
        let pattern = self.part.features.iter().find(of_it).map(|o| o.id.clone());
        let number = self.quantity(&count, Dimension::Count);
        if let Some(pattern) = pattern {
            self.set(&pattern, "count", number);
            return true;
        }
        let Some(mut placement) = self.part.operation(id).and_then(|o| o.placement.clone()) else { return false };
        match &mut placement.position {
            part::Position::Circle { count, .. } | part::Position::Row { count, .. } => *count = number,
            _ => return false,
        }
        self.push(Edit::Place { operation: id.to_owned(), placement });
        true
    }
}
