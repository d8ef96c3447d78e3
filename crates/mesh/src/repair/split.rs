//! Separates surfaces that touch along an edge or at a corner, so that the indices alone say what belongs together.

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;

use super::{
    RepairError,
    halfedges::{NONE, Pairing, ends, next, previous},
};
use crate::{
    TriMesh,
    measure::{cross, dot, sub},
};

/// Pairs the half-edges of each edge with more than two triangles so that solid lies between the two of a pair; says how many
/// edges there were. Refused where as many triangles do not run the edge one way as the other.
pub(super) fn pair_crowded(mesh: &TriMesh, pairing: &mut Pairing) -> Result<usize, RepairError> {
    let edges = pairing.crowded_edges();
    let (mut refused, mut first) = (0, None);
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for edge in 0..edges {
        let halves = pairing.crowded(edge);
        let (from, to) = ends(mesh, halves[0]);
        let forward = halves.iter().filter(|half| ends(mesh, **half).0 == from).count();
        if forward * 2 != halves.len() {
            refused += 1;
            first.get_or_insert(mesh.positions[from as usize]);
            continue;
        }
        around(mesh, halves, from, to, &mut pairs);
    }
    if let Some(at) = first {
        return Err(RepairError::NonManifold { edges: refused, at });
    }
    for (a, b) in pairs {
        pairing.twin[a as usize] = b;
        pairing.twin[b as usize] = a;
    }
    Ok(edges)
}

/// Counter-clockwise about the edge, solid begins behind a triangle that runs the edge backwards and ends at one that runs it
/// forwards: the two match like brackets.
fn around(mesh: &TriMesh, halves: &[u32], from: u32, to: u32, pairs: &mut Vec<(u32, u32)>) {
    let start = mesh.positions[from as usize];
    let axis = sub(mesh.positions[to as usize], start);
    let mut seed = [0.0; 3];
    let least = (0..3).min_by(|a, b| axis[*a].abs().total_cmp(&axis[*b].abs())).unwrap_or(0);
    seed[least] = 1.0;
    let u = cross(axis, seed);
    let v = cross(axis, u);
    // `u` and `v` differ in length by that of the axis.
    let length = dot(axis, axis).sqrt();
    let mut sorted: Vec<(f64, u32, bool)> = halves
        .iter()
        .map(|&half| {
            let apex = mesh.triangles[half as usize / 3][previous(half) as usize % 3];
            let r = sub(mesh.positions[apex as usize], start);
            (dot(r, v).atan2(dot(r, u) * length), half, ends(mesh, half).0 == from)
        })
        .collect();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    // Twice around: brackets that open before the first angle close after the last one.
    let mut opened = Vec::new();
    let mut seen = vec![false; sorted.len()];
    for (index, &(_, half, closes)) in sorted.iter().chain(&sorted).enumerate() {
        let index = index % sorted.len();
        if seen[index] {
            continue;
        }
        if !closes {
            seen[index] = true;
            opened.push(index);
        } else if let Some(other) = opened.pop() {
            seen[index] = true;
            pairs.push((sorted[other].1, half));
        }
    }
}

/// Gives every fan of triangles around a corner its own corner; says how many corners were added.
pub(super) fn separate_corners(mesh: &mut TriMesh, pairing: &Pairing) -> usize {
    let corners = mesh.triangles.len() * 3;
    let before = mesh.positions.len();
    let mut seen = vec![false; corners];
    let mut taken = vec![false; before];
    for half in 0..corners as u32 {
        if seen[half as usize] {
            continue;
        }
        let vertex = ends(mesh, half).0 as usize;
        let own = if taken[vertex] {
            mesh.positions.push(mesh.positions[vertex]);
            (mesh.positions.len() - 1) as u32
        } else {
            taken[vertex] = true;
            vertex as u32
        };
        let mut claim = |half: u32| {
            seen[half as usize] = true;
            mesh.triangles[half as usize / 3][half as usize % 3] = own;
        };
        claim(half);
        let mut open = false;
        let mut at = half;
        loop {
            at = pairing.twin[previous(at) as usize];
            if at == NONE {
                open = true;
                break;
            }
            if at == half {
                break;
            }
            claim(at);
        }
        // An open fan also goes on to the other side.
        at = half;
        while let (true, Some(twin)) = (open, pairing.twin.get(at as usize).filter(|twin| **twin != NONE)) {
            at = next(*twin);
            claim(at);
        }
    }
    mesh.positions.len() - before
}

/// Where two pairs of triangles still run between the same two corners, because one surface comes back to its own edge,
/// gives all but one of the pairs a corner of their own half-way. The pairs must be known.
pub(super) fn separate_edges(
    mesh: &mut TriMesh,
    pairing: &mut Pairing,
    cancel: &AtomicBool,
) -> Result<(), RepairError> {
    // A triangle is halved once a round, and each round leaves fewer such edges.
    for _ in 0..MOST_ROUNDS {
        let found = Pairing::of(mesh, cancel)?;
        if found.crowded_edges() == 0 {
            return Ok(());
        }
        let mut touched = HashSet::new();
        for edge in 0..found.crowded_edges() {
            let mut halves = found.crowded(edge).to_vec();
            halves.retain(|half| *half < pairing.twin[*half as usize]);
            for half in halves.into_iter().skip(1) {
                let twin = pairing.twin[half as usize];
                if twin != NONE && !touched.contains(&(half / 3)) && !touched.contains(&(twin / 3)) {
                    touched.extend([half / 3, twin / 3]);
                    halve(mesh, pairing, half, twin);
                }
            }
        }
    }
    let at = mesh.positions.last().copied().unwrap_or_default();
    Err(RepairError::NonManifold { edges: Pairing::of(mesh, cancel)?.crowded_edges(), at })
}

const MOST_ROUNDS: usize = 64;

/// Puts a corner on an edge of two triangles, which become four.
fn halve(mesh: &mut TriMesh, pairing: &mut Pairing, half: u32, twin: u32) {
    let (from, to) = ends(mesh, half);
    let (p, q) = (mesh.positions[from as usize], mesh.positions[to as usize]);
    let middle = mesh.positions.len() as u32;
    mesh.positions.push(std::array::from_fn(|i| (p[i] + q[i]) / 2.0));
    let mut far = |half: u32| {
        let (t, k) = (half as usize / 3, half as usize % 3);
        let [end, apex] = [mesh.triangles[t][(k + 1) % 3], mesh.triangles[t][(k + 2) % 3]];
        mesh.triangles[t][(k + 1) % 3] = middle;
        let new = 3 * mesh.triangles.len() as u32;
        mesh.triangles.push([middle, end, apex]);
        // The side from the edge's end to the apex goes over to the new triangle.
        let beyond = pairing.twin[next(half) as usize];
        pairing.twin.extend([NONE, beyond, next(half)]);
        if beyond != NONE {
            pairing.twin[beyond as usize] = new + 1;
        }
        pairing.twin[next(half) as usize] = new + 2;
        new
    };
    let (beyond, behind) = (far(half), far(twin));
    for (a, b) in [(half, behind), (twin, beyond)] {
        pairing.twin[a as usize] = b;
        pairing.twin[b as usize] = a;
    }
}
