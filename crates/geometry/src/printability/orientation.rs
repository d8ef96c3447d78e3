//! The search for a print pose: which side goes on the bed.
//!
//! Candidates are the sides on which the part can rest (faces of its convex hull), its own flat faces, and its axes;
//! each is judged by what it costs in time: support, layers, and how badly it stands.

use std::sync::atomic::{AtomicBool, Ordering};

use manifold_rust::{linalg::Vec3, manifold::Manifold};
use mesh::TriMesh;

use super::{
    footing::{centre_of_mass, margin, narrowest, section},
    overhang::{ON_BED, drop_below},
    profile::Profile,
    report::Pose,
    surface::{NONE, Surface},
    vector::{Vector, add, centroid, cross, dot, norm, scaled, sub, unit},
};

/// Poses that are judged, at most.
const MOST: usize = 50;
/// Rays under the overhangs of each pose.
const COLUMNS: f64 = 1500.0;
/// Two directions closer than this are one, cosine of a degree.
const SAME: f64 = 0.999_85;

/// Support is printed thin: the share of its columns that is material, and the flow of a 0.4 mm nozzle in mm3/s.
const SUPPORT_DENSITY: f64 = 0.3;
const FLOW: f64 = 8.0;
/// Seconds lost between two layers, and the seconds that taking off a square millimetre of support is worth.
const LAYER_CHANGE: f64 = 1.5;
const SCAR: f64 = 0.5;
/// Seconds that a pose as high as its base is wide is worse than a flat one, and that one likely to fall is.
const LEAN: f64 = 30.0;
const FALLS: f64 = 36_000.0;

/// The poses worth printing in, the best first; the given one is among them. Empty for an empty mesh or when cancelled.
pub fn orient(mesh: &TriMesh, profile: &Profile, cancel: &AtomicBool) -> Vec<Pose> {
    let Some(surface) = Surface::new(mesh) else { return Vec::new() };
    ranked(&surface, profile, cancel)
}

pub(super) fn ranked(surface: &Surface, profile: &Profile, cancel: &AtomicBool) -> Vec<Pose> {
    let centre = centre_of_mass(surface);
    let mut poses = Vec::new();
    for down in candidates(surface) {
        if cancel.load(Ordering::Relaxed) {
            return Vec::new();
        }
        poses.push(judged(surface, centre, down, profile));
    }
    poses.sort_by(|a, b| a.score.total_cmp(&b.score));
    poses
}

/// Directions that may point down: the given one, then what the part can rest on, then the rest.
fn candidates(surface: &Surface) -> Vec<Vector> {
    let mut directions: Vec<Vector> = vec![[0.0, 0.0, -1.0]];
    let mut offer = |direction: Vector| {
        if directions.len() < MOST && norm(direction) > 0.5 && directions.iter().all(|d| dot(*d, direction) < SAME) {
            directions.push(direction);
        }
    };
    for axis in 0..3 {
        for sign in [-1.0, 1.0] {
            let mut direction = [0.0; 3];
            direction[axis] = sign;
            offer(direction);
        }
    }
    for direction in largest(&hull_faces(surface), 24) {
        offer(direction);
    }
    let faces = surface.faces(0.5);
    let mut own: Vec<(f64, Vector)> = vec![(0.0, [0.0; 3]); surface.len()];
    for (t, face) in faces.iter().enumerate().filter(|(_, face)| **face != NONE) {
        let entry = &mut own[*face as usize];
        *entry = (entry.0 + surface.areas[t], surface.normals[*face as usize]);
    }
    for direction in largest(&own, 16) {
        offer(direction);
    }
    for axis in principal_axes(surface) {
        offer(axis);
        offer(scaled(axis, -1.0));
    }
    directions
}

/// Normals of the largest, equal ones added up.
fn largest(faces: &[(f64, Vector)], count: usize) -> Vec<Vector> {
    let mut sorted: Vec<(f64, Vector)> = faces.iter().copied().filter(|(area, _)| *area > 0.0).collect();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut merged: Vec<(f64, Vector)> = Vec::new();
    for (area, normal) in sorted.into_iter().take(4000) {
        match merged.iter().position(|(_, known)| dot(*known, normal) >= SAME) {
            Some(known) => merged[known].0 += area,
            None if merged.len() < 400 => merged.push((area, normal)),
            None => {}
        }
    }
    merged.sort_by(|a, b| b.0.total_cmp(&a.0));
    merged.into_iter().take(count).map(|(_, normal)| normal).collect()
}

fn hull_faces(surface: &Surface) -> Vec<(f64, Vector)> {
    let mut points: Vec<Vector> = surface.corners.iter().flatten().copied().collect();
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])).then(a[2].total_cmp(&b[2])));
    points.dedup();
    let points: Vec<Vec3> = points.into_iter().map(|[x, y, z]| Vec3::new(x, y, z)).collect();
    let hull = crate::kernel::mesh::triangles(&Manifold::hull(&points));
    hull.iter_corners()
        .map(|[a, b, c]| {
            let n = cross(sub(b, a), sub(c, a));
            (norm(n) / 2.0, unit(n))
        })
        .collect()
}

/// Eigenvectors of the surface's second moments, by Jacobi's rotations.
fn principal_axes(surface: &Surface) -> [Vector; 3] {
    let centre: Vector = {
        let sum = (0..surface.len())
            .fold([0.0; 3], |sum, t| add(sum, scaled(centroid(surface.corners[t]), surface.areas[t])));
        scaled(sum, 1.0 / surface.area)
    };
    let mut m = [[0.0; 3]; 3];
    for t in 0..surface.len() {
        let p = sub(centroid(surface.corners[t]), centre);
        for i in 0..3 {
            for j in 0..3 {
                m[i][j] += surface.areas[t] * p[i] * p[j];
            }
        }
    }
    let mut axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for _ in 0..24 {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if m[p][q].abs() < 1e-12 * (m[p][p].abs() + m[q][q].abs()) {
                continue;
            }
            let theta = (m[q][q] - m[p][p]) / (2.0 * m[p][q]);
            let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
            let c = 1.0 / t.hypot(1.0);
            let s = t * c;
            for row in &mut m {
                (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
            }
            let turned = |a: Vector, b: Vector| -> (Vector, Vector) {
                (std::array::from_fn(|i| c * a[i] - s * b[i]), std::array::from_fn(|i| s * a[i] + c * b[i]))
            };
            (m[p], m[q]) = turned(m[p], m[q]);
            (axes[p], axes[q]) = turned(axes[p], axes[q]);
        }
    }
    axes.map(unit)
}

fn judged(surface: &Surface, centre: Option<Vector>, down: Vector, profile: &Profile) -> Pose {
    let rotation = rotation(down);
    let up = scaled(down, -1.0);
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for p in surface.corners.iter().flatten() {
        let level = dot(*p, up);
        low = low.min(level);
        high = high.max(level);
    }
    let height = high - low;
    let limit = (profile.overhang_angle + 1.0).to_radians().sin();
    let hangs = |t: &usize| {
        dot(surface.normals[*t], down) > limit && surface.corners[*t].iter().any(|p| dot(*p, up) - low >= ON_BED)
    };
    let hanging: Vec<usize> = (0..surface.len()).filter(hangs).collect();
    let area: f64 = hanging.iter().map(|t| surface.areas[*t]).sum();
    let unit_area = area / COLUMNS;
    let mut support = 0.0;
    // Triangles much smaller than a ray's share take turns: one answers for those before it.
    let mut owed = 0.0;
    for t in &hanging {
        owed += surface.areas[*t] * dot(surface.normals[*t], down);
        if owed < unit_area * 0.5 {
            continue;
        }
        let k = (owed / unit_area).sqrt().ceil().clamp(1.0, 12.0) as usize;
        let level = std::mem::take(&mut owed) / (k * k) as f64;
        for from in surface.spread(*t, k) {
            support += level * drop_below(surface, *t, from, down, dot(from, up) - low);
        }
    }
    let axes = [rotation[0], rotation[1], up];
    let first = section(surface, axes, low + (profile.layer_height / 2.0).min(height / 4.0));
    let inside = centre.map_or(0.0, |c| margin(&first.hull, [dot(axes[0], c), dot(axes[1], c)]));
    let width = narrowest(&first.hull).max(1e-3);
    let falls = inside <= 0.0 || first.area < profile.min_contact_mm2 && height > 5.0;
    let score = support * SUPPORT_DENSITY / FLOW
        + area * SCAR
        + height / profile.layer_height * LAYER_CHANGE
        + LEAN * (height / width).min(100.0)
        + if falls { FALLS } else { 0.0 };
    Pose { rotation, support_mm3: support, height, contact_mm2: first.area, score }
}

/// The rotation that turns `down` onto -Z by the shortest way (Rodrigues).
fn rotation(down: Vector) -> [Vector; 3] {
    let to = [0.0, 0.0, -1.0];
    let cosine = dot(down, to);
    let axis = cross(down, to);
    let sine = norm(axis);
    if sine < 1e-9 {
        let turn = if cosine > 0.0 { 1.0 } else { -1.0 };
        return [[1.0, 0.0, 0.0], [0.0, turn, 0.0], [0.0, 0.0, turn]];
    }
    let k = scaled(axis, 1.0 / sine);
    let clean = |value: f64| if value.abs() < 1e-12 { 0.0 } else { value };
    std::array::from_fn(|i| {
        let mut unit = [0.0; 3];
        unit[i] = 1.0;
        // Row i holds what the i-th coordinate of a turned vector takes of each old one.
        let skew = [[0.0, -k[2], k[1]], [k[2], 0.0, -k[0]], [-k[1], k[0], 0.0]][i];
        std::array::from_fn(|j| clean(cosine * unit[j] + sine * skew[j] + (1.0 - cosine) * k[i] * k[j]))
    })
}
