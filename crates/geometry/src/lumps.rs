//! What a closed mesh is besides its triangles: how many separate solids, and how far its facets are off the curved
//! surfaces that they stand for.

use std::collections::HashMap;

use arris::math::Vec3;
use mesh::TriMesh;

/// Skins that enclose material, by the sign of the volume inside them.
pub(crate) fn count(mesh: &TriMesh) -> usize {
    let mut sets = arris::math::DisjointSets::new(mesh.positions.len());
    let mut apart = mesh.positions.len();
    for [a, b, c] in &mesh.triangles {
        apart -= usize::from(sets.union(*a as usize, *b as usize));
        apart -= usize::from(sets.union(*b as usize, *c as usize));
    }
    if apart == 1 {
        return usize::from(mesh.volume_mm3() > 0.0);
    }
    let mut volumes = std::collections::BTreeMap::new();
    for (t, corners) in mesh.iter_corners().enumerate() {
        let [a, b, c] = corners;
        let six = a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0])
            + a[2] * (b[0] * c[1] - b[1] * c[0]);
        *volumes.entry(sets.find(mesh.triangles[t][0] as usize)).or_insert(0.0) += six;
    }
    volumes.values().filter(|six| **six > 0.0).count()
}

/// Cosine of the angle from which on two triangles are faces of their own rather than facets of one surface.
const SHARP: f64 = 0.86;

/// The volume between the facets and the surfaces that they stand for, estimated: positive where material is missing.
///
/// Two facets of widths `a` and `b` that meet under a small angle `t` along a length `l` are chords of a circle; the
/// segments that they cut off hold `t l (a^2 + b^2) / 24` on their halves next to the edge.
pub(crate) fn missing(mesh: &TriMesh) -> f64 {
    let mut first: HashMap<(u32, u32), usize> = HashMap::with_capacity(mesh.triangles.len() * 3 / 2);
    let corners = |t: usize| mesh.corners(t).map(Vec3::from);
    let normal = |t: usize| {
        let [a, b, c] = corners(t);
        (b - a).cross(&(c - a))
    };
    let mut sum = 0.0;
    for (t, [a, b, c]) in mesh.triangles.iter().enumerate() {
        for (from, to, tip) in [(*a, *b, *c), (*b, *c, *a), (*c, *a, *b)] {
            let Some(other) = first.remove(&(from.min(to), from.max(to))) else {
                first.insert((from.min(to), from.max(to)), t);
                continue;
            };
            let (m, n) = (normal(t), normal(other));
            let (p, q) = (m.norm(), n.norm());
            let cosine = m.dot(&n) / (p * q);
            if !(SHARP..1.0 - 1e-12).contains(&cosine) {
                continue;
            }
            let at = |v: u32| Vec3::from(mesh.positions[v as usize]);
            let length = (at(to) - at(from)).norm();
            // Twice a triangle's area over its base is its height.
            let (a, b) = (p / length, q / length);
            // The tip of one facet lies below the plane of the other where the edge is convex.
            let convex = (at(tip) - at(from)).dot(&n) < 0.0;
            // Facets of one surface are of about one width: a sliver beside a plane says nothing.
            let width = a.min(2.0 * b).min(b.min(2.0 * a));
            let bulge = cosine.acos() * length * width * width / 12.0;
            sum += if convex { bulge } else { -bulge };
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_missing_volume_of_a_tube_is_estimated() {
        let ring = |n: usize, r: f64, z: f64| {
            (0..n)
                .map(move |i| (std::f64::consts::TAU * i as f64 / n as f64).sin_cos())
                .map(move |(s, c)| [r * c, r * s, z])
        };
        let n = 40;
        let positions: Vec<[f64; 3]> = ring(n, 5.0, 0.0).chain(ring(n, 5.0, 8.0)).collect();
        let (mut triangles, n) = (Vec::new(), n as u32);
        for i in 0..n {
            let j = (i + 1) % n;
            triangles.extend([[i, j, n + j], [i, n + j, n + i]]);
            if i > 0 && j > 0 {
                triangles.extend([[0, j, i], [n, n + i, n + j]]);
            }
        }
        let mesh = TriMesh::new(positions, triangles);
        let lost = std::f64::consts::PI * 25.0 * 8.0 - mesh.mass_properties().volume_mm3;
        assert!(mesh.topology().is_watertight() && (missing(&mesh) / lost - 1.0).abs() < 0.05);
        let mut inside_out = mesh;
        inside_out.triangles.iter_mut().for_each(|t| t.swap(0, 1));
        assert!((missing(&inside_out) / lost + 1.0).abs() < 0.05);
    }
}
