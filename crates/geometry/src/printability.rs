//! Printability: what would make a filament printer fail on a mesh, measured.

use std::collections::BTreeMap;

use mesh::TriMesh;
use serde::{Deserialize, Serialize};

/// What the printer and the material ask for, millimetres and degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Usable volume along X, Y and Z.
    pub bed: [f64; 3],
    pub nozzle: f64,
    /// Thinnest wall that prints well.
    pub min_wall: f64,
    /// Steepest overhang from the vertical that prints without support.
    pub overhang_angle: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { bed: [220.0, 220.0, 250.0], nozzle: 0.4, min_wall: 0.8, overhang_angle: 45.0 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    NotWatertight,
    TooLarge,
    TooSmall,
    ThinWall,
    Overhang,
    SmallBase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    Warning,
    /// It cannot be printed as it is.
    Error,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub kind: Kind,
    pub severity: Severity,
    /// One English sentence with the measure and the remedy.
    pub message: String,
    pub measured: f64,
    pub limit: f64,
    /// Where it is worst.
    pub location: Option<[f64; 3]>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub findings: Vec<Finding>,
    pub printable: bool,
    pub watertight: bool,
    pub size: [f64; 3],
    pub volume_mm3: f64,
    pub pieces: usize,
    /// Area of faces that lean out further than the limit and are not on the bed.
    pub overhang_area_mm2: f64,
    /// Area that rests on the bed.
    pub base_area_mm2: f64,
    /// Thinnest wall found among the sampled places; none on an empty mesh.
    pub min_wall_estimate: Option<f64>,
}

/// Places where the wall is measured.
const SAMPLES: usize = 1500;

/// Checks the mesh of a whole layout. `pieces` are the meshes that it consists of.
pub fn report(mesh: &TriMesh, pieces: &[&TriMesh], limits: &Limits) -> Report {
    let size = mesh.bounds().map(|b| b.size()).unwrap_or_default();
    let volume_mm3 = mesh.mass_properties().volume_mm3;
    let watertight = !mesh.is_empty() && pieces.iter().all(|piece| piece.topology().is_watertight());
    let mut findings = Vec::new();
    if !watertight {
        let open: usize = pieces.iter().map(|piece| piece.topology().open_edges).sum();
        let message = format!("the mesh is not watertight: {open} open edges; repair it before slicing");
        findings.push(finding(Kind::NotWatertight, Severity::Error, message, open as f64, 0.0, None));
    }
    sizes(mesh, pieces, limits, volume_mm3, &mut findings);
    let min_wall = pieces.iter().filter_map(|piece| thinnest(piece)).min_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((wall, place)) = min_wall
        && wall < limits.min_wall - 1e-3
    {
        let lost = wall < limits.nozzle;
        let severity = if lost { Severity::Error } else { Severity::Warning };
        let effect = if lost { "thinner than one line of the nozzle" } else { "it may print weak or leave gaps" };
        let message = format!("a wall is {wall:.2} mm thick, {effect}; use {} mm or more", limits.min_wall);
        findings.push(finding(Kind::ThinWall, severity, message, wall, limits.min_wall, Some(place)));
    }
    let (overhang_area_mm2, base_area_mm2, worst) = overhang(mesh, limits);
    if overhang_area_mm2 > 1.0 {
        let message = format!(
            "{overhang_area_mm2:.0} mm2 overhang by more than {}° and need support, or another pose",
            limits.overhang_angle
        );
        findings.push(finding(Kind::Overhang, Severity::Warning, message, overhang_area_mm2, 0.0, worst));
    }
    if base_area_mm2 < 20.0 && size[2] > 5.0 {
        let message = format!("only {base_area_mm2:.1} mm2 rest on the bed; print with a brim or on another side");
        findings.push(finding(Kind::SmallBase, Severity::Warning, message, base_area_mm2, 20.0, None));
    }
    findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    Report {
        printable: findings.iter().all(|f| f.severity != Severity::Error),
        findings,
        watertight,
        size,
        volume_mm3,
        pieces: pieces.len(),
        overhang_area_mm2,
        base_area_mm2,
        min_wall_estimate: min_wall.map(|(wall, _)| wall),
    }
}

fn finding(
    kind: Kind,
    severity: Severity,
    message: String,
    measured: f64,
    limit: f64,
    location: Option<[f64; 3]>,
) -> Finding {
    Finding { kind, severity, message, measured, limit, location }
}

fn sizes(mesh: &TriMesh, pieces: &[&TriMesh], limits: &Limits, volume: f64, findings: &mut Vec<Finding>) {
    for piece in pieces {
        let Some(bounds) = piece.bounds() else { continue };
        let [x, y, z] = bounds.size();
        let [bx, by, bz] = limits.bed;
        // A piece may be turned about Z, so the longer side goes with the bed's longer side.
        let fits = x.max(y) <= bx.max(by) && x.min(y) <= bx.min(by) && z <= bz;
        if !fits {
            let over = [(x.max(y), bx.max(by)), (x.min(y), bx.min(by)), (z, bz)];
            let (measured, limit) =
                over.into_iter().max_by(|a, b| (a.0 - a.1).total_cmp(&(b.0 - b.1))).unwrap_or_default();
            let message = format!(
                "{x:.1} x {y:.1} x {z:.1} mm does not fit the printer's {bx} x {by} x {bz} mm; make it smaller or split it"
            );
            findings.push(finding(Kind::TooLarge, Severity::Error, message, measured, limit, Some(bounds.centre())));
        }
        let least = x.min(y).min(z);
        if least < 0.1 {
            let message = format!("a side is only {least:.3} mm; nothing thinner than 0.1 mm can be printed");
            findings.push(finding(Kind::TooSmall, Severity::Error, message, least, 0.1, Some(bounds.centre())));
        }
    }
    if let (true, Some(bounds)) = (pieces.len() > 1, mesh.bounds()) {
        let [x, y, _] = bounds.size();
        let [bx, by, _] = limits.bed;
        if x.max(y) > bx.max(by) || x.min(y) > bx.min(by) {
            let message = format!(
                "the pieces side by side take {x:.1} x {y:.1} mm, more than the bed; they print one after the other"
            );
            findings.push(finding(Kind::TooLarge, Severity::Info, message, x.max(y), bx.max(by), None));
        }
    }
    if volume < 1.0 {
        let message = format!("the volume is {volume:.3} mm3; under 1 mm3 a nozzle cannot form it");
        findings.push(finding(Kind::TooSmall, Severity::Error, message, volume, 1.0, None));
    }
}

/// Overhanging area, area on the bed and the middle of the largest overhanging triangle.
fn overhang(mesh: &TriMesh, limits: &Limits) -> (f64, f64, Option<[f64; 3]>) {
    let Some(bounds) = mesh.bounds() else { return (0.0, 0.0, None) };
    // Leaning out by the angle from the vertical means a normal whose z is minus its sine. A surface right at the limit
    // prints, so the comparison has a degree to spare.
    let limit = -(limits.overhang_angle + 1.0).to_radians().sin();
    let (mut hanging, mut base, mut worst): (f64, f64, (f64, Option<[f64; 3]>)) = (0.0, 0.0, (0.0, None));
    for [a, b, c] in mesh.iter_corners() {
        let n = cross(sub(b, a), sub(c, a));
        let double = dot(n, n).sqrt();
        if double <= 0.0 {
            continue;
        }
        let on_bed = [a, b, c].iter().all(|p| p[2] - bounds.min[2] < 0.05);
        if n[2] / double < -0.999 && on_bed {
            base += double / 2.0;
        } else if n[2] / double < limit && !on_bed {
            hanging += double / 2.0;
            if double > worst.0 {
                worst = (double, Some(std::array::from_fn(|i| (a[i] + b[i] + c[i]) / 3.0)));
            }
        }
    }
    (hanging, base, worst.1)
}

/// The thinnest place: the least distance straight inwards from sampled faces to a face that looks the other way. Edges
/// where two faces meet at an angle are no walls, so only nearly opposite faces count.
fn thinnest(mesh: &TriMesh) -> Option<(f64, [f64; 3])> {
    let bounds = mesh.bounds()?;
    let grid = Grid::new(mesh, &bounds)?;
    let total: f64 = mesh.iter_corners().map(|[a, b, c]| norm(cross(sub(b, a), sub(c, a)))).sum();
    let spacing = total / SAMPLES as f64;
    let (mut owed, mut least): (f64, Option<(f64, [f64; 3])>) = (spacing / 2.0, None);
    for (index, [a, b, c]) in mesh.iter_corners().enumerate() {
        let n = cross(sub(b, a), sub(c, a));
        let area = norm(n);
        owed += area;
        if area <= 1e-12 || owed < spacing {
            continue;
        }
        let samples = (owed / spacing).floor().min(16.0) as usize;
        owed %= spacing;
        let inward = n.map(|v| -v / area);
        for k in 0..samples {
            // Points of a low-discrepancy sequence, folded into the triangle.
            let (mut s, mut t) = ((0.5 + 0.754_877_67 * k as f64).fract(), (0.5 + 0.569_840_29 * k as f64).fract());
            if s + t > 1.0 {
                (s, t) = (1.0 - s, 1.0 - t);
            }
            let (s, t) = (0.02 + 0.94 * s, 0.02 + 0.94 * t);
            let from: [f64; 3] = std::array::from_fn(|i| a[i] + s * (b[i] - a[i]) + t * (c[i] - a[i]));
            let reach = least.map_or(f64::INFINITY, |(d, _)| d);
            if let Some(distance) = grid.first_opposite(mesh, from, inward, index, reach)
                && distance < reach
            {
                least = Some((distance, std::array::from_fn(|i| from[i] + inward[i] * distance / 2.0)));
            }
        }
    }
    least
}

/// Triangles by the cells of a uniform grid that their boxes touch.
struct Grid {
    origin: [f64; 3],
    cell: f64,
    counts: [usize; 3],
    cells: BTreeMap<usize, Vec<u32>>,
}

impl Grid {
    fn new(mesh: &TriMesh, bounds: &mesh::Bounds) -> Option<Grid> {
        let size = bounds.size();
        let longest = size.into_iter().fold(0.0, f64::max);
        if longest <= 0.0 || !longest.is_finite() {
            return None;
        }
        let cell = longest / 48.0;
        let counts = size.map(|s| (s / cell).floor() as usize + 1);
        let mut grid = Grid { origin: bounds.min, cell, counts, cells: BTreeMap::new() };
        for (index, corners) in mesh.iter_corners().enumerate() {
            let low: [usize; 3] =
                std::array::from_fn(|i| grid.slot(i, corners.iter().map(|p| p[i]).fold(f64::INFINITY, f64::min)));
            let high: [usize; 3] =
                std::array::from_fn(|i| grid.slot(i, corners.iter().map(|p| p[i]).fold(f64::NEG_INFINITY, f64::max)));
            for x in low[0]..=high[0] {
                for y in low[1]..=high[1] {
                    for z in low[2]..=high[2] {
                        let key = grid.key([x, y, z]);
                        grid.cells.entry(key).or_default().push(index as u32);
                    }
                }
            }
        }
        Some(grid)
    }

    fn slot(&self, axis: usize, value: f64) -> usize {
        (((value - self.origin[axis]) / self.cell).floor().max(0.0) as usize).min(self.counts[axis] - 1)
    }

    fn key(&self, [x, y, z]: [usize; 3]) -> usize {
        (z * self.counts[1] + y) * self.counts[0] + x
    }

    /// Walks the cells along the ray until a triangle stops it. `None` when nothing does within `reach`, or when what
    /// does is not nearly opposite.
    fn first_opposite(&self, mesh: &TriMesh, from: [f64; 3], along: [f64; 3], own: usize, reach: f64) -> Option<f64> {
        let mut slot: [usize; 3] = std::array::from_fn(|i| self.slot(i, from[i]));
        let next = |i: usize, slot: usize| {
            let wall = self.origin[i] + self.cell * (slot as f64 + if along[i] > 0.0 { 1.0 } else { 0.0 });
            if along[i].abs() < 1e-12 { f64::INFINITY } else { (wall - from[i]) / along[i] }
        };
        let mut best: Option<(f64, u32)> = None;
        loop {
            for triangle in self.cells.get(&self.key(slot)).into_iter().flatten() {
                if *triangle as usize != own
                    && let Some(distance) = hit(mesh.corners(*triangle as usize), from, along)
                    && best.is_none_or(|(least, _)| distance < least)
                {
                    best = Some((distance, *triangle));
                }
            }
            let ends: [f64; 3] = std::array::from_fn(|i| next(i, slot[i]));
            let axis = (0..3).min_by(|a, b| ends[*a].total_cmp(&ends[*b]))?;
            if best.is_some_and(|(distance, _)| distance <= ends[axis]) || ends[axis] > reach {
                break;
            }
            if along[axis] > 0.0 {
                slot[axis] += 1;
                if slot[axis] >= self.counts[axis] {
                    break;
                }
            } else {
                slot[axis] = slot[axis].checked_sub(1)?;
            }
        }
        let (distance, triangle) = best?;
        let [a, b, c] = mesh.corners(triangle as usize);
        let n = cross(sub(b, a), sub(c, a));
        (dot(n, along) / norm(n) > 0.7).then_some(distance)
    }
}

/// Möller and Trumbore's ray against triangle, from just beyond the start.
fn hit([a, b, c]: [[f64; 3]; 3], from: [f64; 3], along: [f64; 3]) -> Option<f64> {
    let (u, v) = (sub(b, a), sub(c, a));
    let p = cross(along, v);
    let det = dot(u, p);
    if det.abs() < 1e-14 {
        return None;
    }
    let t = sub(from, a);
    let s = dot(t, p) / det;
    let q = cross(t, u);
    let r = dot(along, q) / det;
    let distance = dot(v, q) / det;
    (s >= -1e-9 && r >= -1e-9 && s + r <= 1.0 + 1e-9 && distance > 1e-6).then_some(distance)
}

fn sub(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|i| a[i] - b[i])
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn norm(a: [f64; 3]) -> f64 {
    dot(a, a).sqrt()
}
