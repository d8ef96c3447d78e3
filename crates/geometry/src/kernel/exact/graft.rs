//! Prisms that only pierce flat faces of a body, set into it by topology alone: holes, pockets, bosses and slots as they
//! mostly are. A boolean finds where surfaces cross; here it is known, so a tool costs what it is made of.
//!
//! A tool qualifies when every face of the body that it may touch is flat and square to it, with the tool's outline well
//! inside the face or well off it, and when no other tool of the batch is near. Everything else is left to the boolean:
//! each test errs on that side. The result passes the kernel's checker like any other.

mod clear;

use std::collections::{BTreeMap, BTreeSet};

use arris::{
    check::{Level, check},
    geom::{Curve2, Surface},
    math::{Aabb, Frame as ArrisFrame, Frame2, Point2, Point3, UnitVec2, Vec3},
    topo::{
        self, EdgeId, Face, Model, Orientation, Provenance,
        builder::{Assembly, Builder, EdgeKey, FaceSpec, UseSpec, effective_uses},
        entity::BodyKind,
    },
};
use part::solid::{Action, Frame, Profile, Solid};

use self::clear::{Meeting, Outline};
use super::{ExactBody, ExactKernel, Stop, prism, shapes};
use crate::plan::{self, Task};

/// Least distance between what a tool pierces and what it leaves alone, millimetres.
const CLEAR: f64 = 1e-3;
/// Heights that are one height.
const SAME: f64 = 1e-7;

/// A prism along an axis, from its frame's origin up.
struct Tool {
    profile: Profile,
    frame: Frame,
    height: f64,
    outline: Outline,
    bounds: Aabb,
}

/// A flat face that a tool goes through.
#[derive(Clone, Copy)]
struct Pierced {
    face: usize,
    height: f64,
    /// Whether the face looks along the tool's axis.
    up: bool,
}

/// A stretch of a tool that becomes walls, with the face that each end opens into.
struct Stretch {
    ends: [(f64, Option<usize>); 2],
}

impl ExactKernel<'_> {
    /// Sets those of the tasks' solids into the body that qualify. `None` when there are none; else the new body, and
    /// the tasks that are left, by index.
    pub(super) fn grafted(
        &mut self,
        body: &ExactBody,
        tasks: &[Task],
    ) -> Result<Option<(ExactBody, Vec<usize>)>, Stop> {
        let lost = Stop::refused;
        if self.model.shells(body.body).map_err(lost)?.len() != 1 {
            return Ok(None);
        }
        let faces = self.model.faces(body.body).map_err(lost)?;
        let sides = clear::Sides::new(&self.model, &faces);
        let mut taken: Vec<(usize, Tool, Vec<Stretch>)> = Vec::new();
        let mut left = Vec::new();
        for (index, task) in tasks.iter().enumerate() {
            let (solid, adds) = match &task.step.action {
                Action::Add(solid) => (solid, true),
                Action::Cut(solid) => (solid, false),
                _ => return Ok(None),
            };
            let tool = if task.credits.is_empty() { Tool::of(solid) } else { None };
            let fits = tool.filter(|tool| taken.iter().all(|(_, other, _)| tool.is_apart(other)));
            let stretches = match &fits {
                Some(tool) => tool.stretches(&sides, adds)?,
                None => None,
            };
            match (fits, stretches) {
                (Some(tool), Some(stretches)) => taken.push((index, tool, stretches)),
                _ => left.push(index),
            }
        }
        if taken.is_empty() {
            return Ok(None);
        }
        let grafted = self.assembled(body, &faces, tasks, &taken)?;
        Ok(grafted.map(|body| (body, left)))
    }

    fn assembled(
        &mut self,
        body: &ExactBody,
        faces: &[Face],
        tasks: &[Task],
        taken: &[(usize, Tool, Vec<Stretch>)],
    ) -> Result<Option<ExactBody>, Stop> {
        let mut loops: BTreeMap<usize, Vec<Vec<UseSpec>>> = BTreeMap::new();
        let mut walls: Vec<FaceSpec> = Vec::new();
        let mut made = body.made.clone();
        for (index, tool, stretches) in taken {
            let task = &tasks[*index];
            let adds = matches!(task.step.action, Action::Add(_));
            let mut credited = BTreeSet::new();
            for stretch in stretches {
                let [low, high] = stretch.ends;
                let Some((segment, _)) = self.segment(tool, low.0, high.0) else { return Ok(None) };
                for face in self.model.faces(segment).map_err(Stop::refused)? {
                    let opens = self.cap(face, tool).and_then(|up| if up { high.1 } else { low.1 });
                    match opens {
                        Some(into) => {
                            let ring = ring(&mut self.model, face, faces[into], adds)?;
                            let Some(ring) = ring else { return Ok(None) };
                            loops.entry(into).or_default().extend(ring);
                        }
                        None => {
                            walls.push(FaceSpec::Keep(if adds { face } else { face.reversed() }));
                            credited.insert(face.id);
                        }
                    }
                }
            }
            made.credit(&task.step.operation, credited);
        }
        let mut specs = Vec::with_capacity(faces.len() + walls.len());
        for (at, face) in faces.iter().enumerate() {
            specs.push(match loops.remove(&at) {
                None => FaceSpec::Keep(*face),
                Some(more) => {
                    let mut spec = FaceSpec::from_face(&self.model, *face, EdgeKey::Kept).map_err(Stop::refused)?;
                    if let FaceSpec::New { loops, .. } = &mut spec {
                        loops.extend(more);
                    }
                    spec
                }
            });
        }
        let changed: Vec<usize> = (0..specs.len()).filter(|at| matches!(specs[*at], FaceSpec::New { .. })).collect();
        specs.extend(walls);
        let assembly = Assembly { shells: vec![specs], ..Assembly::default() };
        let tolerance = self.model.precision().default_tolerance;
        let built = Builder::assemble(&self.model, tolerance, assembly)
            .and_then(|(builder, slots)| Ok((builder.finish(&mut self.model, BodyKind::Solid)?, slots)));
        // What does not close is the boolean's to explain.
        let Ok((built, slots)) = built else { return Ok(None) };
        if !check(&self.model, built.body, Level::Fast).is_ok() {
            return Ok(None);
        }
        let renamed = changed.iter().filter_map(|at| {
            let slot = slots.faces.first()?.get(*at)?;
            Some((faces[*at].id, *built.faces.get(slot)?))
        });
        made.rename(&renamed.collect());
        Ok(Some(ExactBody { body: built.body, made }))
    }

    /// The part of a tool between two heights.
    fn segment(&mut self, tool: &Tool, low: f64, high: f64) -> Option<(topo::Body, Provenance)> {
        let origin = Vec3::from(tool.frame.origin) + Vec3::from(tool.frame.z) * low;
        let frame = Frame { origin: origin.into(), ..tool.frame };
        let plane = shapes::plane(&frame, 0.0).ok()?;
        if let Some(made) = prism::extruded(&mut self.model, &tool.profile, &plane, high - low) {
            return Some(made);
        }
        let sketch = shapes::sketch(&tool.profile, plane);
        arris::ops::extrude(&mut self.model, &sketch, Vec3::from(frame.z), high - low, &self.control).ok()
    }

    /// Whether a face of a segment closes its top (true) or bottom (false); `None` for a wall.
    fn cap(&self, face: Face, tool: &Tool) -> Option<bool> {
        let surface = self.model.face(face.id).and_then(|entity| self.model.surface(entity.surface()));
        let Ok(Surface::Plane { frame }) = surface else { return None };
        let along = frame.z().dot(&Vec3::from(tool.frame.z)) * face.orientation.sign();
        (along.abs() > 0.5).then_some(along > 0.0)
    }
}

/// The edge of a tool's cap as a hole of the face that it opens into.
fn ring(model: &mut Model, cap: Face, into: Face, adds: bool) -> Result<Option<Vec<Vec<UseSpec>>>, Stop> {
    let plane_of = |model: &Model, face: Face| {
        let surface = model.face(face.id).and_then(|entity| model.surface(entity.surface()));
        match surface {
            Ok(Surface::Plane { frame }) => Some(*frame),
            _ => None,
        }
    };
    let (Some(from), Some(to)) = (plane_of(model, cap), plane_of(model, into)) else { return Ok(None) };
    let stored: Vec<Vec<_>> = model
        .face(cap.id)
        .map_err(Stop::refused)?
        .loops()
        .iter()
        .map(|l| l.coedges().iter().map(|c| (c.edge(), c.orientation(), c.pcurve())).collect())
        .collect();
    let mut rings = Vec::with_capacity(stored.len());
    for coedges in stored {
        let mut ring: Vec<(EdgeId, Orientation, _)> = effective_uses(cap.orientation, coedges);
        if !adds {
            // The cap is the disc that is missing: its edge is walked the other way around it.
            ring.reverse();
            for (_, orientation, _) in &mut ring {
                *orientation = orientation.flipped();
            }
        }
        let mut uses = Vec::with_capacity(ring.len());
        for (edge, orientation, pcurve) in ring {
            let moved = match model.curve2(pcurve) {
                Ok(curve) => carried(curve, &from, &to),
                Err(_) => None,
            };
            let Some(moved) = moved else { return Ok(None) };
            let pcurve = model.add_curve2(moved);
            uses.push(UseSpec { edge: EdgeKey::Kept(edge), orientation, pcurve });
        }
        rings.push(uses);
    }
    Ok(Some(rings))
}

/// A curve of one plane's (u, v) in another's that is the same plane.
fn carried(curve: &Curve2, from: &ArrisFrame, to: &ArrisFrame) -> Option<Curve2> {
    let point = |p: Point2| {
        let q = to.to_local(from.to_world(Point3::new(p.x, p.y, 0.0)));
        Point2::new(q.x, q.y)
    };
    let vector = |v: UnitVec2| {
        let w = to.vec_to_local(from.vec_to_world(Vec3::new(v.x, v.y, 0.0)));
        arris::math::Vec2::new(w.x, w.y)
    };
    let frame = |f: &Frame2| Frame2::from_orthonormal(point(f.origin()), vector(f.x()), vector(f.y())).ok();
    Some(match curve {
        Curve2::Line { origin, direction } => {
            Curve2::Line { origin: point(*origin), direction: UnitVec2::try_new(vector(*direction), 0.5)? }
        }
        Curve2::Circle { frame: f, radius } => Curve2::Circle { frame: frame(f)?, radius: *radius },
        Curve2::Ellipse { frame: f, major_radius, minor_radius } => {
            Curve2::Ellipse { frame: frame(f)?, major_radius: *major_radius, minor_radius: *minor_radius }
        }
        Curve2::Nurbs(_) => return None,
    })
}

impl Tool {
    fn of(solid: &Solid) -> Option<Tool> {
        let (profile, height) = plan::prism(&solid.shape)?;
        if !profile.holes.is_empty() {
            return None;
        }
        let outline = Outline::of(&profile.outer);
        let frame = solid.frame;
        let (x, z) = (Vec3::from(frame.x), Vec3::from(frame.z));
        let y = z.cross(&x);
        let corners = outline.points().iter().flat_map(|p| {
            let at = Vec3::from(frame.origin) + x * p[0] + y * p[1];
            [at.into(), (at + z * height).into()]
        });
        let corners: Vec<[f64; 3]> = corners.collect();
        let bounds = Aabb::of_points(&corners)?.inflated(CLEAR);
        Some(Tool { profile, frame, height, outline, bounds })
    }

    fn is_apart(&self, other: &Tool) -> bool {
        !self.bounds.intersects(&other.bounds)
    }

    /// What becomes of the tool in this body; `None` when it does more than pierce flat faces.
    fn stretches(&self, sides: &clear::Sides<'_>, adds: bool) -> Result<Option<Vec<Stretch>>, Stop> {
        let mut pierced: Vec<Pierced> = Vec::new();
        for face in 0..sides.len() {
            match sides.meeting(face, self)? {
                Meeting::Clear => {}
                Meeting::Pierced { height, up } => pierced.push(Pierced { face, height, up }),
                Meeting::Unclear => return Ok(None),
            }
        }
        pierced.sort_by(|a, b| a.height.total_cmp(&b.height));
        Ok(between(&pierced, self.height, adds))
    }
}

/// The stretches of a tool of this height that lie in what is to change: in the body for a cut, off it for an addition.
fn between(pierced: &[Pierced], height: f64, adds: bool) -> Option<Vec<Stretch>> {
    let first = pierced.first()?;
    if pierced.windows(2).any(|pair| pair[0].up == pair[1].up || pair[1].height - pair[0].height < CLEAR) {
        return None;
    }
    // A cut enters where the face looks down, an addition begins where it looks up.
    let begins = |face: &Pierced| face.up == adds;
    let mut stretches = Vec::new();
    let mut from: Option<(f64, Option<usize>)> = if begins(first) { None } else { Some((0.0, None)) };
    for face in pierced {
        let at = (face.height, Some(face.face));
        if begins(face) {
            from = Some(at);
        } else if let Some(start) = from.take() {
            stretches.push(Stretch { ends: [start, at] });
        }
    }
    if let Some(start) = from {
        stretches.push(Stretch { ends: [start, (height, None)] });
    }
    // A cap that lies in a face it ends at changes nothing there.
    stretches.retain(|stretch| stretch.ends[1].0 - stretch.ends[0].0 > SAME);
    let thin = stretches.iter().any(|stretch| stretch.ends[1].0 - stretch.ends[0].0 < CLEAR);
    (!stretches.is_empty() && !thin).then_some(stretches)
}

impl clear::Sides<'_> {
    fn meeting(&self, face: usize, tool: &Tool) -> Result<Meeting, Stop> {
        if !self.bounds(face)?.is_none_or(|bounds| bounds.intersects(&tool.bounds)) {
            return Ok(Meeting::Clear);
        }
        self.meets(face, &tool.frame, tool.height, &tool.outline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faces(heights: &[(f64, bool)]) -> Vec<Pierced> {
        heights.iter().enumerate().map(|(face, (height, up))| Pierced { face, height: *height, up: *up }).collect()
    }

    type Ends = [(f64, Option<usize>); 2];

    fn ends(pierced: &[Pierced], height: f64, adds: bool) -> Option<Vec<Ends>> {
        between(pierced, height, adds).map(|s| s.into_iter().map(|s| s.ends).collect())
    }

    #[test]
    fn a_cut_runs_where_the_material_is() {
        let wall = faces(&[(1.0, false), (3.0, true)]);
        assert_eq!(ends(&wall, 4.0, false), Some(vec![[(1.0, Some(0)), (3.0, Some(1))]]));
        // Blind from above: it begins in the material.
        assert_eq!(ends(&faces(&[(3.0, true)]), 4.0, false), Some(vec![[(0.0, None), (3.0, Some(0))]]));
        let two = faces(&[(1.0, false), (3.0, true), (7.0, false), (9.0, true)]);
        assert_eq!(ends(&two, 8.0, false).map(|s| s.len()), Some(2));
        // It only touches the face from outside, or meets nothing.
        assert_eq!(ends(&faces(&[(0.0, true)]), 4.0, false), None);
        assert_eq!(ends(&[], 4.0, false), None);
    }

    #[test]
    fn an_addition_runs_where_no_material_is() {
        assert_eq!(ends(&faces(&[(1.0, true)]), 4.0, true), Some(vec![[(1.0, Some(0)), (4.0, None)]]));
        let gap = faces(&[(1.0, true), (3.0, false)]);
        assert_eq!(ends(&gap, 4.0, true), Some(vec![[(1.0, Some(0)), (3.0, Some(1))]]));
        // Two faces that look the same way are no body.
        assert_eq!(ends(&faces(&[(1.0, true), (3.0, true)]), 4.0, true), None);
    }
}
