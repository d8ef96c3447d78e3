//! Mends a triangle mesh from outside so that it bounds a solid: what is safe is done and counted, the rest is refused.
//!
//! In this order: corners on open edges are merged within a tolerance, degenerate and duplicate triangles go, windings are
//! made consistent, edges with more than two triangles are split into pairs, small openings are closed, and shells are
//! turned outwards (a shell inside another one inwards: it bounds a void). Time is linear in the triangles but for the
//! sorting of crowded vertices; memory is about 100 bytes a triangle. Nothing recurses.

mod halfedges;
mod holes;
mod intersections;
mod orient;
mod shells;
mod split;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use crate::TriMesh;
use halfedges::{Buckets, NONE, Pairing};

pub use intersections::{Intersections, self_intersections};

/// What may be mended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Corners on open edges nearer than this are one corner, millimetres.
    pub weld_mm: f64,
    /// Greatest number of edges around an opening that is closed.
    pub hole_edges: usize,
    /// Greatest diameter of an opening that is closed, as a share of the mesh's diagonal. Wider openings are a surface that
    /// was never a solid; a crack without area is closed whatever its length.
    pub hole_share: f64,
}

impl Default for Options {
    fn default() -> Self {
        Options { weld_mm: 0.001, hole_edges: 64, hole_share: 0.1 }
    }
}

/// One kind of change that was made, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Repair {
    /// Corners merged within the tolerance.
    Merged { corners: usize },
    /// Triangles whose corners coincide.
    DroppedDegenerate { triangles: usize },
    /// Triangles that were there before, or that lay on their own reverse.
    DroppedDuplicate { triangles: usize },
    /// Triangles turned to agree with their neighbours.
    Turned { triangles: usize },
    /// Edges where several solids touch, given to each of them.
    SplitEdges { edges: usize },
    /// Corners where several solids touch, given to each of them.
    SplitCorners { corners: usize },
    /// Openings closed with triangles.
    FilledHoles { holes: usize, triangles: usize, largest_mm: f64 },
    /// Whole shells turned inside out: outwards, or inwards where they bound a void.
    TurnedShells { shells: usize },
}

impl std::fmt::Display for Repair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let s = |n: usize| if n == 1 { "" } else { "s" };
        match *self {
            Repair::Merged { corners: n } => write!(f, "merged {n} corner{} that lay apart by rounding only", s(n)),
            Repair::DroppedDegenerate { triangles: n } => write!(f, "dropped {n} triangle{} without area", s(n)),
            Repair::DroppedDuplicate { triangles: n } => write!(f, "dropped {n} duplicate triangle{}", s(n)),
            Repair::Turned { triangles: n } => write!(f, "turned {n} triangle{} to agree with the others", s(n)),
            Repair::SplitEdges { edges: n } => write!(f, "separated solids that touched along {n} edge{}", s(n)),
            Repair::SplitCorners { corners: n } => write!(f, "separated surfaces that touched at {n} corner{}", s(n)),
            Repair::FilledHoles { holes: n, triangles: t, largest_mm } => {
                write!(f, "closed {n} hole{} (up to {largest_mm:.2} mm wide) with {t} triangle{}", s(n), s(t))
            }
            Repair::TurnedShells { shells: n } => write!(f, "turned {n} shell{} inside out", s(n)),
        }
    }
}

/// Why a mesh cannot be made a solid safely, and where.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RepairError {
    #[error("there are no triangles")]
    Empty,
    #[error("triangle {triangle} names corner {corner}, but there are {corners} corners")]
    NoSuchCorner { triangle: usize, corner: u32, corners: usize },
    #[error("triangle {triangle} has a coordinate that is not a finite number")]
    NotFinite { triangle: usize },
    /// At such an edge inside and outside cannot be told apart.
    #[error(
        "{edges} edges join an odd or contradictory number of faces, the first near {at:?} mm; remove inner walls or unite the solids in the program that made the file"
    )]
    NonManifold { edges: usize, at: [f64; 3] },
    /// A Moebius strip has no inside.
    #[error("the surface near {at:?} mm has one side only, so it bounds no solid")]
    OneSided { at: [f64; 3] },
    #[error(
        "the surface is open: {holes} openings are too large to close safely, the largest has {edges} edges, is {size_mm:.2} mm wide and begins near {at:?} mm; close it in the program that made the file"
    )]
    Open { holes: usize, edges: usize, size_mm: f64, at: [f64; 3] },
    #[error("the surface has no volume")]
    Flat,
    #[error("the file has so many nested shells or openings that repairing it would take too long; simplify it")]
    TooComplex,
    #[error("repairing was cancelled")]
    Cancelled,
}

/// A closed mesh, oriented outwards, and what was done to get it.
#[derive(Clone, Debug, PartialEq)]
pub struct Repaired {
    /// Closed and manifold by its indices: where surfaces touch, corners coincide and stay separate.
    pub mesh: TriMesh,
    pub repairs: Vec<Repair>,
    /// Shells with the material inside.
    pub solids: usize,
    /// Shells with the material outside: hollows within a solid.
    pub voids: usize,
}

/// Mends `mesh`, or says why that is not safe. `cancel` set to true stops it within a second. The same mesh gives the same
/// result to the last bit.
pub fn repair(mut mesh: TriMesh, options: &Options, cancel: &AtomicBool) -> Result<Repaired, RepairError> {
    check(&mesh)?;
    let mut repairs = Vec::new();
    let mut note = |count: usize, repair: fn(usize) -> Repair| {
        if count > 0 {
            repairs.push(repair(count));
        }
    };
    let mut degenerate = drop_degenerate(&mut mesh);
    let mut duplicate = drop_duplicates(&mut mesh, true);
    let mut pairing = Pairing::of(&mesh, cancel)?;
    if pairing.open > 0 {
        let merged = merge_open(&mut mesh, &pairing, options.weld_mm);
        if merged > 0 {
            degenerate += drop_degenerate(&mut mesh);
            duplicate += drop_duplicates(&mut mesh, true);
            pairing = Pairing::of(&mesh, cancel)?;
        }
        note(merged, |corners| Repair::Merged { corners });
    }
    note(degenerate, |triangles| Repair::DroppedDegenerate { triangles });
    note(duplicate, |triangles| Repair::DroppedDuplicate { triangles });
    if mesh.triangles.is_empty() {
        return Err(RepairError::Flat);
    }
    let turned = orient::orient(&mut mesh, &pairing, cancel)?;
    if turned > 0 {
        pairing = Pairing::of(&mesh, cancel)?;
    }
    note(turned, |triangles| Repair::Turned { triangles });
    separate(&mut mesh, &mut pairing, &mut repairs, cancel)?;
    if pairing.open > 0 {
        let filled = holes::fill(&mut mesh, &pairing, options, cancel)?;
        repairs.push(Repair::FilledHoles {
            holes: filled.holes,
            triangles: filled.triangles,
            largest_mm: filled.largest_mm,
        });
        // The lid of a lone triangle is its own reverse.
        let flat = drop_duplicates(&mut mesh, false);
        if flat > 0 {
            repairs.push(Repair::DroppedDuplicate { triangles: flat });
        }
        if mesh.triangles.is_empty() {
            return Err(RepairError::Flat);
        }
        pairing = Pairing::of(&mesh, cancel)?;
        // Lids, and triangles that went with them, can leave surfaces that touch.
        separate(&mut mesh, &mut pairing, &mut repairs, cancel)?;
        if pairing.open > 0 {
            let at = mesh.positions[mesh.triangles[mesh.triangles.len() - 1][0] as usize];
            return Err(RepairError::NonManifold { edges: pairing.open, at });
        }
    }
    let shells = shells::turn(&mut mesh, &pairing, cancel)?;
    if shells.turned > 0 {
        repairs.push(Repair::TurnedShells { shells: shells.turned });
    }
    drop_unused(&mut mesh);
    Ok(Repaired { mesh, repairs, solids: shells.solids, voids: shells.voids })
}

/// Gives surfaces that touch along edges or at corners indices of their own.
fn separate(
    mesh: &mut TriMesh,
    pairing: &mut Pairing,
    repairs: &mut Vec<Repair>,
    cancel: &AtomicBool,
) -> Result<(), RepairError> {
    let edges = split::pair_crowded(mesh, pairing)?;
    if edges > 0 {
        repairs.push(Repair::SplitEdges { edges });
    }
    let corners = split::separate_corners(mesh, pairing);
    if corners > 0 {
        repairs.push(Repair::SplitCorners { corners });
    }
    if edges > 0 {
        split::separate_edges(mesh, pairing, cancel)?;
    }
    Ok(())
}

fn check(mesh: &TriMesh) -> Result<(), RepairError> {
    if mesh.triangles.is_empty() {
        return Err(RepairError::Empty);
    }
    for (index, triangle) in mesh.triangles.iter().enumerate() {
        for &corner in triangle {
            let Some(position) = mesh.positions.get(corner as usize) else {
                let corners = mesh.positions.len();
                return Err(RepairError::NoSuchCorner { triangle: index + 1, corner, corners });
            };
            if !position.iter().all(|c| c.is_finite()) {
                return Err(RepairError::NotFinite { triangle: index + 1 });
            }
        }
    }
    Ok(())
}

fn drop_degenerate(mesh: &mut TriMesh) -> usize {
    let before = mesh.triangles.len();
    mesh.triangles.retain(|[a, b, c]| a != b && b != c && c != a);
    before - mesh.triangles.len()
}

/// Keeps one of equal triangles and none of a pair of opposite ones, which bound nothing. Where that would leave nothing at
/// all a file gave every face twice, once from each side: then one of each is kept, if `from_file`.
fn drop_duplicates(mesh: &mut TriMesh, from_file: bool) -> usize {
    let sorted = |t: [u32; 3]| {
        let mut t = t;
        t.sort_unstable();
        t
    };
    // An even permutation of the sorted corners winds one way, an odd one the other.
    let forward = |[a, b, c]: [u32; 3]| (a < b) as u8 + (b < c) as u8 + (c < a) as u8 == 2;
    let mut by_least =
        Buckets::new(mesh.positions.len(), mesh.triangles.iter().map(|t| sorted(*t)[0]), mesh.triangles.len());
    // 0 keep, 1 a duplicate, 2 lies on its reverse.
    let mut fate = vec![0_u8; mesh.triangles.len()];
    let mut cancelled = 0;
    let mut lone = 0;
    for vertex in 0..mesh.positions.len() {
        let around = by_least.get_mut(vertex);
        around.sort_unstable_by_key(|t| (sorted(mesh.triangles[*t as usize]), *t));
        for group in around.chunk_by(|a, b| sorted(mesh.triangles[*a as usize]) == sorted(mesh.triangles[*b as usize]))
        {
            if group.len() == 1 {
                lone += 1;
                continue;
            }
            let first = |wanted: bool| group.iter().find(|t| forward(mesh.triangles[**t as usize]) == wanted);
            for triangle in group {
                fate[*triangle as usize] = 1;
            }
            match (first(true), first(false)) {
                (Some(a), Some(b)) => {
                    fate[*a as usize] = 2;
                    fate[*b as usize] = 2;
                    cancelled += 1;
                }
                (Some(one), None) | (None, Some(one)) => {
                    fate[*one as usize] = 0;
                    lone += 1;
                }
                (None, None) => {}
            }
        }
    }
    let both_sides = from_file && lone == 0 && cancelled > 0;
    let mut index = 0;
    let before = mesh.triangles.len();
    mesh.triangles.retain(|t| {
        let fate = fate[index];
        index += 1;
        fate == 0 || (fate == 2 && both_sides && forward(*t))
    });
    before - mesh.triangles.len()
}

/// Merges corners of open edges within the tolerance; says how many went.
fn merge_open(mesh: &mut TriMesh, pairing: &Pairing, tolerance: f64) -> usize {
    if tolerance <= 0.0 {
        return 0;
    }
    let mut open: Vec<u32> = Vec::with_capacity(pairing.open * 2);
    for (half, twin) in pairing.twin.iter().enumerate() {
        if *twin == NONE && !pairing.is_crowded(half as u32) {
            let (from, to) = halfedges::ends(mesh, half as u32);
            open.extend([from, to]);
        }
    }
    open.sort_unstable();
    open.dedup();
    // Cells twice the tolerance wide: a point's neighbours lie in the at most eight cells that its ball touches.
    let cell = |c: f64| (c / (2.0 * tolerance)).floor() as i64;
    let mut first: HashMap<[i64; 3], u32> = HashMap::with_capacity(open.len());
    let mut next: HashMap<u32, u32> = HashMap::new();
    let mut target: HashMap<u32, u32> = HashMap::new();
    for &vertex in &open {
        let p = mesh.positions[vertex as usize];
        let low = p.map(|c| cell(c - tolerance));
        let high = p.map(|c| cell(c + tolerance));
        let mut found = None;
        'cells: for x in low[0]..=high[0] {
            for y in low[1]..=high[1] {
                for z in low[2]..=high[2] {
                    let mut candidate = first.get(&[x, y, z]).copied();
                    while let Some(other) = candidate {
                        let q = mesh.positions[other as usize];
                        let apart: f64 = (0..3).map(|i| (p[i] - q[i]).powi(2)).sum();
                        if apart <= tolerance * tolerance {
                            found = Some(other);
                            break 'cells;
                        }
                        candidate = next.get(&other).copied();
                    }
                }
            }
        }
        match found {
            Some(other) => {
                target.insert(vertex, other);
            }
            None => {
                if let Some(before) = first.insert(p.map(cell), vertex) {
                    next.insert(vertex, before);
                }
            }
        }
    }
    if !target.is_empty() {
        for corner in mesh.triangles.as_flattened_mut() {
            if let Some(other) = target.get(corner) {
                *corner = *other;
            }
        }
    }
    target.len()
}

/// Renumbers the corners that triangles use, in their old order.
fn drop_unused(mesh: &mut TriMesh) {
    let mut renumbered = vec![NONE; mesh.positions.len()];
    for &corner in mesh.triangles.as_flattened() {
        renumbered[corner as usize] = 0;
    }
    let mut kept = 0;
    for (old, new) in renumbered.iter_mut().enumerate() {
        if *new != NONE {
            *new = kept;
            mesh.positions[kept as usize] = mesh.positions[old];
            kept += 1;
        }
    }
    mesh.positions.truncate(kept as usize);
    for corner in mesh.triangles.as_flattened_mut() {
        *corner = renumbered[*corner as usize];
    }
}

/// Polled every so many steps of a loop over triangles.
fn poll(step: usize, cancel: &AtomicBool) -> Result<(), RepairError> {
    if step.is_multiple_of(1 << 16) && cancel.load(Ordering::Relaxed) { Err(RepairError::Cancelled) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
