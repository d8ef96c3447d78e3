//! Straight extrusions of outlines that cannot be wrong (circles, rectangles, slots, gears, with such holes well apart),
//! put together face by face. The kernel's own extrusion proves first that its sketch is one: of a gear or of a plate with
//! 400 holes that proof is most of the work.

use arris::{
    geom::{Curve, Curve2, Surface},
    math::{Frame as ArrisFrame, Frame2, Handedness, Interval, Point2, Point3, UnitVec2, Vec2, Vec3},
    topo::{
        Body, Model, Orientation, Provenance, Role,
        builder::{Assembly, Builder, EdgeKey, EdgeSpec, FaceSpec, UseSpec, VertexKey, VertexSpec},
        entity::{BodyKind, EdgeGeometry},
        provenance::SweepPart,
    },
};
use part::solid::{Contour, Profile};

use crate::outline::{self, Edge, Point, ring::Ring};

/// Least material between outlines, millimetres.
const CLEAR: f64 = 1e-3;
/// How finely they are looked at for that.
const CHORD: f64 = 0.005;

/// One edge of an outline with the material on its left.
enum Leg {
    Line {
        a: Point,
        length: f64,
        along: Point,
    },
    /// From `from` by `sweep` radians, counter-clockwise when positive.
    Arc {
        centre: Point,
        radius: f64,
        from: f64,
        sweep: f64,
    },
}

impl Leg {
    fn start(&self) -> Point {
        match self {
            Leg::Line { a, .. } => *a,
            Leg::Arc { centre, radius, from, .. } => [centre[0] + radius * from.cos(), centre[1] + radius * from.sin()],
        }
    }
}

/// `None` where the outlines are of a kind, or so near to one another, that the kernel has to look.
pub(super) fn extruded(
    model: &mut Model,
    profile: &Profile,
    plane: &ArrisFrame,
    height: f64,
) -> Option<(Body, Provenance)> {
    if !(height.is_finite() && height > CLEAR && is_sound(profile)) {
        return None;
    }
    let mut rings = vec![legs(&profile.outer, false)?];
    for hole in &profile.holes {
        rings.push(legs(hole, true)?);
    }
    Prism { model, plane, height, assembly: Assembly::default(), caps: [Vec::new(), Vec::new()], sides: Vec::new() }
        .built(&rings)
}

fn is_sound(profile: &Profile) -> bool {
    let whole = |contour: &Contour| match contour {
        Contour::Circle { diameter, .. } => *diameter > CLEAR,
        Contour::Rectangle { size, corner_radius, .. } => {
            let least = size[0].min(size[1]);
            least > CLEAR && (*corner_radius <= 1e-6 || *corner_radius > CLEAR && 2.0 * corner_radius < least - CLEAR)
        }
        Contour::Slot { length, width, .. } => *width > CLEAR && *length > width + CLEAR,
        Contour::Gear { .. } => true,
        Contour::Ellipse { .. } | Contour::Polygon { .. } | Contour::Path { .. } => false,
    };
    if !whole(&profile.outer) || !profile.holes.iter().all(whole) {
        return false;
    }
    let outer = Ring::of(&profile.outer, CHORD);
    let holes: Vec<Ring> = profile.holes.iter().map(|hole| Ring::of(hole, CHORD)).collect();
    holes
        .iter()
        .enumerate()
        .all(|(at, hole)| hole.is_inside(&outer, CLEAR) && holes[..at].iter().all(|other| hole.is_apart(other, CLEAR)))
}

/// The outline counter-clockwise, or clockwise when it is a hole's.
fn legs(contour: &Contour, hole: bool) -> Option<Vec<Leg>> {
    if let Contour::Circle { centre, diameter } = contour {
        let sweep = if hole { -std::f64::consts::TAU } else { std::f64::consts::TAU };
        return Some(vec![Leg::Arc { centre: *centre, radius: diameter / 2.0, from: 0.0, sweep }]);
    }
    let mut legs: Vec<Leg> = Vec::new();
    for edge in outline::edges(contour) {
        legs.push(match edge {
            Edge::Line { a, b } => {
                let (a, b) = if hole { (b, a) } else { (a, b) };
                let length = (b[0] - a[0]).hypot(b[1] - a[1]);
                Leg::Line { a, length, along: [(b[0] - a[0]) / length, (b[1] - a[1]) / length] }
            }
            Edge::Arc { centre, radius, from, sweep, .. } => {
                let (from, sweep) = if hole { (from + sweep, -sweep) } else { (from, sweep) };
                Leg::Arc { centre, radius, from, sweep }
            }
        });
    }
    if hole {
        legs.reverse();
    }
    (legs.len() > 2).then_some(legs)
}

struct Prism<'a> {
    model: &'a mut Model,
    plane: &'a ArrisFrame,
    height: f64,
    assembly: Assembly,
    /// The loops of the lower and the upper face.
    caps: [Vec<Vec<UseSpec>>; 2],
    /// Which side face stands at which place of the shell: ring and segment.
    sides: Vec<(usize, usize)>,
}

/// A ring's entities by its segments.
struct Slots {
    bottom: usize,
    top: usize,
    rise: usize,
}

impl Prism<'_> {
    fn built(mut self, rings: &[Vec<Leg>]) -> Option<(Body, Provenance)> {
        let mut walls = Vec::new();
        for (index, ring) in rings.iter().enumerate() {
            walls.extend(self.ring(index, ring)?);
        }
        let tolerance = self.tolerance();
        let top = self.plane.with_origin(self.lifted([0.0, 0.0], self.height));
        let [below, above] = std::mem::take(&mut self.caps);
        let mut faces = Vec::with_capacity(walls.len() + 2);
        for (frame, orientation, loops) in
            [(*self.plane, Orientation::Reversed, below), (top, Orientation::Forward, above)]
        {
            let surface = self.model.add_surface(Surface::Plane { frame });
            faces.push(FaceSpec::New { surface, orientation, loops, tolerance });
        }
        faces.extend(walls);
        self.assembly.shells = vec![faces];
        let (builder, slots) = Builder::assemble(self.model, tolerance, self.assembly).ok()?;
        let built = builder.finish(self.model, BodyKind::Solid).ok()?;
        let mut provenance = Provenance::new();
        let shell = slots.faces.first()?;
        for (place, (loop_index, segment)) in self.sides.into_iter().enumerate() {
            let face = *built.faces.get(shell.get(place + 2)?)?;
            let role = Role::Extrude(SweepPart::Side { loop_index, segment });
            provenance.add_generated(role, arris::topo::Shape::new(face, Orientation::Forward));
        }
        Some((built.body, provenance))
    }

    fn tolerance(&self) -> f64 {
        self.model.precision().default_tolerance
    }

    fn lifted(&self, p: Point, up: f64) -> Point3 {
        self.plane.to_world(Point3::new(p[0], p[1], up))
    }

    /// Vertices and edges of one ring, its loops in the caps, and its walls.
    fn ring(&mut self, index: usize, ring: &[Leg]) -> Option<Vec<FaceSpec>> {
        let (n, tolerance, height) = (ring.len(), self.tolerance(), self.height);
        let first_vertex = self.assembly.vertices.len();
        let [low, high] =
            [0, 1].map(|level| move |segment: usize| VertexKey::New(first_vertex + 2 * (segment % n) + level));
        for leg in ring {
            for up in [0.0, height] {
                let point = self.lifted(leg.start(), up);
                self.assembly.vertices.push(VertexSpec::New { point, tolerance });
            }
        }
        let mut slots = Vec::with_capacity(n);
        for (segment, leg) in ring.iter().enumerate() {
            let edge = |this: &mut Self, curve: Curve, range: Interval, start: VertexKey, end: VertexKey| {
                let geometry = EdgeGeometry::Curve { curve: this.model.add_curve(curve), range };
                this.assembly.edges.push(EdgeSpec::New { geometry, start, end, tolerance });
                this.assembly.edges.len() - 1
            };
            let range = range(leg)?;
            let bottom = edge(self, self.curve(leg, 0.0)?, range, low(segment), low(segment + 1));
            let top = edge(self, self.curve(leg, height)?, range, high(segment), high(segment + 1));
            let rise = Curve::Line { origin: self.lifted(leg.start(), 0.0), direction: self.plane.z() };
            let rise = edge(self, rise, Interval::new(0.0, height).ok()?, low(segment), high(segment));
            slots.push(Slots { bottom, top, rise });
        }
        // Seen from below, the lower cap's loop runs the other way.
        for (level, orientation) in [(0, Orientation::Reversed), (1, Orientation::Forward)] {
            let mut uses = Vec::with_capacity(n);
            for (leg, slot) in ring.iter().zip(&slots) {
                let pcurve = self.model.add_curve2(drawn(leg)?);
                let edge = EdgeKey::New(if level == 0 { slot.bottom } else { slot.top });
                uses.push(UseSpec { edge, orientation, pcurve });
            }
            if level == 0 {
                uses.reverse();
            }
            self.caps[level].push(uses);
        }
        let mut walls = Vec::with_capacity(n);
        for (segment, leg) in ring.iter().enumerate() {
            walls.push(self.wall(leg, &slots[segment], slots[(segment + 1) % n].rise)?);
            self.sides.push((index, segment));
        }
        Some(walls)
    }

    fn wall(&mut self, leg: &Leg, own: &Slots, next_rise: usize) -> Option<FaceSpec> {
        let (plane, tolerance, height) = (*self.plane, self.tolerance(), self.height);
        let direction = |p: Point| plane.vec_to_world(Vec3::new(p[0], p[1], 0.0));
        // Where u begins and ends, and which way the edges run in it.
        let (surface, orientation, [u0, u1], way) = match leg {
            Leg::Line { a, length, along } => {
                let x = direction(*along);
                let frame = ArrisFrame::new(self.lifted(*a, 0.0), x.cross(&plane.z()), x).ok()?;
                (Surface::Plane { frame }, Orientation::Forward, [0.0, *length], 1.0)
            }
            Leg::Arc { centre, radius, from, sweep } => {
                let frame = plane.with_origin(self.lifted(*centre, 0.0));
                let surface = Surface::Cylinder { frame, radius: *radius };
                let outwards = if *sweep > 0.0 { Orientation::Forward } else { Orientation::Reversed };
                (surface, outwards, [*from, from + sweep], sweep.signum())
            }
        };
        let surface = self.model.add_surface(surface);
        let mut line = |u: f64, v: f64, along: Vec2| {
            let direction = UnitVec2::try_new(along, 0.5)?;
            Some(self.model.add_curve2(Curve2::Line { origin: Point2::new(u, v), direction }))
        };
        // The curve's parameter is the length from `a`, or the angle, which `curve` counts along the way.
        let start = if matches!(leg, Leg::Line { .. }) { u0 } else { 0.0 };
        let pcurves = [
            line(start, 0.0, Vec2::new(way, 0.0))?,
            line(u1, 0.0, Vec2::new(0.0, 1.0))?,
            line(start, height, Vec2::new(way, 0.0))?,
            line(u0, 0.0, Vec2::new(0.0, 1.0))?,
        ];
        let around = [
            (own.bottom, Orientation::Forward),
            (next_rise, Orientation::Forward),
            (own.top, Orientation::Reversed),
            (own.rise, Orientation::Reversed),
        ];
        let uses = around
            .into_iter()
            .zip(pcurves)
            .map(|((edge, orientation), pcurve)| UseSpec { edge: EdgeKey::New(edge), orientation, pcurve })
            .collect();
        Some(FaceSpec::New { surface, orientation, loops: vec![uses], tolerance })
    }

    fn curve(&self, leg: &Leg, up: f64) -> Option<Curve> {
        Some(match leg {
            Leg::Line { a, along, .. } => {
                let direction = self.plane.vec_to_world(Vec3::new(along[0], along[1], 0.0));
                Curve::Line { origin: self.lifted(*a, up), direction: arris::math::UnitVec3::try_new(direction, 0.5)? }
            }
            Leg::Arc { centre, radius, sweep, .. } => {
                let origin = self.lifted(*centre, up);
                // Clockwise is counter-clockwise seen from below.
                let z = self.plane.z().into_inner() * sweep.signum();
                let frame = ArrisFrame::new(origin, z, self.plane.x().into_inner()).ok()?;
                Curve::Circle { frame, radius: *radius }
            }
        })
    }
}

/// The parameters of a segment's curve, from its start.
fn range(leg: &Leg) -> Option<Interval> {
    match leg {
        Leg::Line { length, .. } => Interval::new(0.0, *length).ok(),
        Leg::Arc { from, sweep, .. } => {
            let start = from * sweep.signum();
            Interval::new(start, start + sweep.abs()).ok()
        }
    }
}

/// A segment in the plane of the caps.
fn drawn(leg: &Leg) -> Option<Curve2> {
    Some(match leg {
        Leg::Line { a, along, .. } => {
            let direction = UnitVec2::try_new(Vec2::new(along[0], along[1]), 0.5)?;
            Curve2::Line { origin: Point2::new(a[0], a[1]), direction }
        }
        Leg::Arc { centre, radius, sweep, .. } => {
            let hand = if *sweep > 0.0 { Handedness::Right } else { Handedness::Left };
            let frame = Frame2::new(Point2::new(centre[0], centre[1]), Vec2::new(1.0, 0.0), hand).ok()?;
            Curve2::Circle { frame, radius: *radius }
        }
    })
}

#[cfg(test)]
mod tests {
    use arris::{
        Control,
        check::{Level, check},
        ops,
    };
    use part::solid::Frame;

    use super::{super::shapes, *};

    #[test]
    fn each_outline_gives_a_valid_body_of_the_kernels_own_volume() {
        let slot = Contour::Slot { centre: [1.0, 2.0], length: 12.0, width: 4.0 };
        let rounded = Contour::Rectangle { centre: [0.5, 0.0], size: [50.0, 30.0], corner_radius: 4.0 };
        let sharp = Contour::Rectangle { centre: [-12.0, -8.0], size: [6.0, 5.0], corner_radius: 0.0 };
        let circle = |x: f64, y: f64, diameter: f64| Contour::Circle { centre: [x, y], diameter };
        let gear = Contour::Gear { teeth: 20, module: 2.0, pressure_angle: 20.0 };
        let profiles = [
            Profile { outer: circle(3.0, -1.0, 20.0), holes: vec![circle(4.0, 0.0, 5.0)] },
            Profile { outer: rounded, holes: vec![slot, sharp, circle(15.0, 5.0, 6.0)] },
            Profile { outer: gear, holes: vec![circle(0.0, 0.0, 5.0)] },
        ];
        let frames = [Frame::WORLD, Frame { origin: [3.0, -2.0, 5.0], x: [0.0, 1.0, 0.0], z: [0.6, 0.0, 0.8] }];
        for (profile, frame) in profiles.iter().flat_map(|p| frames.iter().map(move |f| (p, f))) {
            let plane = shapes::plane(frame, 0.0).unwrap();
            let mut model = Model::default();
            let (body, provenance) = extruded(&mut model, profile, &plane, 7.0).unwrap();
            let report = check(&model, body, Level::Full);
            assert!(report.is_ok(), "{report}");
            let sketch = shapes::sketch(profile, plane);
            let (other, _) = ops::extrude(&mut model, &sketch, frame.z.into(), 7.0, &Control::NONE).unwrap();
            let volume = |body| ops::measure::mass_properties(&model, body, &Control::NONE).unwrap().volume;
            assert!((volume(body) / volume(other) - 1.0).abs() < 1e-9);
            let holes = model.faces(body).unwrap().len();
            assert_eq!(holes, model.faces(other).unwrap().len());
            let side = Role::Extrude(SweepPart::Side { loop_index: 1, segment: 0 });
            assert_eq!(provenance.generated_from(side).len(), 1);
        }
    }

    #[test]
    fn outlines_that_touch_are_left_to_the_kernel() {
        let circle = |x: f64, diameter: f64| Contour::Circle { centre: [x, 0.0], diameter };
        let mut model = Model::default();
        let plane = ArrisFrame::world();
        for holes in [vec![circle(8.0, 4.0)], vec![circle(-2.0, 4.0), circle(2.0, 4.0)]] {
            let profile = Profile { outer: circle(0.0, 20.0), holes };
            assert!(extruded(&mut model, &profile, &plane, 5.0).is_none());
        }
    }
}
