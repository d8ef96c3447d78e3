//! Whether the surface bounds a solid at all: open edges, edges with too many faces, triangles through triangles, and
//! voids that nothing reaches.

use std::sync::atomic::{AtomicBool, Ordering};

use robust::{Coord3D, orient3d};

use super::{
    profile::{Process, Profile},
    report::{Finding, Kind, Severity},
    surface::{NONE, Node, Surface},
    vector::{Vector, add, centroid, cross, dot, middle, scaled, sub, unit},
};

/// What is off a plane by more than this share of the part's size is not in it.
const CLEAR: f64 = 1e-10;
/// Counting stops here; the part is beyond counting.
const MOST_PAIRS: usize = 10_000;

pub(super) fn edges(surface: &Surface, findings: &mut Vec<Finding>) {
    let mut report = |kind, edges: &[[Vector; 2]], message: String| {
        if let Some([a, b]) = edges.first() {
            let mut finding = Finding::new(kind, Severity::Error, message, edges.len() as f64, 0.0);
            finding.location = Some(middle(*a, *b));
            finding.count = edges.len();
            finding.extent = Some(extent(edges.iter().flatten().copied()));
            findings.push(finding);
        }
    };
    let (open, bad) = (surface.open_edges.len(), surface.bad_edges.len());
    report(
        Kind::NotWatertight,
        &surface.open_edges,
        format!("the mesh is not watertight: {open} open edges; repair it before slicing"),
    );
    report(
        Kind::NonManifold,
        &surface.bad_edges,
        format!(
            "{bad} edges have more than two faces, or faces that look opposite ways; repair the mesh before slicing"
        ),
    );
}

pub(super) fn extent(points: impl Iterator<Item = Vector>) -> [Vector; 2] {
    points.fold([[f64::INFINITY; 3], [f64::NEG_INFINITY; 3]], |[low, high], p| {
        [std::array::from_fn(|i| low[i].min(p[i])), std::array::from_fn(|i| high[i].max(p[i]))]
    })
}

/// Pairs of triangles that cross, or lie in one plane and overlap. Decided by exact predicates (Shewchuk, Adaptive
/// Precision Floating-Point Arithmetic, 1997), so that touching is not taken for crossing.
pub(super) fn self_intersections(surface: &Surface, cancel: &AtomicBool, findings: &mut Vec<Finding>) {
    let (mut pairs, mut first, mut box_of) = (0_usize, None, Vec::new());
    overlapping(surface, |a, b| {
        if crosses(surface, a as usize, b as usize) {
            pairs += 1;
            first.get_or_insert(a as usize);
            box_of.extend(surface.corners[a as usize]);
        }
        pairs < MOST_PAIRS && !cancel.load(Ordering::Relaxed)
    });
    let Some(first) = first else { return };
    let message = format!("{pairs} pairs of triangles pass through each other; repair the mesh before slicing");
    let mut finding = Finding::new(Kind::SelfIntersecting, Severity::Error, message, pairs as f64, 0.0);
    finding.location = Some(centroid(surface.corners[first]));
    finding.extent = Some(extent(box_of.into_iter()));
    finding.count = pairs;
    findings.push(finding);
}

/// Visits every pair of triangles whose boxes touch, until `visit` says to stop.
fn overlapping(surface: &Surface, mut visit: impl FnMut(u32, u32) -> bool) {
    let touch = |a: &Node, b: &Node| (0..3).all(|i| a.min[i] <= b.max[i] && b.min[i] <= a.max[i]);
    let boxed = |t: u32| extent(surface.corners[t as usize].into_iter());
    let mut stack = vec![(0_u32, 0_u32)];
    while let Some((i, j)) = stack.pop() {
        let (a, b) = (&surface.nodes[i as usize], &surface.nodes[j as usize]);
        if !touch(a, b) {
            continue;
        }
        match (a.right == 0, b.right == 0) {
            (true, true) => {
                for s in a.start..a.end {
                    let [low, high] = boxed(s);
                    for t in if i == j { s + 1 } else { b.start }..b.end {
                        let c = &surface.corners[t as usize];
                        let apart = |k: usize| {
                            c[0][k].max(c[1][k]).max(c[2][k]) < low[k] || c[0][k].min(c[1][k]).min(c[2][k]) > high[k]
                        };
                        if !(0..3).any(apart) && !visit(s, t) {
                            return;
                        }
                    }
                }
            }
            _ if i == j => stack.extend([(i + 1, i + 1), (a.right, a.right), (i + 1, a.right)]),
            (false, true) => stack.extend([(i + 1, j), (a.right, j)]),
            (true, false) => stack.extend([(i, j + 1), (i, b.right)]),
            (false, false) if a.end - a.start >= b.end - b.start => stack.extend([(i + 1, j), (a.right, j)]),
            (false, false) => stack.extend([(i, j + 1), (i, b.right)]),
        }
    }
}

fn side(plane: &[Vector; 3], p: Vector) -> f64 {
    let c = |[x, y, z]: Vector| Coord3D { x, y, z };
    orient3d(c(plane[0]), c(plane[1]), c(plane[2]), c(p))
}

fn crosses(surface: &Surface, a: usize, b: usize) -> bool {
    let (s, t) = (&surface.corners[a], &surface.corners[b]);
    let (vs, vt) = (&surface.vertices[a], &surface.vertices[b]);
    let shared = vs.iter().filter(|v| vt.contains(v)).count();
    if shared == 3 {
        return true;
    }
    // Plain arithmetic settles nearly all pairs: neighbours that bend, and neighbours in one plane.
    let scale = surface.longest();
    let (m, n) = (surface.normals[a], surface.normals[b]);
    let own = |i: &usize| !vt.contains(&vs[*i]);
    let before = |i: usize| dot(sub(s[i], t[0]), n);
    let clear = CLEAR * scale;
    if (0..3).filter(own).all(|i| before(i) > clear) || (0..3).filter(own).all(|i| before(i) < -clear) {
        return false;
    }
    let level = dot(m, n);
    if level.abs() > 1.0 - 1e-9 && (0..3).all(|i| before(i).abs() <= clear) {
        // Neighbours of one plane that look the same way lie on either side of their edge.
        return !(shared == 2 && level > 0.0) && overlap_in_plane(s, t, m, clear);
    }
    if shared == 2 {
        return false;
    }
    let of_t = s.map(|p| side(t, p));
    let one_side = |d: &[f64; 3]| d.iter().all(|d| *d >= 0.0) || d.iter().all(|d| *d <= 0.0);
    if one_side(&of_t) {
        return false;
    }
    let of_s = t.map(|p| side(s, p));
    if one_side(&of_s) {
        return false;
    }
    pierces(surface, a, &of_t, b) || pierces(surface, b, &of_s, a)
}

/// True when an edge of one triangle passes from one side of the other to the other side through it. Through one of its
/// edges counts when the edge is passed from the front of both its faces to the back of both: else the two only touch.
fn pierces(surface: &Surface, edges_of: usize, sides: &[f64; 3], through: usize) -> bool {
    let (edges, triangle) = (&surface.corners[edges_of], &surface.corners[through]);
    (0..3).any(|i| {
        let j = (i + 1) % 3;
        if sides[i] * sides[j] >= 0.0 {
            return false;
        }
        let (p, q) = (edges[i], edges[j]);
        let turns: [f64; 3] = std::array::from_fn(|k| side(&[p, triangle[k], triangle[(k + 1) % 3]], q));
        if turns.iter().any(|d| *d > 0.0) && turns.iter().any(|d| *d < 0.0) {
            return false;
        }
        let mut on_edge = (0..3).filter(|k| turns[*k] == 0.0);
        match (on_edge.next(), on_edge.next()) {
            (None, _) => true,
            (Some(k), None) => {
                let beyond = surface.neighbours[through][k];
                let shares = |n: usize| surface.vertices[n].iter().any(|v| surface.vertices[edges_of].contains(v));
                beyond != NONE && !shares(beyond as usize) && {
                    let beyond = &surface.corners[beyond as usize];
                    side(beyond, p) * sides[i] > 0.0 && side(beyond, q) * sides[j] > 0.0
                }
            }
            (Some(_), Some(_)) => false,
        }
    })
}

/// Two triangles of one plane overlap when no side of either separates them by its line.
fn overlap_in_plane(s: &[Vector; 3], t: &[Vector; 3], normal: Vector, clear: f64) -> bool {
    let separates = |edges: &[Vector; 3], others: &[Vector; 3], normal: Vector| {
        (0..3).any(|i| {
            let outwards = unit(cross(sub(edges[(i + 1) % 3], edges[i]), normal));
            others.iter().all(|p| dot(sub(*p, edges[i]), outwards) >= -clear)
        })
    };
    let of_t = cross(sub(t[1], t[0]), sub(t[2], t[0]));
    !separates(s, t, normal) && !separates(t, s, unit(of_t))
}

/// Closed voids: shells that look inwards, so that their volume counts as negative.
pub(super) fn voids(surface: &Surface, profile: &Profile, findings: &mut Vec<Finding>) -> (usize, f64) {
    if !surface.open_edges.is_empty() || !surface.bad_edges.is_empty() {
        // Inside and outside mean nothing then.
        return (0, 0.0);
    }
    let shells = surface.groups(|_| true, |_, _| true);
    let mut volumes: std::collections::BTreeMap<u32, (f64, Vector, f64)> = std::collections::BTreeMap::new();
    let origin = surface.min;
    for (t, shell) in shells.iter().enumerate() {
        let [a, b, c] = surface.corners[t].map(|p| sub(p, origin));
        let entry = volumes.entry(*shell).or_insert((0.0, [0.0; 3], 0.0));
        entry.0 += dot(a, cross(b, c)) / 6.0;
        entry.1 = add(entry.1, scaled(centroid(surface.corners[t]), surface.areas[t]));
        entry.2 += surface.areas[t];
    }
    let closed: Vec<_> = volumes.into_iter().filter(|(_, (volume, _, _))| *volume < -1e-9).collect();
    let total: f64 = closed.iter().map(|(_, (volume, _, _))| -volume).sum();
    let largest = closed.iter().min_by(|a, b| a.1.0.total_cmp(&b.1.0));
    if let Some((shell, (_, moment, area))) = largest {
        let (severity, effect) = match profile.process {
            Process::Filament => {
                (Severity::Warning, "support in them stays there; open them with a hole, or leave them to infill")
            }
            Process::Resin => (Severity::Error, "resin stays in them uncured; open each with two holes"),
            Process::Powder => (Severity::Error, "powder stays in them; open each with a hole"),
        };
        let message = format!("{} closed voids hold {total:.1} mm3: {effect}", closed.len());
        let mut finding = Finding::new(Kind::TrappedVolume, severity, message, total, 0.0);
        finding.location = Some(scaled(*moment, 1.0 / area));
        let of_shell = (0..surface.len()).filter(|t| shells[*t] == *shell).flat_map(|t| surface.corners[t]);
        finding.extent = Some(extent(of_shell));
        finding.area_mm2 = Some(closed.iter().map(|(_, (_, _, area))| area).sum());
        finding.count = closed.len();
        findings.push(finding);
    }
    (closed.len(), total)
}
