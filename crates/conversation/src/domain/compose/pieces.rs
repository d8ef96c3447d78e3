//! Bodies told piece by piece: the sections of a shaft, the ends of a transition, the legs of a bent rod.

use part::{Edit, Operation, Placement, Position};

use super::Composer;
use crate::domain::{grammar::Reading, resolve::Name};

impl Composer<'_> {
    /// Sizes that the pieces give; before the body's own, so that a number is not read twice.
    pub(super) fn pieces(&mut self, reading: &Reading) {
        let Some(body) = self.body_id() else { return };
        let Some(definition) = self.definition(&body) else { return };
        match definition.kind {
            "cylinder" if !reading.sections.is_empty() => self.sections(&body, reading),
            "transition" => self.ends(&body, reading),
            "bent_rod" => {
                for (measure, parameter) in reading.legs.iter().zip(["leg_1", "leg_2"]) {
                    self.give(&body, parameter, Name::default(), measure);
                }
            }
            _ => {}
        }
    }

    /// The first section is the body, each next one a boss on the one before it.
    fn sections(&mut self, body: &str, reading: &Reading) {
        let mut below: Option<String> = None;
        for (n, [diameter, length]) in reading.sections.iter().enumerate() {
            let id = if n == 0 { body.to_owned() } else { self.part.fresh_id("boss") };
            if n > 0 {
                self.push(Edit::Add { operation: Operation::new(id.clone(), "boss") });
                if let Some(below) = &below {
                    let placement = Placement::on(below.clone(), Position::Centre);
                    self.push(Edit::Place { operation: id.clone(), placement });
                }
                below = Some(id.clone());
            }
            self.give(&id, "diameter", Name::default(), diameter);
            self.give(&id, "height", Name::default(), length);
        }
    }

    fn ends(&mut self, body: &str, reading: &Reading) {
        let known = reading.ends.iter().find_map(|end| end.top);
        for (n, end) in reading.ends.iter().enumerate() {
            // What is not said is the other one, or from below upwards.
            let top = end.top.unwrap_or(known.map_or(n == 1, |top| !top));
            let (choice, length, width) =
                if top { ("top", "top_length", "top_width") } else { ("bottom", "bottom_length", "bottom_width") };
            let value = if end.round { "round" } else { "rectangular" };
            let (operation, choice) = (body.to_owned(), choice.to_owned());
            self.push(Edit::SetChoice { operation, choice, value: value.to_owned() });
            for (measure, parameter) in end.sizes.iter().zip([length, width]) {
                self.give(body, parameter, Name::default(), measure);
            }
        }
    }
}
