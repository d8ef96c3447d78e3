//! The exact kernel: B-rep solids with planes, cylinders, cones, spheres and tori.
//!
//! Every result passes the kernel's invariant checker before it is used: an `Ok` alone is not proof, and an internal error
//! is a refusal like any other.

use std::f64::consts::TAU;

use arris::{
    Control,
    check::{Level, check},
    geom::{
        Curve,
        profile::{Profile as Sketch, ProfileLoop, ProfileSegment},
    },
    math::{Axis, Frame as ArrisFrame, Isometry, Point2, Point3, Vec3, nalgebra::UnitQuaternion},
    ops::{self, OpError},
    topo::{Body, Edge, Model, Orientation},
};
use part::solid::{Contour, Edges, Frame, Profile, Segment, Shape, Solid};

use super::{Blend, Kernel, Stop};
use crate::{contour, contour::Chain, glyphs};

pub(crate) struct ExactKernel<'a> {
    pub(crate) model: Model,
    control: Control<'a>,
    /// Bodies turned from a profile that keeps off its axis.
    rings: Vec<Body>,
}

/// Faces of a body that a cut with a turned ring may meet.
const MOST_FACES: usize = 60;

impl<'a> ExactKernel<'a> {
    pub(crate) fn new(control: Control<'a>) -> Self {
        ExactKernel { model: Model::default(), control, rings: Vec::new() }
    }

    fn checked(&self, result: Result<(Body, impl Sized), OpError>) -> Result<Body, Stop> {
        match result {
            Ok((body, _)) => {
                let report = check(&self.model, body, Level::Fast);
                if report.is_ok() {
                    Ok(body)
                } else {
                    Err(Stop::Refused(format!("the result is not valid: {}", first_line(&report))))
                }
            }
            Err(OpError::Interrupted(_)) => Err(Stop::Cancelled),
            Err(error) => Err(Stop::Refused(first_line(&error))),
        }
    }

    fn extrude(&mut self, profile: &Profile, frame: &Frame, height: f64) -> Result<Body, Stop> {
        let plane = ArrisFrame::new(Point3::from(frame.origin), Vec3::from(frame.z), Vec3::from(frame.x))
            .map_err(Stop::refused)?;
        let sketch = sketch(profile, plane);
        let result = ops::extrude(&mut self.model, &sketch, Vec3::from(frame.z), height, &self.control);
        self.checked(result)
    }

    fn revolve(&mut self, outer: &Contour, frame: &Frame, angle: f64) -> Result<Body, Stop> {
        self.revolve_profile(&Profile { outer: outer.clone(), holes: Vec::new() }, frame, angle)
    }

    fn revolve_profile(&mut self, profile: &Profile, frame: &Frame, angle: f64) -> Result<Body, Stop> {
        // The sketch's plane holds the axis: its x is the radius, its y the frame's z, so its normal is x cross z.
        let (x, z) = (Vec3::from(frame.x), Vec3::from(frame.z));
        let plane = ArrisFrame::new(Point3::from(frame.origin), x.cross(&z), x).map_err(Stop::refused)?;
        let axis = Axis::new(Point3::from(frame.origin), z).map_err(Stop::refused)?;
        let contours = std::iter::once(&profile.outer).chain(&profile.holes).map(turnable);
        let mut contours: Vec<Contour> = contours.collect();
        let profile = Profile { outer: contours.remove(0), holes: contours };
        let sketch = sketch(&profile, plane);
        let turn = if angle >= 360.0 { TAU } else { angle.to_radians() };
        let result = ops::revolve(&mut self.model, &sketch, axis, turn, &self.control);
        self.checked(result)
    }

    /// Turns the body by quarter turns about X, then Y, and moves it.
    pub(crate) fn moved(&mut self, body: Body, turns: [u8; 2], by: [f64; 3]) -> Result<Body, Stop> {
        let quarter = |n: u8| f64::from(n % 4) * TAU / 4.0;
        let rotation = UnitQuaternion::from_axis_angle(&Vec3::y_axis(), quarter(turns[1]))
            * UnitQuaternion::from_axis_angle(&Vec3::x_axis(), quarter(turns[0]));
        if turns == [0, 0] && by == [0.0; 3] {
            return Ok(body);
        }
        let result = ops::transform(&mut self.model, body, &Isometry::new(rotation, Vec3::from(by)), &self.control);
        self.checked(result)
    }

    pub(crate) fn mass_properties(&self, body: Body) -> Result<mesh::MassProperties, Stop> {
        let p = ops::measure::mass_properties(&self.model, body, &self.control).map_err(|error| match error {
            OpError::Interrupted(_) => Stop::Cancelled,
            error => Stop::Refused(first_line(&error)),
        })?;
        Ok(mesh::MassProperties {
            volume_mm3: p.volume,
            area_mm2: p.area,
            centre_of_mass: [p.centroid.x, p.centroid.y, p.centroid.z],
        })
    }

    pub(crate) fn tessellate(&self, body: Body, chord: f64) -> Result<mesh::TriMesh, Stop> {
        let tessellation =
            arris::mesh::tessellate(&self.model, body, chord, &self.control).map_err(|error| match error {
                arris::mesh::MeshError::Interrupted(_) => Stop::Cancelled,
                error => Stop::Refused(first_line(&error)),
            })?;
        Ok(mesh::TriMesh::new(tessellation.positions().to_vec(), tessellation.triangles().to_vec()))
    }

    /// Edges by what they are. Only sharp ones: the kernel refuses to blend where two faces are tangent already.
    fn select(&self, body: Body, wanted: &[Edges]) -> Result<Vec<Edge>, Stop> {
        let has = |edges: Edges| wanted.contains(&edges) || wanted.contains(&Edges::All);
        let all = self.model.edges(body).map_err(Stop::refused)?;
        let heights: Vec<f64> = all.iter().flat_map(|edge| self.samples(*edge)).map(|p| p.z).collect();
        let low = heights.iter().copied().fold(f64::INFINITY, f64::min);
        let high = heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (top, bottom) = (self.outline(body, high)?, self.outline(body, low)?);
        let mut selected = Vec::new();
        for edge in all {
            let vertical = has(Edges::Vertical) && self.is_upright(edge) && {
                let entity = self.model.edge(edge.id).map_err(Stop::refused)?;
                let touches = |outline: &[Edge]| {
                    outline
                        .iter()
                        .filter_map(|e| self.model.edge(e.id).ok())
                        .any(|e| [e.start(), e.end()].iter().any(|v| *v == entity.start() || *v == entity.end()))
                };
                (touches(&top) || touches(&bottom)) && self.is_sharp(body, edge)?
            };
            let on = |outline: &[Edge]| outline.iter().any(|e| e.id == edge.id);
            if vertical || (has(Edges::Top) && on(&top)) || (has(Edges::Bottom) && on(&bottom)) {
                selected.push(edge);
            }
        }
        Ok(selected)
    }

    fn samples(&self, edge: Edge) -> Vec<Point3> {
        let Ok(entity) = self.model.edge(edge.id) else { return Vec::new() };
        let Some((curve, range)) = entity.curve() else { return Vec::new() };
        let Ok(curve) = self.model.curve(curve) else { return Vec::new() };
        (0..=8).map(|i| curve.point(range.lo() + (range.hi() - range.lo()) * f64::from(i) / 8.0)).collect()
    }

    fn is_upright(&self, edge: Edge) -> bool {
        let points = self.samples(edge);
        let Ok(entity) = self.model.edge(edge.id) else { return false };
        let line =
            entity.curve().and_then(|(c, _)| self.model.curve(c).ok()).is_some_and(|c| matches!(c, Curve::Line { .. }));
        line && points.first().zip(points.last()).is_some_and(|(a, b)| (a.x - b.x).hypot(a.y - b.y) < 1e-6)
    }

    /// The outer loops of the level faces at height `z`.
    fn outline(&self, body: Body, z: f64) -> Result<Vec<Edge>, Stop> {
        let mut outline = Vec::new();
        for face in self.model.faces(body).map_err(Stop::refused)? {
            let entity = self.model.face(face.id).map_err(Stop::refused)?;
            let loops: Vec<(f64, Vec<Edge>)> = entity
                .loops()
                .iter()
                .map(|l| {
                    let edges: Vec<Edge> = l.coedges().iter().map(|c| c.edge_use()).collect();
                    let points: Vec<Point3> = edges.iter().flat_map(|e| self.samples(*e)).collect();
                    let spread = |f: fn(&Point3) -> f64| {
                        let (lo, hi) = points
                            .iter()
                            .map(f)
                            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
                        hi - lo
                    };
                    let level = !points.is_empty() && points.iter().all(|p| (p.z - z).abs() < 1e-5);
                    (if level { spread(|p| p.x) * spread(|p| p.y) } else { -1.0 }, edges)
                })
                .collect();
            if loops.iter().any(|(area, _)| *area < 0.0) {
                continue;
            }
            if let Some((_, edges)) = loops.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)) {
                outline.extend(edges);
            }
        }
        Ok(outline)
    }

    /// Whether the two faces at an edge meet at an angle, judged at its middle.
    fn is_sharp(&self, body: Body, edge: Edge) -> Result<bool, Stop> {
        let mut normals = Vec::new();
        for face in self.model.faces(body).map_err(Stop::refused)? {
            let entity = self.model.face(face.id).map_err(Stop::refused)?;
            let surface = self.model.surface(entity.surface()).map_err(Stop::refused)?;
            for coedge in entity.loops().iter().flat_map(|l| l.coedges()).filter(|c| c.edge() == edge.id) {
                let range = self.model.edge(edge.id).map_err(Stop::refused)?.range();
                let uv =
                    self.model.curve2(coedge.pcurve()).map_err(Stop::refused)?.point((range.lo() + range.hi()) / 2.0);
                if let Some(normal) = surface.normal(uv.x, uv.y) {
                    let flip = if face.orientation == Orientation::Reversed { -1.0 } else { 1.0 };
                    normals.push(normal.into_inner() * flip);
                }
            }
        }
        Ok(matches!(normals.as_slice(), [a, b] if a.dot(b) < 0.9998))
    }
}

impl Kernel for ExactKernel<'_> {
    type Body = Body;

    fn make(&mut self, solid: &Solid) -> Result<Vec<Body>, Stop> {
        let frame = &solid.frame;
        let simple = |outer: Contour| Profile { outer, holes: Vec::new() };
        let body = match &solid.shape {
            Shape::Box { size } => {
                let outer = Contour::Rectangle { centre: [0.0; 2], size: [size[0], size[1]], corner_radius: 0.0 };
                self.extrude(&simple(outer), frame, size[2])?
            }
            Shape::Cylinder { diameter, height } => {
                self.extrude(&simple(Contour::Circle { centre: [0.0; 2], diameter: *diameter }), frame, *height)?
            }
            Shape::Extrusion { profile, height } => self.extrude(profile, frame, *height)?,
            Shape::Revolution { profile, angle } => {
                let body = self.revolve_profile(profile, frame, *angle)?;
                if contour::polygon(&profile.outer, 0.1).iter().all(|p| p[0] > 1e-3) {
                    self.rings.push(body);
                }
                body
            }
            Shape::Cone { bottom, top, height } => self.revolve(&cone(*bottom, *top, *height), frame, 360.0)?,
            Shape::Sphere { diameter } => self.revolve(&half_disc(diameter / 2.0), frame, 360.0)?,
            Shape::Torus { ring, tube } => {
                self.revolve(&Contour::Circle { centre: [ring / 2.0, 0.0], diameter: *tube }, frame, 360.0)?
            }
            Shape::Text { text, height, depth } => {
                let profiles = glyphs::profiles(text, *height).map_err(Stop::refused)?;
                return profiles.iter().map(|profile| self.extrude(profile, frame, *depth)).collect();
            }
            _ => return Err(Stop::refused("the exact kernel does not make this shape")),
        };
        Ok(vec![body])
    }

    fn fuse(&mut self, bodies: Vec<Body>) -> Result<Body, Stop> {
        let result = ops::fuse_many(&mut self.model, &bodies, &self.control);
        self.checked(result)
    }

    fn cut(&mut self, target: Body, tools: Vec<Body>) -> Result<Body, Stop> {
        // Such a ring crosses every face of the side, a traced curve each: 27 s on a gear of 20 teeth.
        let faces = self.model.faces(target).map_err(Stop::refused)?.len();
        if faces > MOST_FACES && tools.iter().any(|tool| self.rings.contains(tool)) {
            return Err(Stop::Refused(format!("a turned cut across {faces} faces takes too long")));
        }
        let result = ops::cut_many(&mut self.model, target, &tools, &self.control);
        self.checked(result)
    }

    fn intersect(&mut self, a: Body, b: Body) -> Result<Body, Stop> {
        let result = ops::common(&mut self.model, a, b, &self.control);
        self.checked(result)
    }

    fn blend(&mut self, body: Body, edges: &[Edges], blend: Blend) -> Result<Body, Stop> {
        let selected = self.select(body, edges)?;
        if selected.is_empty() {
            return Err(Stop::refused("the body has no such edges"));
        }
        let result = match blend {
            Blend::Fillet(radius) => ops::fillet(&mut self.model, body, &selected, radius, &self.control),
            Blend::Chamfer(distance) => ops::chamfer(&mut self.model, body, &selected, distance, &self.control),
        };
        self.checked(result)
    }
}

/// The half profile of a cone or frustum; a side of no length is left out.
pub(crate) fn cone(bottom: f64, top: f64, height: f64) -> Contour {
    let mut points = vec![[0.0, 0.0]];
    if bottom > 1e-6 {
        points.push([bottom / 2.0, 0.0]);
    }
    if top > 1e-6 {
        points.push([top / 2.0, height]);
    }
    points.push([0.0, height]);
    Contour::Polygon { points }
}

pub(crate) fn half_disc(radius: f64) -> Contour {
    Contour::Path {
        start: [0.0, -radius],
        segments: vec![Segment::Arc { via: [radius, 0.0], to: [0.0, radius] }, Segment::Line { to: [0.0, -radius] }],
    }
}

/// How far the lines that stand for an arc may lie from it.
const ARC_TOLERANCE: f64 = 0.005;

/// Replaces arcs that the kernel does not turn: those whose circle crosses the axis without being centred on it, which
/// would sweep a torus that cuts itself.
fn turnable(contour: &Contour) -> Contour {
    let Contour::Path { start, segments } = contour else { return contour.clone() };
    let mut from = *start;
    let mut turned = Vec::with_capacity(segments.len());
    for segment in segments {
        let arc = match segment {
            Segment::Arc { via, to } => contour::Arc::through(from, *via, *to),
            Segment::Line { .. } => None,
        };
        match arc.filter(|arc| arc.centre[0].abs() > 1e-9 && arc.centre[0] <= arc.radius + 1e-6) {
            Some(_) => {
                let path = Contour::Path { start: from, segments: vec![*segment, Segment::Line { to: from }] };
                turned
                    .extend(contour::polygon(&path, ARC_TOLERANCE).into_iter().skip(1).map(|to| Segment::Line { to }));
            }
            None => turned.push(*segment),
        }
        from = contour::end(segment);
    }
    Contour::Path { start: *start, segments: turned }
}

fn sketch(profile: &Profile, plane: ArrisFrame) -> Sketch {
    let outline = |contour: &Contour| match contour::chain(contour) {
        Chain::Circle { centre, radius } => ProfileLoop::Circle { center: Point2::from(centre), radius },
        Chain::Path { start, segments } => ProfileLoop::Path {
            start: Point2::from(start),
            segments: segments
                .iter()
                .map(|segment| match segment {
                    Segment::Line { to } => ProfileSegment::LineTo(Point2::from(*to)),
                    Segment::Arc { via, to } => {
                        ProfileSegment::ArcTo { to: Point2::from(*to), via: Point2::from(*via) }
                    }
                })
                .collect(),
        },
    };
    Sketch { plane, outer: outline(&profile.outer), holes: profile.holes.iter().map(outline).collect() }
}

/// Kernel errors list entities over many lines; a person needs the first.
fn first_line(error: &impl ToString) -> String {
    error.to_string().lines().next().unwrap_or("no reason given").to_owned()
}
