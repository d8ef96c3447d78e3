//! Size against the bed, turned about Z where that helps, and planes that would cut the part in two.

use super::{
    footing::sides,
    overhang::ON_BED,
    profile::Profile,
    report::{Finding, Kind, Severity, Split},
    surface::Surface,
    vector::{centroid, dot, hull, middle},
};

/// Nothing under this is formed at all, millimetres and cubic millimetres.
const LEAST_SIDE: f64 = 0.1;
const LEAST_VOLUME: f64 = 1.0;
/// Rounding of a size that was said to be the bed's.
const HAIR: f64 = 1e-6;

pub(super) fn check(surface: &Surface, profile: &Profile, findings: &mut Vec<Finding>, splits: &mut Vec<Split>) {
    let [x, y, z] = surface.size();
    let [bx, by, bz] = profile.bed;
    let centre = middle(surface.min, surface.max);
    let least = x.min(y).min(z);
    if least < LEAST_SIDE {
        let message = format!("a side is only {least:.3} mm; nothing thinner than {LEAST_SIDE} mm can be printed");
        let mut finding = Finding::new(Kind::TooSmall, Severity::Error, message, least, LEAST_SIDE);
        finding.location = Some(centre);
        findings.push(finding);
    }
    let level = x <= bx + HAIR && y <= by + HAIR || y <= bx + HAIR && x <= by + HAIR;
    if level && z <= bz + HAIR {
        return;
    }
    let (share, turn) = best_turn(surface, profile);
    let extent = Some([surface.min, surface.max]);
    if share <= 1.0 + 1e-9 && z <= bz + HAIR {
        let message = format!("{x:.1} x {y:.1} mm fits the bed turned by {turn:.0}° about Z");
        let mut finding = Finding::new(Kind::TooLarge, Severity::Info, message, x.max(y), bx.max(by));
        (finding.location, finding.extent) = (Some(centre), extent);
        findings.push(finding);
        return;
    }
    let over = [(x.max(y), bx.max(by)), (x.min(y), bx.min(by)), (z, bz)];
    let (measured, limit) = over.into_iter().max_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1))).unwrap_or_default();
    let message = format!(
        "{x:.1} x {y:.1} x {z:.1} mm does not fit the printer's {bx} x {by} x {bz} mm; make it smaller or split it"
    );
    let mut finding = Finding::new(Kind::TooLarge, Severity::Error, message, measured, limit);
    (finding.location, finding.extent) = (Some(centre), extent);
    findings.push(finding);
    split_by_size(surface, profile, splits);
}

/// The share of the bed that the piece takes at the best turn about Z, and that turn in degrees. The least rectangle of a
/// convex hull lies on one of its sides (Freeman and Shapira, 1975); a bed longer than wide asks for the turns between.
fn best_turn(surface: &Surface, profile: &Profile) -> (f64, f64) {
    let hull = hull(surface.corners.iter().flatten().map(|p| [p[0], p[1]]).collect());
    let on_sides = sides(&hull).map(|(a, b)| (b[1] - a[1]).atan2(b[0] - a[0]).to_degrees());
    let even = (0..180).map(f64::from);
    on_sides
        .flat_map(|turn| [-turn, 90.0 - turn])
        .chain(even)
        .map(|turn| {
            let (sin, cos) = turn.to_radians().sin_cos();
            let across = |f: &dyn Fn(&[f64; 2]) -> f64| {
                let (low, high) =
                    hull.iter().map(f).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
                high - low
            };
            let width = across(&|p| p[0] * cos - p[1] * sin);
            let depth = across(&|p| p[0] * sin + p[1] * cos);
            ((width / profile.bed[0]).max(depth / profile.bed[1]), turn.rem_euclid(180.0))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)))
        .unwrap_or((0.0, 0.0))
}

/// Equal lengths along each axis that is too long.
fn split_by_size(surface: &Surface, profile: &Profile, splits: &mut Vec<Split>) {
    let size = surface.size();
    let bed = if (size[0] > size[1]) == (profile.bed[0] > profile.bed[1]) {
        profile.bed
    } else {
        [profile.bed[1], profile.bed[0], profile.bed[2]]
    };
    for axis in 0..3 {
        let parts = ((size[axis] - HAIR) / bed[axis]).ceil().min(16.0) as usize;
        for cut in 1..parts {
            let mut origin = middle(surface.min, surface.max);
            origin[axis] = surface.min[axis] + size[axis] * cut as f64 / parts as f64;
            let mut normal = [0.0; 3];
            normal[axis] = 1.0;
            let letter = ['X', 'Y', 'Z'][axis];
            let reason = format!(
                "{:.0} mm along {letter} fit the bed in {parts} parts of {:.0} mm",
                size[axis],
                size[axis] / parts as f64
            );
            splits.push(Split { piece: 0, origin, normal, reason });
        }
    }
}

/// A plane square to an axis, from which both halves print upwards on their cut with little overhang.
pub(super) fn split_by_flat_side(surface: &Surface, overhang: f64, profile: &Profile, splits: &mut Vec<Split>) {
    let limit = (profile.overhang_angle + 1.0).to_radians().sin();
    let centre = middle(surface.min, surface.max);
    let mut best: Option<(f64, usize, f64)> = None;
    for axis in 0..3 {
        for step in 1..16 {
            let at = surface.min[axis] + surface.size()[axis] * f64::from(step) / 16.0;
            let mut normal = [0.0; 3];
            normal[axis] = 1.0;
            let left: f64 = (0..surface.len())
                .filter(|t| {
                    let beyond = centroid(surface.corners[*t])[axis] - at;
                    // Each half stands on its cut: up is away from the plane.
                    let up = dot(surface.normals[*t], normal) * beyond.signum();
                    up < -limit && beyond.abs() > ON_BED
                })
                .map(|t| surface.areas[t])
                .sum();
            let better = best.is_none_or(|(least, _, place)| {
                left < least - 1e-6
                    || left < least + 1e-6
                        && axis == best.map_or(3, |b| b.1)
                        && (at - centre[axis]).abs() < (place - centre[axis]).abs()
            });
            if better {
                best = Some((left, axis, at));
            }
        }
    }
    if let Some((left, axis, at)) = best
        && left <= 0.2 * overhang
    {
        let (mut origin, mut normal) = (centre, [0.0; 3]);
        (origin[axis], normal[axis]) = (at, 1.0);
        let reason = format!(
            "cut here, both halves print on the cut with {left:.0} mm2 of overhang instead of {overhang:.0} mm2"
        );
        splits.push(Split { piece: 0, origin, normal, reason });
    }
}

pub(super) fn volume(volume: f64, findings: &mut Vec<Finding>) {
    if volume < LEAST_VOLUME {
        let message = format!("the volume is {volume:.3} mm3; under {LEAST_VOLUME} mm3 a nozzle cannot form it");
        findings.push(Finding::new(Kind::TooSmall, Severity::Error, message, volume, LEAST_VOLUME));
    }
}
