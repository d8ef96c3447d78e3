//! Small openings, closed by the triangulation of least area.
//!
//! G. Barequet and M. Sharir, "Filling gaps in the boundary of a polyhedron", Computer Aided Geometric Design 12 (1995): a
//! dynamic programme over the loop's corners, cubic in their number, which is why loops are bounded.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

use super::{
    Options, RepairError,
    halfedges::{NONE, Pairing, ends},
    poll,
};
use crate::TriMesh;

/// Steps of all dynamic programmes together: a few seconds.
const MOST_STEPS: usize = 500_000_000;

pub(super) struct Filled {
    pub(super) holes: usize,
    pub(super) triangles: usize,
    /// Diameter of the widest one that has area.
    pub(super) largest_mm: f64,
}

/// Closes every opening, or none: one that is too large refuses the mesh. Every corner must belong to one fan of triangles.
pub(super) fn fill(
    mesh: &mut TriMesh,
    pairing: &Pairing,
    options: &Options,
    cancel: &AtomicBool,
) -> Result<Filled, RepairError> {
    let mut after: HashMap<u32, u32> = HashMap::with_capacity(pairing.open);
    for (half, _) in pairing.twin.iter().enumerate().filter(|(_, twin)| **twin == NONE) {
        let (from, to) = ends(mesh, half as u32);
        after.insert(from, to);
    }
    let mut starts: Vec<u32> = after.keys().copied().collect();
    starts.sort_unstable();
    let diagonal = mesh.bounds().map_or(0.0, |bounds| distance(bounds.min, bounds.max));
    let mut filled = Filled { holes: 0, triangles: 0, largest_mm: 0.0 };
    let mut refused: Option<(usize, usize, f64, u32)> = None;
    let mut steps = 0;
    let mut lids = Vec::new();
    for (index, start) in starts.into_iter().enumerate() {
        poll(index, cancel)?;
        let mut ring = Vec::new();
        let mut at = start;
        while let Some(to) = after.remove(&at) {
            ring.push(at);
            at = to;
        }
        if ring.is_empty() {
            continue;
        }
        let corners: Vec<[f64; 3]> = ring.iter().map(|v| mesh.positions[*v as usize]).collect();
        let size = diameter(&corners);
        let bounded = at == start && (3..=options.hole_edges).contains(&ring.len());
        let lid = if bounded {
            steps += ring.len().pow(3);
            if steps > MOST_STEPS {
                return Err(RepairError::TooComplex);
            }
            poll(0, cancel)?;
            // The triangles beyond an open edge run it the other way.
            ring.reverse();
            least_area(&corners.iter().rev().copied().collect::<Vec<_>>())
        } else {
            (f64::INFINITY, Vec::new())
        };
        let crack = lid.0 <= options.weld_mm * perimeter(&corners);
        if bounded && (crack || size <= options.hole_share * diagonal) {
            filled.holes += 1;
            filled.triangles += lid.1.len();
            filled.largest_mm = filled.largest_mm.max(if crack { 0.0 } else { size });
            lids.extend(lid.1.into_iter().map(|t| t.map(|corner| ring[corner])));
        } else {
            let count = refused.map_or(0, |r| r.0) + 1;
            let worst = refused.filter(|r| r.2 >= size).map_or((ring.len(), size, start), |r| (r.1, r.2, r.3));
            refused = Some((count, worst.0, worst.1, worst.2));
        }
    }
    if let Some((holes, edges, size_mm, vertex)) = refused {
        return Err(RepairError::Open { holes, edges, size_mm, at: mesh.positions[vertex as usize] });
    }
    mesh.triangles.extend(lids);
    Ok(filled)
}

/// The triangulation of a closed loop with the least area, and that area.
fn least_area(corners: &[[f64; 3]]) -> (f64, Vec<[usize; 3]>) {
    let n = corners.len();
    let mut area = vec![0.0_f64; n * n];
    let mut split = vec![0_usize; n * n];
    for span in 2..n {
        for i in 0..n - span {
            let k = i + span;
            let best = (i + 1..k)
                .map(|j| (area[i * n + j] + area[j * n + k] + triangle_area(corners[i], corners[j], corners[k]), j))
                .min_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((least, j)) = best {
                area[i * n + k] = least;
                split[i * n + k] = j;
            }
        }
    }
    let mut triangles = Vec::with_capacity(n - 2);
    let mut pending = vec![(0, n - 1)];
    while let Some((i, k)) = pending.pop() {
        if k - i >= 2 {
            let j = split[i * n + k];
            triangles.push([i, j, k]);
            pending.extend([(i, j), (j, k)]);
        }
    }
    (area[n - 1], triangles)
}

fn triangle_area(a: [f64; 3], b: [f64; 3], c: [f64; 3]) -> f64 {
    let u: [f64; 3] = std::array::from_fn(|i| b[i] - a[i]);
    let v: [f64; 3] = std::array::from_fn(|i| c[i] - a[i]);
    let n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    n.iter().map(|c| c * c).sum::<f64>().sqrt() / 2.0
}

fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f64>().sqrt()
}

fn perimeter(corners: &[[f64; 3]]) -> f64 {
    (0..corners.len()).map(|i| distance(corners[i], corners[(i + 1) % corners.len()])).sum()
}

/// Diagonal of the bounding box, which is at least the diameter.
fn diameter(corners: &[[f64; 3]]) -> f64 {
    let end = |pick: fn(f64, f64) -> f64, start: f64| -> [f64; 3] {
        std::array::from_fn(|axis| corners.iter().map(|p| p[axis]).fold(start, pick))
    };
    distance(end(f64::min, f64::INFINITY), end(f64::max, f64::NEG_INFINITY))
}
