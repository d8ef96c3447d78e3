//! Evaluation: every piece on the exact kernel, else on the mesh kernel; laid out in print pose.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering},
};

use arris::{Control, topo};
use mesh::{Bounds, MassProperties, TriMesh};
use part::solid::{Body, Piece};
use serde::{Deserialize, Serialize};

use crate::{
    contour,
    kernel::{self, Stop, Stopped, exact::ExactKernel, mesh::MeshKernel},
    layout,
};

/// Which kernels may build a piece.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernels {
    /// The exact one, then the mesh one where it refuses.
    #[default]
    ExactThenMesh,
    /// The mesh one alone: faster previews, no STEP.
    MeshOnly,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// Greatest distance between a surface and its triangles, millimetres. Small parts get finer ones, so that the mesh's
    /// volume stays within 0.05 % of the exact volume.
    pub chord_tolerance: f64,
    pub kernels: Kernels,
}

impl Default for Options {
    fn default() -> Self {
        Options { chord_tolerance: 0.05, kernels: Kernels::default() }
    }
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GeometryError {
    #[error("the evaluation was cancelled")]
    Cancelled,
    /// Neither kernel could build it.
    #[error("{operation} cannot be built: {reason}")]
    Refused { operation: String, reason: String },
    #[error("piece '{piece}' did not come out closed; change a size slightly, or drop its smallest feature")]
    NotClosed { piece: String },
    #[error("the part has no pieces")]
    Empty,
}

/// One piece in its print pose and place.
#[derive(Clone, Debug)]
pub struct EvaluatedPiece {
    pub name: String,
    /// Closed, oriented outwards, without duplicate positions.
    pub mesh: TriMesh,
    /// From the exact surfaces; the mesh's own where the piece is not exact.
    pub mass: MassProperties,
    pub exact: bool,
}

/// A part as solids and triangles.
pub struct Evaluated {
    pub pieces: Vec<EvaluatedPiece>,
    /// True when every piece came from the exact kernel; only then is there a STEP file.
    pub exact: bool,
    /// Which operation the exact kernel refused, and its words.
    pub inexact_reason: Option<String>,
    /// All pieces: print pose, resting on z = 0, along +X 10 mm apart.
    pub mesh: TriMesh,
    pub bounds: Bounds,
    pub volume_mm3: f64,
    pub area_mm2: f64,
    pub centre_of_mass: [f64; 3],
    pub(crate) solids: Option<Solids>,
}

/// The exact bodies, for STEP.
pub(crate) struct Solids {
    pub(crate) model: topo::Model,
    pub(crate) bodies: Vec<topo::Body>,
}

/// Builds every piece. `cancel` set to true stops it within seconds.
pub fn evaluate(body: &Body, options: &Options, cancel: &AtomicBool) -> Result<Evaluated, GeometryError> {
    let poll = || cancel.load(Ordering::Relaxed);
    let mut exact = ExactKernel::new(Control::poll(&poll));
    let mut bodies = Vec::new();
    let mut pieces: Vec<EvaluatedPiece> = Vec::new();
    let mut inexact_reason = None;
    let mut taken_to = None;
    for piece in &body.pieces {
        let built = match options.kernels {
            Kernels::ExactThenMesh => {
                let attempt = AssertUnwindSafe(|| exact_piece(&mut exact, body, piece, options, taken_to, cancel));
                catch_unwind(attempt).unwrap_or_else(|_| {
                    // A kernel bug found by its own assertions. Its model is in an unknown state; ours is not.
                    exact = ExactKernel::new(Control::poll(&poll));
                    let operation = piece.steps.last().map_or(&piece.name, |step| &step.operation).clone();
                    Err(Stopped { operation, why: Stop::refused("the exact kernel failed on this shape") })
                })
            }
            Kernels::MeshOnly => {
                Err(Stopped { operation: piece.name.clone(), why: Stop::refused("only the mesh kernel was asked for") })
            }
        };
        let evaluated = match built {
            Ok((solid, evaluated)) => {
                in_one_lump(piece, &evaluated.mesh)?;
                bodies.push(solid);
                evaluated
            }
            Err(Stopped { why: Stop::Cancelled, .. }) => return Err(GeometryError::Cancelled),
            Err(Stopped { operation, why: Stop::Refused(reason) }) => {
                let evaluated = mesh_piece(body, piece, options, taken_to, cancel, (&operation, &reason))?;
                inexact_reason.get_or_insert(format!("{operation}: {reason}"));
                evaluated
            }
        };
        taken_to = evaluated.mesh.bounds().map(|b| b.max[0]).or(taken_to);
        pieces.push(evaluated);
    }
    let mut mesh = TriMesh::default();
    for piece in &pieces {
        mesh.append(&piece.mesh);
    }
    let bounds = mesh.bounds().ok_or(GeometryError::Empty)?;
    let volume_mm3: f64 = pieces.iter().map(|p| p.mass.volume_mm3).sum();
    let centre_of_mass = std::array::from_fn(|axis| {
        pieces.iter().map(|p| p.mass.volume_mm3 * p.mass.centre_of_mass[axis]).sum::<f64>() / volume_mm3
    });
    Ok(Evaluated {
        exact: inexact_reason.is_none(),
        solids: inexact_reason.is_none().then_some(Solids { model: exact.model, bodies }),
        inexact_reason,
        area_mm2: pieces.iter().map(|p| p.mass.area_mm2).sum(),
        pieces,
        mesh,
        bounds,
        volume_mm3,
        centre_of_mass,
    })
}

/// A piece that falls apart was cut through, or something was put where its body is not.
fn in_one_lump(piece: &Piece, mesh: &TriMesh) -> Result<(), GeometryError> {
    let lumps = mesh.topology().components;
    if lumps == 1 {
        return Ok(());
    }
    Err(GeometryError::Refused {
        operation: piece.steps.last().map_or(&piece.name, |step| &step.operation).clone(),
        reason: format!("the part falls into {lumps} separate lumps; place it where the body is, or make it smaller"),
    })
}

/// Share of the exact volume by which a mesh may differ; the formats promise 0.1 %.
const VOLUME_TOLERANCE: f64 = 0.0005;

fn exact_piece(
    kernel: &mut ExactKernel<'_>,
    body: &Body,
    piece: &Piece,
    options: &Options,
    taken_to: Option<f64>,
    cancel: &AtomicBool,
) -> Result<(topo::Body, EvaluatedPiece), Stopped> {
    let solid = kernel::run(kernel, piece, cancel)?;
    let last = piece.steps.last().map_or(&piece.name, |step| &step.operation);
    let stopped = |why: Stop| Stopped { operation: last.clone(), why };
    let upright = kernel.mass_properties(solid).map_err(stopped)?;
    let mesh = closed_mesh(kernel, solid, upright.volume_mm3, first_chord(body, options), body).map_err(stopped)?;
    // The turn is exact on the mesh, so the solid is moved to match it and not the other way round.
    let mesh = layout::turned(mesh, piece.print_turns);
    let bounds = mesh.bounds().ok_or_else(|| stopped(Stop::refused("the mesh is empty")))?;
    let offset = layout::offset(&bounds, piece.print_turns != [0, 0], taken_to);
    let mesh = layout::snapped(mesh.translated(offset)).welded();
    if !mesh.topology().is_watertight() {
        return Err(stopped(Stop::refused("the mesh is not closed")));
    }
    let placed = kernel.moved(solid, piece.print_turns, offset).map_err(stopped)?;
    let mass = kernel.mass_properties(placed).map_err(stopped)?;
    Ok((placed, EvaluatedPiece { name: piece.name.clone(), mesh, mass, exact: true }))
}

/// A closed mesh near enough to the exact volume: finer chords until it is both, at most five times.
fn closed_mesh(
    kernel: &ExactKernel<'_>,
    solid: topo::Body,
    volume: f64,
    chord: f64,
    body: &Body,
) -> Result<TriMesh, Stop> {
    let mut chord = chord;
    let mut why = Stop::refused("the mesh is not closed");
    for _ in 0..5 {
        match kernel.tessellate(solid, aligned(chord, body)) {
            Ok(mesh) => {
                let off = (mesh.mass_properties().volume_mm3 / volume - 1.0).abs();
                let closed = mesh.topology().is_watertight();
                if closed && off <= VOLUME_TOLERANCE {
                    return Ok(mesh);
                }
                why = Stop::Refused(if closed {
                    format!("its mesh is {:.3} % off its volume", off * 100.0)
                } else {
                    "its mesh is not closed".to_owned()
                });
                // The error falls with the chord in proportion.
                chord *= if closed { (VOLUME_TOLERANCE / off * 0.8).clamp(0.05, 0.7) } else { 0.4 };
            }
            Err(Stop::Cancelled) => return Err(Stop::Cancelled),
            Err(refused) => {
                why = refused;
                chord *= 0.4;
            }
        }
    }
    Err(why)
}

/// Fine enough that a round part's bounding box is right to a few hundredths of a millimetre, coarse enough to slice.
fn first_chord(body: &Body, options: &Options) -> f64 {
    let size = body.size.into_iter().fold(0.0, f64::max);
    (size * 1e-4).clamp(0.001, 0.03).min(options.chord_tolerance)
}

/// The largest chord up to this one that divides a round body's outline into a multiple of four sides: its extremes along
/// X and Y are then corners, and it measures what was said.
fn aligned(chord: f64, body: &Body) -> f64 {
    if !body.round {
        return chord;
    }
    let radius = body.size[0] / 2.0;
    let sides = contour::sides(radius, chord) as f64;
    // The kernel divides a circle by its chord bound `radius * step^2 / 8`.
    radius * (std::f64::consts::TAU / sides).powi(2) / 8.0 * (1.0 + 1e-9)
}

fn mesh_piece(
    body: &Body,
    piece: &Piece,
    options: &Options,
    taken_to: Option<f64>,
    cancel: &AtomicBool,
    (refused, reason): (&str, &str),
) -> Result<EvaluatedPiece, GeometryError> {
    // Half the exact kernel's chord, because here nothing tells how far the volume is off.
    let mut kernel = MeshKernel { chord: first_chord(body, options) / 2.0, cancel };
    let built = kernel::run(&mut kernel, piece, cancel).map_err(|stopped| match stopped.why {
        Stop::Cancelled => GeometryError::Cancelled,
        // Where both refuse, the exact kernel's words say more.
        Stop::Refused(_) if stopped.operation == refused => GeometryError::Refused {
            operation: stopped.operation,
            reason: format!("{reason}; use a smaller size, or other edges or another place"),
        },
        Stop::Refused(why) => GeometryError::Refused { operation: stopped.operation, reason: why },
    })?;
    let mesh = layout::turned(kernel::mesh::triangles(&built), piece.print_turns);
    let bounds = mesh.bounds().ok_or(GeometryError::Empty)?;
    let offset = layout::offset(&bounds, piece.print_turns != [0, 0], taken_to);
    let mesh = layout::snapped(mesh.translated(offset)).welded();
    if !mesh.topology().is_watertight() {
        return Err(GeometryError::NotClosed { piece: piece.name.clone() });
    }
    let mass = mesh.mass_properties();
    in_one_lump(piece, &mesh)?;
    Ok(EvaluatedPiece { name: piece.name.clone(), mesh, mass, exact: false })
}
