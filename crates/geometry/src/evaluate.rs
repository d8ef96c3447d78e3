//! Evaluation: every piece on the exact kernel, else on the mesh kernel; laid out in print pose.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arris::topo;
use mesh::{Bounds, MassProperties, TriMesh};
use part::solid::{Body, Piece};
use serde::{Deserialize, Serialize};

use crate::{
    brought::Imports,
    cache::{Cache, CacheCounts, CacheLimits, Finished, Key, Tier},
    flanks::{self, Flanks},
    kernel::{
        Kernel, Stop,
        exact::{ExactKernel, Work},
    },
    ladder::Ladder,
    layout, lumps,
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
    /// volume stays within 0.08 % of the exact volume; from [`Options::COARSE`] on it is taken as it is.
    pub chord_tolerance: f64,
    pub kernels: Kernels,
}

impl Options {
    /// The chord tolerance from which on speed comes before volume.
    pub const COARSE: f64 = 0.1;

    /// For a look while a slider moves: the mesh kernel alone, at a coarse chord. Volumes are within about 2 %.
    pub fn preview() -> Options {
        Options { chord_tolerance: Options::COARSE, kernels: Kernels::MeshOnly }
    }

    pub(crate) fn is_coarse(&self) -> bool {
        self.chord_tolerance >= Options::COARSE
    }
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
    /// Its modelled threads, which overhang and print.
    pub(crate) threads: Vec<Flanks>,
}

/// A part as solids and triangles.
pub struct Evaluated {
    pub pieces: Vec<EvaluatedPiece>,
    /// True when every piece came from the exact kernel. There is a STEP file then, and in one case more: when the only
    /// thing that is not exact is a modelled thread, whose STEP shows a plain cylinder.
    pub exact: bool,
    /// Which operation the exact kernel refused, and its words; or that a thread was modelled.
    pub inexact_reason: Option<String>,
    /// How each piece was built: the rung of the fallback ladder, and what the planner rewrote.
    pub notes: Vec<String>,
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

/// Evaluates bodies and remembers what it built: the same piece again costs nothing, and a piece of which one number
/// changed is built from the step that the number is in. Shared between threads by reference.
pub struct Evaluator {
    cache: Cache,
}

impl Evaluator {
    pub fn new(limits: CacheLimits) -> Evaluator {
        Evaluator { cache: Cache::new(limits, None) }
    }

    /// With a store of finished pieces behind the memory of the process.
    pub fn with_tier(limits: CacheLimits, tier: Arc<dyn Tier>) -> Evaluator {
        Evaluator { cache: Cache::new(limits, Some(tier)) }
    }

    pub fn counts(&self) -> CacheCounts {
        self.cache.counts()
    }

    /// Builds every piece. `cancel` set to true stops it within seconds. The result does not depend on what is remembered.
    pub fn evaluate(
        &self,
        body: &Body,
        options: &Options,
        imports: &Imports,
        cancel: &AtomicBool,
    ) -> Result<Evaluated, GeometryError> {
        let ladder = Ladder { body, options, imports, cache: &self.cache, cancel };
        let mut laid = Layout::default();
        for piece in &body.pieces {
            if cancel.load(Ordering::Relaxed) {
                return Err(GeometryError::Cancelled);
            }
            let key = piece_key(body, piece, options);
            let finished = match self.cache.piece(&key) {
                Some(finished) => finished,
                None => {
                    let finished = Arc::new(ladder.piece(piece)?);
                    in_one_lump(piece, &finished.mesh)?;
                    self.cache.keep_piece(key, &finished);
                    finished
                }
            };
            laid.lay(piece, &finished, body.pieces.len() == 1)?;
        }
        laid.evaluated(imports, cancel)
    }
}

/// Builds every piece without a memory. `cancel` set to true stops it within seconds.
pub fn evaluate(body: &Body, options: &Options, cancel: &AtomicBool) -> Result<Evaluated, GeometryError> {
    evaluate_with(body, options, &Imports::default(), cancel)
}

/// As [`evaluate`], with the bodies that the part's imports stand for.
pub fn evaluate_with(
    body: &Body,
    options: &Options,
    imports: &Imports,
    cancel: &AtomicBool,
) -> Result<Evaluated, GeometryError> {
    // What one rung of the ladder built is where the next goes on from.
    let limits = CacheLimits { entries: 64, bytes: 128 << 20 };
    Evaluator::new(limits).evaluate(body, options, imports, cancel)
}

/// All that a finished piece depends on.
fn piece_key(body: &Body, piece: &Piece, options: &Options) -> Key {
    let kind = match options.kernels {
        Kernels::ExactThenMesh => "piece",
        Kernels::MeshOnly => "piece of the mesh kernel",
    };
    let size = body.size.into_iter().fold(0.0, f64::max);
    let round = if body.round { body.size[0] } else { 0.0 };
    let [a, b] = piece.print_turns.map(f64::from);
    let tasks: Vec<_> = piece
        .steps
        .iter()
        .map(|step| crate::plan::Task { step: step.clone(), credits: Vec::new(), also: Vec::new() })
        .collect();
    Key::seed(kind, &[options.chord_tolerance, size, round, a, b]).then(&tasks)
}

/// A piece that falls apart was cut through, or something was put where its body is not.
fn in_one_lump(piece: &Piece, mesh: &TriMesh) -> Result<(), GeometryError> {
    let lumps = lumps::count(mesh);
    if lumps == 1 {
        return Ok(());
    }
    Err(GeometryError::Refused {
        operation: piece.steps.last().map_or(&piece.name, |step| &step.operation).clone(),
        reason: format!("the part falls into {lumps} separate lumps; place it where the body is, or make it smaller"),
    })
}

/// Pieces side by side.
#[derive(Default)]
struct Layout {
    pieces: Vec<EvaluatedPiece>,
    solids: Vec<(Arc<Finished>, [u8; 2], [f64; 3])>,
    inexact_reason: Option<String>,
    notes: Vec<String>,
    taken_to: Option<f64>,
}

impl Layout {
    fn lay(&mut self, piece: &Piece, finished: &Arc<Finished>, alone: bool) -> Result<(), GeometryError> {
        let bounds = finished.mesh.bounds().ok_or(GeometryError::Empty)?;
        let by = layout::offset(&bounds, piece.print_turns != [0, 0], self.taken_to);
        let mut mesh = finished.mesh.clone();
        if by != [0.0; 3] {
            mesh = layout::snapped(mesh.translated(by)).welded();
            if !mesh.topology().is_watertight() {
                return Err(GeometryError::NotClosed { piece: piece.name.clone() });
            }
        }
        let mut mass = finished.mass;
        mass.centre_of_mass = std::array::from_fn(|k| mass.centre_of_mass[k] + by[k]);
        self.taken_to = mesh.bounds().map(|b| b.max[0]).or(self.taken_to);
        if let (None, Some(reason)) = (&self.inexact_reason, &finished.reason) {
            self.inexact_reason = Some(reason.clone());
        }
        let named = |note: &String| if alone { note.clone() } else { format!("{}: {note}", piece.name) };
        self.notes.extend(finished.notes.iter().map(named));
        self.solids.push((finished.clone(), piece.print_turns, by));
        let threads = flanks::of(piece, by);
        self.pieces.push(EvaluatedPiece { name: piece.name.clone(), mesh, mass, exact: finished.exact, threads });
        Ok(())
    }

    fn evaluated(self, imports: &Imports, cancel: &AtomicBool) -> Result<Evaluated, GeometryError> {
        let solids = placed(&self.solids, imports, cancel)?;
        let pieces = self.pieces;
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
            exact: pieces.iter().all(|piece| piece.exact),
            solids,
            inexact_reason: self.inexact_reason,
            notes: self.notes,
            area_mm2: pieces.iter().map(|p| p.mass.area_mm2).sum(),
            pieces,
            mesh,
            bounds,
            volume_mm3,
            centre_of_mass,
        })
    }
}

/// The exact bodies in one model, turned and moved as their meshes were. `None` unless every piece has one.
fn placed(
    solids: &[(Arc<Finished>, [u8; 2], [f64; 3])],
    imports: &Imports,
    cancel: &AtomicBool,
) -> Result<Option<Solids>, GeometryError> {
    let work = Work::new(cancel);
    let mut kernel = ExactKernel::new(&work, imports);
    let mut bodies = Vec::new();
    for (finished, turns, by) in solids {
        let Some(saved) = &finished.solid else { return Ok(None) };
        let body = if solids.len() == 1 {
            kernel.restore(&crate::cache::Saved::Exact(saved.clone())).map(|body| body.body)
        } else {
            kernel.model.import(&saved.model, saved.body.body).ok().map(|(body, _)| body)
        };
        let Some(body) = body else { return Ok(None) };
        match kernel.moved(body, *turns, *by) {
            Ok(body) => bodies.push(body),
            Err(Stop::Cancelled) => return Err(GeometryError::Cancelled),
            // Its mesh stands; only the STEP is lost.
            Err(Stop::Refused(_)) => return Ok(None),
        }
    }
    Ok((!bodies.is_empty()).then_some(Solids { model: kernel.model, bodies }))
}
