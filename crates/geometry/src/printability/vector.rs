//! Three-vectors as arrays, and the distance between two triangles.

pub(super) type Vector = [f64; 3];

pub(super) fn sub(a: Vector, b: Vector) -> Vector {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub(super) fn add(a: Vector, b: Vector) -> Vector {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

pub(super) fn scaled(a: Vector, by: f64) -> Vector {
    [a[0] * by, a[1] * by, a[2] * by]
}

/// `a + by * b`.
pub(super) fn along(a: Vector, b: Vector, by: f64) -> Vector {
    [a[0] + by * b[0], a[1] + by * b[1], a[2] + by * b[2]]
}

pub(super) fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

pub(super) fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(super) fn norm(a: Vector) -> f64 {
    dot(a, a).sqrt()
}

pub(super) fn distance(a: Vector, b: Vector) -> f64 {
    norm(sub(a, b))
}

/// The unit vector; zero stays zero.
pub(super) fn unit(a: Vector) -> Vector {
    let length = norm(a);
    if length > 0.0 { scaled(a, 1.0 / length) } else { [0.0; 3] }
}

pub(super) fn middle(a: Vector, b: Vector) -> Vector {
    scaled(add(a, b), 0.5)
}

pub(super) fn centroid([a, b, c]: [Vector; 3]) -> Vector {
    scaled(add(add(a, b), c), 1.0 / 3.0)
}

/// Two unit vectors that are square to `n` and to each other.
pub(super) fn square_to(n: Vector) -> (Vector, Vector) {
    let least = (0..3).min_by(|i, j| n[*i].abs().total_cmp(&n[*j].abs())).unwrap_or(0);
    let mut axis = [0.0; 3];
    axis[least] = 1.0;
    let u = unit(cross(n, axis));
    (u, cross(n, u))
}

/// Möller and Trumbore (1997): the distance along a ray to a triangle, either face.
pub(super) fn ray_triangle(from: Vector, direction: Vector, [a, b, c]: [Vector; 3]) -> Option<f64> {
    let (u, v) = (sub(b, a), sub(c, a));
    let p = cross(direction, v);
    let det = dot(u, p);
    if det.abs() < 1e-14 {
        return None;
    }
    let t = sub(from, a);
    let s = dot(t, p) / det;
    let q = cross(t, u);
    let r = dot(direction, q) / det;
    (s >= -1e-9 && r >= -1e-9 && s + r <= 1.0 + 1e-9).then(|| dot(v, q) / det)
}

/// The nearest points of two triangles that do not cross: over the nine pairs of edges and the six corners against the
/// other triangle's inside.
pub(super) fn nearest(a: &[Vector; 3], b: &[Vector; 3]) -> (f64, Vector, Vector) {
    let mut best = (f64::INFINITY, a[0], b[0]);
    let mut offer = |p: Vector, q: Vector| {
        let d = sub(p, q);
        let d = dot(d, d);
        if d < best.0 {
            best = (d, p, q);
        }
    };
    // Corners over the other's inside first: on parallel faces they are perpendicular, and ties keep them.
    for p in a {
        if let Some(q) = foot(*p, b) {
            offer(*p, q);
        }
    }
    for q in b {
        if let Some(p) = foot(*q, a) {
            offer(p, *q);
        }
    }
    for i in 0..3 {
        for j in 0..3 {
            let (p, q) = nearest_on_segments(a[i], a[(i + 1) % 3], b[j], b[(j + 1) % 3]);
            offer(p, q);
        }
    }
    (best.0.sqrt(), best.1, best.2)
}

/// Where the perpendicular from a point meets a triangle's inside.
fn foot(p: Vector, [a, b, c]: &[Vector; 3]) -> Option<Vector> {
    let (u, v, w) = (sub(*b, *a), sub(*c, *a), sub(p, *a));
    let n = cross(u, v);
    let nn = dot(n, n);
    if nn <= 0.0 {
        return None;
    }
    let s = dot(cross(w, v), n) / nn;
    let t = dot(cross(u, w), n) / nn;
    (s >= 0.0 && t >= 0.0 && s + t <= 1.0).then(|| along(p, n, -dot(w, n) / nn))
}

/// Nearest points of two segments (Ericson, Real-Time Collision Detection, 5.1.9).
fn nearest_on_segments(p1: Vector, q1: Vector, p2: Vector, q2: Vector) -> (Vector, Vector) {
    let (d1, d2, r) = (sub(q1, p1), sub(q2, p2), sub(p1, p2));
    let (a, e, f) = (dot(d1, d1), dot(d2, d2), dot(d2, r));
    let c = dot(d1, r);
    let (s, t);
    if a <= 0.0 && e <= 0.0 {
        return (p1, p2);
    }
    if a <= 0.0 {
        (s, t) = (0.0, (f / e).clamp(0.0, 1.0));
    } else if e <= 0.0 {
        (s, t) = ((-c / a).clamp(0.0, 1.0), 0.0);
    } else {
        let b = dot(d1, d2);
        let denominator = a * e - b * b;
        let s0 = if denominator > 1e-14 * a * e { ((b * f - c * e) / denominator).clamp(0.0, 1.0) } else { 0.5 };
        let t0 = (b * s0 + f) / e;
        (s, t) = if t0 < 0.0 {
            ((-c / a).clamp(0.0, 1.0), 0.0)
        } else if t0 > 1.0 {
            (((b - c) / a).clamp(0.0, 1.0), 1.0)
        } else {
            (s0, t0)
        };
    }
    (along(p1, d1, s), along(p2, d2, t))
}

/// Convex hull of points in the plane, counter-clockwise, without collinear points (Andrew's monotone chain, 1979).
pub(super) fn hull(mut points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let turn = |o: [f64; 2], a: [f64; 2], b: [f64; 2]| (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
    let mut chain: Vec<[f64; 2]> = Vec::with_capacity(points.len());
    let mut half = |points: &mut dyn Iterator<Item = [f64; 2]>| {
        let base = chain.len();
        for p in points {
            while chain.len() >= base + 2 && turn(chain[chain.len() - 2], chain[chain.len() - 1], p) <= 1e-12 {
                chain.pop();
            }
            chain.push(p);
        }
        // The last point of each half is the first of the other.
        chain.pop();
    };
    half(&mut points.iter().copied());
    half(&mut points.iter().rev().copied());
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parallel_triangles_are_as_far_apart_as_their_planes() {
        let a = [[0.0, 0.0, 0.0], [10.0, 0.0, 0.0], [0.0, 10.0, 0.0]];
        let b = [[1.0, 1.0, 0.6], [2.0, 1.0, 0.6], [1.0, 2.0, 0.6]];
        let (d, p, q) = nearest(&a, &b);
        assert!((d - 0.6).abs() < 1e-12 && (p[0] - q[0]).abs() < 1e-12);
    }

    #[test]
    fn crossed_edges_are_nearest_at_their_crossing() {
        let a = [[-5.0, 0.0, 0.0], [5.0, 0.0, 0.0], [0.0, 0.0, -9.0]];
        let b = [[0.0, -5.0, 2.0], [0.0, 5.0, 2.0], [0.0, 0.0, 9.0]];
        assert!((nearest(&a, &b).0 - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_hull_drops_what_is_inside_or_on_its_edges() {
        let points = vec![[0.0, 0.0], [4.0, 0.0], [2.0, 0.0], [4.0, 4.0], [0.0, 4.0], [1.0, 1.0]];
        assert_eq!(hull(points), [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]]);
    }
}
