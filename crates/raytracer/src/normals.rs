//! Shading normals: averaged over a corner's faces that are connected through edges flatter than the crease angle, so that
//! cylinders look round and boxes stay sharp.

use glam::Vec3A;

/// cos 30 degrees.
const CREASE_COS: f32 = 0.866;

/// For each triangle the unit normals at its corners, or `None` for a triangle without area. Triangles are expected
/// to share corners by index.
pub(crate) fn corner_normals(positions: &[Vec3A], triangles: &[[u32; 3]]) -> Vec<Option<[Vec3A; 3]>> {
    let faces: Vec<Option<Vec3A>> = triangles
        .iter()
        .map(|t| {
            let [a, b, c] = t.map(|v| positions[v as usize]);
            (b - a).cross(c - a).try_normalize()
        })
        .collect();
    let mut result: Vec<Option<[Vec3A; 3]>> = faces.iter().map(|f| f.map(|n| [n; 3])).collect();
    let around = Incidence::new(positions.len(), triangles);
    let mut spokes: Vec<(u32, usize)> = Vec::new();
    let mut group: Vec<usize> = Vec::new();
    let mut sums: Vec<Vec3A> = Vec::new();
    for vertex in 0..positions.len() {
        let corners = around.corners(vertex);
        // Two faces at this corner are neighbours when they share the other end of an edge.
        spokes.clear();
        group.clear();
        for (slot, &corner) in corners.iter().enumerate() {
            group.push(slot);
            let (triangle, k) = (corner as usize / 3, corner as usize % 3);
            if faces[triangle].is_some() {
                spokes.push((triangles[triangle][(k + 1) % 3], slot));
                spokes.push((triangles[triangle][(k + 2) % 3], slot));
            }
        }
        spokes.sort_unstable();
        for pair in spokes.windows(2) {
            let [(end_a, a), (end_b, b)] = [pair[0], pair[1]];
            if end_a != end_b {
                continue;
            }
            let normals = [a, b].map(|slot| faces[corners[slot] as usize / 3]);
            if let [Some(na), Some(nb)] = normals
                && na.dot(nb) > CREASE_COS
            {
                let (root_a, root_b) = (root(&mut group, a), root(&mut group, b));
                group[root_b] = root_a;
            }
        }
        sums.clear();
        sums.resize(corners.len(), Vec3A::ZERO);
        for (slot, &corner) in corners.iter().enumerate() {
            let (triangle, k) = (corner as usize / 3, corner as usize % 3);
            if let Some(normal) = faces[triangle] {
                let [p, q, r] = [k, (k + 1) % 3, (k + 2) % 3].map(|k| positions[triangles[triangle][k] as usize]);
                // Weighted by the angle, so that the way a flat is triangulated does not tilt the normal.
                let cos = (q - p).normalize_or_zero().dot((r - p).normalize_or_zero());
                let root = root(&mut group, slot);
                sums[root] += normal * cos.clamp(-1.0, 1.0).acos();
            }
        }
        for (slot, &corner) in corners.iter().enumerate() {
            let (triangle, k) = (corner as usize / 3, corner as usize % 3);
            let sum = sums[root(&mut group, slot)];
            if let Some(normals) = &mut result[triangle] {
                normals[k] = sum.normalize_or(normals[k]);
            }
        }
    }
    result
}

fn root(group: &mut [usize], mut slot: usize) -> usize {
    while group[slot] != slot {
        group[slot] = group[group[slot]];
        slot = group[slot];
    }
    slot
}

/// Which triangle corners (3 * triangle + k) meet at each vertex, in one allocation.
struct Incidence {
    starts: Vec<u32>,
    corners: Vec<u32>,
}

impl Incidence {
    fn new(vertices: usize, triangles: &[[u32; 3]]) -> Self {
        let mut starts = vec![0_u32; vertices + 1];
        for &vertex in triangles.iter().flatten() {
            starts[vertex as usize + 1] += 1;
        }
        for vertex in 0..vertices {
            starts[vertex + 1] += starts[vertex];
        }
        let mut next = starts.clone();
        let mut corners = vec![0_u32; triangles.len() * 3];
        for (corner, &vertex) in triangles.iter().flatten().enumerate() {
            corners[next[vertex as usize] as usize] = corner as u32;
            next[vertex as usize] += 1;
        }
        Self { starts, corners }
    }

    fn corners(&self, vertex: usize) -> &[u32] {
        &self.corners[self.starts[vertex] as usize..self.starts[vertex + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A strip of quads bent by `step_deg` at each joint.
    fn strip(step_deg: f32, quads: u32) -> (Vec<Vec3A>, Vec<[u32; 3]>) {
        let mut positions = Vec::new();
        let (mut x, mut z, mut angle) = (0.0, 0.0, 0.0_f32);
        for _ in 0..=quads {
            positions.push(Vec3A::new(x, 0.0, z));
            positions.push(Vec3A::new(x, 1.0, z));
            x += angle.cos();
            z += angle.sin();
            angle += step_deg.to_radians();
        }
        let triangles =
            (0..quads).flat_map(|q| [[2 * q, 2 * q + 2, 2 * q + 1], [2 * q + 1, 2 * q + 2, 2 * q + 3]]).collect();
        (positions, triangles)
    }

    #[test]
    fn gentle_bends_are_smooth_and_sharp_ones_keep_their_facets() {
        let (positions, triangles) = strip(10.0, 2);
        let normals = corner_normals(&positions, &triangles);
        let (before, after) = (normals[0].unwrap()[1], normals[2].unwrap()[0]);
        assert!(before.dot(after) > 0.9999, "shared corner {before} {after}");
        let (positions, triangles) = strip(60.0, 2);
        let normals = corner_normals(&positions, &triangles);
        let angle = normals[0].unwrap()[1].dot(normals[2].unwrap()[0]).acos().to_degrees();
        assert!((angle - 60.0).abs() < 0.01, "{angle}");
    }

    #[test]
    fn a_triangle_without_area_is_left_out() {
        let positions = [Vec3A::ZERO, Vec3A::X, Vec3A::X * 2.0, Vec3A::Y];
        let normals = corner_normals(&positions, &[[0, 1, 2], [0, 1, 3]]);
        assert!(normals[0].is_none());
        assert!((normals[1].unwrap()[0] - Vec3A::Z).length() < 1e-6);
    }
}
