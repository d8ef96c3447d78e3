//! Feature edges: the lines that a viewer draws over a shaded part.

use std::collections::HashMap;

use mesh::TriMesh;

/// Lines between corners, millimetres.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    pub positions: Vec<[f64; 3]>,
    /// Pairs of indices into `positions`.
    pub segments: Vec<[u32; 2]>,
}

/// The edges at which two faces meet at more than `degrees`, and those that have one face only. In the order in which the
/// triangles first use them, so equal meshes give equal lines.
pub fn of(mesh: &TriMesh, degrees: f64) -> Lines {
    let least = degrees.to_radians().cos();
    let mut first: HashMap<(u32, u32), usize> = HashMap::with_capacity(mesh.triangles.len() * 3 / 2);
    // Each edge with the triangle that uses it first, and whether it is drawn.
    let mut edges: Vec<([u32; 2], usize, bool)> = Vec::with_capacity(mesh.triangles.len() * 3 / 2);
    for (index, &[a, b, c]) in mesh.triangles.iter().enumerate() {
        for (from, to) in [(a, b), (b, c), (c, a)] {
            match first.get(&(from.min(to), from.max(to))) {
                Some(&edge) => {
                    let other = edges[edge].1;
                    edges[edge].2 = is_sharp(mesh, index, other, least);
                }
                None => {
                    first.insert((from.min(to), from.max(to)), edges.len());
                    edges.push(([from, to], index, true));
                }
            }
        }
    }
    let mut lines = Lines::default();
    let mut renumbered: HashMap<u32, u32> = HashMap::new();
    for (ends, _, _) in edges.into_iter().filter(|(_, _, drawn)| *drawn) {
        let segment = ends.map(|vertex| {
            *renumbered.entry(vertex).or_insert_with(|| {
                lines.positions.push(mesh.positions[vertex as usize]);
                (lines.positions.len() - 1) as u32
            })
        });
        lines.segments.push(segment);
    }
    lines
}

/// Slivers have no direction of their own: beside one nothing is sharp.
fn is_sharp(mesh: &TriMesh, a: usize, b: usize, least: f64) -> bool {
    let normal = |index: usize| {
        let [p, q, r] = mesh.corners(index);
        let u: [f64; 3] = std::array::from_fn(|i| q[i] - p[i]);
        let v: [f64; 3] = std::array::from_fn(|i| r[i] - p[i]);
        [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
    };
    let (a, b) = (normal(a), normal(b));
    let dot = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    lengths > 0.0 && dot(a, b) < least * lengths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cube_has_twelve_edges_and_no_diagonals() {
        let positions = (0..8).map(|i| [f64::from(i & 1), f64::from(i >> 1 & 1), f64::from(i >> 2 & 1)]).collect();
        let quads = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
        let triangles = quads.iter().flat_map(|q| [[q[0], q[1], q[2]], [q[0], q[2], q[3]]]).collect();
        let mut cube = TriMesh::new(positions, triangles);
        let lines = of(&cube, 30.0);
        assert_eq!((lines.segments.len(), lines.positions.len()), (12, 8));
        let length = |s: &[u32; 2]| -> f64 {
            (0..3).map(|i| (lines.positions[s[0] as usize][i] - lines.positions[s[1] as usize][i]).abs()).sum()
        };
        assert!(lines.segments.iter().all(|s| length(s) == 1.0));
        assert!(of(&cube, 100.0).segments.is_empty());
        // Where a face is missing its outline is drawn.
        cube.triangles.truncate(10);
        assert_eq!(of(&cube, 100.0).segments.len(), 4);
    }
}
