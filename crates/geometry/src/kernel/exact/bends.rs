//! Edges of an exact body in the form that blending tools are made from.

use std::f64::consts::TAU;

use arris::{
    check::{Classification, classify::Classifier},
    geom::{Curve, Surface},
    math::{Point3, Vec3},
    topo::{Body, Edge, EdgeId, EntityId, FaceId, VertexId},
};

use super::{ExactKernel, Stop, select::Flanks};
use crate::blend::{Bend, End, Path};

impl ExactKernel<'_> {
    /// Straight edges between planes and circles about the axis of both their faces; anything else is refused. With each,
    /// its two faces.
    pub(super) fn bends(&self, body: Body, edges: &[Edge]) -> Result<Vec<(Bend, [FaceId; 2])>, Stop> {
        let flanks = self.flanks(body)?;
        let chosen: Vec<EdgeId> = edges.iter().map(|edge| edge.id).collect();
        edges.iter().map(|edge| self.bend(body, *edge, &flanks, &chosen)).collect()
    }

    fn bend(&self, body: Body, edge: Edge, flanks: &Flanks, chosen: &[EdgeId]) -> Result<(Bend, [FaceId; 2]), Stop> {
        let entity = self.model.edge(edge.id).map_err(Stop::refused)?;
        let Some((curve, range)) = entity.curve() else { return Err(Stop::refused("the edge has no curve")) };
        let Some([a, b]) = flanks.get(&edge.id).map(Vec::as_slice) else {
            return Err(Stop::refused("the edge is not between two faces"));
        };
        let surface =
            |face: FaceId| self.model.face(face).and_then(|f| self.model.surface(f.surface())).map_err(Stop::refused);
        let faces = [a.face, b.face];
        let normals = [a.normal, b.normal];
        let surfaces = [surface(a.face)?, surface(b.face)?];
        let middle = (range.lo() + range.hi()) / 2.0;
        let curve = self.model.curve(curve).map_err(Stop::refused)?;
        let v = |p: Point3| p.coords;
        match curve {
            Curve::Line { .. } => {
                if !surfaces.iter().all(|s| matches!(s, Surface::Plane { .. })) {
                    return Err(Stop::refused("a straight edge beside a curved face"));
                }
                let path = Path::Straight { from: v(curve.point(range.lo())), to: v(curve.point(range.hi())) };
                let along = curve.eval(middle).d1.normalize();
                let ends = [
                    self.end(body, entity.start(), edge.id, (&faces, &normals), -along, chosen)?,
                    self.end(body, entity.end(), edge.id, (&faces, &normals), along, chosen)?,
                ];
                Ok((Bend { path, normals: [a.normal, b.normal], into: [a.into, b.into], ends }, faces))
            }
            Curve::Circle { frame, radius } => {
                let axis = frame.z().into_inner();
                let centre = frame.origin().coords;
                if !surfaces.iter().all(|s| turns_about(s, centre, axis)) {
                    return Err(Stop::refused("a round edge of a face that is not turned about its axis"));
                }
                let sweep = range.hi() - range.lo();
                let start = curve.point(range.lo()).coords - centre;
                // The flanks are known at the middle.
                let back = |w: Vec3| crate::spine::turned(w, axis, -sweep / 2.0);
                let full = sweep > TAU - 1e-9;
                let ends = if full {
                    [End::Smooth; 2]
                } else {
                    [
                        self.end(
                            body,
                            entity.start(),
                            edge.id,
                            (&faces, &[]),
                            -curve.eval(range.lo()).d1.normalize(),
                            chosen,
                        )?,
                        self.end(
                            body,
                            entity.end(),
                            edge.id,
                            (&faces, &[]),
                            curve.eval(range.hi()).d1.normalize(),
                            chosen,
                        )?,
                    ]
                };
                let path = Path::Round { centre, axis, radius: start.normalize() * *radius, sweep };
                let bend =
                    Bend { path, normals: [back(a.normal), back(b.normal)], into: [back(a.into), back(b.into)], ends };
                Ok((bend, faces))
            }
            _ => Err(Stop::refused("an edge that is neither straight nor round")),
        }
    }

    /// What is at the end of an edge that leaves in the direction `out`.
    fn end(
        &self,
        body: Body,
        vertex: VertexId,
        edge: EdgeId,
        (faces, normals): (&[FaceId; 2], &[Vec3]),
        out: Vec3,
        chosen: &[EdgeId],
    ) -> Result<End, Stop> {
        let mut meeting = 0;
        for other in self.model.edges(body).map_err(Stop::refused)? {
            let entity = self.model.edge(other.id).map_err(Stop::refused)?;
            if other.id == edge || (entity.start() != vertex && entity.end() != vertex) {
                continue;
            }
            let Some((curve, range)) = entity.curve() else { continue };
            let curve = self.model.curve(curve).map_err(Stop::refused)?;
            let away = if entity.start() == vertex { curve.eval(range.lo()).d1 } else { -curve.eval(range.hi()).d1 };
            if chosen.contains(&other.id) {
                if away.normalize().dot(&out) > 1.0 - 1e-6 {
                    return Ok(End::Smooth);
                }
                meeting += 1;
            }
        }
        if meeting > 1 {
            return Err(Stop::refused("three edges meet in a corner"));
        }
        let mut ends: Vec<Vec3> = Vec::new();
        for face in self.model.faces(body).map_err(Stop::refused)? {
            if faces.contains(&face.id) {
                continue;
            }
            let entity = self.model.face(face.id).map_err(Stop::refused)?;
            let at_vertex = entity
                .loops()
                .iter()
                .flat_map(|l| l.coedges())
                .any(|c| self.model.edge(c.edge()).is_ok_and(|e| e.start() == vertex || e.end() == vertex));
            if !at_vertex {
                continue;
            }
            let surface = self.model.surface(entity.surface()).map_err(Stop::refused)?;
            let Surface::Plane { frame } = surface else {
                return Err(Stop::refused("the edge ends at a curved face"));
            };
            let flip = if face.orientation == arris::topo::Orientation::Reversed { -1.0 } else { 1.0 };
            let normal = frame.z().into_inner() * flip;
            // A fuse leaves coplanar faces side by side.
            if ends.iter().chain(normals).all(|seen| seen.dot(&normal) < 1.0 - 1e-9) {
                ends.push(normal);
            }
        }
        let ends: Vec<f64> = ends.iter().map(|normal| normal.dot(&out)).collect();
        lean(&ends).ok_or_else(|| Stop::refused("the edge ends where several faces meet"))
    }

    /// Whether a point of a blend's foot is on the face that it belongs to.
    pub(super) fn on_faces<'m>(
        &'m self,
        body: Body,
        bends: &[(Bend, [FaceId; 2])],
    ) -> Result<impl Fn(usize, usize, Vec3) -> bool + 'm, Stop> {
        let classifier = Classifier::of_body(&self.model, body).map_err(Stop::refused)?;
        let faces: Vec<[FaceId; 2]> = bends.iter().map(|(_, faces)| *faces).collect();
        Ok(move |bend: usize, side: usize, point: Vec3| {
            matches!(classifier.classify(Point3::from(point)), Ok(Classification::On(shape))
                if shape.id == EntityId::Face(faces[bend][side]))
        })
    }
}

/// The end that planes with these cosines against the edge's direction make.
pub(crate) fn lean(cosines: &[f64]) -> Option<End> {
    let tangent = |cosine: f64| (1.0 - cosine * cosine).max(0.0).sqrt() / cosine.abs();
    match cosines {
        [c] if *c > 0.1 => Some(End::Free(if *c > 1.0 - 1e-9 { 0.0 } else { tangent(*c) })),
        [c] if *c < -0.1 => Some(End::Wall(if *c < -1.0 + 1e-9 { 0.0 } else { tangent(*c) })),
        _ => None,
    }
}

/// Whether the surface is turned about the axis.
fn turns_about(surface: &Surface, centre: Vec3, axis: Vec3) -> bool {
    let along = |z: Vec3, origin: Vec3| z.cross(&axis).norm() < 1e-7 && (origin - centre).cross(&axis).norm() < 1e-6;
    match surface {
        Surface::Plane { frame } => frame.z().cross(&axis).norm() < 1e-7,
        Surface::Cylinder { frame, .. } | Surface::Cone { frame, .. } | Surface::Torus { frame, .. } => {
            along(frame.z().into_inner(), frame.origin().coords)
        }
        Surface::Sphere { frame, .. } => (frame.origin().coords - centre).cross(&axis).norm() < 1e-6,
        _ => false,
    }
}
