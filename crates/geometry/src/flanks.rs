//! Where modelled threads lie in the print pose, and which of their surfaces print although they lean out far.
//!
//! A flank of an ISO 68-1 thread leans out 60 degrees when its axis stands upright. It prints: it reaches out by little
//! more than half a pitch, a few lines, and every layer of it is a closed ring that lies on most of the one below.

use part::solid::{Action, Piece, Shape, Solid};

use crate::layout;

/// Flanks lean out 60 degrees; facets of a coarse thread a little more.
const FLANK: f64 = 63.0;
/// An axis within this of the vertical is upright, degrees.
const UPRIGHT: f64 = 5.0;
/// The coarsest that the catalogue makes by itself; it reaches out by 2.7 mm. Flanks of a coarser pitch are looked at.
const COARSEST: f64 = 5.0;

/// One thread: a ring about an upright axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Flanks {
    centre: [f64; 2],
    radii: [f64; 2],
    heights: [f64; 2],
}

/// The upright threads of a piece that was turned for printing and then moved.
pub(crate) fn of(piece: &Piece, by: [f64; 3]) -> Vec<Flanks> {
    let threads = piece.steps.iter().filter_map(|step| match &step.action {
        Action::Add(solid) | Action::Cut(solid) | Action::Intersect(solid) => Some(solid),
        _ => None,
    });
    threads.filter_map(|solid| Flanks::new(solid, piece.print_turns, by)).collect()
}

impl Flanks {
    fn new(solid: &Solid, turns: [u8; 2], by: [f64; 3]) -> Option<Flanks> {
        let Shape::Thread { diameter, pitch, length, clearance, .. } = solid.shape else { return None };
        let (origin, axis) =
            (layout::turned_point(solid.frame.origin, turns), layout::turned_point(solid.frame.z, turns));
        if axis[2].abs() < UPRIGHT.to_radians().cos() || pitch > COARSEST {
            return None;
        }
        // Both kinds of thread with their play, and a facet's chord.
        let (depth, play) = (0.625 * pitch * 3_f64.sqrt() / 2.0, clearance.abs() + 0.1);
        let start = origin[2] + by[2];
        let end = start + axis[2] * length;
        Some(Flanks {
            centre: [origin[0] + by[0], origin[1] + by[1]],
            radii: [diameter / 2.0 - depth - play, diameter / 2.0 + play],
            heights: [start.min(end) - 0.1, start.max(end) + 0.1],
        })
    }

    /// Whether a facet at this place that looks this way is one of the thread's.
    pub(crate) fn hold(&self, place: [f64; 3], normal: [f64; 3]) -> bool {
        let radius = (place[0] - self.centre[0]).hypot(place[1] - self.centre[1]);
        let within = |value: f64, [low, high]: [f64; 2]| (low..=high).contains(&value);
        within(radius, self.radii) && within(place[2], self.heights) && normal[2] >= -FLANK.to_radians().sin()
    }
}

#[cfg(test)]
mod tests {
    use part::solid::Frame;

    use super::*;

    fn thread(pitch: f64) -> Solid {
        let shape =
            Shape::Thread { diameter: 20.0, pitch, length: 10.0, internal: false, left_handed: false, clearance: 0.2 };
        Solid { shape, frame: Frame::at([5.0, 0.0, 3.0]) }
    }

    #[test]
    fn only_the_flanks_of_an_upright_thread_are_held() {
        let flanks = Flanks::new(&thread(2.5), [0, 0], [1.0, 0.0, -3.0]).unwrap();
        let leaning = |degrees: f64| [0.5, 0.0, -degrees.to_radians().sin()];
        assert!(flanks.hold([6.0 + 9.5, 0.0, 5.0], leaning(60.0)));
        assert!(!flanks.hold([6.0 + 9.5, 0.0, 5.0], leaning(90.0)), "a level ledge");
        assert!(!flanks.hold([6.0 + 11.0, 0.0, 5.0], leaning(60.0)), "beside it");
        assert!(!flanks.hold([6.0 + 9.5, 0.0, 11.0], leaning(60.0)), "above it");
        // Upside down it stands as well; lying, or too coarse, it is none.
        let turned = Flanks::new(&thread(2.5), [2, 0], [0.0; 3]).unwrap();
        assert!(turned.hold([5.0 + 9.5, 0.0, -8.0], leaning(60.0)));
        assert_eq!(Flanks::new(&thread(2.5), [1, 0], [0.0; 3]), None);
        assert_eq!(Flanks::new(&thread(6.0), [0, 0], [0.0; 3]), None);
    }
}
