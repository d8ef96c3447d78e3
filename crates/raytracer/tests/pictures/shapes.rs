//! Meshes with known shape: box, sphere, pot.

use std::f64::consts::TAU;

use mesh::TriMesh;

/// An axis-aligned box.
pub(crate) fn cuboid(min: [f64; 3], max: [f64; 3]) -> TriMesh {
    let positions =
        (0..8).map(|i| std::array::from_fn(|axis| if i >> axis & 1 == 1 { max[axis] } else { min[axis] })).collect();
    let quads = [[0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6]];
    TriMesh::new(positions, quads.iter().flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]]).collect())
}

/// A closed profile of (radius, z), counter-clockwise in that plane, turned about z.
pub(crate) fn revolve(profile: &[[f64; 2]], segments: u32) -> TriMesh {
    let rings = profile.len() as u32;
    let positions = (0..segments)
        .flat_map(|s| {
            let (sin, cos) = (TAU * f64::from(s) / f64::from(segments)).sin_cos();
            profile.iter().map(move |[r, z]| [r * cos, r * sin, *z])
        })
        .collect();
    let triangles = (0..segments)
        .flat_map(|s| (0..rings).map(move |r| (s, r)))
        .flat_map(|(s, r)| {
            let at = |s: u32, r: u32| (s % segments) * rings + r % rings;
            let [a, b, c, d] = [at(s, r), at(s + 1, r), at(s + 1, r + 1), at(s, r + 1)];
            [[a, b, c], [a, c, d]]
        })
        .collect();
    // Rings on the axis collapse to a point; welding drops the triangles that this makes degenerate.
    TriMesh::new(positions, triangles).welded()
}

pub(crate) fn sphere(centre: [f64; 3], radius: f64, steps: u32) -> TriMesh {
    let profile: Vec<[f64; 2]> = (0..=steps)
        .map(|k| {
            let polar = TAU / 2.0 * f64::from(k) / f64::from(steps);
            let r = if k == 0 || k == steps { 0.0 } else { radius * polar.sin() };
            [r, -radius * polar.cos()]
        })
        .collect();
    revolve(&profile, 2 * steps).translated(centre)
}

/// 120 mm wide, 100 mm tall, 3 mm walls; `rows` rings on each wall set the triangle count.
pub(crate) fn pot(rows: u32, segments: u32) -> TriMesh {
    let lerp = |a: [f64; 2], b: [f64; 2], k: u32| {
        let t = f64::from(k) / f64::from(rows);
        [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
    };
    let mut profile = vec![[0.0, 0.0]];
    profile.extend((0..=rows).map(|k| lerp([42.0, 0.0], [60.0, 100.0], k)));
    profile.extend((0..=rows).map(|k| lerp([57.0, 100.0], [39.5, 3.0], k)));
    profile.push([0.0, 3.0]);
    revolve(&profile, segments)
}
