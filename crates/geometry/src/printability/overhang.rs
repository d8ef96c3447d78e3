//! Overhangs and bridges in the print pose, and the support that they would need.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{
    profile::{Profile, under},
    report::{Finding, Kind, Severity},
    soundness::extent,
    surface::{NONE, Surface},
    vector::{Vector, add, along, centroid, distance, dot, scaled, sub, unit},
};
use crate::flanks::Flanks;

/// What hangs, summed over a piece.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hanging {
    pub(super) overhang_mm2: f64,
    pub(super) bridge_mm2: f64,
    pub(super) support_mm3: f64,
}

/// A surface right at the limit prints, so the comparison has a degree to spare.
const SPARE: f64 = 1.0;
/// Less than this is a detail.
const LEAST_AREA: f64 = 1.0;
/// Regions that are looked at one by one; the rest, the smallest, count with their area alone.
const MOST_REGIONS: usize = 200;
/// Findings of a kind and piece.
const MOST_FINDINGS: usize = 6;
/// Rays that measure the columns under a piece's overhangs.
const COLUMNS: f64 = 6000.0;
/// How low a corner may lie above the bed and still rest on it.
pub(super) const ON_BED: f64 = 0.02;

struct Region {
    triangles: Vec<usize>,
    area: f64,
    place: Vector,
    /// From the vertical, degrees.
    steepest: f64,
}

/// One side of a region's outline, seen from above.
struct Side {
    a: Vector,
    b: Vector,
    /// Material goes on below it.
    held: bool,
}

pub(super) fn check(
    surface: &Surface,
    threads: &[Flanks],
    profile: &Profile,
    cancel: &AtomicBool,
    findings: &mut Vec<Finding>,
) -> Hanging {
    let bed = surface.min[2];
    let limit = -(profile.overhang_angle + SPARE).to_radians().sin();
    let on_bed = |t: usize| surface.corners[t].iter().all(|p| p[2] - bed < ON_BED);
    let flank = |t: usize| threads.iter().any(|it| it.hold(centroid(surface.corners[t]), surface.normals[t]));
    let hangs: Vec<bool> =
        (0..surface.len()).map(|t| surface.normals[t][2] < limit && !on_bed(t) && !flank(t)).collect();
    let groups = surface.groups(|t| hangs[t], |_, _| true);
    let mut regions = regions(surface, &groups);
    regions.sort_by(|a, b| b.area.total_cmp(&a.area).then(a.triangles[0].cmp(&b.triangles[0])));
    let mut hanging = Hanging::default();
    let (mut overhangs, mut bridges) = (Vec::new(), Vec::new());
    for (rank, region) in regions.iter().enumerate() {
        if cancel.load(Ordering::Relaxed) {
            break;
        }
        let sides = outline(surface, region, &groups, bed);
        if region.area <= LEAST_AREA {
            continue;
        }
        let span = if rank < MOST_REGIONS { span(&sides) } else { None };
        if let Some(span) = span
            && !under(profile.max_bridge, span)
        {
            hanging.bridge_mm2 += region.area;
            continue;
        }
        // A strip around a foot or along an edge is about as wide as this.
        let around: f64 = sides.iter().map(|side| distance(side.a, side.b)).sum();
        let held = sides.iter().any(|side| side.held);
        if held && 2.0 * region.area <= profile.max_ledge * around {
            continue;
        }
        hanging.overhang_mm2 += region.area;
        match span {
            Some(span) => bridges.push((region, span)),
            None => overhangs.push(region),
        }
    }
    hanging.support_mm3 = overhangs
        .iter()
        .copied()
        .chain(bridges.iter().map(|(region, _)| *region))
        .map(|region| columns(surface, region, bed, hanging.overhang_mm2))
        .sum();
    for (region, span) in bridges.iter().take(MOST_FINDINGS) {
        let message = format!(
            "a level span of {span:.1} mm sags after {:.0} mm; support it, make it shorter, or print in another pose",
            profile.max_bridge
        );
        findings.push(region.finding(surface, Kind::Bridge, message, *span, profile.max_bridge));
    }
    for region in overhangs.iter().take(MOST_FINDINGS) {
        let message = format!(
            "{:.0} mm2 lean out {:.0}° from the vertical, more than {:.0}°; support them, or print in another pose",
            region.area, region.steepest, profile.overhang_angle
        );
        findings.push(region.finding(surface, Kind::Overhang, message, region.steepest, profile.overhang_angle));
    }
    hanging
}

impl Region {
    fn finding(&self, surface: &Surface, kind: Kind, message: String, measured: f64, limit: f64) -> Finding {
        let mut finding = Finding::new(kind, Severity::Warning, message, measured, limit);
        finding.location = Some(self.place);
        finding.area_mm2 = Some(self.area);
        finding.extent = Some(extent(self.triangles.iter().flat_map(|t| surface.corners[*t])));
        finding
    }
}

fn regions(surface: &Surface, groups: &[u32]) -> Vec<Region> {
    let mut index_of = std::collections::BTreeMap::new();
    let mut regions: Vec<Region> = Vec::new();
    for (t, group) in groups.iter().enumerate().filter(|(_, group)| **group != NONE) {
        let index = *index_of.entry(*group).or_insert_with(|| {
            regions.push(Region { triangles: Vec::new(), area: 0.0, place: [0.0; 3], steepest: 0.0 });
            regions.len() - 1
        });
        let region = &mut regions[index];
        region.triangles.push(t);
        region.area += surface.areas[t];
        region.place = add(region.place, scaled(centroid(surface.corners[t]), surface.areas[t]));
        region.steepest = region.steepest.max((-surface.normals[t][2]).clamp(-1.0, 1.0).asin().to_degrees());
    }
    for region in &mut regions {
        let mean = scaled(region.place, 1.0 / region.area.max(1e-300));
        // The mean of a ring lies in its hole: take the triangle next to it.
        let middle = |t: &usize| centroid(surface.corners[*t]);
        let nearest = region
            .triangles
            .iter()
            .min_by(|a, b| distance(middle(a), mean).total_cmp(&distance(middle(b), mean)).then(a.cmp(b)));
        region.place = nearest.map_or(mean, middle);
    }
    regions
}

fn outline(surface: &Surface, region: &Region, groups: &[u32], bed: f64) -> Vec<Side> {
    let own = groups[region.triangles[0]];
    let mut sides = Vec::new();
    for t in &region.triangles {
        for i in 0..3 {
            let n = surface.neighbours[*t][i];
            if n != NONE && groups[n as usize] == own {
                continue;
            }
            let (a, b) = (surface.corners[*t][i], surface.corners[*t][(i + 1) % 3]);
            let rests = a[2].max(b[2]) - bed < ON_BED;
            let held = rests || n != NONE && holds(surface, *t, n as usize, a, b);
            sides.push(Side { a, b, held });
        }
    }
    sides
}

/// True when the neighbour over the edge goes down from it, or looks up and meets the overhang in a corner: either way
/// there is material under the edge.
fn holds(surface: &Surface, t: usize, n: usize, a: Vector, b: Vector) -> bool {
    let edge = unit(sub(b, a));
    // The corner of the neighbour that is not on the edge, seen from the edge.
    let corners = surface.corners[n].map(|p| sub(p, a)).map(|w| along(w, edge, -dot(w, edge)));
    let away = corners.into_iter().max_by(|p, q| dot(*p, *p).total_cmp(&dot(*q, *q))).map(unit).unwrap_or_default();
    let concave = dot(away, surface.normals[t]) > 1e-6;
    away[2] < -1e-3 || concave && surface.normals[n][2] > 0.0
}

/// The longest stretch that hangs free between two held ends, in the direction in which that is shortest; `None` when in
/// every direction something has a free end.
fn span(sides: &[Side]) -> Option<f64> {
    if !sides.iter().any(|side| side.held) {
        return None;
    }
    let longest = sides.iter().max_by(|a, b| flat_length(a).total_cmp(&flat_length(b)))?;
    let turn = (longest.b[1] - longest.a[1]).atan2(longest.b[0] - longest.a[0]);
    (0..16).filter_map(|k| span_along(sides, turn + std::f64::consts::PI * f64::from(k) / 16.0)).min_by(f64::total_cmp)
}

fn flat_length(side: &Side) -> f64 {
    (side.b[0] - side.a[0]).hypot(side.b[1] - side.a[1])
}

fn span_along(sides: &[Side], angle: f64) -> Option<f64> {
    const LINES: usize = 32;
    let (sin, cos) = angle.sin_cos();
    let turned = |p: Vector| [p[0] * cos + p[1] * sin, p[1] * cos - p[0] * sin];
    let ends: Vec<([f64; 2], [f64; 2], bool)> = sides.iter().map(|s| (turned(s.a), turned(s.b), s.held)).collect();
    let (low, high) = ends
        .iter()
        .flat_map(|(a, b, _)| [a[1], b[1]])
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| (low.min(y), high.max(y)));
    let mut rows: Vec<Vec<(f64, bool)>> = vec![Vec::new(); LINES];
    let step = (high - low) / LINES as f64;
    if step <= 0.0 || !step.is_finite() {
        return None;
    }
    for (a, b, held) in &ends {
        let (from, to) = (a[1].min(b[1]), a[1].max(b[1]));
        let first = ((from - low) / step - 0.5).ceil().max(0.0) as usize;
        let last = ((to - low) / step - 0.5).floor();
        for (row, crossings) in rows.iter_mut().enumerate().skip(first) {
            if row as f64 > last {
                break;
            }
            let y = low + (row as f64 + 0.5) * step;
            if from <= y && y < to {
                crossings.push((a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]), *held));
            }
        }
    }
    let (mut most, mut free, mut all): (f64, f64, f64) = (0.0, 0.0, 0.0);
    for row in &mut rows {
        row.sort_by(|a, b| a.0.total_cmp(&b.0));
        for pair in row.chunks_exact(2) {
            let length = pair[1].0 - pair[0].0;
            all += length;
            if pair[0].1 && pair[1].1 {
                most = most.max(length);
            } else {
                free += length;
            }
        }
    }
    (all > 0.0 && free <= 0.03 * all).then_some(most)
}

/// Volume of the columns from a region down to what lies below, or to the bed.
fn columns(surface: &Surface, region: &Region, bed: f64, all: f64) -> f64 {
    let share = all / COLUMNS;
    let (mut volume, mut owed, mut level) = (0.0, 0.0, 0.0);
    for (rank, t) in region.triangles.iter().enumerate() {
        owed += surface.areas[*t];
        level += surface.areas[*t] * -surface.normals[*t][2];
        // Triangles much smaller than a ray's share take turns: one answers for those before it.
        if owed < share / 2.0 && rank + 1 < region.triangles.len() {
            continue;
        }
        let k = (owed / share).sqrt().ceil().clamp(1.0, 24.0) as usize;
        let each = std::mem::take(&mut level) / (k * k) as f64;
        owed = 0.0;
        for from in surface.spread(*t, k) {
            volume += each * drop_below(surface, *t, from, [0.0, 0.0, -1.0], from[2] - bed);
        }
    }
    volume
}

/// How far it is along `down` from a place on the triangle to the next surface that looks back, at most `most`.
pub(super) fn drop_below(surface: &Surface, t: usize, from: Vector, down: Vector, most: f64) -> f64 {
    if most <= 0.0 {
        return 0.0;
    }
    surface.first_hit(from, down, (1e-6, most), |hit| hit as usize != t).map_or(most, |(distance, _)| distance)
}
