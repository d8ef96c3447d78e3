//! The fallback ladder: how a piece is built when the exact kernel refuses it.
//!
//! - Rung 1: the rewritten plan.
//! - Rung 2: the steps as they were written, or with the shell before small fillets.
//! - Rung 3: refused blends as bars and turned tools.
//! - Rung 4: the mesh kernel, from the last body that the exact kernel built or from nothing.
//! - Rung 5: a refusal that names the operation and the reason.
//!
//! Which rung carried is in the piece's notes.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::AtomicBool},
};

use mesh::TriMesh;
use part::solid::{Action, Body, Piece};

use crate::{
    brought::Imports,
    cache::{Cache, Finished, Key, Saved},
    contour,
    evaluate::{GeometryError, Kernels, Options},
    kernel::{
        self, Kernel, Start, Stop, Stopped,
        exact::{ExactBody, ExactKernel, SavedExact, Work},
        mesh::{MeshBody, MeshKernel},
    },
    layout, lumps,
    plan::{self, Task},
};

/// Why a threaded piece is not exact.
const THREAD: &str = "thread modelled on the mesh kernel; the STEP shows a plain cylinder";
/// Share of the exact volume by which a mesh may differ; the formats promise 0.1 %.
const VOLUME_TOLERANCE: f64 = 0.0008;
/// The same where the exact volume can only be estimated.
const MESH_TOLERANCE: f64 = 0.0007;
/// Triangles past which a mesh is not made finer.
const MOST_TRIANGLES: f64 = 600_000.0;

pub(crate) struct Ladder<'a> {
    pub(crate) body: &'a Body,
    pub(crate) options: &'a Options,
    pub(crate) imports: &'a Imports,
    pub(crate) cache: &'a Cache,
    pub(crate) cancel: &'a AtomicBool,
}

/// A refusal, and how far the exact kernel had come.
struct Refusal {
    operation: String,
    reason: String,
    so_far: Option<(Arc<SavedExact>, usize)>,
    /// Whether it was a blend that was refused.
    at_blend: bool,
    /// Whether it was refused for the work that it takes: another way on the same kernel takes as much.
    spent: bool,
}

impl Refusal {
    fn plain(operation: String, reason: String) -> Refusal {
        Refusal { operation, reason, so_far: None, at_blend: false, spent: false }
    }
}

enum Failed {
    Cancelled,
    Refused(Refusal),
}

impl From<Stop> for Failed {
    fn from(stop: Stop) -> Failed {
        match stop {
            Stop::Cancelled => Failed::Cancelled,
            Stop::Refused(reason) => Failed::Refused(Refusal::plain(String::new(), reason)),
        }
    }
}

impl Ladder<'_> {
    /// The piece, turned to its print pose but not yet laid out.
    pub(crate) fn piece(&self, piece: &Piece) -> Result<Finished, GeometryError> {
        let written =
            plan::written(piece).map_err(|(operation, reason)| GeometryError::Refused { operation, reason })?;
        if written.is_empty() {
            return Err(GeometryError::Empty);
        }
        let (planned, notes) = plan::rewritten(&written);
        let thread = planned.iter().position(plan::is_thread);
        if self.options.kernels == Kernels::MeshOnly {
            let alone = Refusal::plain(piece.name.clone(), "only the mesh kernel was asked for".to_owned());
            return self.on_mesh(piece, &written, &planned, alone, notes);
        }
        match (self.on_exact(piece, &written, &planned, notes.clone(), thread.is_some()), thread) {
            (Ok(exact), None) => Ok(exact),
            (Ok(cosmetic), Some(first)) => {
                let mut modelled = self.threaded(piece, &written, &planned, first)?;
                modelled.notes.extend(cosmetic.notes);
                modelled.solid = cosmetic.solid;
                Ok(modelled)
            }
            (Err(Failed::Cancelled), _) => Err(GeometryError::Cancelled),
            (Err(Failed::Refused(refusal)), None) => self.on_mesh(piece, &written, &planned, refusal, notes),
            (Err(Failed::Refused(refusal)), Some(_)) => {
                let plain = Refusal { so_far: None, ..refusal };
                self.on_mesh(piece, &written, &planned, plain, notes)
            }
        }
    }

    /// Rungs 1 to 3.
    fn on_exact(
        &self,
        piece: &Piece,
        written: &[Task],
        planned: &[Task],
        notes: Vec<String>,
        cosmetic: bool,
    ) -> Result<Finished, Failed> {
        let mut first = match self.attempt(piece, planned, false, cosmetic) {
            Ok(mut finished) => {
                finished.notes.insert(0, "rung 1: exact kernel, planned".to_owned());
                finished.notes.extend(notes);
                return Ok(finished);
            }
            Err(Failed::Cancelled) => return Err(Failed::Cancelled),
            Err(Failed::Refused(refusal)) if refusal.spent => return Err(Failed::Refused(refusal)),
            Err(Failed::Refused(refusal)) => refusal,
        };
        let swapped = plan::shelled_first(written);
        let mut rungs: Vec<(&[Task], bool, &str)> = Vec::new();
        if planned != written {
            rungs.push((written, false, "rung 2: exact kernel, as written"));
        }
        if let Some(swapped) = &swapped {
            rungs.push((swapped, false, "rung 2: exact kernel, shell before small fillets"));
        }
        if first.at_blend {
            rungs.push((planned, true, "rung 3: exact kernel, blends with boolean tools"));
            if planned != written {
                rungs.push((written, true, "rung 3: exact kernel, as written, blends with boolean tools"));
            }
        }
        for (tasks, with_tools, rung) in rungs {
            match self.attempt(piece, tasks, with_tools, cosmetic) {
                Ok(mut finished) => {
                    finished.notes.insert(0, rung.to_owned());
                    return Ok(finished);
                }
                Err(Failed::Cancelled) => return Err(Failed::Cancelled),
                Err(Failed::Refused(later)) if tasks == planned => {
                    let further = |r: &Refusal| r.so_far.as_ref().map_or(0, |(_, done)| *done);
                    if further(&later) > further(&first) {
                        first.so_far = later.so_far;
                    }
                }
                Err(Failed::Refused(_)) => {}
            }
        }
        Err(Failed::Refused(first))
    }

    /// The tasks on the exact kernel, meshed. A panic of the kernel is a refusal.
    fn attempt(&self, piece: &Piece, tasks: &[Task], with_tools: bool, cosmetic: bool) -> Result<Finished, Failed> {
        let work = Work::new(self.cancel);
        let attempt = AssertUnwindSafe(|| {
            let mut kernel = ExactKernel::new(&work, self.imports);
            kernel.with_tools = with_tools;
            let kind = if with_tools { "exact with tools" } else { "exact" };
            let start = Start { body: None, done: 0, key: Key::seed(kind, &[]) };
            let built = kernel::run(&mut kernel, tasks, start, self.cache, self.cancel);
            let body = built.map_err(|stopped| refusal(stopped, &mut kernel, tasks))?;
            let notes = std::mem::take(&mut kernel.notes);
            let finished = self.finished(piece, &mut kernel, &body, notes, cosmetic);
            finished.map_err(|stop| match stop {
                Stop::Cancelled => Failed::Cancelled,
                Stop::Refused(reason) => Failed::Refused(Refusal::plain(last_operation(piece), reason)),
            })
        });
        let mut result = catch_unwind(attempt).unwrap_or_else(|_| {
            // A kernel bug found by its own assertions. Its model went with it.
            let failed = Refusal::plain(last_operation(piece), "the exact kernel failed on this shape".to_owned());
            Err(Failed::Refused(Refusal { at_blend: tasks.last().is_some_and(is_blend), ..failed }))
        });
        if let Err(Failed::Refused(refusal)) = &mut result {
            refusal.spent = work.is_spent();
        }
        result
    }

    fn finished(
        &self,
        piece: &Piece,
        kernel: &mut ExactKernel<'_>,
        body: &ExactBody,
        notes: Vec<String>,
        cosmetic: bool,
    ) -> Result<Finished, Stop> {
        let solid = match kernel.save(body) {
            Saved::Exact(saved) => Some(saved),
            Saved::Mesh(..) | Saved::Piece(_) => None,
        };
        let mass = kernel.mass_properties(body.body)?;
        if mass.volume_mm3 <= 0.0 {
            return Err(Stop::refused("nothing is left of the body"));
        }
        // Of a body that only stands for its thread, nobody sees the mesh.
        let mesh = if cosmetic { TriMesh::default() } else { self.closed_mesh(kernel, body, mass.volume_mm3)? };
        let mesh = layout::snapped(layout::turned(mesh, piece.print_turns)).welded();
        if !cosmetic && !mesh.topology().is_watertight() {
            return Err(Stop::refused("its mesh is not closed"));
        }
        let mass = layout::turned_mass(mass, piece.print_turns);
        Ok(Finished { mesh, mass, exact: true, reason: None, notes, solid })
    }

    /// A closed mesh near enough to the exact volume: finer chords until it is both, at most five times.
    fn closed_mesh(&self, kernel: &ExactKernel<'_>, body: &ExactBody, volume: f64) -> Result<TriMesh, Stop> {
        let mut chord = self.first_chord();
        let tolerance = if self.options.is_coarse() { 0.05 } else { VOLUME_TOLERANCE };
        let mut why = Stop::refused("the mesh is not closed");
        for _ in 0..5 {
            let aligned = self.aligned(chord);
            let quick = kernel.facets(body.body, aligned)?.filter(|mesh| mesh.topology().is_watertight());
            let meshed = match quick {
                Some(mesh) => Ok((mesh, true)),
                None => kernel.tessellate(body.body, aligned).map(|mesh| {
                    let closed = mesh.topology().is_watertight();
                    (mesh, closed)
                }),
            };
            match meshed {
                Ok((mesh, closed)) => {
                    let off = (mesh.volume_mm3() / volume - 1.0).abs();
                    if closed && off <= tolerance {
                        return Ok(mesh);
                    }
                    why = Stop::Refused(if closed {
                        format!("its mesh is {:.3} % off its volume", off * 100.0)
                    } else {
                        "its mesh is not closed".to_owned()
                    });
                    // The error falls with the chord in proportion.
                    chord *= if closed { (tolerance / off * 0.8).clamp(0.05, 0.7) } else { 0.4 };
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

    /// Rung 4.
    fn on_mesh(
        &self,
        piece: &Piece,
        written: &[Task],
        planned: &[Task],
        refusal: Refusal,
        notes: Vec<String>,
    ) -> Result<Finished, GeometryError> {
        let reason = format!("{}: {}", refusal.operation, refusal.reason);
        if let Some((saved, done)) = &refusal.so_far {
            match self.go_on(piece, saved, planned, *done) {
                Ok(mut finished) => {
                    let at = planned.get(*done).map_or("", |task| task.step.operation.as_str());
                    finished.notes.insert(0, format!("rung 4: mesh kernel from {at} on"));
                    finished.notes.extend(notes);
                    return Ok(Finished { reason: Some(reason), ..finished });
                }
                Err(Failed::Cancelled) => return Err(GeometryError::Cancelled),
                Err(Failed::Refused(_)) => {}
            }
        }
        // The planner's sketches hide from the mesh kernel which operation made which wall.
        let first = if plan::asks_for_seams(written) { written } else { planned };
        let mut refused = None;
        for tasks in [first, written] {
            match self.meshed(piece, tasks) {
                Ok(mut finished) => {
                    finished.notes.insert(0, "rung 4: mesh kernel".to_owned());
                    if tasks == planned {
                        finished.notes.extend(notes);
                    }
                    return Ok(Finished { reason: Some(reason), ..finished });
                }
                Err(Failed::Cancelled) => return Err(GeometryError::Cancelled),
                Err(Failed::Refused(why)) => {
                    refused.get_or_insert(why);
                }
            }
            if first == written {
                break;
            }
        }
        // Rung 5. Where both refuse the same operation, the exact kernel's words say more.
        Err(match refused {
            Some(mesh) if mesh.operation != refusal.operation => {
                GeometryError::Refused { operation: mesh.operation, reason: mesh.reason }
            }
            Some(mesh) if self.options.kernels == Kernels::MeshOnly => {
                GeometryError::Refused { operation: mesh.operation, reason: mesh.reason }
            }
            _ => GeometryError::Refused {
                operation: refusal.operation,
                reason: format!("{}; use a smaller size, or other edges or another place", refusal.reason),
            },
        })
    }

    /// A threaded piece in its true form: what comes before the first thread from the exact kernel where it can.
    fn threaded(
        &self,
        piece: &Piece,
        written: &[Task],
        planned: &[Task],
        first: usize,
    ) -> Result<Finished, GeometryError> {
        let alone = || Refusal::plain(planned[first].step.operation.clone(), THREAD.to_owned());
        let before = if first == 0 { None } else { self.exact_body(&planned[..first]) };
        let refusal = Refusal { so_far: before.map(|saved| (saved, first)), ..alone() };
        let mut finished = self.on_mesh(piece, written, planned, refusal, Vec::new())?;
        finished.reason = Some(THREAD.to_owned());
        Ok(finished)
    }

    fn exact_body(&self, tasks: &[Task]) -> Option<Arc<SavedExact>> {
        let attempt = AssertUnwindSafe(|| {
            let work = Work::new(self.cancel);
            let mut kernel = ExactKernel::new(&work, self.imports);
            let start = Start { body: None, done: 0, key: Key::seed("exact", &[]) };
            let body = kernel::run(&mut kernel, tasks, start, self.cache, self.cancel).ok()?;
            match kernel.save(&body) {
                Saved::Exact(saved) => Some(saved),
                Saved::Mesh(..) | Saved::Piece(_) => None,
            }
        });
        catch_unwind(attempt).ok().flatten()
    }

    /// The rest of the tasks on the mesh kernel, from an exact body.
    fn go_on(&self, piece: &Piece, saved: &Arc<SavedExact>, tasks: &[Task], done: usize) -> Result<Finished, Failed> {
        self.fine_enough(|chord| {
            let work = Work::new(self.cancel);
            let mut exact = ExactKernel::new(&work, self.imports);
            let Some(body) = exact.restore(&Saved::Exact(saved.clone())) else {
                return Err(Failed::from(Stop::refused("the exact body is gone")));
            };
            let (mesh, ranges) = exact.credited_mesh(&body, chord)?;
            if !mesh.topology().is_watertight() {
                return Err(Failed::from(Stop::refused("its mesh is not closed")));
            }
            let start = Start {
                body: Some(MeshKernel::taken_over(&mesh, &ranges)?),
                done,
                key: Key::seed("mesh from exact", &[chord]).then(&tasks[..done]),
            };
            self.run_mesh(piece, tasks, start, chord)
        })
    }

    fn meshed(&self, piece: &Piece, tasks: &[Task]) -> Result<Finished, Failed> {
        self.fine_enough(|chord| {
            let start = Start { body: None, done: 0, key: Key::seed("mesh", &[chord]) };
            self.run_mesh(piece, tasks, start, chord)
        })
    }

    /// Builds at the mesh kernel's chord, and again at a finer one when slender features make that too coarse. A panic of
    /// a kernel is a refusal.
    fn fine_enough(&self, build: impl Fn(f64) -> Result<Finished, Failed>) -> Result<Finished, Failed> {
        let mut chord = self.mesh_chord();
        let mut finished = caught(AssertUnwindSafe(|| build(chord)))?;
        for _ in 0..2 {
            let off = lumps::missing(&finished.mesh).abs() / finished.mass.volume_mm3.abs().max(1e-9);
            if self.options.is_coarse() || off <= MESH_TOLERANCE {
                break;
            }
            let finer = (MESH_TOLERANCE / off * 0.7).clamp(0.1, 0.7);
            // Facets grow as the inverse root of the chord.
            if finished.mesh.triangles.len() as f64 / finer.sqrt() > MOST_TRIANGLES {
                break;
            }
            chord *= finer;
            finished = caught(AssertUnwindSafe(|| build(chord)))?;
        }
        Ok(finished)
    }

    fn run_mesh(&self, piece: &Piece, tasks: &[Task], start: Start<MeshBody>, chord: f64) -> Result<Finished, Failed> {
        let mut kernel = MeshKernel::new(chord, self.imports, self.cancel);
        let body =
            kernel::run(&mut kernel, tasks, start, self.cache, self.cancel).map_err(|stopped| match stopped.why {
                Stop::Cancelled => Failed::Cancelled,
                Stop::Refused(reason) => Failed::Refused(Refusal::plain(stopped.operation, reason)),
            })?;
        let mesh = layout::snapped(layout::turned(body.triangles(), piece.print_turns)).welded();
        if !mesh.topology().is_watertight() {
            return Err(Failed::Refused(Refusal::plain(
                last_operation(piece),
                "its mesh is not closed; change a size slightly, or drop its smallest feature".to_owned(),
            )));
        }
        let mass = mesh.mass_properties();
        Ok(Finished { mesh, mass, exact: false, reason: None, notes: kernel.notes, solid: None })
    }

    /// Fine enough that a round part's bounding box is right to a few hundredths of a millimetre, coarse enough to slice.
    fn first_chord(&self) -> f64 {
        let size = self.body.size.into_iter().fold(0.0, f64::max);
        if self.options.is_coarse() {
            return self.options.chord_tolerance;
        }
        (size * 1e-4).clamp(0.001, 0.03).min(self.options.chord_tolerance)
    }

    /// Half the exact kernel's chord, because here nothing tells how far the volume is off.
    fn mesh_chord(&self) -> f64 {
        self.first_chord() / if self.options.is_coarse() { 1.0 } else { 2.0 }
    }

    /// The largest chord up to this one that divides a round body's outline into a multiple of four sides: its extremes
    /// along X and Y are then corners, and it measures what was said.
    fn aligned(&self, chord: f64) -> f64 {
        if !self.body.round {
            return chord;
        }
        let radius = self.body.size[0] / 2.0;
        let sides = contour::sides(radius, chord) as f64;
        // The kernel divides a circle by its chord bound `radius * step^2 / 8`.
        radius * (std::f64::consts::TAU / sides).powi(2) / 8.0 * (1.0 + 1e-9)
    }
}

fn caught(attempt: AssertUnwindSafe<impl FnOnce() -> Result<Finished, Failed>>) -> Result<Finished, Failed> {
    catch_unwind(attempt).unwrap_or_else(|_| Err(Failed::from(Stop::refused("the mesh kernel failed on this shape"))))
}

fn refusal(stopped: Stopped<ExactBody>, kernel: &mut ExactKernel<'_>, tasks: &[Task]) -> Failed {
    let Stopped { operation, why, so_far } = stopped;
    match why {
        Stop::Cancelled => Failed::Cancelled,
        Stop::Refused(reason) => {
            let done = so_far.as_ref().map_or(0, |(_, done)| *done);
            // Tools that the failed step left in the model go with it.
            let saved = so_far.and_then(|(body, done)| match kernel.settle(body).map(|body| kernel.save(&body)) {
                Ok(Saved::Exact(saved)) => Some((saved, done)),
                _ => None,
            });
            Failed::Refused(Refusal {
                operation,
                reason,
                so_far: saved,
                at_blend: tasks.get(done).is_some_and(is_blend),
                spent: false,
            })
        }
    }
}

fn is_blend(task: &Task) -> bool {
    matches!(task.step.action, Action::Fillet { .. } | Action::Chamfer { .. })
}

fn last_operation(piece: &Piece) -> String {
    piece.steps.last().map_or(&piece.name, |step| &step.operation).clone()
}
