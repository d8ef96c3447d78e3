//! Which operation of the part a finding lies on.

use std::sync::atomic::AtomicBool;

use mesh::{Bounds, TriMesh};
use part::solid::{Action, Body, Piece};

use super::{
    report::{Finding, Kind, Report},
    vector::{Vector, nearest},
};
use crate::{Evaluated, kernel, layout};

/// Chord of the steps' own meshes, and how near a finding must be to one; millimetres.
const CHORD: f64 = 0.05;
const NEAR: f64 = 0.12;
/// Solids that are made to look at; a part with more is not traced.
const MOST: usize = 600;

/// Names the operation of every finding that lies on the surface of one of its solids. Each solid of the history is
/// meshed by itself, without booleans, and the last one whose surface runs through the place made it.
pub(super) fn name_operations(report: &mut Report, body: &Body, evaluated: &Evaluated, cancel: &AtomicBool) {
    if body.pieces.len() != evaluated.pieces.len() {
        return;
    }
    for (index, (piece, built)) in body.pieces.iter().zip(&evaluated.pieces).enumerate() {
        let concerned = |finding: &&mut Finding| finding.piece == index && finding.operation.is_none();
        if !report.findings.iter_mut().any(|finding| concerned(&finding)) {
            continue;
        }
        let Some(solids) = placed(piece, &built.mesh, cancel) else { continue };
        for finding in report.findings.iter_mut().filter(concerned) {
            finding.operation = operation(finding, piece, &solids);
        }
    }
}

fn operation(finding: &Finding, piece: &Piece, solids: &[(usize, TriMesh)]) -> Option<String> {
    let mut names: Vec<&str> = piece.steps.iter().map(|step| step.operation.as_str()).collect();
    names.dedup();
    if let [only] = names[..] {
        return Some(only.to_owned());
    }
    // The middle of a wall or gap is half of it away from its faces; the rest lies on the surface.
    let depth = match finding.kind {
        Kind::ThinWall | Kind::ThinPin | Kind::NarrowGap | Kind::SmallHole => finding.measured / 2.0,
        Kind::Overhang | Kind::Bridge | Kind::KnifeEdge => 0.0,
        _ => return None,
    };
    let place = finding.location?;
    let near = solids.iter().rev().find(|(_, mesh)| (depth_under(mesh, place) - depth).abs() < NEAR);
    if let Some((step, _)) = near {
        return Some(piece.steps[*step].operation.clone());
    }
    // On no solid's own surface: a blend made it.
    let blend = |action: &Action| matches!(action, Action::Fillet { .. } | Action::Chamfer { .. });
    let step = piece.steps.iter().rev().find(|step| blend(&step.action))?;
    Some(step.operation.clone())
}

fn depth_under(mesh: &TriMesh, place: Vector) -> f64 {
    mesh.iter_corners().map(|corners| nearest(&[place; 3], &corners).0).fold(f64::INFINITY, f64::min)
}

/// The piece's solids in the print pose, by step. `None` when they do not make up the piece's box, so that their place
/// is not known.
fn placed(piece: &Piece, built: &TriMesh, cancel: &AtomicBool) -> Option<Vec<(usize, TriMesh)>> {
    if piece.steps.len() > MOST {
        return None;
    }
    let (mut solids, mut added): (Vec<(usize, TriMesh)>, Option<Bounds>) = (Vec::new(), None);
    for (index, step) in piece.steps.iter().enumerate() {
        let (Action::Add(solid) | Action::Cut(solid) | Action::Intersect(solid)) = &step.action else { continue };
        for made in kernel::mesh::meshes(solid, CHORD, cancel)? {
            let mesh = layout::turned(made, piece.print_turns);
            if matches!(step.action, Action::Add(_)) {
                let bounds = mesh.bounds()?;
                added = Some(added.map_or(bounds, |known| known.union(&bounds)));
            }
            solids.push((index, mesh));
        }
    }
    let (from, to) = (added?, built.bounds()?);
    let (was, is) = (from.size(), to.size());
    if (0..3).any(|i| (was[i] - is[i]).abs() > 2.0 * NEAR) {
        return None;
    }
    let (was, is) = (from.centre(), to.centre());
    let by = std::array::from_fn(|i| is[i] - was[i]);
    Some(solids.into_iter().map(|(index, mesh)| (index, mesh.translated(by))).collect())
}
