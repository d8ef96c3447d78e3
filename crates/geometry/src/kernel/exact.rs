//! The exact kernel: B-rep solids with planes, cylinders, cones, spheres, tori and skins.
//!
//! Every result passes the kernel's invariant checker before it is used: an `Ok` alone is not proof, and an internal error
//! is a refusal like any other.

mod bends;
mod facets;
mod graft;
mod history;
mod mass;
mod prism;
mod select;
mod shapes;
mod work;

use std::{collections::BTreeSet, f64::consts::TAU, sync::Arc};

use arris::{
    Control,
    check::{Level, check},
    math::{Isometry, Reflection, Vec3, nalgebra::UnitQuaternion},
    ops::{self, OpError, ShellSide},
    topo::{self, FaceId, Model, Provenance},
};
use part::solid::{Edges, Shape, Side, Solid};

use self::history::Made;
use super::{Blend, Kernel, Mirror, Stop};
use crate::{
    blend,
    brought::Imports,
    cache::Saved,
    contour,
    plan::{Credit, Task},
};

pub(crate) use bends::lean;
pub(crate) use shapes::{coil_fits, cone, drafted_top, half_disc};
pub(crate) use work::Work;

/// A body of the kernel's model, with which operation made which of its faces.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExactBody {
    pub(crate) body: topo::Body,
    made: Made,
}

impl ExactBody {
    /// A body of which nobody knows any more which operation made what.
    pub(crate) fn unnamed(body: topo::Body) -> ExactBody {
        ExactBody { body, made: Made::default() }
    }
}

/// A body alone in a model of its own.
#[derive(Clone, Debug)]
pub(crate) struct SavedExact {
    pub(crate) model: Model,
    pub(crate) body: ExactBody,
    /// What was done otherwise than asked on the way to it.
    pub(crate) notes: Vec<String>,
    /// How much work it took.
    pub(crate) spent: u64,
}

pub(crate) struct ExactKernel<'a> {
    pub(crate) model: Model,
    work: &'a Work<'a>,
    control: Control<'a>,
    imports: &'a Imports,
    /// Bodies turned from a profile that keeps off its axis.
    rings: Vec<topo::Body>,
    /// The first body of the model, while it is all that the model holds.
    alone: Option<topo::Body>,
    empty: bool,
    /// Whether a refused blend may be made with tools instead.
    pub(crate) with_tools: bool,
    /// What was done otherwise than asked.
    pub(crate) notes: Vec<String>,
}

/// Faces of a body that a cut with a turned ring may meet.
const MOST_FACES: usize = 60;

impl<'a> ExactKernel<'a> {
    pub(crate) fn new(work: &'a Work<'a>, imports: &'a Imports) -> Self {
        ExactKernel {
            model: Model::default(),
            work,
            control: work.control(),
            imports,
            rings: Vec::new(),
            alone: None,
            empty: true,
            with_tools: false,
            notes: Vec::new(),
        }
    }

    fn checked(&self, result: Result<(topo::Body, Provenance), OpError>) -> Result<(topo::Body, Provenance), Stop> {
        match result {
            Ok((body, provenance)) => {
                let report = check(&self.model, body, Level::Fast);
                if report.is_ok() {
                    Ok((body, provenance))
                } else {
                    Err(Stop::Refused(format!("the result is not valid: {}", first_line(&report))))
                }
            }
            Err(OpError::Interrupted(_)) => Err(self.work.stop()),
            Err(error) => Err(Stop::Refused(first_line(&error))),
        }
    }

    fn faces(&self, body: topo::Body) -> Result<BTreeSet<FaceId>, Stop> {
        Ok(self.model.faces(body).map_err(Stop::refused)?.into_iter().map(|face| face.id).collect())
    }

    /// The bodies' joint record, followed through an operation on all of them.
    fn after(&self, inputs: &[ExactBody], body: topo::Body, provenance: &Provenance) -> Result<ExactBody, Stop> {
        let mut made = Made::default();
        for input in inputs {
            made.join(&input.made);
        }
        made.follow(provenance, true);
        made.keep(&self.faces(body)?);
        Ok(ExactBody { body, made })
    }

    /// As [`Self::after`] for an operation that makes faces of its own, which are credited to `by`.
    fn reworked(
        &self,
        input: &ExactBody,
        body: topo::Body,
        provenance: &Provenance,
        by: &str,
    ) -> Result<ExactBody, Stop> {
        let mut made = input.made.clone();
        made.follow(provenance, false);
        let faces = self.faces(body)?;
        made.keep(&faces);
        let old = self.faces(input.body)?;
        let of_old: BTreeSet<FaceId> = history::pieces(provenance, &old);
        made.credit(by, faces.into_iter().filter(|face| !of_old.contains(face)));
        Ok(ExactBody { body, made })
    }

    /// Turns the body by quarter turns about X, then Y, and moves it.
    pub(crate) fn moved(&mut self, body: topo::Body, turns: [u8; 2], by: [f64; 3]) -> Result<topo::Body, Stop> {
        if turns == [0, 0] && by == [0.0; 3] {
            return Ok(body);
        }
        let quarter = |n: u8| f64::from(n % 4) * TAU / 4.0;
        let rotation = UnitQuaternion::from_axis_angle(&Vec3::y_axis(), quarter(turns[1]))
            * UnitQuaternion::from_axis_angle(&Vec3::x_axis(), quarter(turns[0]));
        let result = ops::transform(&mut self.model, body, &Isometry::new(rotation, Vec3::from(by)), &self.control);
        // A rigid motion of a body that passed the checker.
        match result {
            Ok((body, _)) => Ok(body),
            Err(OpError::Interrupted(_)) => Err(self.work.stop()),
            Err(error) => Err(Stop::Refused(first_line(&error))),
        }
    }

    pub(crate) fn mass_properties(&self, body: topo::Body) -> Result<mesh::MassProperties, Stop> {
        self.work.measure(&self.model, body)?;
        mass::properties(&self.model, body)
    }

    /// The body's triangles the quick way; `None` where that cannot be taken.
    pub(crate) fn facets(&self, body: topo::Body, chord: f64) -> Result<Option<mesh::TriMesh>, Stop> {
        self.work.triangles(&self.model, body);
        facets::tessellate(&self.model, body, chord, &self.control)
            .map_err(|stop| if stop == Stop::Cancelled { self.work.stop() } else { stop })
    }

    pub(crate) fn tessellate(&self, body: topo::Body, chord: f64) -> Result<mesh::TriMesh, Stop> {
        let tessellation = self.tessellation(body, chord)?;
        Ok(mesh::TriMesh::new(tessellation.positions().to_vec(), tessellation.triangles().to_vec()))
    }

    fn tessellation(&self, body: topo::Body, chord: f64) -> Result<arris::mesh::TriMesh, Stop> {
        self.work.triangles(&self.model, body);
        arris::mesh::tessellate(&self.model, body, chord, &self.control).map_err(|error| match error {
            arris::mesh::MeshError::Interrupted(_) => self.work.stop(),
            error => Stop::Refused(first_line(&error)),
        })
    }

    /// The body's mesh, with the operations that made each of its triangles.
    pub(crate) fn credited_mesh(&self, body: &ExactBody, chord: f64) -> Result<(mesh::TriMesh, super::Makers), Stop> {
        let tessellation = self.tessellation(body.body, chord)?;
        let ranges =
            tessellation.faces().iter().map(|range| (range.triangles.clone(), body.made.makers(range.face))).collect();
        let mesh = mesh::TriMesh::new(tessellation.positions().to_vec(), tessellation.triangles().to_vec());
        Ok((mesh, ranges))
    }

    fn native_blend(
        &mut self,
        input: &ExactBody,
        edges: &[topo::Edge],
        blend: Blend,
        by: &str,
    ) -> Result<ExactBody, Stop> {
        self.work.blend();
        let result = match blend {
            Blend::Fillet(radius) => ops::fillet(&mut self.model, input.body, edges, radius, &self.control),
            Blend::Chamfer(distance) => ops::chamfer(&mut self.model, input.body, edges, distance, &self.control),
        };
        let (body, provenance) = self.checked(result)?;
        self.reworked(input, body, &provenance, by)
    }

    /// The blend as bars and turned tools: what sticks out is cut off, what is hollow is filled.
    fn blend_with_tools(
        &mut self,
        input: &ExactBody,
        edges: &[topo::Edge],
        blend: Blend,
        by: &str,
    ) -> Result<ExactBody, Stop> {
        let bends = self.bends(input.body, edges)?;
        let on_face = self.on_faces(input.body, &bends)?;
        let plain: Vec<blend::Bend> = bends.into_iter().map(|(bend, _)| bend).collect();
        blend::fit(&plain, blend, on_face).map_err(Stop::Refused)?;
        let (mut cuts, mut fills) = (Vec::new(), Vec::new());
        for bend in &plain {
            if bend.reaches_its_axis(blend).map_err(Stop::Refused)? {
                return Err(Stop::refused("the fillet is as large as its rim, and would have to be turned in facets"));
            }
            // Faces that lie on each other join; a round face that only touches a flat one does not.
            let margin = if bend.is_convex() { blend::MARGIN } else { 0.0 };
            let solid = bend.solid(blend, 0.0, margin).map_err(Stop::Refused)?;
            let tools = self.make(&solid, by, &[])?;
            if bend.is_convex() { cuts.extend(tools) } else { fills.extend(tools) }
        }
        for ([first, second], cut) in blend::corners(&plain, blend, 0.0).map_err(Stop::Refused)? {
            let (first, second) = (self.make(&first, by, &[])?.remove(0), self.make(&second, by, &[])?.remove(0));
            let corner = self.intersect(first, second)?;
            if cut { cuts.push(corner) } else { fills.push(corner) }
        }
        let mut body = input.clone();
        if !cuts.is_empty() {
            body = self.cut(body, cuts)?;
        }
        if !fills.is_empty() {
            body = self.fuse(std::iter::once(body).chain(fills).collect())?;
        }
        Ok(body)
    }
}

impl Kernel for ExactKernel<'_> {
    type Body = ExactBody;

    fn make(&mut self, solid: &Solid, by: &str, credits: &[Credit]) -> Result<Vec<ExactBody>, Stop> {
        self.work.make();
        let shaped = self.shape(&solid.shape, &solid.frame)?;
        if let Shape::Revolution { profile, .. } = &solid.shape
            && contour::polygon(&profile.outer, 0.1).iter().all(|p| p[0] > 1e-3)
        {
            self.rings.extend(shaped.iter().map(|(body, _)| *body));
        }
        shaped
            .into_iter()
            .map(|(body, provenance)| {
                let mut made = Made::default();
                made.credit(by, self.faces(body)?);
                for credit in credits {
                    made.take(by, &credit.operation, &history::sides(&provenance, credit));
                }
                Ok(ExactBody { body, made })
            })
            .collect()
    }

    fn graft(&mut self, body: ExactBody, tasks: &[Task]) -> Result<(ExactBody, Vec<usize>), Stop> {
        Ok(self.grafted(&body, tasks)?.unwrap_or_else(|| (body, (0..tasks.len()).collect())))
    }

    fn fuse(&mut self, bodies: Vec<ExactBody>) -> Result<ExactBody, Stop> {
        let all: Vec<topo::Body> = bodies.iter().map(|b| b.body).collect();
        self.work.boolean(&self.model, &all)?;
        let result = ops::fuse_many(&mut self.model, &all, &self.control);
        let (body, provenance) = self.checked(result)?;
        self.after(&bodies, body, &provenance)
    }

    fn cut(&mut self, target: ExactBody, tools: Vec<ExactBody>) -> Result<ExactBody, Stop> {
        // Such a ring crosses every face of the side, a traced curve each: 27 s on a gear of 20 teeth.
        let faces = self.model.faces(target.body).map_err(Stop::refused)?.len();
        if faces > MOST_FACES && tools.iter().any(|tool| self.rings.contains(&tool.body)) {
            return Err(Stop::Refused(format!("a turned cut across {faces} faces takes too long")));
        }
        let all: Vec<topo::Body> = tools.iter().map(|b| b.body).collect();
        self.work.boolean(&self.model, &[&all[..], &[target.body]].concat())?;
        let result = ops::cut_many(&mut self.model, target.body, &all, &self.control);
        let (body, provenance) = self.checked(result)?;
        let inputs: Vec<ExactBody> = std::iter::once(target).chain(tools).collect();
        self.after(&inputs, body, &provenance)
    }

    fn intersect(&mut self, a: ExactBody, b: ExactBody) -> Result<ExactBody, Stop> {
        self.work.boolean(&self.model, &[a.body, b.body])?;
        let result = ops::common(&mut self.model, a.body, b.body, &self.control);
        let (body, provenance) = self.checked(result)?;
        self.after(&[a, b], body, &provenance)
    }

    fn blend(&mut self, body: ExactBody, edges: &[Edges], blend: Blend, by: &str) -> Result<ExactBody, Stop> {
        let selected = self.select(&body, edges)?;
        if selected.is_empty() {
            return Err(Stop::refused("the body has no such edges"));
        }
        match self.native_blend(&body, &selected, blend, by) {
            Err(Stop::Refused(native)) if self.with_tools => match self.blend_with_tools(&body, &selected, blend, by) {
                Ok(blended) => {
                    self.notes.push(format!("{by}: {} with boolean tools, because {native}", blend.word()));
                    Ok(blended)
                }
                Err(Stop::Refused(_)) => Err(Stop::Refused(native)),
                cancelled => cancelled,
            },
            result => result,
        }
    }

    fn shell(
        &mut self,
        body: ExactBody,
        open: &[Side],
        thickness: f64,
        _: &[Task],
        by: &str,
    ) -> Result<ExactBody, Stop> {
        let openings = self.side_faces(body.body, open)?;
        self.work.offset(&self.model, body.body)?;
        let result = ops::shell(&mut self.model, body.body, &openings, thickness, ShellSide::Inward, &self.control);
        let (hollow, provenance) = self.checked(result)?;
        self.reworked(&body, hollow, &provenance, by)
    }

    fn mirror(&mut self, body: ExactBody, mirror: &Mirror, by: &str) -> Result<ExactBody, Stop> {
        let plane = Reflection::new(mirror.origin.into(), mirror.normal.into()).map_err(Stop::refused)?;
        let result = ops::mirror(&mut self.model, body.body, &plane, &self.control);
        let (image, provenance) = self.checked(result)?;
        let mut made = body.made.clone();
        made.follow(&provenance, false);
        let faces = self.faces(image)?;
        made.keep(&faces);
        made.credit(by, faces);
        let image = ExactBody { body: image, made };
        if mirror.replace { Ok(image) } else { self.fuse(vec![body, image]) }
    }

    fn settle(&mut self, body: ExactBody) -> Result<ExactBody, Stop> {
        if self.alone == Some(body.body) {
            return Ok(body);
        }
        let mut model = Model::default();
        let (copy, map) = model.import(&self.model, body.body).map_err(Stop::refused)?;
        self.model = model;
        self.rings.clear();
        Ok(ExactBody { body: copy, made: body.made.renamed(&map.faces) })
    }

    fn save(&self, body: &ExactBody) -> Saved {
        Saved::Exact(Arc::new(SavedExact {
            model: self.model.clone(),
            body: body.clone(),
            notes: self.notes.clone(),
            spent: self.work.spent(),
        }))
    }

    fn restore(&mut self, saved: &Saved) -> Option<ExactBody> {
        let Saved::Exact(saved) = saved else { return None };
        self.model = saved.model.clone();
        (self.alone, self.empty) = (None, false);
        self.notes.clone_from(&saved.notes);
        self.work.resume(saved.spent);
        self.rings.clear();
        Some(saved.body.clone())
    }
}

/// Kernel errors list entities over many lines; a person needs the first.
fn first_line(error: &impl ToString) -> String {
    error.to_string().lines().next().unwrap_or("no reason given").to_owned()
}
