//! Cuts along an extrusion and right through it, drawn as holes of its sketch: 400 of them cost 62 ms, as booleans 13 s.

use arris::math::Vec3;
use part::solid::{Action, Contour, Frame, Profile, Segment, Shape, Solid};

use super::{Credit, Task, order::boxed};
use crate::{
    contour::{self, Chain},
    outline::{self, Point},
};

/// Least material between a hole and the outline or another hole.
const CLEAR: f64 = 1e-3;
/// How finely outlines are looked at for that.
const CHORD: f64 = 0.005;

pub(super) fn drawn(mut tasks: Vec<Task>, notes: &mut Vec<String>) -> Vec<Task> {
    let Some((mut profile, height, frame)) = tasks.first().and_then(first) else { return tasks };
    let outer = Ring::of(&profile.outer);
    let mut rings: Vec<Ring> = profile.holes.iter().map(Ring::of).collect();
    let mut credits = Vec::new();
    let mut at = 1;
    while at < tasks.len() {
        let cut = match &tasks[at].step.action {
            Action::Add(_) => {
                at += 1;
                continue;
            }
            Action::Cut(solid) => solid,
            _ => break,
        };
        let hole = hole(cut, &frame, height);
        let added = tasks[1..at].iter().filter(|task| matches!(task.step.action, Action::Add(_)));
        let own = boxed(&tasks[at]);
        let free = || added.clone().all(|task| matches!((&own, boxed(task)), (Some(a), Some(b)) if a.apart(&b)));
        if let Some(hole) = hole
            && free()
        {
            let ring = Ring::of(&hole);
            if ring.is_inside(&outer) && rings.iter().all(|other| ring.is_apart(other)) {
                rings.push(ring);
                profile.holes.push(hole);
                let operation = tasks.remove(at).step.operation;
                credits.push(Credit { outline: profile.holes.len(), edge: None, operation });
                continue;
            }
        }
        at += 1;
    }
    if credits.is_empty() {
        return tasks;
    }
    notes.push(format!("{} cuts drawn as holes of the first sketch", credits.len()));
    tasks[0].credits.extend(credits);
    tasks[0].step.action = Action::Add(Solid { shape: Shape::Extrusion { profile, height }, frame });
    tasks
}

/// The first task as an extrusion.
fn first(task: &Task) -> Option<(Profile, f64, Frame)> {
    let Action::Add(solid) = &task.step.action else { return None };
    let (profile, height) = prism(&solid.shape)?;
    Some((profile, height, solid.frame))
}

fn prism(shape: &Shape) -> Option<(Profile, f64)> {
    let simple = |outer: Contour| Profile { outer, holes: Vec::new() };
    match shape {
        Shape::Box { size } => {
            let outer = Contour::Rectangle { centre: [0.0; 2], size: [size[0], size[1]], corner_radius: 0.0 };
            Some((simple(outer), size[2]))
        }
        Shape::Cylinder { diameter, height } => {
            Some((simple(Contour::Circle { centre: [0.0; 2], diameter: *diameter }), *height))
        }
        Shape::Extrusion { profile, height } => Some((profile.clone(), *height)),
        _ => None,
    }
}

/// The cut's outline in the extrusion's plane, when it runs along it and right through it.
fn hole(cut: &Solid, frame: &Frame, height: f64) -> Option<Contour> {
    let (profile, length) = prism(&cut.shape)?;
    if !profile.holes.is_empty() {
        return None;
    }
    let (z, up) = (Vec3::from(frame.z), Vec3::from(cut.frame.z));
    let along = up.dot(&z);
    if along.abs() < 1.0 - 1e-12 {
        return None;
    }
    let off = Vec3::from(cut.frame.origin) - Vec3::from(frame.origin);
    let (a, b) = (off.dot(&z), off.dot(&z) + length * along.signum());
    if a.min(b) > 1e-6 || a.max(b) < height - 1e-6 {
        return None;
    }
    let (x, y) = (Vec3::from(frame.x), z.cross(&Vec3::from(frame.x)));
    let (cx, cy) = (Vec3::from(cut.frame.x), up.cross(&Vec3::from(cut.frame.x)));
    let tidy = |c: f64| (c * 1e6).round() / 1e6 + 0.0;
    let place = |[u, v]: Point| {
        let p = off + cx * u + cy * v;
        [p.dot(&x), p.dot(&y)]
    };
    let snapped = |p: Point| place(p).map(tidy);
    Some(match contour::chain(&profile.outer) {
        Chain::Circle { centre, radius } => Contour::Circle { centre: snapped(centre), diameter: 2.0 * radius },
        Chain::Path { start, segments } => Contour::Path {
            start: snapped(start),
            segments: segments
                .iter()
                .map(|segment| match segment {
                    Segment::Line { to } => Segment::Line { to: snapped(*to) },
                    Segment::Arc { via, to } => Segment::Arc { via: place(*via), to: snapped(*to) },
                })
                .collect(),
        },
    })
}

/// An outline for questions of touching.
struct Ring {
    points: Vec<Point>,
    low: Point,
    high: Point,
    circle: Option<(Point, f64)>,
}

impl Ring {
    fn of(contour: &Contour) -> Ring {
        let points = contour::polygon(contour, CHORD);
        let bound = |k: usize| points.iter().fold((f64::MAX, f64::MIN), |(l, h), p| (l.min(p[k]), h.max(p[k])));
        let ((xl, xh), (yl, yh)) = (bound(0), bound(1));
        let circle = match contour {
            Contour::Circle { centre, diameter } => Some((*centre, diameter / 2.0)),
            _ => None,
        };
        Ring { points, low: [xl, yl], high: [xh, yh], circle }
    }

    fn is_apart(&self, other: &Ring) -> bool {
        let boxes = (0..2).any(|k| self.low[k] > other.high[k] + CLEAR || other.low[k] > self.high[k] + CLEAR);
        if boxes {
            return true;
        }
        if let (Some((c, r)), Some((d, s))) = (self.circle, other.circle) {
            return (c[0] - d[0]).hypot(c[1] - d[1]) > r + s + CLEAR;
        }
        !self.is_near(other) && !inside(self.points[0], &other.points) && !inside(other.points[0], &self.points)
    }

    fn is_inside(&self, outer: &Ring) -> bool {
        if let (Some((c, r)), Some((d, s))) = (self.circle, outer.circle) {
            return (c[0] - d[0]).hypot(c[1] - d[1]) + r < s - CLEAR;
        }
        self.points.iter().all(|p| inside(*p, &outer.points)) && !self.is_near(outer)
    }

    /// Whether the outlines come closer than what their chords and a clear gap need.
    fn is_near(&self, other: &Ring) -> bool {
        let near = CLEAR + 2.0 * CHORD;
        let edges = |points: &[Point]| -> Vec<[Point; 2]> {
            (0..points.len()).map(|i| [points[i], points[(i + 1) % points.len()]]).collect()
        };
        let theirs = edges(&other.points);
        edges(&self.points).iter().any(|a| {
            theirs.iter().any(|b| {
                let far = (0..2).any(|k| {
                    a[0][k].min(a[1][k]) > b[0][k].max(b[1][k]) + near
                        || b[0][k].min(b[1][k]) > a[0][k].max(a[1][k]) + near
                });
                !far && (outline::cross_each_other(*a, *b)
                    || a.iter().any(|p| distance(*p, *b) < near)
                    || b.iter().any(|p| distance(*p, *a) < near))
            })
        })
    }
}

fn distance(p: Point, [a, b]: [Point; 2]) -> f64 {
    let (u, v) = ([b[0] - a[0], b[1] - a[1]], [p[0] - a[0], p[1] - a[1]]);
    let t = (outline::dot(u, v) / outline::dot(u, u).max(1e-300)).clamp(0.0, 1.0);
    (v[0] - u[0] * t).hypot(v[1] - u[1] * t)
}

/// Even-odd rule.
fn inside([x, y]: Point, ring: &[Point]) -> bool {
    let next = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(next)
        .filter(|(a, b)| (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0])
        .count()
        % 2
        == 1
}
