//! Whether a face of a body is clear of a prism, or pierced by it, or neither for sure.

use std::cell::OnceCell;

use arris::{
    geom::{Curve, Surface},
    math::{Aabb, Vec3},
    topo::{Face, FaceId, Model, Orientation, entity::Loop},
};
use part::solid::{Contour, Frame};

use super::{CLEAR, SAME, Stop};
use crate::outline::{self, Point, ring::Ring};

/// How finely outlines are looked at.
const CHORD: f64 = 0.002;
/// Balls that cover a tool, at the most.
const MOST_BALLS: f64 = 200.0;

pub(super) enum Meeting {
    Clear,
    /// The tool's outline lies within the face, which is square to it.
    Pierced {
        height: f64,
        up: bool,
    },
    Unclear,
}

/// A tool's outline in its own plane.
pub(super) struct Outline {
    ring: Ring,
    centre: Point,
    /// Of the circle about `centre` that holds it.
    radius: f64,
}

impl Outline {
    pub(super) fn of(contour: &Contour) -> Outline {
        let ring = Ring::of(contour, CHORD);
        let (low, high) = (ring.low(), ring.high());
        let centre = [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0];
        let far = |p: &Point| (p[0] - centre[0]).hypot(p[1] - centre[1]);
        let radius = ring.points().iter().map(far).fold(0.0, f64::max) + CHORD;
        Outline { ring, centre, radius }
    }

    pub(super) fn points(&self) -> &[Point] {
        self.ring.points()
    }
}

/// A loop of a face as points on it.
struct Boundary {
    points: Vec<Vec3>,
    bounds: Aabb,
    circle: Option<(Vec3, f64)>,
}

/// The faces of a body, with what is asked of each again and again.
pub(super) struct Sides<'a> {
    model: &'a Model,
    faces: &'a [Face],
    bounds: Vec<OnceCell<Option<Aabb>>>,
    loops: Vec<OnceCell<Vec<Boundary>>>,
}

impl<'a> Sides<'a> {
    pub(super) fn new(model: &'a Model, faces: &'a [Face]) -> Sides<'a> {
        Sides {
            model,
            faces,
            bounds: faces.iter().map(|_| OnceCell::new()).collect(),
            loops: faces.iter().map(|_| OnceCell::new()).collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.faces.len()
    }

    /// A box around the face; `None` when it has no simple one.
    pub(super) fn bounds(&self, face: usize) -> Result<Option<Aabb>, Stop> {
        if let Some(known) = self.bounds[face].get() {
            return Ok(*known);
        }
        let bounds = self.face_bounds(self.faces[face].id)?;
        Ok(*self.bounds[face].get_or_init(|| bounds))
    }

    fn face_bounds(&self, face: FaceId) -> Result<Option<Aabb>, Stop> {
        let entity = self.model.face(face).map_err(Stop::refused)?;
        let around = |centre: Vec3, reach: f64| {
            Aabb::of_points(&[(centre - Vec3::repeat(reach)).into(), (centre + Vec3::repeat(reach)).into()])
        };
        match self.model.surface(entity.surface()).map_err(Stop::refused)? {
            Surface::Sphere { frame, radius } => return Ok(around(frame.origin().coords, *radius)),
            Surface::Torus { frame, major_radius, minor_radius } => {
                return Ok(around(frame.origin().coords, major_radius + minor_radius));
            }
            Surface::Nurbs(_) => return Ok(None),
            // Flat and ruled faces lie between their edges.
            Surface::Plane { .. }
            | Surface::Cylinder { .. }
            | Surface::EllipticCylinder { .. }
            | Surface::Cone { .. } => {}
        }
        let mut all: Option<Aabb> = None;
        for coedge in entity.loops().iter().flat_map(|l| l.coedges()) {
            let edge = self.model.edge(coedge.edge()).map_err(Stop::refused)?;
            let own = match edge.curve() {
                Some((curve, range)) => self.model.curve(curve).map_err(Stop::refused)?.bounds(range),
                None => Some(Aabb::of_point(self.model.vertex(edge.start()).map_err(Stop::refused)?.point())),
            };
            let Some(own) = own else { return Ok(None) };
            all = Some(all.map_or(own, |all| all.union(own)));
        }
        Ok(all)
    }

    fn loops(&self, face: usize) -> Result<&[Boundary], Stop> {
        if let Some(known) = self.loops[face].get() {
            return Ok(known);
        }
        let entity = self.model.face(self.faces[face].id).map_err(Stop::refused)?;
        let loops: Result<Vec<Boundary>, Stop> = entity.loops().iter().map(|l| self.boundary(l)).collect();
        let loops = loops?;
        Ok(self.loops[face].get_or_init(|| loops))
    }

    fn boundary(&self, of: &Loop) -> Result<Boundary, Stop> {
        let mut points: Vec<Vec3> = Vec::new();
        let mut circle = None;
        for coedge in of.coedges() {
            let edge = self.model.edge(coedge.edge()).map_err(Stop::refused)?;
            let Some((curve, range)) = edge.curve() else { continue };
            let curve = self.model.curve(curve).map_err(Stop::refused)?;
            let n = curve.chord_segments(range, CHORD);
            let forward = coedge.orientation() == Orientation::Forward;
            points.extend((0..n).map(|i| {
                let share = i as f64 / n as f64;
                curve.point(range.lerp(if forward { share } else { 1.0 - share })).coords
            }));
            if let (Curve::Circle { frame, radius }, true, 1) = (curve, edge.is_closed(), of.coedges().len()) {
                circle = Some((frame.origin().coords, *radius));
            }
        }
        let corners: Vec<[f64; 3]> = points.iter().map(|p| (*p).into()).collect();
        let bounds = Aabb::of_points(&corners).ok_or_else(|| Stop::refused("a face has a loop of no length"))?;
        Ok(Boundary { points, bounds: bounds.inflated(CHORD), circle })
    }

    /// How the face meets a prism of this outline over this frame.
    pub(super) fn meets(&self, face: usize, frame: &Frame, height: f64, outline: &Outline) -> Result<Meeting, Stop> {
        let side = self.faces[face];
        let entity = self.model.face(side.id).map_err(Stop::refused)?;
        let surface = self.model.surface(entity.surface()).map_err(Stop::refused)?;
        let (o, x, z) = (Vec3::from(frame.origin), Vec3::from(frame.x), Vec3::from(frame.z));
        let local = Local { o, x, y: z.cross(&x), z };
        if let Surface::Plane { frame: plane } = surface {
            let along = plane.z().dot(&z);
            if along.abs() > 1.0 - 1e-9 {
                let up = along * side.orientation.sign() > 0.0;
                return self.square(face, (plane.origin().coords - o).dot(&z), up, height, &local, outline);
            }
            if along.abs() < 1e-9 {
                return self.beside(face, &local, outline);
            }
            let normal = plane.z().into_inner();
            let off = |p: &Point, h: f64| (o + x * p[0] + local.y * p[1] + z * h - plane.origin().coords).dot(&normal);
            let offs = outline.points().iter().flat_map(|p| [off(p, 0.0), off(p, height)]);
            let (low, high) = offs.fold((f64::MAX, f64::MIN), |(l, h), d| (l.min(d), h.max(d)));
            let margin = CLEAR + CHORD;
            return Ok(if low > margin || high < -margin { Meeting::Clear } else { Meeting::Unclear });
        }
        let ruled_along = match surface {
            Surface::Cylinder { frame, .. } | Surface::EllipticCylinder { frame, .. } => {
                frame.z().dot(&z).abs() > 1.0 - 1e-9
            }
            _ => false,
        };
        if ruled_along {
            return self.beside(face, &local, outline);
        }
        let balls = (height / (2.0 * outline.radius)).ceil().clamp(1.0, MOST_BALLS);
        let step = height / balls;
        let reach = outline.radius.hypot(step / 2.0) + CLEAR;
        let middle = o + x * outline.centre[0] + local.y * outline.centre[1];
        let far = (0..balls as usize)
            .all(|i| distance(surface, middle + z * (step * (i as f64 + 0.5))).is_some_and(|d| d > reach));
        Ok(if far { Meeting::Clear } else { Meeting::Unclear })
    }

    /// A face that runs along the prism: seen along it, its edges are all there is of it.
    fn beside(&self, face: usize, local: &Local, outline: &Outline) -> Result<Meeting, Stop> {
        let rings = self.loops(face)?.iter();
        let clear =
            rings.map(|boundary| Ring::polygon(boundary.points.iter().map(|p| local.flat(*p)).collect(), CHORD)).all(
                |ring| !outline.ring.is_near(&ring, CLEAR) && !outline::inside(ring.points()[0], outline.ring.points()),
            );
        Ok(if clear { Meeting::Clear } else { Meeting::Unclear })
    }

    /// A flat face square to the prism, at a height of it.
    fn square(
        &self,
        face: usize,
        at: f64,
        up: bool,
        height: f64,
        local: &Local,
        outline: &Outline,
    ) -> Result<Meeting, Stop> {
        if at < -CLEAR || at > height + CLEAR {
            return Ok(Meeting::Clear);
        }
        let reach = {
            let corners =
                outline.points().iter().map(|p| (local.o + local.x * p[0] + local.y * p[1] + local.z * at).into());
            let corners: Vec<[f64; 3]> = corners.collect();
            Aabb::of_points(&corners).map(|bounds| bounds.inflated(2.0 * CLEAR + CHORD))
        };
        let mut within = false;
        for boundary in self.loops(face)? {
            if reach.is_some_and(|reach| !reach.intersects(&boundary.bounds)) {
                continue;
            }
            let ring = match boundary.circle {
                Some((centre, radius)) => Ring::circle(local.flat(centre), radius, CHORD),
                None => Ring::polygon(boundary.points.iter().map(|p| local.flat(*p)).collect(), CHORD),
            };
            if outline.ring.is_inside(&ring, CLEAR) {
                within = !within;
            } else if !outline.ring.is_apart(&ring, CLEAR) {
                return Ok(Meeting::Unclear);
            }
        }
        if !within {
            return Ok(Meeting::Clear);
        }
        // Just short of the tool's end there is no room for what is between.
        let ends = [at.abs(), (at - height).abs()];
        if ends.iter().any(|d| *d > SAME && *d < CLEAR) {
            return Ok(Meeting::Unclear);
        }
        Ok(Meeting::Pierced { height: at, up })
    }
}

/// A prism's own coordinates.
struct Local {
    o: Vec3,
    x: Vec3,
    y: Vec3,
    z: Vec3,
}

impl Local {
    fn flat(&self, p: Vec3) -> outline::Point {
        let d = p - self.o;
        [d.dot(&self.x), d.dot(&self.y)]
    }
}

/// From a point to a surface without its bounds, or less; `None` where there is no formula.
fn distance(surface: &Surface, p: Vec3) -> Option<f64> {
    let (along, off) = {
        let frame = surface.frame()?;
        let d = p - frame.origin().coords;
        let along = d.dot(&frame.z());
        (along, (d - frame.z().into_inner() * along).norm())
    };
    Some(match surface {
        Surface::Plane { .. } => along.abs(),
        Surface::Cylinder { radius, .. } => (off - radius).abs(),
        Surface::Cone { radius, half_angle, .. } => {
            // Both nappes, each as a line in the half plane.
            let (sin, cos) = half_angle.sin_cos();
            let nappe = |off: f64| ((off - radius) * cos - along * sin).abs();
            nappe(off).min(nappe(-off))
        }
        Surface::Sphere { radius, .. } => (off.hypot(along) - radius).abs(),
        Surface::Torus { major_radius, minor_radius, .. } => ((off - major_radius).hypot(along) - minor_radius).abs(),
        Surface::EllipticCylinder { .. } | Surface::Nurbs(_) => return None,
    })
}
