//! What families of several pieces share: profiles pushed sideways, mirrored outlines, screws, pins and hinge knuckles.

use super::kit::*;
use crate::{
    solid::{Contour, Frame, Profile, Segment, Shape, Solid},
    standards::{self, ClearanceFit, Size},
};

/// A profile of X and Z pushed along Y from `from` by `depth`.
pub(crate) fn pushed_along_y(outer: Contour, holes: Vec<Contour>, from: f64, depth: f64) -> Solid {
    let frame = Frame { origin: [0.0, snap(from + depth), 0.0], x: [1.0, 0.0, 0.0], z: [0.0, -1.0, 0.0] };
    Solid { shape: Shape::Extrusion { profile: Profile { outer, holes }, height: snap(depth) }, frame }
}

/// A profile of Y and Z pushed along X from `from` by `depth`.
pub(crate) fn pushed_along_x(outer: Contour, from: f64, depth: f64) -> Solid {
    let frame = Frame { origin: [snap(from), 0.0, 0.0], x: [0.0, 1.0, 0.0], z: [1.0, 0.0, 0.0] };
    Solid { shape: Shape::Extrusion { profile: Profile { outer, holes: Vec::new() }, height: snap(depth) }, frame }
}

/// A box by its least corner and its size.
pub(crate) fn cuboid(corner: [f64; 3], size: [f64; 3]) -> Solid {
    let origin = [snap(corner[0] + size[0] / 2.0), snap(corner[1] + size[1] / 2.0), snap(corner[2])];
    Solid { shape: Shape::Box { size: size.map(snap) }, frame: Frame::at(origin) }
}

/// A cylinder along X, from `start` on.
pub(crate) fn rod_along_x(diameter: f64, start: [f64; 3], length: f64) -> Solid {
    let frame = Frame { origin: start.map(snap), x: [0.0, 1.0, 0.0], z: [1.0, 0.0, 0.0] };
    Solid { shape: Shape::Cylinder { diameter, height: snap(length) }, frame }
}

/// A cylinder along Y, from `start` on.
pub(crate) fn rod_along_y(diameter: f64, start: [f64; 3], length: f64) -> Solid {
    let frame = Frame { origin: start.map(snap), x: [1.0, 0.0, 0.0], z: [0.0, 1.0, 0.0] };
    Solid { shape: Shape::Cylinder { diameter, height: snap(length) }, frame }
}

/// A path whose points are rounded to a nanometre, so that what should meet does.
pub(crate) fn path(start: [f64; 2], segments: Vec<Segment>) -> Contour {
    let point = |p: [f64; 2]| p.map(snap);
    let segments = segments
        .into_iter()
        .map(|segment| match segment {
            Segment::Line { to } => Segment::Line { to: point(to) },
            Segment::Arc { via, to } => Segment::Arc { via: point(via), to: point(to) },
        })
        .collect();
    Contour::Path { start: point(start), segments }
}

pub(crate) fn polygon(points: Vec<[f64; 2]>) -> Contour {
    Contour::Polygon { points: points.into_iter().map(|p| p.map(snap)).collect() }
}

/// The mirror image of a path or polygon with each point mapped by `image`, a reflection; the sense of rotation is kept.
pub(crate) fn mirrored(contour: &Contour, image: impl Fn([f64; 2]) -> [f64; 2]) -> Contour {
    match contour {
        Contour::Path { start, segments } => {
            let ends: Vec<[f64; 2]> = std::iter::once(*start)
                .chain(segments.iter().map(|segment| match segment {
                    Segment::Line { to } | Segment::Arc { to, .. } => *to,
                }))
                .collect();
            let reversed = segments
                .iter()
                .zip(&ends)
                .rev()
                .map(|(segment, before)| match segment {
                    Segment::Line { .. } => Segment::Line { to: image(*before) },
                    Segment::Arc { via, .. } => Segment::Arc { via: image(*via), to: image(*before) },
                })
                .collect();
            Contour::Path { start: image(*start), segments: reversed }
        }
        Contour::Polygon { points } => Contour::Polygon { points: points.iter().rev().map(|p| image(*p)).collect() },
        other => other.clone(),
    }
}

/// Clearance hole for a metric screw of this nominal diameter, ISO 273 medium series; a tenth more than the screw where that
/// has no such size.
pub(crate) fn clearance_hole(screw: f64) -> f64 {
    let size = format!("M{screw}").parse::<Size>().ok();
    let standard = size.and_then(|size| standards::clearance(&size, ClearanceFit::Normal));
    standard.unwrap_or_else(|| snap(screw * 1.1 + 0.1))
}

/// Hole in which a screw of this nominal diameter forms its own thread in plastic: 80 % of it, which is about the core of an
/// ISO metric coarse thread.
pub(crate) fn pilot_hole(screw: f64) -> f64 {
    snap(screw * 0.8)
}

/// A printed hinge pin along X that lies on a flat: a circle with a segment of a tenth of its diameter cut off.
pub(crate) fn pin(diameter: f64, centre: [f64; 2], from: f64, length: f64) -> Solid {
    let [y, z] = centre;
    // A right-angled triangle of sides 3, 4 and 5 puts the flat's ends exactly on the circle.
    let ends = [y - 0.3 * diameter, z - 0.4 * diameter];
    let outline = path(ends, vec![line(y + 0.3 * diameter, z - 0.4 * diameter), arc([y, z + 0.5 * diameter], ends)]);
    pushed_along_x(outline, from, length)
}

/// The knuckles of a pin hinge along X: `count` equal shares of a span, each less half the gap at both ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Knuckles {
    pub(crate) count: usize,
    pub(crate) from: f64,
    pub(crate) span: f64,
    /// Between two knuckles.
    pub(crate) gap: f64,
}

impl Knuckles {
    pub(crate) fn length(&self) -> f64 {
        self.span / self.count as f64 - self.gap
    }

    /// Start and end of knuckle `index`.
    pub(crate) fn reach(&self, index: usize) -> [f64; 2] {
        let pitch = self.span / self.count as f64;
        let start = self.from + pitch * index as f64;
        [snap(start + self.gap / 2.0), snap(start + pitch - self.gap / 2.0)]
    }
}

/// Outer radius of a knuckle about a pin: the pin, its clearance and as much again as wall, 1 mm or more.
pub(crate) fn knuckle_radius(pin: f64, clearance: f64) -> f64 {
    snap(pin / 2.0 + clearance + (pin / 2.0).max(1.0))
}
