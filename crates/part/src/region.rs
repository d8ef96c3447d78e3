//! Plane geometry of contours: bounds, moving and turning, and whether they enclose a sensible region.

use std::f64::consts::{PI, TAU};

use crate::{
    families::kit::snap,
    solid::{Contour, Profile, Segment, rounded_rectangle},
};

pub(crate) type Point2 = [f64; 2];

/// Lowest and highest x and y. Exact for lines, arcs, circles and ellipses; a gear counts as its tip circle.
pub(crate) fn bounds(contour: &Contour) -> [Point2; 2] {
    let about = |[x, y]: Point2, [w, h]: Point2| [[x - w / 2.0, y - h / 2.0], [x + w / 2.0, y + h / 2.0]];
    match contour {
        Contour::Rectangle { centre, size, .. } | Contour::Ellipse { centre, size } => about(*centre, *size),
        Contour::Circle { centre, diameter } => about(*centre, [*diameter; 2]),
        Contour::Slot { centre, length, width } => about(*centre, [*length, *width]),
        Contour::Gear { .. } => about([0.0; 2], [tip_diameter(contour); 2]),
        Contour::Polygon { points } => around(points.iter().copied()),
        Contour::Path { start, segments } => {
            let mut from = *start;
            let mut points = vec![from];
            for segment in segments {
                if let Segment::Arc { via, to } = segment {
                    points.extend(Arc::through(from, *via, *to).into_iter().flat_map(|arc| arc.extremes()));
                }
                from = end(segment);
                points.push(from);
            }
            around(points.into_iter())
        }
    }
}

/// Bounds of points.
pub(crate) fn around(points: impl Iterator<Item = Point2>) -> [Point2; 2] {
    points.fold([[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]], |[low, high], p| {
        [[low[0].min(p[0]), low[1].min(p[1])], [high[0].max(p[0]), high[1].max(p[1])]]
    })
}

/// ISO 53: the tips lie one module outside the pitch circle.
fn tip_diameter(gear: &Contour) -> f64 {
    match gear {
        Contour::Gear { teeth, module, .. } => module * (f64::from(*teeth) + 2.0),
        _ => 0.0,
    }
}

pub(crate) fn end(segment: &Segment) -> Point2 {
    match segment {
        Segment::Line { to } | Segment::Arc { to, .. } => *to,
    }
}

/// A circular arc: where it starts and how far it turns, radians, counter-clockwise positive.
pub(crate) struct Arc {
    pub(crate) centre: Point2,
    pub(crate) radius: f64,
    pub(crate) from: f64,
    pub(crate) sweep: f64,
}

impl Arc {
    /// `None` where the three points lie on a line or coincide.
    pub(crate) fn through(a: Point2, b: Point2, c: Point2) -> Option<Arc> {
        let ([bx, by], [cx, cy]) = ([b[0] - a[0], b[1] - a[1]], [c[0] - a[0], c[1] - a[1]]);
        let d = 2.0 * (bx * cy - by * cx);
        let scale = (bx.hypot(by)).max(cx.hypot(cy));
        if d.is_nan() || d.abs() <= 1e-9 * scale * scale {
            return None;
        }
        let (bb, cc) = (bx * bx + by * by, cx * cx + cy * cy);
        let (ux, uy) = ((cy * bb - by * cc) / d, (bx * cc - cx * bb) / d);
        let centre = [a[0] + ux, a[1] + uy];
        let angle = |p: Point2| (p[1] - centre[1]).atan2(p[0] - centre[0]);
        let from = angle(a);
        let sweep = (angle(c) - from).rem_euclid(TAU);
        let sweep = if d > 0.0 { sweep } else { sweep - TAU };
        Some(Arc { centre, radius: ux.hypot(uy), from, sweep })
    }

    pub(crate) fn at(&self, share: f64) -> Point2 {
        let (sin, cos) = (self.from + self.sweep * share).sin_cos();
        [self.centre[0] + self.radius * cos, self.centre[1] + self.radius * sin]
    }

    /// Points of the arc that lie furthest along an axis, its ends aside.
    fn extremes(&self) -> Vec<Point2> {
        let (low, high) = if self.sweep > 0.0 { (0.0, self.sweep) } else { (self.sweep, 0.0) };
        let quarters = (0..4).map(|q| f64::from(q) * PI / 2.0);
        quarters
            .filter(|angle| {
                let turned = (angle - self.from - low).rem_euclid(TAU) + low;
                turned <= high
            })
            .map(|angle| [self.centre[0] + self.radius * angle.cos(), self.centre[1] + self.radius * angle.sin()])
            .collect()
    }
}

/// A contour as a polygon, a full turn of an arc in 64 chords (16 in a long path). A gear becomes its tip circle.
pub(crate) fn flatten(contour: &Contour) -> Vec<Point2> {
    const TURN: usize = 64;
    let ring = |[x, y]: Point2, [a, b]: Point2| -> Vec<Point2> {
        (0..TURN)
            .map(|i| {
                let (sin, cos) = (TAU * i as f64 / TURN as f64).sin_cos();
                [x + a * cos, y + b * sin]
            })
            .collect()
    };
    match contour {
        Contour::Circle { centre, diameter } => ring(*centre, [diameter / 2.0; 2]),
        Contour::Ellipse { centre, size } => ring(*centre, [size[0] / 2.0, size[1] / 2.0]),
        Contour::Gear { .. } => ring([0.0; 2], [tip_diameter(contour) / 2.0; 2]),
        Contour::Polygon { points } => points.clone(),
        Contour::Rectangle { .. } | Contour::Slot { .. } => flatten(&as_path(contour)),
        Contour::Path { start, segments } => {
            let (mut from, mut points) = (*start, vec![*start]);
            // Many arcs are short ones, and every check of a ring is quadratic in its sides.
            let turn = if segments.len() > 64 { TURN / 4 } else { TURN };
            for segment in segments {
                if let Segment::Arc { via, to } = segment
                    && let Some(arc) = Arc::through(from, *via, *to)
                {
                    let pieces = (arc.sweep.abs() / TAU * turn as f64).ceil().max(2.0) as usize;
                    points.extend((1..pieces).map(|i| arc.at(i as f64 / pieces as f64)));
                }
                from = end(segment);
                points.push(from);
            }
            points.pop();
            points
        }
    }
}

/// Rectangles, slots and ellipses as lines and arcs, counter-clockwise; others unchanged.
pub(crate) fn as_path(contour: &Contour) -> Contour {
    match contour {
        Contour::Rectangle { centre: [x, y], size: [w, h], corner_radius } => {
            let (a, b, r) = (w / 2.0, h / 2.0, *corner_radius);
            if r <= 1e-6 {
                return Contour::Polygon {
                    points: [[-a, -b], [a, -b], [a, b], [-a, b]].map(|p| [x + p[0], y + p[1]]).to_vec(),
                };
            }
            rounded([*x, *y], a, b, r)
        }
        Contour::Slot { centre, length, width } => rounded(*centre, length / 2.0, width / 2.0, width / 2.0),
        Contour::Ellipse { centre: [x, y], size: [w, h] } => {
            // 64 arcs lie within 1e-4 of the shorter axis.
            let at = |step: usize| {
                let (sin, cos) = (TAU * step as f64 / 128.0).sin_cos();
                [snap(x + w / 2.0 * cos), snap(y + h / 2.0 * sin)]
            };
            let segments = (0..64).map(|n| Segment::Arc { via: at(2 * n + 1), to: at((2 * n + 2) % 128) }).collect();
            Contour::Path { start: at(0), segments }
        }
        other => other.clone(),
    }
}

/// A slot of these overall sizes along x and y, whichever is the longer.
pub(crate) fn upright_slot(along_x: f64, along_y: f64) -> Contour {
    if along_x >= along_y {
        return Contour::Slot { centre: [0.0; 2], length: along_x, width: along_y };
    }
    let lying = Contour::Slot { centre: [0.0; 2], length: along_y, width: along_x };
    Motion { mirrored: false, turn: 90.0, shift: [0.0; 2] }.contour(&lying)
}

fn rounded(centre: Point2, a: f64, b: f64, r: f64) -> Contour {
    let (start, segments) = rounded_rectangle(centre, [2.0 * a, 2.0 * b], r);
    Contour::Path { start, segments }
}

/// How a contour is placed: mirrored in the x axis first if so, then turned by degrees about the origin, then moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Motion {
    pub(crate) mirrored: bool,
    pub(crate) turn: f64,
    pub(crate) shift: Point2,
}

impl Motion {
    pub(crate) fn point(&self, [x, y]: Point2) -> Point2 {
        let y = if self.mirrored { -y } else { y };
        let (sin, cos) = exact_sin_cos(self.turn);
        [snap(x * cos - y * sin + self.shift[0]), snap(x * sin + y * cos + self.shift[1])]
    }

    /// The contour moved, in the plainest form that it has; a gear only turns about its own centre, so it stays as it is.
    pub(crate) fn contour(&self, contour: &Contour) -> Contour {
        let quarter = self.turn.rem_euclid(90.0) == 0.0;
        let crosswise = self.turn.rem_euclid(180.0) != 0.0;
        let swap = |[w, h]: Point2| if crosswise { [h, w] } else { [w, h] };
        match contour {
            Contour::Circle { centre, diameter } => {
                Contour::Circle { centre: self.point(*centre), diameter: *diameter }
            }
            Contour::Rectangle { centre, size, corner_radius } if quarter => {
                Contour::Rectangle { centre: self.point(*centre), size: swap(*size), corner_radius: *corner_radius }
            }
            Contour::Ellipse { centre, size } if quarter => {
                Contour::Ellipse { centre: self.point(*centre), size: swap(*size) }
            }
            Contour::Slot { centre, length, width } if !crosswise => {
                Contour::Slot { centre: self.point(*centre), length: *length, width: *width }
            }
            Contour::Gear { .. } => contour.clone(),
            Contour::Rectangle { .. } | Contour::Ellipse { .. } | Contour::Slot { .. } => {
                self.contour(&as_path(contour))
            }
            Contour::Polygon { points } => {
                let mut points: Vec<_> = points.iter().map(|p| self.point(*p)).collect();
                if self.mirrored {
                    points.reverse();
                }
                Contour::Polygon { points }
            }
            Contour::Path { start, segments } => {
                let segments = segments.iter().map(|segment| match segment {
                    Segment::Line { to } => Segment::Line { to: self.point(*to) },
                    Segment::Arc { via, to } => Segment::Arc { via: self.point(*via), to: self.point(*to) },
                });
                let (start, segments) = (self.point(*start), segments.collect());
                if self.mirrored { reversed(start, segments) } else { Contour::Path { start, segments } }
            }
        }
    }
}

/// Sine and cosine of degrees, exact at quarter turns.
pub(crate) fn exact_sin_cos(degrees: f64) -> (f64, f64) {
    match degrees.rem_euclid(360.0) {
        0.0 => (0.0, 1.0),
        90.0 => (1.0, 0.0),
        180.0 => (0.0, -1.0),
        270.0 => (-1.0, 0.0),
        other => other.to_radians().sin_cos(),
    }
}

/// The same path walked the other way round.
pub(crate) fn reversed(start: Point2, segments: Vec<Segment>) -> Contour {
    let mut starts = vec![start];
    starts.extend(segments.iter().map(end));
    let segments = segments
        .iter()
        .zip(&starts)
        .rev()
        .map(|(segment, from)| match segment {
            Segment::Line { .. } => Segment::Line { to: *from },
            Segment::Arc { via, .. } => Segment::Arc { via: *via, to: *from },
        })
        .collect();
    Contour::Path { start: starts.last().copied().unwrap_or(start), segments }
}

pub(crate) fn distance(a: Point2, b: Point2) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Area, counter-clockwise positive.
pub(crate) fn signed_area(points: &[Point2]) -> f64 {
    pairs(points).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
}

fn pairs(points: &[Point2]) -> impl Iterator<Item = (Point2, Point2)> + '_ {
    points.iter().copied().zip(points.iter().copied().cycle().skip(1))
}

/// A point where two sides that are not neighbours meet, or neighbours fold back on each other.
pub(crate) fn crossing(points: &[Point2]) -> Option<Point2> {
    let n = points.len();
    let sides: Vec<_> = pairs(points).collect();
    let mut order: Vec<usize> = (0..n).collect();
    let low = |i: usize| sides[i].0[0].min(sides[i].1[0]);
    let high = |i: usize| sides[i].0[0].max(sides[i].1[0]);
    order.sort_by(|a, b| low(*a).total_cmp(&low(*b)));
    for (k, &i) in order.iter().enumerate() {
        for &j in order[k + 1..].iter().take_while(|j| low(**j) <= high(i)) {
            let (a, b) = (sides[i], sides[j]);
            let neighbours = (i + 1) % n == j || (j + 1) % n == i;
            if neighbours {
                let (first, second) = if (i + 1) % n == j { (a, b) } else { (b, a) };
                let (u, v) = (minus(first.1, first.0), minus(second.1, second.0));
                let folds = cross(u, v).abs() <= 1e-12 * norm(u) * norm(v) && u[0] * v[0] + u[1] * v[1] < 0.0;
                if folds && n > 2 {
                    return Some(first.1);
                }
            } else if let Some(point) = meet(a, b) {
                return Some(point);
            }
        }
    }
    None
}

fn minus(a: Point2, b: Point2) -> Point2 {
    [a[0] - b[0], a[1] - b[1]]
}

fn cross(a: Point2, b: Point2) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

fn norm(a: Point2) -> f64 {
    a[0].hypot(a[1])
}

/// Where two segments touch or cross; for parallel ones that overlap, an end that lies on the other.
fn meet((a, b): (Point2, Point2), (c, d): (Point2, Point2)) -> Option<Point2> {
    let (r, s, ac) = (minus(b, a), minus(d, c), minus(c, a));
    let det = cross(r, s);
    if det.abs() <= 1e-12 * norm(r) * norm(s) {
        return [c, d].into_iter().find(|p| on(*p, a, b)).or_else(|| [a, b].into_iter().find(|p| on(*p, c, d)));
    }
    let (t, u) = (cross(ac, s) / det, cross(ac, r) / det);
    let within = -1e-9..=1.0 + 1e-9;
    (within.contains(&t) && within.contains(&u)).then(|| [a[0] + t * r[0], a[1] + t * r[1]])
}

fn on(p: Point2, a: Point2, b: Point2) -> bool {
    let ab = minus(b, a);
    let t = ((p[0] - a[0]) * ab[0] + (p[1] - a[1]) * ab[1]) / (norm(ab) * norm(ab)).max(1e-18);
    (0.0..=1.0).contains(&t) && distance(p, [a[0] + t * ab[0], a[1] + t * ab[1]]) < 1e-9
}

/// Even-odd rule.
pub(crate) fn inside(polygon: &[Point2], [x, y]: Point2) -> bool {
    pairs(polygon)
        .filter(|(a, b)| (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0])
        .count()
        % 2
        == 1
}

/// Shortest distance between two rings' sides; 0 where they cross.
pub(crate) fn gap(a: &[Point2], b: &[Point2]) -> f64 {
    let mut least = f64::INFINITY;
    for (p, q) in pairs(a) {
        for (r, s) in pairs(b) {
            if meet((p, q), (r, s)).is_some() {
                return 0.0;
            }
            least = least.min(to_segment(p, r, s)).min(to_segment(r, p, q));
        }
    }
    least
}

fn to_segment(p: Point2, a: Point2, b: Point2) -> f64 {
    let ab = minus(b, a);
    let t = (((p[0] - a[0]) * ab[0] + (p[1] - a[1]) * ab[1]) / (norm(ab) * norm(ab)).max(1e-18)).clamp(0.0, 1.0);
    distance(p, [a[0] + t * ab[0], a[1] + t * ab[1]])
}

/// A counter-clockwise ring whose sides are moved outwards by `by` (inwards when negative) and meet in mitres; `None` where a
/// side would vanish or the ring would cross itself, which is where a leaning wall closes the profile.
pub(crate) fn offset(points: &[Point2], by: f64) -> Option<Vec<Point2>> {
    let n = points.len();
    let unit = |a: Point2, b: Point2| {
        let d = minus(b, a);
        let length = norm(d).max(1e-12);
        [d[0] / length, d[1] / length]
    };
    let sides: Vec<Point2> = pairs(points).map(|(a, b)| unit(a, b)).collect();
    let moved: Vec<Point2> = (0..n)
        .map(|i| {
            let (before, after) = (sides[(i + n - 1) % n], sides[i]);
            // Along the bisector of the outward normals, by / cos(half the turn).
            let normals = [before[1] + after[1], -before[0] - after[0]];
            let scale = by * 2.0 / (normals[0] * normals[0] + normals[1] * normals[1]).max(1e-9);
            [points[i][0] + scale * normals[0], points[i][1] + scale * normals[1]]
        })
        .collect();
    let kept = pairs(&moved).zip(&sides).all(|((a, b), side)| {
        let d = minus(b, a);
        d[0] * side[0] + d[1] * side[1] > 1e-6
    });
    (kept && crossing(&moved).is_none()).then_some(moved)
}

/// The contour whose every side lies `by` further out, for figures where that is the same figure; `None` for the rest.
pub(crate) fn widened(contour: &Contour, by: f64) -> Option<Contour> {
    Some(match contour {
        Contour::Circle { centre, diameter } => Contour::Circle { centre: *centre, diameter: diameter + 2.0 * by },
        Contour::Rectangle { centre, size, corner_radius: 0.0 } => {
            Contour::Rectangle { centre: *centre, size: size.map(|s| s + 2.0 * by), corner_radius: 0.0 }
        }
        Contour::Polygon { points } => {
            Contour::Polygon { points: offset(points, by)?.into_iter().map(|p| p.map(snap)).collect() }
        }
        _ => return None,
    })
}

/// [`widened`] for the whole region: its holes get narrower.
pub(crate) fn widened_profile(profile: &Profile, by: f64) -> Option<Profile> {
    let holes = profile.holes.iter().map(|hole| widened(hole, -by)).collect::<Option<_>>()?;
    Some(Profile { outer: widened(&profile.outer, by)?, holes })
}
