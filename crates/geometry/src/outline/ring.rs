//! Closed outlines as polygons, for questions of touching: whether one is inside another, beside it, or too near to say.

use part::solid::Contour;

use super::{Point, cross_each_other, dot, inside};
use crate::contour;

/// An outline as a polygon within a chord of it; circles are known as such.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    points: Vec<Point>,
    low: Point,
    high: Point,
    circle: Option<(Point, f64)>,
    chord: f64,
}

impl Ring {
    pub(crate) fn of(contour: &Contour, chord: f64) -> Ring {
        let circle = match contour {
            Contour::Circle { centre, diameter } => Some((*centre, diameter / 2.0)),
            _ => None,
        };
        Ring { circle, ..Ring::polygon(contour::polygon(contour, chord), chord) }
    }

    /// Of points that lie on the outline.
    pub(crate) fn polygon(points: Vec<Point>, chord: f64) -> Ring {
        let bound = |k: usize| points.iter().fold((f64::MAX, f64::MIN), |(l, h), p| (l.min(p[k]), h.max(p[k])));
        let ((xl, xh), (yl, yh)) = (bound(0), bound(1));
        Ring { points, low: [xl, yl], high: [xh, yh], circle: None, chord }
    }

    pub(crate) fn circle(centre: Point, radius: f64, chord: f64) -> Ring {
        Ring::of(&Contour::Circle { centre, diameter: 2.0 * radius }, chord)
    }

    pub(crate) fn points(&self) -> &[Point] {
        &self.points
    }

    pub(crate) fn low(&self) -> Point {
        self.low
    }

    pub(crate) fn high(&self) -> Point {
        self.high
    }

    /// Beside the other, with at least `clear` between them.
    pub(crate) fn is_apart(&self, other: &Ring, clear: f64) -> bool {
        let boxes = (0..2).any(|k| self.low[k] > other.high[k] + clear || other.low[k] > self.high[k] + clear);
        if boxes {
            return true;
        }
        if let (Some((c, r)), Some((d, s))) = (self.circle, other.circle) {
            return (c[0] - d[0]).hypot(c[1] - d[1]) > r + s + clear;
        }
        !self.is_near(other, clear) && !inside(self.points[0], &other.points) && !inside(other.points[0], &self.points)
    }

    /// Within the other, with at least `clear` between them.
    pub(crate) fn is_inside(&self, outer: &Ring, clear: f64) -> bool {
        if (0..2).any(|k| self.low[k] < outer.low[k] || self.high[k] > outer.high[k]) {
            return false;
        }
        if let (Some((c, r)), Some((d, s))) = (self.circle, outer.circle) {
            return (c[0] - d[0]).hypot(c[1] - d[1]) + r < s - clear;
        }
        // Edges that stay apart do not change sides.
        !self.is_near(outer, clear) && inside(self.points[0], &outer.points)
    }

    /// Whether the outlines come closer than what their chords and a clear gap need.
    pub(crate) fn is_near(&self, other: &Ring, clear: f64) -> bool {
        let near = clear + self.chord + other.chord;
        let edges = |ring: &Ring, around: &Ring| -> Vec<[Point; 2]> {
            let n = ring.points.len();
            let all = (0..n).map(|i| [ring.points[i], ring.points[(i + 1) % n]]);
            let close = |[a, b]: &[Point; 2]| {
                (0..2).all(|k| a[k].min(b[k]) < around.high[k] + near && a[k].max(b[k]) > around.low[k] - near)
            };
            all.filter(close).collect()
        };
        let theirs = edges(other, self);
        edges(self, other).iter().any(|a| {
            theirs.iter().any(|b| {
                let far = (0..2).any(|k| {
                    a[0][k].min(a[1][k]) > b[0][k].max(b[1][k]) + near
                        || b[0][k].min(b[1][k]) > a[0][k].max(a[1][k]) + near
                });
                !far && (cross_each_other(*a, *b)
                    || a.iter().any(|p| distance(*p, *b) < near)
                    || b.iter().any(|p| distance(*p, *a) < near))
            })
        })
    }
}

fn distance(p: Point, [a, b]: [Point; 2]) -> f64 {
    let (u, v) = ([b[0] - a[0], b[1] - a[1]], [p[0] - a[0], p[1] - a[1]]);
    let t = (dot(u, v) / dot(u, u).max(1e-300)).clamp(0.0, 1.0);
    (v[0] - u[0] * t).hypot(v[1] - u[1] * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_are_apart_inside_or_neither() {
        let chord = 0.005;
        let small = Ring::circle([3.0, 0.0], 1.0, chord);
        let large = Ring::circle([0.0, 0.0], 5.0, chord);
        let square = Ring::of(&Contour::Rectangle { centre: [0.0; 2], size: [10.0, 10.0], corner_radius: 0.0 }, chord);
        assert!(small.is_inside(&large, 1e-3) && small.is_inside(&square, 1e-3));
        assert!(!large.is_inside(&square, 1e-3), "they touch");
        assert!(!large.is_inside(&small, 1e-3) && !small.is_apart(&large, 1e-3));
        assert!(small.is_apart(&Ring::circle([6.0, 0.0], 1.5, chord), 1e-3));
        assert!(!small.is_apart(&Ring::circle([5.5, 0.0], 1.5, chord), 1e-3), "they touch");
        assert!(!square.is_apart(&small, 1e-3), "one is in the other");
    }
}
