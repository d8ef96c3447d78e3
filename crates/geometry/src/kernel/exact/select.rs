//! Edges and faces of a body by what they are.

use std::collections::{BTreeMap, BTreeSet};

use arris::{
    geom::{Curve, Surface},
    math::{Point3, Vec3},
    topo::{Body, Edge, EdgeId, Face, FaceId, Orientation},
};
use part::solid::{Edges, Side};

use super::{ExactBody, ExactKernel, Stop};
use crate::kernel::axis_of;

/// Level coordinates that are the same.
const LEVEL: f64 = 1e-5;

/// One face at an edge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flank {
    pub(super) face: FaceId,
    /// Outward, at the edge's middle.
    pub(super) normal: Vec3,
    /// Into the face, square to the edge, at the edge's middle.
    pub(super) into: Vec3,
}

/// What is known of each edge: its two faces, at its middle.
pub(super) type Flanks = BTreeMap<EdgeId, Vec<Flank>>;

impl ExactKernel<'_> {
    /// Only sharp edges: the kernel refuses to blend where two faces are tangent already.
    pub(super) fn select(&self, body: &ExactBody, wanted: &[Edges]) -> Result<Vec<Edge>, Stop> {
        let has = |edges: Edges| wanted.contains(&edges) || wanted.contains(&Edges::All);
        let all = self.model.edges(body.body).map_err(Stop::refused)?;
        let flanks = self.flanks(body.body)?;
        let ids = |edges: Vec<Edge>| edges.into_iter().map(|e| e.id).collect::<BTreeSet<EdgeId>>();
        let top = ids(self.outline(body.body, Side::Top)?);
        let bottom = ids(self.outline(body.body, Side::Bottom)?);
        let mut outlines = BTreeSet::new();
        for edges in wanted {
            if let Edges::Outline(side) = edges {
                outlines.extend(ids(self.outline(body.body, *side)?));
            }
        }
        let mut rim_vertices = BTreeSet::new();
        for id in top.iter().chain(&bottom) {
            let entity = self.model.edge(*id).map_err(Stop::refused)?;
            rim_vertices.extend([entity.start(), entity.end()]);
        }
        let mut selected = Vec::new();
        for edge in all {
            let sharp = || flanks.get(&edge.id).is_some_and(|f| is_sharp(f));
            let axis = self.straight_axis(edge);
            let entity = self.model.edge(edge.id).map_err(Stop::refused)?;
            let vertical = has(Edges::Vertical)
                && axis == Some(2)
                && [entity.start(), entity.end()].iter().any(|v| rim_vertices.contains(v));
            let parallel = axis.is_some_and(|axis| wanted.contains(&Edges::Parallel(axis)));
            let seam = wanted.iter().any(|w| match w {
                Edges::Seam(operation) => {
                    let made = |f: &Flank| body.made.by(operation).is_some_and(|faces| faces.contains(&f.face));
                    flanks.get(&edge.id).is_some_and(|f| f.iter().any(made) && !f.iter().all(made))
                }
                _ => false,
            });
            let rim = (has(Edges::Top) && top.contains(&edge.id))
                || (has(Edges::Bottom) && bottom.contains(&edge.id))
                || outlines.contains(&edge.id);
            if rim || ((vertical || parallel || seam) && sharp()) {
                selected.push(edge);
            }
        }
        Ok(selected)
    }

    /// The flat faces on these sides of the body.
    pub(super) fn side_faces(&self, body: Body, sides: &[Side]) -> Result<Vec<Face>, Stop> {
        let mut faces = Vec::new();
        for side in sides {
            let before = faces.len();
            let level = self.extreme(body, *side)?;
            for face in self.model.faces(body).map_err(Stop::refused)? {
                if self.is_level(face, *side, level)? && !faces.contains(&face) {
                    faces.push(face);
                }
            }
            if faces.len() == before {
                return Err(Stop::Refused(format!("the body has no flat face at its {}", word(*side))));
            }
        }
        Ok(faces)
    }

    fn extreme(&self, body: Body, side: Side) -> Result<f64, Stop> {
        let (axis, high) = axis_of(side);
        let edges = self.model.edges(body).map_err(Stop::refused)?;
        let levels = edges.iter().flat_map(|edge| self.samples(*edge)).map(|p| p[axis]);
        Ok(if high { levels.fold(f64::NEG_INFINITY, f64::max) } else { levels.fold(f64::INFINITY, f64::min) })
    }

    fn is_level(&self, face: Face, side: Side, level: f64) -> Result<bool, Stop> {
        let (axis, _) = axis_of(side);
        let entity = self.model.face(face.id).map_err(Stop::refused)?;
        if !matches!(self.model.surface(entity.surface()).map_err(Stop::refused)?, Surface::Plane { .. }) {
            return Ok(false);
        }
        let coedges = entity.loops().iter().flat_map(|l| l.coedges());
        Ok(coedges.flat_map(|c| self.samples(c.edge_use())).all(|p| (p[axis] - level).abs() < LEVEL))
    }

    pub(super) fn samples(&self, edge: Edge) -> Vec<Point3> {
        let Ok(entity) = self.model.edge(edge.id) else { return Vec::new() };
        let Some((curve, range)) = entity.curve() else { return Vec::new() };
        let Ok(curve) = self.model.curve(curve) else { return Vec::new() };
        let last = if matches!(curve, Curve::Line { .. }) { 1 } else { 8 };
        (0..=last)
            .map(|i| curve.point(range.lo() + (range.hi() - range.lo()) * f64::from(i) / f64::from(last)))
            .collect()
    }

    /// The axis that a straight edge is parallel to.
    fn straight_axis(&self, edge: Edge) -> Option<u8> {
        let (curve, _) = self.model.edge(edge.id).ok()?.curve()?;
        let Curve::Line { direction, .. } = self.model.curve(curve).ok()? else { return None };
        (0..3_u8).find(|axis| direction[usize::from(*axis)].abs() > 1.0 - 1e-9)
    }

    /// The outer loops of the flat faces on a side.
    fn outline(&self, body: Body, side: Side) -> Result<Vec<Edge>, Stop> {
        let mut outline = Vec::new();
        let level = self.extreme(body, side)?;
        for face in self.model.faces(body).map_err(Stop::refused)? {
            if !self.is_level(face, side, level)? {
                continue;
            }
            let entity = self.model.face(face.id).map_err(Stop::refused)?;
            let loops = entity.loops().iter().map(|l| {
                let edges: Vec<Edge> = l.coedges().iter().map(|c| c.edge_use()).collect();
                let points: Vec<Point3> = edges.iter().flat_map(|e| self.samples(*e)).collect();
                let spread = |k: usize| {
                    let values = points.iter().map(|p| p[k]);
                    let (lo, hi) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
                    hi - lo
                };
                // One of the three is nothing.
                (spread(0) + spread(1) + spread(2), edges)
            });
            if let Some((_, edges)) = loops.max_by(|a, b| a.0.total_cmp(&b.0)) {
                outline.extend(edges);
            }
        }
        Ok(outline)
    }

    /// The faces at each edge, in one walk over the body.
    pub(super) fn flanks(&self, body: Body) -> Result<Flanks, Stop> {
        let mut flanks = Flanks::new();
        for face in self.model.faces(body).map_err(Stop::refused)? {
            let entity = self.model.face(face.id).map_err(Stop::refused)?;
            let surface = self.model.surface(entity.surface()).map_err(Stop::refused)?;
            for coedge in entity.loops().iter().flat_map(|l| l.coedges()) {
                let edge = self.model.edge(coedge.edge()).map_err(Stop::refused)?;
                let range = edge.range();
                let middle = (range.lo() + range.hi()) / 2.0;
                let uv = self.model.curve2(coedge.pcurve()).map_err(Stop::refused)?.point(middle);
                let (Some(normal), Some((curve, _))) = (surface.normal(uv.x, uv.y), edge.curve()) else { continue };
                let along = self.model.curve(curve).map_err(Stop::refused)?.eval(middle).d1.normalize();
                let along = if coedge.orientation() == Orientation::Reversed { -along } else { along };
                let flip = if face.orientation == Orientation::Reversed { -1.0 } else { 1.0 };
                flanks.entry(coedge.edge()).or_default().push(Flank {
                    face: face.id,
                    normal: normal.into_inner() * flip,
                    // Loops run counter-clockwise about the surface's own normal, whichever way the face is used.
                    into: normal.cross(&along),
                });
            }
        }
        Ok(flanks)
    }
}

/// Whether the two faces at an edge meet at an angle.
fn is_sharp(flanks: &[Flank]) -> bool {
    matches!(flanks, [a, b] if a.normal.dot(&b.normal) < 0.9998)
}

pub(super) fn word(side: Side) -> &'static str {
    match side {
        Side::Top => "top",
        Side::Bottom => "bottom",
        Side::Left => "left",
        Side::Right => "right",
        Side::Front => "front",
        Side::Back => "back",
    }
}
