//! Triangles of a polygon in space, by ear clipping in the plane that fits it best.

type Point = [f64; 3];

/// Triangles over the corner numbers `0..corners.len()`, wound like the polygon: always two fewer than corners. A polygon
/// that crosses itself or has no area is cut into a fan, which closes it all the same.
pub(super) fn triangulate(corners: &[Point], out: &mut Vec<[usize; 3]>) {
    let n = corners.len();
    if n == 3 {
        out.push([0, 1, 2]);
        return;
    }
    let flat = project(corners);
    let cross = |a: usize, b: usize, c: usize| {
        (flat[b][0] - flat[a][0]) * (flat[c][1] - flat[a][1]) - (flat[b][1] - flat[a][1]) * (flat[c][0] - flat[a][0])
    };
    let mut ring: Vec<usize> = (0..n).collect();
    let mut at = 0;
    let mut misses = 0;
    while ring.len() > 3 && misses < ring.len() {
        let m = ring.len();
        let (a, b, c) = (ring[(at + m - 1) % m], ring[at % m], ring[(at + 1) % m]);
        let ear = cross(a, b, c) > 0.0
            && !ring.iter().any(|&p| {
                p != a && p != b && p != c && cross(a, b, p) >= 0.0 && cross(b, c, p) >= 0.0 && cross(c, a, p) >= 0.0
            });
        if ear {
            out.push([a, b, c]);
            ring.remove(at % m);
            misses = 0;
            at = if at % m == 0 { 0 } else { at % m };
        } else {
            misses += 1;
            at += 1;
        }
        at %= ring.len();
    }
    for i in 1..ring.len() - 1 {
        out.push([ring[0], ring[i], ring[i + 1]]);
    }
}

/// Counter-clockwise in the plane across Newell's normal: the axis along which the polygon is widest seen is left out.
fn project(corners: &[Point]) -> Vec<[f64; 2]> {
    let mut normal = [0.0; 3];
    for (p, q) in corners.iter().zip(corners.iter().cycle().skip(1)) {
        for (axis, sum) in normal.iter_mut().enumerate() {
            let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
            *sum += (p[u] - q[u]) * (p[v] + q[v]);
        }
    }
    // Newell's sum for axis x pairs y differences with z sums, so each is the area seen along its axis.
    let axis = (0..3).max_by(|a, b| f64::abs(normal[*a]).total_cmp(&f64::abs(normal[*b]))).unwrap_or(2);
    let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
    let flip = if normal[axis] < 0.0 { -1.0 } else { 1.0 };
    corners.iter().map(|p| [p[u] * flip, p[v]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(corners: &[Point], triangles: &[[usize; 3]]) -> f64 {
        let part = |t: &[usize; 3]| {
            let [a, b, c] = t.map(|i| corners[i]);
            (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        };
        assert!(triangles.iter().all(|t| part(t) > 0.0), "a triangle is turned: {triangles:?}");
        triangles.iter().map(part).sum::<f64>() / 2.0
    }

    #[test]
    fn concave_polygons_keep_their_area_whichever_corner_is_first() {
        let l = [[0.0, 0.0], [4.0, 0.0], [4.0, 1.0], [1.0, 1.0], [1.0, 4.0], [0.0, 4.0]];
        for turn in 0..6 {
            let corners: Vec<Point> = (0..6).map(|i| l[(i + turn) % 6]).map(|[x, y]| [x, y, 0.1 * x]).collect();
            let mut triangles = Vec::new();
            triangulate(&corners, &mut triangles);
            assert_eq!(triangles.len(), 4);
            assert!((area(&corners, &triangles) - 7.0).abs() < 1e-12);
        }
    }

    #[test]
    fn a_polygon_seen_from_any_side_keeps_its_winding() {
        let quad = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [1.0, 0.5]];
        for axis in 0..3 {
            let corners: Vec<Point> = quad
                .map(|[u, v]| {
                    let mut p = [0.0; 3];
                    p[(axis + 1) % 3] = u;
                    p[(axis + 2) % 3] = v;
                    p
                })
                .to_vec();
            for reversed in [false, true] {
                let corners: Vec<Point> =
                    if reversed { corners.iter().rev().copied().collect() } else { corners.clone() };
                let mut triangles = Vec::new();
                triangulate(&corners, &mut triangles);
                let along: f64 = triangles
                    .iter()
                    .map(|t| {
                        let [a, b, c] = t.map(|i| corners[i]);
                        let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
                        (b[u] - a[u]) * (c[v] - a[v]) - (b[v] - a[v]) * (c[u] - a[u])
                    })
                    .sum();
                assert!((along.abs() - 3.0).abs() < 1e-12 && (along < 0.0) == reversed, "{axis} {reversed} {along}");
            }
        }
    }

    #[test]
    fn a_bow_tie_gets_as_many_triangles_as_any_other() {
        let corners = [[0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0; 3]];
        let mut triangles = Vec::new();
        triangulate(&corners, &mut triangles);
        assert_eq!(triangles.len(), 3);
    }
}
