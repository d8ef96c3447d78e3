//! Contours as counter-clockwise edges, lines and arcs: offsets that keep each edge, parts of edges, samples.

pub(crate) mod ring;

use std::f64::consts::TAU;

use part::solid::{Contour, Segment};

use crate::contour::{self, Arc, Chain};

pub(crate) type Point = [f64; 2];

/// One edge of an outline. An arc turns by `sweep` radians about its centre, counter-clockwise when positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Edge {
    Line { a: Point, b: Point },
    Arc { a: Point, b: Point, centre: Point, radius: f64, from: f64, sweep: f64 },
}

/// Sine of the angle under which two edges run on into one another.
const SMOOTH: f64 = 1e-5;
/// Shorter edges are none.
const SHORT: f64 = 1e-6;

impl Edge {
    pub(crate) fn start(&self) -> Point {
        match self {
            Edge::Line { a, .. } | Edge::Arc { a, .. } => *a,
        }
    }

    pub(crate) fn end(&self) -> Point {
        match self {
            Edge::Line { b, .. } | Edge::Arc { b, .. } => *b,
        }
    }

    /// The point at share `t` of the length.
    pub(crate) fn at(&self, t: f64) -> Point {
        match self {
            Edge::Line { a, b } => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t],
            Edge::Arc { a, .. } if t == 0.0 => *a,
            Edge::Arc { b, .. } if t == 1.0 => *b,
            Edge::Arc { centre, radius, from, sweep, .. } => {
                let (sin, cos) = (from + sweep * t).sin_cos();
                [centre[0] + radius * cos, centre[1] + radius * sin]
            }
        }
    }

    /// The point at parameter `t` of the edge as a rational quadratic, which is how the exact kernel pairs the points of
    /// two sections. Arcs of at most a quarter turn.
    pub(crate) fn at_rational(&self, t: f64) -> Point {
        let Edge::Arc { a, b, centre, radius, from, sweep } = self else { return self.at(t) };
        let (w, middle) = ((sweep / 2.0).cos(), from + sweep / 2.0);
        let knot = [centre[0] + radius / w * middle.cos(), centre[1] + radius / w * middle.sin()];
        let (p, q, r) = ((1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t) * w, t * t);
        std::array::from_fn(|k| (p * a[k] + q * knot[k] + r * b[k]) / (p + q + r))
    }

    /// Unit direction of travel at share `t`.
    pub(crate) fn direction(&self, t: f64) -> Point {
        match self {
            Edge::Line { a, b } => unit([b[0] - a[0], b[1] - a[1]]),
            Edge::Arc { from, sweep, .. } => {
                let (sin, cos) = (from + sweep * t).sin_cos();
                if *sweep > 0.0 { [-sin, cos] } else { [sin, -cos] }
            }
        }
    }

    pub(crate) fn length(&self) -> f64 {
        match self {
            Edge::Line { a, b } => (b[0] - a[0]).hypot(b[1] - a[1]),
            Edge::Arc { radius, sweep, .. } => radius * sweep.abs(),
        }
    }

    /// The part between the shares `t0` and `t1` of the length.
    pub(crate) fn part(&self, t0: f64, t1: f64) -> Edge {
        match self {
            Edge::Line { .. } => Edge::Line { a: self.at(t0), b: self.at(t1) },
            Edge::Arc { centre, radius, from, sweep, .. } => Edge::Arc {
                a: self.at(t0),
                b: self.at(t1),
                centre: *centre,
                radius: *radius,
                from: from + sweep * t0,
                sweep: sweep * (t1 - t0),
            },
        }
    }

    fn reversed(&self) -> Edge {
        match *self {
            Edge::Line { a, b } => Edge::Line { a: b, b: a },
            Edge::Arc { a, b, centre, radius, from, sweep } => {
                Edge::Arc { a: b, b: a, centre, radius, from: from + sweep, sweep: -sweep }
            }
        }
    }

    pub(crate) fn segment(&self) -> Segment {
        match self {
            Edge::Line { b, .. } => Segment::Line { to: *b },
            Edge::Arc { b, .. } => Segment::Arc { via: self.at(0.5), to: *b },
        }
    }

    /// Into how many chords of at most `chord` sagitta it falls.
    pub(crate) fn steps(&self, chord: f64) -> usize {
        match self {
            Edge::Line { .. } => 1,
            Edge::Arc { radius, sweep, .. } => {
                ((contour::sides(*radius, chord) as f64 * sweep.abs() / TAU - 1e-9).ceil() as usize).max(1)
            }
        }
    }

    fn arc(a: Point, via: Point, b: Point) -> Edge {
        match Arc::through(a, via, b) {
            Some(Arc { centre, radius, from, sweep }) => Edge::Arc { a, b, centre, radius, from, sweep },
            None => Edge::Line { a, b },
        }
    }
}

/// The contour as counter-clockwise edges; a circle is four quarters from +x on.
pub(crate) fn edges(contour: &Contour) -> Vec<Edge> {
    let mut edges = match contour::chain(contour) {
        Chain::Circle { centre, radius } => {
            let at = |quarter: usize| {
                let [x, y] = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]][quarter % 4];
                [centre[0] + radius * x, centre[1] + radius * y]
            };
            (0..4)
                .map(|q| Edge::Arc {
                    a: at(q),
                    b: at(q + 1),
                    centre,
                    radius,
                    from: TAU / 4.0 * q as f64,
                    sweep: TAU / 4.0,
                })
                .collect()
        }
        Chain::Path { start, segments } => {
            let mut from = start;
            let mut edges = Vec::with_capacity(segments.len());
            for segment in segments {
                let to = contour::end(&segment);
                if (to[0] - from[0]).hypot(to[1] - from[1]) > SHORT {
                    edges.push(match segment {
                        Segment::Line { to } => Edge::Line { a: from, b: to },
                        Segment::Arc { via, to } => Edge::arc(from, via, to),
                    });
                }
                from = to;
            }
            edges
        }
    };
    if doubled_area(&edges) < 0.0 {
        edges = edges.iter().rev().map(Edge::reversed).collect();
    }
    edges
}

pub(crate) fn contour(edges: &[Edge]) -> Contour {
    let start = edges.first().map_or([0.0; 2], Edge::start);
    Contour::Path { start, segments: edges.iter().map(Edge::segment).collect() }
}

/// Whether a closed ring holds the point, by the even-odd rule.
pub(crate) fn inside([x, y]: Point, ring: &[Point]) -> bool {
    let next = ring.iter().cycle().skip(1);
    ring.iter()
        .zip(next)
        .filter(|(a, b)| (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0])
        .count()
        % 2
        == 1
}

/// Twice the signed area inside the edges, exactly.
pub(crate) fn doubled_area(edges: &[Edge]) -> f64 {
    let piece = |edge: &Edge| {
        let (a, b) = (edge.start(), edge.end());
        let bulge = match edge {
            Edge::Line { .. } => 0.0,
            Edge::Arc { radius, sweep, .. } => radius * radius * (sweep - sweep.sin()),
        };
        a[0] * b[1] - a[1] * b[0] + bulge
    };
    edges.iter().map(piece).sum()
}

/// The edges as a polygon that does not repeat its first point.
pub(crate) fn polygon(edges: &[Edge], chord: f64) -> Vec<Point> {
    edges
        .iter()
        .flat_map(|edge| {
            let n = edge.steps(chord);
            (0..n).map(move |i| edge.at(i as f64 / n as f64))
        })
        .collect()
}

/// Moves each edge outwards by its own distance (inwards when negative) and joins neighbours where they then meet. With
/// `vanish`, arcs whose radius is used up disappear; otherwise they are refused, since the result has as many edges as
/// the outline.
pub(crate) fn offset(outline: &[Edge], by: &[f64], vanish: bool) -> Result<Vec<Edge>, String> {
    const GONE: &str = "the offset is larger than the outline allows";
    let moved: Vec<(usize, Carrier)> = outline
        .iter()
        .zip(by)
        .enumerate()
        .map(|(i, (edge, d))| (i, Carrier::of(edge, *d)))
        .filter(|(_, carrier)| !(vanish && matches!(carrier, Carrier::Circle { radius, .. } if *radius <= SHORT)))
        .collect();
    if moved.len() < 2 || moved.iter().any(|(_, c)| matches!(c, Carrier::Circle { radius, .. } if *radius <= SHORT)) {
        return Err(GONE.to_owned());
    }
    let n = moved.len();
    // joints[k] is where moved[k] begins.
    let mut joints = Vec::with_capacity(n);
    for k in 0..n {
        let ((i, before), (j, after)) = (&moved[(k + n - 1) % n], &moved[k]);
        let corner = outline[*j].start();
        let neighbours = (i + 1) % outline.len() == *j;
        let (out, into) = (outline[*i].direction(1.0), outline[*j].direction(0.0));
        let smooth = neighbours && cross(out, into).abs() < SMOOTH && dot(out, into) > 0.0;
        let joint = if smooth && (by[*i] - by[*j]).abs() < 1e-12 {
            Some([corner[0] + into[1] * by[*j], corner[1] - into[0] * by[*j]])
        } else {
            before.meet(after, corner)
        };
        joints.push(joint.ok_or(GONE)?);
    }
    let mut result = Vec::with_capacity(n);
    for k in 0..n {
        let (a, b) = (joints[k], joints[(k + 1) % n]);
        let old = &outline[moved[k].0];
        result.push(match (&moved[k].1, old) {
            (Carrier::Line { direction, .. }, _) => {
                if dot([b[0] - a[0], b[1] - a[1]], *direction) <= SHORT {
                    return Err(GONE.to_owned());
                }
                Edge::Line { a, b }
            }
            (Carrier::Circle { centre, radius }, Edge::Arc { sweep: before, .. }) => {
                let angle = |p: Point| (p[1] - centre[1]).atan2(p[0] - centre[0]);
                let (from, to) = (angle(a), angle(b));
                let sweep = if *before > 0.0 { (to - from).rem_euclid(TAU) } else { -(from - to).rem_euclid(TAU) };
                if (sweep - before).abs() > TAU / 2.0 || sweep.abs() * radius <= SHORT {
                    return Err(GONE.to_owned());
                }
                Edge::Arc { a, b, centre: *centre, radius: *radius, from, sweep }
            }
            (Carrier::Circle { .. }, Edge::Line { .. }) => return Err(GONE.to_owned()),
        });
    }
    if doubled_area(&result) <= 0.0 || crosses_itself(&polygon(&result, 0.05)) {
        return Err(GONE.to_owned());
    }
    Ok(result)
}

/// The whole contour moved outwards by `by`.
pub(crate) fn offset_contour(outline: &Contour, by: f64, vanish: bool) -> Result<Contour, String> {
    if let Contour::Circle { centre, diameter } = outline {
        let diameter = diameter + 2.0 * by;
        if diameter <= SHORT {
            return Err("the offset is larger than the circle".to_owned());
        }
        return Ok(Contour::Circle { centre: *centre, diameter });
    }
    let edges = edges(outline);
    offset(&edges, &vec![by; edges.len()], vanish).map(|moved| contour(&moved))
}

/// What an offset edge lies on.
enum Carrier {
    Line { point: Point, direction: Point },
    Circle { centre: Point, radius: f64 },
}

impl Carrier {
    fn of(edge: &Edge, by: f64) -> Carrier {
        match edge {
            Edge::Line { a, .. } => {
                let direction = edge.direction(0.0);
                // Right of the direction of travel is outside.
                Carrier::Line { point: [a[0] + direction[1] * by, a[1] - direction[0] * by], direction }
            }
            Edge::Arc { centre, radius, sweep, .. } => {
                Carrier::Circle { centre: *centre, radius: if *sweep > 0.0 { radius + by } else { radius - by } }
            }
        }
    }

    /// Where the two meet nearest to `near`.
    fn meet(&self, other: &Carrier, near: Point) -> Option<Point> {
        match (self, other) {
            (Carrier::Line { point: p, direction: u }, Carrier::Line { point: q, direction: v }) => {
                let turn = cross(*u, *v);
                if turn.abs() < 1e-9 {
                    return None;
                }
                let t = cross([q[0] - p[0], q[1] - p[1]], *v) / turn;
                Some([p[0] + u[0] * t, p[1] + u[1] * t])
            }
            (Carrier::Line { point, direction }, Carrier::Circle { centre, radius })
            | (Carrier::Circle { centre, radius }, Carrier::Line { point, direction }) => {
                let to = [centre[0] - point[0], centre[1] - point[1]];
                let (along, off) = (dot(to, *direction), cross(*direction, to));
                let half = (radius * radius - off * off).max(-SHORT);
                if half < 0.0 && half < -SHORT * radius {
                    return None;
                }
                let half = half.max(0.0).sqrt();
                nearest(
                    [along - half, along + half].map(|t| [point[0] + direction[0] * t, point[1] + direction[1] * t]),
                    near,
                )
            }
            (Carrier::Circle { centre: c, radius: r }, Carrier::Circle { centre: d, radius: s }) => {
                let between = [d[0] - c[0], d[1] - c[1]];
                let distance = between[0].hypot(between[1]);
                if distance < 1e-9 || distance > r + s + SHORT || distance < (r - s).abs() - SHORT {
                    return None;
                }
                let along = (distance * distance + r * r - s * s) / (2.0 * distance);
                let half = (r * r - along * along).max(0.0).sqrt();
                let u = [between[0] / distance, between[1] / distance];
                let at = |h: f64| [c[0] + u[0] * along - u[1] * h, c[1] + u[1] * along + u[0] * h];
                nearest([at(-half), at(half)], near)
            }
        }
    }
}

fn nearest(points: [Point; 2], to: Point) -> Option<Point> {
    let distance = |p: &Point| (p[0] - to[0]).hypot(p[1] - to[1]);
    points.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

/// Whether two edges of the polygon that are not neighbours meet.
pub(crate) fn crosses_itself(polygon: &[Point]) -> bool {
    let n = polygon.len();
    (0..n).any(|i| {
        (i + 2..n).any(|j| {
            let neighbours = i == 0 && j == n - 1;
            !neighbours && cross_each_other([polygon[i], polygon[i + 1]], [polygon[j], polygon[(j + 1) % n]])
        })
    })
}

/// Whether two segments meet.
pub(crate) fn cross_each_other([a, b]: [Point; 2], [c, d]: [Point; 2]) -> bool {
    let apart = |k: usize| a[k].max(b[k]) < c[k].min(d[k]) || c[k].max(d[k]) < a[k].min(b[k]);
    if apart(0) || apart(1) {
        return false;
    }
    let side = |p: Point, q: Point, r: Point| cross([q[0] - p[0], q[1] - p[1]], [r[0] - p[0], r[1] - p[1]]);
    side(a, b, c) * side(a, b, d) <= 0.0 && side(c, d, a) * side(c, d, b) <= 0.0
}

pub(crate) fn unit(v: Point) -> Point {
    let length = v[0].hypot(v[1]);
    if length > 0.0 { [v[0] / length, v[1] / length] } else { v }
}

pub(crate) fn cross(u: Point, v: Point) -> f64 {
    u[0] * v[1] - u[1] * v[0]
}

pub(crate) fn dot(u: Point, v: Point) -> f64 {
    u[0] * v[0] + u[1] * v[1]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(contour: &Contour) -> f64 {
        doubled_area(&edges(contour)) / 2.0
    }

    #[test]
    fn offsets_of_sharp_and_rounded_outlines_have_their_areas() {
        let square = Contour::Rectangle { centre: [1.0, 2.0], size: [10.0, 6.0], corner_radius: 0.0 };
        assert!((area(&offset_contour(&square, -1.0, false).unwrap()) - 32.0).abs() < 1e-9);
        assert!((area(&offset_contour(&square, 1.0, false).unwrap()) - 96.0).abs() < 1e-9);
        let rounded = Contour::Rectangle { centre: [0.0; 2], size: [10.0, 6.0], corner_radius: 2.0 };
        let inner = area(&offset_contour(&rounded, -0.5, false).unwrap());
        assert!((inner - (9.0 * 5.0 - (4.0 - TAU / 2.0) * 1.5 * 1.5)).abs() < 1e-9, "{inner}");
        // The corners of 2 mm are used up: refused, or gone.
        assert!(offset_contour(&rounded, -2.5, false).is_err());
        assert!((area(&offset_contour(&rounded, -2.5, true).unwrap()) - 5.0).abs() < 1e-9);
        assert!(offset_contour(&rounded, -3.5, true).is_err());
    }

    #[test]
    fn an_l_keeps_its_concave_corner() {
        let points = vec![[0.0, 0.0], [10.0, 0.0], [10.0, 4.0], [4.0, 4.0], [4.0, 10.0], [0.0, 10.0]];
        let l = Contour::Polygon { points };
        // Perimeter 40; five convex corners and one concave: 40 d less (5 - 1) d^2.
        let taken = area(&l) - area(&offset_contour(&l, -0.5, false).unwrap());
        assert!((taken - (40.0 * 0.5 - 4.0 * 0.25)).abs() < 1e-9, "{taken}");
        assert!(offset_contour(&l, -2.5, false).is_err());
    }

    #[test]
    fn clockwise_outlines_are_turned() {
        let points = vec![[0.0, 0.0], [0.0, 4.0], [4.0, 4.0], [4.0, 0.0]];
        assert!((area(&Contour::Polygon { points }) - 16.0).abs() < 1e-12);
    }

    #[test]
    fn edges_move_by_their_own_distances() {
        let square = edges(&Contour::Rectangle { centre: [0.0; 2], size: [4.0, 4.0], corner_radius: 0.0 });
        let moved = offset(&square, &[-1.0, 2.0, -1.0, 0.0], false).unwrap();
        assert!((doubled_area(&moved) / 2.0 - 6.0 * 2.0).abs() < 1e-9);
    }
}
