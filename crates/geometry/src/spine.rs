//! Paths in space as legs with frames that turn no more than the path makes them.

use arris::math::{Vec3, nalgebra::Unit, nalgebra::UnitQuaternion};
use part::solid::{SpacePath, SpaceSegment};

/// One leg of a path.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leg {
    Line {
        from: Vec3,
        to: Vec3,
    },
    /// Turns by `sweep` radians, counter-clockwise about the unit `axis`.
    Arc {
        from: Vec3,
        centre: Vec3,
        axis: Vec3,
        sweep: f64,
    },
}

/// Where a profile stands: its x and y, and the direction of travel z.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) origin: Vec3,
    pub(crate) x: Vec3,
    pub(crate) y: Vec3,
    pub(crate) z: Vec3,
}

/// A path as runs of legs that go on smoothly; runs meet at corners, between straight legs.
#[derive(Clone, Debug)]
pub(crate) struct Spine {
    pub(crate) runs: Vec<Vec<Leg>>,
    pub(crate) closed: bool,
}

/// Angle in radians up to which two legs are meant to go on smoothly: coordinates come rounded to a nanometre.
const MEANT_SMOOTH: f64 = 5e-5;

impl Leg {
    pub(crate) fn start(&self) -> Vec3 {
        match self {
            Leg::Line { from, .. } | Leg::Arc { from, .. } => *from,
        }
    }

    pub(crate) fn end(&self) -> Vec3 {
        match self {
            Leg::Line { to, .. } => *to,
            Leg::Arc { .. } => self.at(1.0),
        }
    }

    pub(crate) fn at(&self, t: f64) -> Vec3 {
        match self {
            Leg::Line { from, to } => from + (to - from) * t,
            Leg::Arc { from, centre, axis, sweep } => centre + turned(from - centre, *axis, sweep * t),
        }
    }

    /// Unit direction of travel at share `t`.
    pub(crate) fn direction(&self, t: f64) -> Vec3 {
        match self {
            Leg::Line { from, to } => (to - from).normalize(),
            Leg::Arc { from, centre, axis, sweep } => {
                turned(axis.cross(&(from - centre)), *axis, sweep * t).normalize()
            }
        }
    }

    pub(crate) fn length(&self) -> f64 {
        match self {
            Leg::Line { from, to } => (to - from).norm(),
            Leg::Arc { from, centre, sweep, .. } => (from - centre).norm() * sweep,
        }
    }
}

pub(crate) fn turned(v: Vec3, axis: Vec3, angle: f64) -> Vec3 {
    UnitQuaternion::from_axis_angle(&Unit::new_unchecked(axis), angle) * v
}

impl Place {
    pub(crate) fn point(&self, [x, y]: [f64; 2]) -> Vec3 {
        self.origin + self.x * x + self.y * y
    }

    /// The frame of a profile at a path's start: x level, or along +X where the path goes straight up or down.
    pub(crate) fn first(origin: Vec3, z: Vec3) -> Place {
        let level = Vec3::z().cross(&z);
        let x = if level.norm() > 1e-9 { level.normalize() } else { Vec3::x() };
        Place { origin, x, y: z.cross(&x), z }
    }

    /// The frame carried along `leg` to its share `t`.
    pub(crate) fn along(&self, leg: &Leg, t: f64) -> Place {
        match leg {
            Leg::Line { .. } => Place { origin: leg.at(t), ..*self },
            Leg::Arc { axis, sweep, .. } => {
                let turn = |v: Vec3| turned(v, *axis, sweep * t);
                Place { origin: leg.at(t), x: turn(self.x), y: turn(self.y), z: turn(self.z) }
            }
        }
    }

    /// The frame turned at a corner so that it faces `z`, by the least turn.
    pub(crate) fn facing(&self, z: Vec3) -> Place {
        let axis = self.z.cross(&z);
        if axis.norm() < 1e-12 {
            return Place { z, ..*self };
        }
        let angle = axis.norm().atan2(self.z.dot(&z));
        let turn = |v: Vec3| turned(v, axis.normalize(), angle);
        Place { origin: self.origin, x: turn(self.x), y: turn(self.y), z }
    }
}

/// The legs of a path; legs that nearly go on smoothly are made to, to the last bit that the exact kernel looks at.
pub(crate) fn spine(path: &SpacePath) -> Result<Spine, String> {
    let start = Vec3::from(path.start);
    let mut legs: Vec<Leg> = Vec::new();
    let mut corners = Vec::new();
    let mut from = start;
    let last = path.segments.len().saturating_sub(1);
    for (index, segment) in path.segments.iter().enumerate() {
        let to = Vec3::from(match segment {
            SpaceSegment::Line { to } | SpaceSegment::Arc { to, .. } => *to,
        });
        let leg = match segment {
            SpaceSegment::Arc { via, .. } => arc(from, Vec3::from(*via), to),
            SpaceSegment::Line { .. } => None,
        };
        let leg = leg.unwrap_or(Leg::Line { from, to });
        if leg.length() < 1e-6 {
            if index == last && !legs.is_empty() {
                continue;
            }
            return Err("a segment of the path has no length".to_owned());
        }
        let smooth =
            legs.last().map(|before| before.direction(1.0)).filter(|t| angle(*t, leg.direction(0.0)) < MEANT_SMOOTH);
        let leg = match (smooth, leg) {
            (Some(t), Leg::Line { from, to }) => Leg::Line { from, to: from + t * (to - from).norm() },
            (Some(t), Leg::Arc { from, .. }) => arc_along(from, t, to).unwrap_or(leg),
            (None, leg) => leg,
        };
        if let (None, Some(before)) = (smooth, legs.last()) {
            if !matches!((before, &leg), (Leg::Line { .. }, Leg::Line { .. })) {
                return Err("the path has a corner beside an arc; let the arc run on smoothly".to_owned());
            }
            if angle(before.direction(1.0), leg.direction(0.0)) > 2.8 {
                return Err("the path turns back on itself".to_owned());
            }
            corners.push(legs.len());
        }
        from = leg.end();
        legs.push(leg);
    }
    let (Some(first), Some(end)) = (legs.first(), legs.last()) else {
        return Err("the path has no segments".to_owned());
    };
    let closed = legs.len() > 1 && (end.end() - start).norm() < 1e-5;
    if closed && angle(end.direction(1.0), first.direction(0.0)) > MEANT_SMOOTH * 10.0 {
        return Err("the closed path has a corner where it starts; start it in the middle of a straight".to_owned());
    }
    let mut runs = vec![Vec::new()];
    for (index, leg) in legs.into_iter().enumerate() {
        if corners.contains(&index) {
            runs.push(Vec::new());
        }
        if let Some(run) = runs.last_mut() {
            run.push(leg);
        }
    }
    Ok(Spine { runs, closed })
}

fn angle(a: Vec3, b: Vec3) -> f64 {
    a.cross(&b).norm().atan2(a.dot(&b))
}

/// The arc from `a` through `b` to `c`; `None` when they lie on a line.
fn arc(a: Vec3, b: Vec3, c: Vec3) -> Option<Leg> {
    let (u, v) = (b - a, c - a);
    let normal = u.cross(&v);
    let square = normal.norm_squared();
    if square < 1e-18 {
        return None;
    }
    let to_centre = (normal.cross(&u) * v.norm_squared() + v.cross(&normal) * u.norm_squared()) / (2.0 * square);
    let (centre, axis) = (a + to_centre, normal / square.sqrt());
    let (from, to) = (a - centre, c - centre);
    let sweep = axis.dot(&from.cross(&to)).atan2(from.dot(&to)).rem_euclid(std::f64::consts::TAU);
    Some(Leg::Arc { from: a, centre, axis, sweep })
}

/// The arc that leaves `from` along the unit `tangent` and ends at `to`.
fn arc_along(from: Vec3, tangent: Vec3, to: Vec3) -> Option<Leg> {
    let chord = to - from;
    let across = chord - tangent * chord.dot(&tangent);
    if across.norm() < 1e-9 {
        return None;
    }
    let normal = across.normalize();
    let radius = chord.norm_squared() / (2.0 * chord.dot(&normal));
    let (centre, axis) = (from + normal * radius, tangent.cross(&normal));
    let (a, b) = (from - centre, to - centre);
    let sweep = axis.dot(&a.cross(&b)).atan2(a.dot(&b)).rem_euclid(std::f64::consts::TAU);
    Some(Leg::Arc { from, centre, axis, sweep })
}

/// Refuses what would cut itself: arcs tighter than the profile, straight legs shorter than their mitres.
pub(crate) fn fits(spine: &Spine, profile: &[[f64; 2]]) -> Result<(), String> {
    let Some(first) = spine.runs.first().and_then(|run| run.first()) else {
        return Err("the path is empty".to_owned());
    };
    let mut place = Place::first(first.start(), first.direction(0.0));
    let mut trimmed = 0.0;
    for (index, run) in spine.runs.iter().enumerate() {
        for leg in run {
            place = place.facing(leg.direction(0.0));
            if let Leg::Arc { from, centre, .. } = leg {
                let (inwards, radius) = ((centre - from).normalize(), (centre - from).norm());
                let reach = profile.iter().map(|p| (place.point(*p) - place.origin).dot(&inwards)).fold(0.0, f64::max);
                if reach > radius - 1e-6 {
                    return Err(format!(
                        "the path bends with a radius of {radius:.2} mm, and the profile reaches {reach:.2} mm inwards; use a larger radius"
                    ));
                }
            }
            place = place.along(leg, 1.0);
        }
        let Some(next) = spine.runs.get(index + 1).and_then(|run| run.first()) else { continue };
        let cut = mitre(&place, next.direction(0.0), profile);
        let straight = if run.len() == 1 { trimmed } else { 0.0 };
        if run.last().is_some_and(|leg| leg.length() <= cut + straight + 1e-6) {
            return Err(
                "a straight of the path is shorter than its mitre; use a longer one or a smaller profile".to_owned()
            );
        }
        trimmed = cut;
        if spine.runs.get(index + 1).is_some_and(|run| run[0].length() <= cut + 1e-6) {
            return Err(
                "a straight of the path is shorter than its mitre; use a longer one or a smaller profile".to_owned()
            );
        }
    }
    Ok(())
}

/// How far the profile's points lie before or behind the corner on the plane that halves it.
pub(crate) fn mitre(place: &Place, next: Vec3, profile: &[[f64; 2]]) -> f64 {
    let plane = place.z + next;
    profile
        .iter()
        .map(|p| ((place.point(*p) - place.origin).dot(&plane) / place.z.dot(&plane)).abs())
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bend_rounded_to_a_nanometre_is_smooth() {
        let path = SpacePath {
            start: [0.0; 3],
            segments: vec![
                SpaceSegment::Line { to: [0.0, 0.0, 10.0] },
                SpaceSegment::Arc { via: [1.464466, 0.0, 13.535534], to: [5.0, 0.0, 15.0] },
                SpaceSegment::Line { to: [20.0, 0.0, 15.0] },
            ],
        };
        let spine = spine(&path).unwrap();
        assert_eq!((spine.runs.len(), spine.closed), (1, false));
        for pair in spine.runs[0].windows(2) {
            assert!(angle(pair[0].direction(1.0), pair[1].direction(0.0)) < 1e-13);
        }
        assert!((spine.runs[0][2].end() - Vec3::new(20.0, 0.0, 15.0)).norm() < 1e-4);
        assert!(fits(&spine, &[[4.9, 0.0], [0.0, 4.9]]).is_ok());
        assert!(fits(&spine, &[[5.1, 0.0], [0.0, 5.1], [-5.1, 0.0], [0.0, -5.1]]).is_err());
    }

    #[test]
    fn corners_part_the_path_and_frames_stay_square() {
        let path = SpacePath {
            start: [0.0; 3],
            segments: vec![SpaceSegment::Line { to: [20.0, 0.0, 0.0] }, SpaceSegment::Line { to: [20.0, 20.0, 0.0] }],
        };
        let spine = spine(&path).unwrap();
        assert_eq!(spine.runs.len(), 2);
        let place = Place::first(Vec3::zeros(), Vec3::x());
        assert_eq!((place.x, place.y), (Vec3::y(), Vec3::z()));
        let turned = place.facing(Vec3::y());
        assert!((turned.x + Vec3::x()).norm() < 1e-12 && (turned.y - Vec3::z()).norm() < 1e-12);
        assert!(fits(&spine, &[[0.0, 25.0], [25.0, 0.0]]).is_err());
    }
}
