//! Which shells bound material and which a void, by counting the shells around each.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

use super::{
    RepairError,
    halfedges::{Buckets, NONE, Pairing},
    poll,
};
use crate::{Bounds, TriMesh};

/// Looks at a triangle and a point together: a few seconds.
const MOST_TESTS: usize = 1_000_000_000;
/// Pairs of a point and a shell that it may lie in.
const MOST_PAIRS: usize = 4_000_000;
/// Points that stand for a shell when it is asked whether it lies in another one: all must.
const PROBES: usize = 4;

pub(super) struct Shells {
    pub(super) turned: usize,
    pub(super) solids: usize,
    pub(super) voids: usize,
}

struct Shell {
    volume: f64,
    bounds: Bounds,
    /// Corners at the ends of x and y: vertex numbers.
    probes: [u32; PROBES],
}

/// Turns every shell outwards, and inwards where an odd number of others is around it. The mesh must be closed.
pub(super) fn turn(mesh: &mut TriMesh, pairing: &Pairing, cancel: &AtomicBool) -> Result<Shells, RepairError> {
    let (shell_of, count) = label(mesh, pairing, cancel)?;
    let shells = measure(mesh, &shell_of, count);
    let flat = |shell: &Shell| {
        let diagonal: f64 = shell.bounds.size().iter().map(|c| c * c).sum::<f64>().sqrt();
        shell.volume.abs() <= 1e-12 * diagonal.powi(3)
    };
    if shells.iter().all(flat) {
        return Err(RepairError::Flat);
    }
    let depth = if count > 1 { depths(mesh, &shell_of, &shells, cancel)? } else { vec![0] };
    let wrong: Vec<bool> =
        shells.iter().zip(&depth).map(|(s, d)| (s.volume > 0.0) != (d % 2 == 0) && !flat(s)).collect();
    for (triangle, shell) in mesh.triangles.iter_mut().zip(&shell_of) {
        if wrong[*shell as usize] {
            triangle.swap(1, 2);
        }
    }
    let voids = depth.iter().filter(|d| *d % 2 == 1).count();
    Ok(Shells { turned: wrong.iter().filter(|w| **w).count(), solids: count - voids, voids })
}

/// The shell of each triangle, numbered by their first triangles.
fn label(mesh: &TriMesh, pairing: &Pairing, cancel: &AtomicBool) -> Result<(Vec<u32>, usize), RepairError> {
    let mut shell_of = vec![NONE; mesh.triangles.len()];
    let mut count = 0;
    let mut pending = Vec::new();
    for seed in 0..mesh.triangles.len() {
        poll(seed, cancel)?;
        if shell_of[seed] != NONE {
            continue;
        }
        shell_of[seed] = count;
        pending.push(seed as u32);
        while let Some(triangle) = pending.pop() {
            for half in 3 * triangle..3 * triangle + 3 {
                let neighbour = pairing.twin[half as usize];
                if neighbour != NONE && shell_of[neighbour as usize / 3] == NONE {
                    shell_of[neighbour as usize / 3] = count;
                    pending.push(neighbour / 3);
                }
            }
        }
        count += 1;
    }
    Ok((shell_of, count as usize))
}

fn measure(mesh: &TriMesh, shell_of: &[u32], count: usize) -> Vec<Shell> {
    let nowhere = Bounds { min: [f64::INFINITY; 3], max: [f64::NEG_INFINITY; 3] };
    let mut shells: Vec<Shell> =
        (0..count).map(|_| Shell { volume: 0.0, bounds: nowhere, probes: [NONE; PROBES] }).collect();
    for (triangle, shell) in mesh.triangles.iter().zip(shell_of) {
        let shell = &mut shells[*shell as usize];
        if shell.probes[0] == NONE {
            shell.probes = [triangle[0]; PROBES];
        }
        // Against the shell's own corner, so that a part far from the origin keeps its digits.
        let origin = mesh.positions[shell.probes[0] as usize];
        let corners = triangle.map(|v| mesh.positions[v as usize]);
        for (vertex, p) in triangle.iter().zip(corners) {
            shell.bounds = shell.bounds.union(&Bounds { min: p, max: p });
            let at = |probe: u32, axis: usize| mesh.positions[probe as usize][axis];
            if p[0] < at(shell.probes[1], 0) {
                shell.probes[1] = *vertex;
            }
            if p[0] > at(shell.probes[2], 0) {
                shell.probes[2] = *vertex;
            }
            if p[1] > at(shell.probes[3], 1) {
                shell.probes[3] = *vertex;
            }
        }
        let [a, b, c] = corners.map(|p| -> [f64; 3] { std::array::from_fn(|i| p[i] - origin[i]) });
        shell.volume += (a[0] * (b[1] * c[2] - b[2] * c[1])
            + a[1] * (b[2] * c[0] - b[0] * c[2])
            + a[2] * (b[0] * c[1] - b[1] * c[0]))
            / 6.0;
    }
    shells
}

/// For each shell, how many others it lies in. A ray along +X from each probe crosses a shell around it an odd number of
/// times; a grid over Y and Z finds the probes that a triangle can hide.
fn depths(mesh: &TriMesh, shell_of: &[u32], shells: &[Shell], cancel: &AtomicBool) -> Result<Vec<u32>, RepairError> {
    let probes: Vec<[f64; 3]> =
        shells.iter().flat_map(|shell| shell.probes).map(|v| mesh.positions[v as usize]).collect();
    let all = shells.iter().fold(shells[0].bounds, |all, shell| all.union(&shell.bounds));
    let side = (probes.len() as f64).sqrt().ceil().clamp(1.0, 1024.0) as usize;
    let cell = |value: f64, axis: usize| {
        let size = (all.max[axis] - all.min[axis]).max(f64::MIN_POSITIVE);
        (((value - all.min[axis]) / size * side as f64) as usize).min(side - 1)
    };
    let keys = probes.iter().map(|p| (cell(p[1], 1) * side + cell(p[2], 2)) as u32);
    let mut grid = Buckets::new(side * side, keys, probes.len());
    // Odd crossings by (probe, shell).
    let mut odd: HashMap<(u32, u32), bool> = HashMap::new();
    let mut tests = 0_usize;
    for (index, (triangle, shell)) in mesh.triangles.iter().zip(shell_of).enumerate() {
        poll(index, cancel)?;
        let corners = triangle.map(|v| mesh.positions[v as usize]);
        let low = |axis: usize| corners.iter().map(|c| c[axis]).fold(f64::INFINITY, f64::min);
        let high = |axis: usize| corners.iter().map(|c| c[axis]).fold(f64::NEG_INFINITY, f64::max);
        for y in cell(low(1), 1)..=cell(high(1), 1) {
            for z in cell(low(2), 2)..=cell(high(2), 2) {
                let here = grid.get_mut(y * side + z);
                tests += 1 + here.len();
                if tests > MOST_TESTS || odd.len() > MOST_PAIRS {
                    return Err(RepairError::TooComplex);
                }
                for &probe in here.iter() {
                    let own = probe as usize / PROBES;
                    if own == *shell as usize || !within(&shells[own].bounds, &shells[*shell as usize].bounds) {
                        continue;
                    }
                    if crosses(triangle, corners, probes[probe as usize]) {
                        let parity = odd.entry((probe, *shell)).or_default();
                        *parity = !*parity;
                    }
                }
            }
        }
    }
    let mut inside: HashMap<(u32, u32), usize> = HashMap::with_capacity(odd.len() / PROBES);
    for ((probe, shell), _) in odd.iter().filter(|(_, odd)| **odd) {
        *inside.entry((probe / PROBES as u32, *shell)).or_default() += 1;
    }
    let mut depth = vec![0; shells.len()];
    for ((shell, _), _) in inside.iter().filter(|(_, probes)| **probes == PROBES) {
        depth[*shell as usize] += 1;
    }
    Ok(depth)
}

fn within(inner: &Bounds, outer: &Bounds) -> bool {
    (0..3).all(|axis| inner.min[axis] > outer.min[axis] && inner.max[axis] < outer.max[axis])
}

/// Whether the ray along +X from `from` crosses the triangle. An edge is judged by its corners in the order of their numbers,
/// so two triangles that share it never both own a ray that grazes it.
fn crosses(triangle: &[u32; 3], corners: [[f64; 3]; 3], from: [f64; 3]) -> bool {
    let mut right = 0;
    for k in 0..3 {
        let next = (k + 1) % 3;
        let (a, b) =
            if triangle[k] < triangle[next] { (corners[k], corners[next]) } else { (corners[next], corners[k]) };
        if (a[2] > from[2]) != (b[2] > from[2]) {
            let y = a[1] + (from[2] - a[2]) / (b[2] - a[2]) * (b[1] - a[1]);
            right += usize::from(y > from[1]);
        }
    }
    if right != 1 {
        return false;
    }
    let [a, b, c] = corners;
    let (u, v): ([f64; 3], [f64; 3]) = (std::array::from_fn(|i| b[i] - a[i]), std::array::from_fn(|i| c[i] - a[i]));
    let n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    // On the plane: n . (p - a) = 0, solved for x.
    let x = a[0] - (n[1] * (from[1] - a[1]) + n[2] * (from[2] - a[2])) / n[0];
    x > from[0]
}
