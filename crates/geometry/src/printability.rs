//! Printability: what would make a part fail on a printer, measured on its mesh in the print pose.
//!
//! [`check`] measures and is fast: some tenths of a second for 100,000 triangles. [`mend`] looks for the changes of the
//! specification that remove what was found, and proposes only those that it has rebuilt and checked again. [`orient`]
//! ranks the poses in which a part could be printed. Lengths are millimetres, angles degrees from the vertical.

mod footing;
mod mend;
mod orientation;
mod overhang;
mod profile;
mod report;
mod size;
mod soundness;
mod surface;
mod thickness;
mod trace;
mod vector;
mod walls;

use std::sync::atomic::{AtomicBool, Ordering};

use mesh::TriMesh;
use part::{Part, solid::Body};

pub use mend::{mend, preview};
pub use orientation::orient;
pub use profile::{Process, Profile};
pub use report::{Finding, Kind, Pose, Report, Severity, Split};

use crate::{CacheLimits, Evaluated, Evaluator, GeometryError, Imports, flanks::Flanks};
use surface::Surface;

/// Support under which no other pose and no cut is looked for: cubic millimetres, and share of the part's volume.
const WORTH_AVOIDING: (f64, f64) = (200.0, 0.02);
/// Share of the support that a better pose may still need.
const CLEARLY_LESS: f64 = 0.3;

/// What is remembered of the bodies tried while mending.
const TRIED: CacheLimits = CacheLimits { entries: 64, bytes: 64 << 20 };

/// Checks an evaluated part. Fails only when cancelled.
pub fn check(evaluated: &Evaluated, profile: &Profile, cancel: &AtomicBool) -> Result<Report, GeometryError> {
    checked(&looked_at(evaluated), profile, cancel)
}

/// [`check`] for the part's material, with the operations that findings lie on.
pub fn check_part(
    part: &Part,
    body: &Body,
    evaluated: &Evaluated,
    profile: &Profile,
    cancel: &AtomicBool,
) -> Result<Report, GeometryError> {
    let mut report = check(evaluated, &of_material(part, profile), cancel)?;
    trace::name_operations(&mut report, body, evaluated, cancel);
    if cancel.load(Ordering::Relaxed) { Err(GeometryError::Cancelled) } else { Ok(report) }
}

/// The report that [`check_part`] gave, with the edits that mend its findings: [`mend`] on quick evaluations. Takes up to
/// sixty of them, so that nobody should wait for it who only wants the part. `stop` set to true ends it within seconds, with
/// what was found by then.
pub fn mend_part(part: &Part, report: &Report, profile: &Profile, imports: &Imports, stop: &AtomicBool) -> Report {
    // A memory of its own: what is tried here must not push out what people come back to.
    let evaluator = Evaluator::new(TRIED);
    let evaluate = |part: &Part| preview(&evaluator, part, imports, stop);
    mend(part, report, &of_material(part, profile), &evaluate, stop)
}

fn of_material(part: &Part, profile: &Profile) -> Profile {
    part.material.map_or(*profile, |material| profile.in_material(material))
}

/// Checks pieces that stand in their print pose and place.
pub fn check_meshes(pieces: &[&TriMesh], profile: &Profile, cancel: &AtomicBool) -> Result<Report, GeometryError> {
    let pieces: Vec<Looked<'_>> = pieces.iter().map(|mesh| Looked { mesh, threads: &[] }).collect();
    checked(&pieces, profile, cancel)
}

/// A piece as the checks see it.
struct Looked<'a> {
    mesh: &'a TriMesh,
    threads: &'a [Flanks],
}

fn looked_at(evaluated: &Evaluated) -> Vec<Looked<'_>> {
    evaluated.pieces.iter().map(|piece| Looked { mesh: &piece.mesh, threads: &piece.threads }).collect()
}

fn checked(pieces: &[Looked<'_>], profile: &Profile, cancel: &AtomicBool) -> Result<Report, GeometryError> {
    let mut report = inspect(pieces, profile, cancel)?;
    if let [only] = pieces {
        report.better_pose = better_pose(only.mesh, &report, profile, cancel);
    }
    Ok(report)
}

/// All but the search for a better pose.
fn inspect(pieces: &[Looked<'_>], profile: &Profile, cancel: &AtomicBool) -> Result<Report, GeometryError> {
    let mut report = Report { pieces: pieces.len(), watertight: !pieces.is_empty(), ..Report::default() };
    let mut bounds: Option<mesh::Bounds> = None;
    for (index, Looked { mesh, threads }) in pieces.iter().enumerate() {
        let found = report.findings.len();
        let planes = report.splits.len();
        let volume = mesh.mass_properties().volume_mm3;
        report.volume_mm3 += volume;
        if let Some(of_piece) = mesh.bounds() {
            bounds = Some(bounds.map_or(of_piece, |known| known.union(&of_piece)));
        }
        match Surface::new(mesh) {
            Some(surface) => piece((&surface, threads), volume, profile, cancel, &mut report),
            None => report.watertight = false,
        }
        report.findings[found..].iter_mut().for_each(|finding| finding.piece = index);
        report.splits[planes..].iter_mut().for_each(|split| split.piece = index);
        if cancel.load(Ordering::Relaxed) {
            return Err(GeometryError::Cancelled);
        }
    }
    report.size = bounds.map(|bounds| bounds.size()).unwrap_or_default();
    size::volume(report.volume_mm3, &mut report.findings);
    together(pieces.len(), profile, &mut report);
    report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    report.printable = report.findings.iter().all(|finding| finding.severity != Severity::Error);
    Ok(report)
}

fn piece(
    (surface, threads): (&Surface, &[Flanks]),
    volume: f64,
    profile: &Profile,
    cancel: &AtomicBool,
    report: &mut Report,
) {
    let findings = &mut report.findings;
    soundness::edges(surface, findings);
    let sound = surface.open_edges.is_empty() && surface.bad_edges.is_empty();
    report.watertight &= sound;
    soundness::self_intersections(surface, cancel, findings);
    let (voids, trapped) = soundness::voids(surface, profile, findings);
    report.voids += voids;
    report.trapped_mm3 += trapped;
    size::check(surface, profile, findings, &mut report.splits);
    let (wall, gap) = walls::check(surface, profile, cancel, findings);
    let least = |a: Option<f64>, b: Option<f64>| [a, b].into_iter().flatten().min_by(f64::total_cmp);
    report.min_wall_estimate = least(report.min_wall_estimate, wall);
    report.min_gap_estimate = least(report.min_gap_estimate, gap);
    let contact = footing::contact(surface, profile);
    report.base_area_mm2 += contact.area;
    footing::check(surface, &contact, profile, findings);
    let hanging = overhang::check(surface, threads, profile, cancel, findings);
    report.overhang_area_mm2 += hanging.overhang_mm2;
    report.bridge_area_mm2 += hanging.bridge_mm2;
    report.support_mm3 += hanging.support_mm3;
    let (least, share) = WORTH_AVOIDING;
    if hanging.support_mm3 > least.max(share * volume) {
        size::split_by_flat_side(surface, hanging.overhang_mm2, profile, &mut report.splits);
    }
}

/// Pieces that fit one by one may not fit side by side.
fn together(pieces: usize, profile: &Profile, report: &mut Report) {
    let [x, y, _] = report.size;
    let [bx, by, _] = profile.bed;
    if pieces > 1 && !report.has(Kind::TooLarge) && (x.max(y) > bx.max(by) || x.min(y) > bx.min(by)) {
        let message = format!(
            "the pieces side by side take {x:.1} x {y:.1} mm, more than the bed; they are laid out in rows or on several \
             plates"
        );
        report.findings.push(Finding::new(Kind::TooLarge, Severity::Info, message, x.max(y), bx.max(by)));
    }
}

fn better_pose(mesh: &TriMesh, report: &Report, profile: &Profile, cancel: &AtomicBool) -> Option<Pose> {
    let (least, share) = WORTH_AVOIDING;
    if report.support_mm3 < least.max(share * report.volume_mm3) {
        return None;
    }
    let poses = orient(mesh, profile, cancel);
    let best = poses.first().filter(|pose| !pose.is_upright())?;
    (best.support_mm3 < CLEARLY_LESS * report.support_mm3).then_some(*best)
}
