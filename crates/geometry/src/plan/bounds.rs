//! Boxes around solids before they are built, for the question whether two can touch.

use std::f64::consts::TAU;

use arris::math::Vec3;
use part::solid::{Contour, Frame, Profile, Shape, Solid, SpaceSegment};

use crate::contour;

#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    low: [f64; 3],
    high: [f64; 3],
}

impl Bounds {
    /// Whether there is a gap between the two along an axis.
    pub(super) fn apart(&self, other: &Bounds) -> bool {
        const GAP: f64 = 1e-3;
        (0..3).any(|k| self.low[k] > other.high[k] + GAP || other.low[k] > self.high[k] + GAP)
    }

    fn of(points: impl IntoIterator<Item = [f64; 3]>) -> Bounds {
        let empty = Bounds { low: [f64::MAX; 3], high: [f64::MIN; 3] };
        points.into_iter().fold(empty, |b, p| Bounds {
            low: std::array::from_fn(|k| b.low[k].min(p[k])),
            high: std::array::from_fn(|k| b.high[k].max(p[k])),
        })
    }

    fn grown(self, by: f64) -> Bounds {
        Bounds { low: self.low.map(|c| c - by), high: self.high.map(|c| c + by) }
    }

    /// The box around this box in another frame.
    fn placed(&self, frame: &Frame) -> Bounds {
        let (o, x, z) = (Vec3::from(frame.origin), Vec3::from(frame.x), Vec3::from(frame.z));
        let y = z.cross(&x);
        Bounds::of((0..8).map(|i| {
            let c = |k: usize| if i >> k & 1 == 0 { self.low[k] } else { self.high[k] };
            (o + x * c(0) + y * c(1) + z * c(2)).into()
        }))
    }
}

/// `None` for what is not known before it is built.
pub(super) fn bounds(solid: &Solid) -> Option<Bounds> {
    let upright = |[l, h]: [[f64; 2]; 2], low: f64, high: f64| Bounds {
        low: [l[0], l[1], low.min(high)],
        high: [h[0], h[1], low.max(high)],
    };
    let round = |radius: f64, low: f64, high: f64| upright([[-radius; 2], [radius; 2]], low, high);
    let local = match &solid.shape {
        Shape::Box { size } => {
            let half = [size[0] / 2.0, size[1] / 2.0];
            upright([half.map(|c| -c), half], 0.0, size[2])
        }
        Shape::Cylinder { diameter, height } => round(diameter / 2.0, 0.0, *height),
        Shape::Cone { bottom, top, height } => round(bottom.max(*top) / 2.0, 0.0, *height),
        Shape::Sphere { diameter } => round(diameter / 2.0, -diameter / 2.0, diameter / 2.0),
        Shape::Torus { ring, tube } => round((ring + tube) / 2.0, -tube / 2.0, tube / 2.0),
        Shape::Extrusion { profile, height } => upright(flat(profile), 0.0, *height),
        Shape::Revolution { profile, .. } => {
            let [low, high] = flat(profile);
            round(high[0].abs().max(low[0].abs()), low[1], high[1])
        }
        Shape::Drafted { profile, height, draft, .. } => {
            let [low, high] = flat(profile);
            let reach = [low, high].iter().flatten().map(|c| c.abs()).fold(0.0, f64::max) * std::f64::consts::SQRT_2;
            // A mitred corner moves by more than the walls do.
            round(reach + 4.0 * (height * draft.to_radians().tan()).abs(), 0.0, *height)
        }
        Shape::Sweep { profile, path } => {
            let reach = reach(profile);
            let mut from = path.start;
            let mut points = vec![from];
            let mut bulge: f64 = 0.0;
            for segment in &path.segments {
                let to = match segment {
                    SpaceSegment::Line { to } => *to,
                    SpaceSegment::Arc { via, to } => {
                        points.push(*via);
                        let gap = |a: [f64; 3], b: [f64; 3]| (Vec3::from(a) - Vec3::from(b)).norm();
                        bulge = bulge.max(gap(from, *via)).max(gap(*via, *to));
                        *to
                    }
                };
                points.push(to);
                from = to;
            }
            Bounds::of(points).grown(2.0 * reach + bulge)
        }
        Shape::Coil { profile, radius, pitch, turns, .. } => {
            let [low, high] = flat(profile);
            round(radius + high[0].abs().max(low[0].abs()), low[1], high[1] + pitch * turns)
        }
        Shape::Loft { sections, ruled } => {
            let box_of = |contour: &Contour| flat(&Profile { outer: contour.clone(), holes: Vec::new() });
            let all = Bounds::of(sections.iter().flat_map(|section| {
                let z = section.z;
                box_of(&section.contour).map(|[x, y]| [x, y, z])
            }));
            let size = (0..3).map(|k| all.high[k] - all.low[k]).fold(0.0, f64::max);
            if *ruled { all } else { all.grown(size / 2.0) }
        }
        Shape::Thread { diameter, length, clearance, .. } => round(diameter / 2.0 + clearance.abs(), 0.0, *length),
        Shape::Text { .. } | Shape::Imported { .. } => return None,
    };
    Some(local.placed(&solid.frame))
}

fn flat(profile: &Profile) -> [[f64; 2]; 2] {
    match &profile.outer {
        Contour::Circle { centre, diameter } => {
            [centre.map(|c| c - diameter / 2.0), centre.map(|c| c + diameter / 2.0)]
        }
        Contour::Gear { teeth, module, .. } => {
            let r = module * (f64::from(*teeth) + 2.0) / 2.0;
            [[-r; 2], [r; 2]]
        }
        outer => {
            const CHORD: f64 = 0.02;
            let points = contour::polygon(outer, CHORD);
            let b = Bounds::of(points.into_iter().map(|[x, y]| [x, y, 0.0])).grown(CHORD);
            [[b.low[0], b.low[1]], [b.high[0], b.high[1]]]
        }
    }
}

fn reach(profile: &Profile) -> f64 {
    let [low, high] = flat(profile);
    [low, high].iter().flatten().map(|c| c.abs()).fold(0.0, f64::max) * TAU.sqrt() / 2.0 * 1.2
}
