//! What a solid-modelling kernel must do, and how a piece's steps run on it. There are two kernels because both are real:
//! the exact one refuses some operations, the mesh one has no exact surfaces.

pub(crate) mod exact;
pub(crate) mod mesh;

use std::sync::atomic::{AtomicBool, Ordering};

use part::solid::{Action, Edges, Piece, Solid};

/// Why a kernel did not return a body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stop {
    Cancelled,
    /// The kernel's own words.
    Refused(String),
}

impl Stop {
    pub(crate) fn refused(reason: impl ToString) -> Stop {
        Stop::Refused(reason.to_string())
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Blend {
    Fillet(f64),
    Chamfer(f64),
}

pub(crate) trait Kernel {
    type Body: Clone;
    /// Text makes several bodies, everything else one.
    fn make(&mut self, solid: &Solid) -> Result<Vec<Self::Body>, Stop>;
    fn fuse(&mut self, bodies: Vec<Self::Body>) -> Result<Self::Body, Stop>;
    fn cut(&mut self, target: Self::Body, tools: Vec<Self::Body>) -> Result<Self::Body, Stop>;
    fn intersect(&mut self, a: Self::Body, b: Self::Body) -> Result<Self::Body, Stop>;
    fn blend(&mut self, body: Self::Body, edges: &[Edges], blend: Blend) -> Result<Self::Body, Stop>;
}

/// Where a piece stopped: the operations of the step or batch of steps.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stopped {
    pub(crate) operation: String,
    pub(crate) why: Stop,
}

#[derive(Clone, Copy, PartialEq)]
enum Batch {
    Add,
    Cut,
    Intersect,
    Blend(Blend),
    Alone,
}

fn batch(action: &Action) -> Batch {
    match action {
        Action::Add(_) => Batch::Add,
        Action::Cut(_) => Batch::Cut,
        Action::Intersect(_) => Batch::Intersect,
        Action::Fillet { radius, .. } => Batch::Blend(Blend::Fillet(*radius)),
        Action::Chamfer { distance, .. } => Batch::Blend(Blend::Chamfer(*distance)),
        Action::Shell { .. } | Action::Mirror { .. } => Batch::Alone,
    }
}

/// Runs a piece's steps: consecutive cuts, fuses and equal blends go to the kernel in one call, which is both faster and,
/// for blends that meet at a corner, the only way that works.
pub(crate) fn run<K: Kernel>(kernel: &mut K, piece: &Piece, cancel: &AtomicBool) -> Result<K::Body, Stopped> {
    let mut body: Option<K::Body> = None;
    for steps in piece.steps.chunk_by(|a, b| batch(&a.action) == batch(&b.action)) {
        let mut names: Vec<&str> = steps.iter().map(|step| step.operation.as_str()).collect();
        names.dedup();
        let stopped = |why: Stop| Stopped { operation: names.join(", "), why };
        if cancel.load(Ordering::Relaxed) {
            return Err(stopped(Stop::Cancelled));
        }
        let mut solids = Vec::new();
        let mut edges = Vec::new();
        for step in steps {
            match &step.action {
                Action::Add(solid) | Action::Cut(solid) | Action::Intersect(solid) => {
                    solids.extend(kernel.make(solid).map_err(stopped)?);
                }
                Action::Fillet { edges: e, .. } | Action::Chamfer { edges: e, .. } => edges.push(e.clone()),
                Action::Shell { .. } | Action::Mirror { .. } => {}
            }
        }
        let result = match (batch(&steps[0].action), body.take()) {
            (Batch::Add, None) if solids.len() == 1 => Ok(solids.remove(0)),
            (Batch::Add, before) => kernel.fuse(before.into_iter().chain(solids).collect()),
            (Batch::Cut, Some(before)) => kernel.cut(before, solids),
            (Batch::Intersect, Some(before)) => {
                solids.into_iter().try_fold(before, |before, tool| kernel.intersect(before, tool))
            }
            (Batch::Alone, Some(_)) => Err(Stop::refused("neither kernel does this")),
            (Batch::Blend(blend), Some(before)) => kernel.blend(before, &edges, blend),
            (_, None) => Err(Stop::refused("there is no body before it")),
        };
        body = Some(result.map_err(stopped)?);
    }
    body.ok_or_else(|| Stopped { operation: piece.name.clone(), why: Stop::refused("the piece has no steps") })
}
