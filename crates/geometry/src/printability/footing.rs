//! How a piece stands: its first layer, whether it tips over, and corners that warp.

use super::{
    profile::{Profile, under},
    report::{Finding, Kind, Severity},
    surface::Surface,
    vector::{Vector, cross, dot, hull, sub},
};

pub(super) const UPRIGHT: [Vector; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// The first layer of a piece.
pub(super) struct Contact {
    pub(super) area: f64,
    /// Convex hull, counter-clockwise; of less than three points when nothing rests.
    pub(super) hull: Vec<[f64; 2]>,
}

/// The section at the height `z` along the last of three square axes: its area by the sum of its oriented segments, and their ends along
/// the first two.
pub(super) fn section(surface: &Surface, axes: [Vector; 3], z: f64) -> Contact {
    let (mut double, mut points) = (0.0, Vec::new());
    let first = surface.corners[0][0];
    let origin = [dot(axes[0], first), dot(axes[1], first)];
    for corners in &surface.corners {
        let above = corners.map(|p| dot(p, axes[2]) > z);
        if above == [true; 3] || above == [false; 3] {
            continue;
        }
        let corners = corners.map(|p| axes.map(|axis| dot(axis, p)));
        // The corner that is alone on its side, and the two crossings in the triangle's own sense.
        let lone = (0..3).find(|i| above[*i] != above[(*i + 1) % 3] && above[*i] != above[(*i + 2) % 3]).unwrap_or(0);
        let (p, q, r) = (corners[lone], corners[(lone + 1) % 3], corners[(lone + 2) % 3]);
        let cut = |p: Vector, q: Vector| {
            let s = (z - p[2]) / (q[2] - p[2]);
            [p[0] + s * (q[0] - p[0]) - origin[0], p[1] + s * (q[1] - p[1]) - origin[1]]
        };
        let (a, b) = (cut(p, q), cut(p, r));
        // Seen from above the solid is on the left of the section's outline.
        let (a, b) = if above[lone] { (a, b) } else { (b, a) };
        double += a[0] * b[1] - a[1] * b[0];
        points.extend([a, b]);
    }
    let hull = hull(points).into_iter().map(|p| [p[0] + origin[0], p[1] + origin[1]]).collect();
    Contact { area: (double / 2.0).abs(), hull }
}

/// The section through the middle of the first layer.
pub(super) fn contact(surface: &Surface, profile: &Profile) -> Contact {
    section(surface, UPRIGHT, surface.min[2] + (profile.layer_height / 2.0).min(surface.size()[2] / 4.0))
}

/// Centre of mass of a closed surface.
pub(super) fn centre_of_mass(surface: &Surface) -> Option<Vector> {
    let origin = surface.min;
    let (mut volume, mut moment) = (0.0, [0.0; 3]);
    for corners in &surface.corners {
        let [a, b, c] = corners.map(|p| sub(p, origin));
        let signed = dot(a, cross(b, c)) / 6.0;
        volume += signed;
        for i in 0..3 {
            moment[i] += signed * (a[i] + b[i] + c[i]) / 4.0;
        }
    }
    (volume > 1e-9).then(|| std::array::from_fn(|i| moment[i] / volume + origin[i]))
}

/// Distance from a point to the nearest side of a hull, negative outside.
pub(super) fn margin(hull: &[[f64; 2]], p: [f64; 2]) -> f64 {
    if hull.len() < 3 {
        return f64::NEG_INFINITY;
    }
    sides(hull)
        .map(|(a, b)| {
            let (u, w) = ([b[0] - a[0], b[1] - a[1]], [p[0] - a[0], p[1] - a[1]]);
            (u[0] * w[1] - u[1] * w[0]) / u[0].hypot(u[1])
        })
        .fold(f64::INFINITY, f64::min)
}

pub(super) fn sides(hull: &[[f64; 2]]) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + '_ {
    (0..hull.len()).map(|i| (hull[i], hull[(i + 1) % hull.len()]))
}

/// Least distance between two parallel lines that hold the hull: one of them lies on a side.
pub(super) fn narrowest(hull: &[[f64; 2]]) -> f64 {
    if hull.len() < 3 {
        return 0.0;
    }
    sides(hull)
        .map(|(a, b)| {
            let u = [b[0] - a[0], b[1] - a[1]];
            let off = |p: &[f64; 2]| (u[0] * (p[1] - a[1]) - u[1] * (p[0] - a[0])) / u[0].hypot(u[1]);
            hull.iter().map(off).fold(0.0, f64::max)
        })
        .fold(f64::INFINITY, f64::min)
}

pub(super) fn check(surface: &Surface, contact: &Contact, profile: &Profile, findings: &mut Vec<Finding>) {
    let height = surface.size()[2];
    let middle = [(surface.min[0] + surface.max[0]) / 2.0, (surface.min[1] + surface.max[1]) / 2.0, surface.min[2]];
    if height > 5.0 && under(contact.area, profile.min_contact_mm2) {
        let message = format!(
            "only {:.1} mm2 rest on the bed; give it a flat base, print with a brim or on another side",
            contact.area
        );
        let mut finding =
            Finding::new(Kind::SmallBase, Severity::Warning, message, contact.area, profile.min_contact_mm2);
        finding.location = Some(middle);
        finding.area_mm2 = Some(contact.area);
        findings.push(finding);
    }
    tip_over(surface, contact, profile, height, findings);
    warping(surface, contact, profile, findings);
}

fn tip_over(surface: &Surface, contact: &Contact, profile: &Profile, height: f64, findings: &mut Vec<Finding>) {
    let Some(centre) = centre_of_mass(surface) else { return };
    let inside = margin(&contact.hull, [centre[0], centre[1]]);
    if inside < 0.0 && contact.hull.len() >= 3 {
        let message = format!(
            "its centre of mass lies {:.1} mm outside of what rests on the bed, so it tips over; widen the base or turn it",
            -inside
        );
        let mut finding = Finding::new(Kind::TipOver, Severity::Warning, message, inside, 0.0);
        finding.location = Some(centre);
        findings.push(finding);
        return;
    }
    let width = narrowest(&contact.hull);
    if width > 0.0 && under(profile.max_slenderness, height / width) {
        let message = format!(
            "it stands {height:.0} mm high on a base {width:.1} mm wide, {:.0} times as high as wide; the nozzle knocks it over: widen the base or turn it",
            height / width
        );
        let mut finding =
            Finding::new(Kind::TipOver, Severity::Warning, message, height / width, profile.max_slenderness);
        finding.location = Some([centre[0], centre[1], surface.max[2]]);
        findings.push(finding);
    }
}

/// Corners of the base sharper than this lift first, degrees.
const SHARP: f64 = 115.0;

/// A long flat base of a material that shrinks lifts at its sharp corners.
fn warping(surface: &Surface, contact: &Contact, profile: &Profile, findings: &mut Vec<Finding>) {
    if profile.max_sharp_base <= 0.0 || contact.hull.len() < 3 {
        return;
    }
    let hull = &contact.hull;
    let across =
        hull.iter().flat_map(|a| hull.iter().map(move |b| (a[0] - b[0]).hypot(a[1] - b[1]))).fold(0.0, f64::max);
    let n = hull.len();
    let sharp: Vec<[f64; 2]> = (0..n)
        .filter(|i| {
            let (p, q, r) = (hull[(i + n - 1) % n], hull[*i], hull[(i + 1) % n]);
            let (u, v) = ([p[0] - q[0], p[1] - q[1]], [r[0] - q[0], r[1] - q[1]]);
            let cosine = (u[0] * v[0] + u[1] * v[1]) / (u[0].hypot(u[1]) * v[0].hypot(v[1]));
            cosine.clamp(-1.0, 1.0).acos().to_degrees() < SHARP
        })
        .map(|i| hull[i])
        .collect();
    let Some(corner) = sharp.first() else { return };
    if !under(profile.max_sharp_base, across) {
        return;
    }
    let message = format!(
        "{} sharp corners of a base {across:.0} mm long lift from the bed as the material shrinks; round them or print with a brim",
        sharp.len()
    );
    let mut finding = Finding::new(Kind::Warping, Severity::Warning, message, across, profile.max_sharp_base);
    finding.location = Some([corner[0], corner[1], surface.min[2]]);
    finding.count = sharp.len();
    findings.push(finding);
}
