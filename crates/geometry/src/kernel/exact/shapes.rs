//! The modelling vocabulary's shapes as exact bodies.

use std::f64::consts::TAU;

use arris::{
    geom::{
        FrameLaw, Path, PathSegment, ProfileLoop,
        profile::{Profile as Sketch, ProfileSegment},
    },
    io::step,
    math::{Axis, Frame as ArrisFrame, Point2, Point3, Vec2, Vec3},
    ops::{self, LoftKind},
    topo::{Body, Provenance},
};
use part::solid::{Contour, Frame, Profile, Section, Segment, Shape, SpacePath};

use super::{ExactKernel, Stop, first_line, prism};
use crate::{
    brought::Imported,
    contour::{self, Chain},
    glyphs, loft, outline,
    spine::{self, Leg, Place},
};

type Made = (Body, Provenance);

/// Turns of a coil that the kernel still fits in seconds: about three each.
const MOST_TURNS: f64 = 2.0;

impl ExactKernel<'_> {
    pub(super) fn shape(&mut self, shape: &Shape, frame: &Frame) -> Result<Vec<Made>, Stop> {
        let first = std::mem::take(&mut self.empty);
        let simple = |outer: Contour| Profile { outer, holes: Vec::new() };
        let made = match shape {
            Shape::Box { size } => {
                let outer = Contour::Rectangle { centre: [0.0; 2], size: [size[0], size[1]], corner_radius: 0.0 };
                self.extrude(&simple(outer), frame, size[2])?
            }
            Shape::Cylinder { diameter, height } => self.cylinder(*diameter, *height, frame)?,
            Shape::Extrusion { profile, height } => {
                if let Some(made) = prism::extruded(&mut self.model, profile, &plane(frame, 0.0)?, *height) {
                    // Nothing but this body was put into the model.
                    self.alone = first.then_some(made.0);
                    return Ok(vec![made]);
                }
                self.extrude(profile, frame, *height)?
            }
            Shape::Revolution { profile, angle } => self.revolve(profile, frame, *angle)?,
            Shape::Cone { bottom, top, height } => self.revolve(&simple(cone(*bottom, *top, *height)), frame, 360.0)?,
            Shape::Sphere { diameter } => self.revolve(&simple(half_disc(diameter / 2.0)), frame, 360.0)?,
            Shape::Torus { ring, tube } => {
                let outer = Contour::Circle { centre: [ring / 2.0, 0.0], diameter: *tube };
                self.revolve(&simple(outer), frame, 360.0)?
            }
            Shape::Text { text, height, depth } => {
                let profiles = glyphs::profiles(text, *height).map_err(Stop::refused)?;
                return profiles.iter().map(|profile| self.extrude(profile, frame, *depth)).collect();
            }
            Shape::Drafted { profile, height, draft, twist } => {
                self.drafted(profile, frame, *height, *draft, *twist)?
            }
            Shape::Sweep { profile, path } => self.swept(profile, path, frame)?,
            Shape::Coil { profile, radius, pitch, turns, left_handed } => {
                self.coil(profile, frame, [*radius, *pitch, *turns], *left_handed)?
            }
            Shape::Loft { sections, ruled } => self.loft(sections, *ruled, frame)?,
            // The form of the thread is left to the mesh; what is written stands for it.
            Shape::Thread { diameter, pitch, length, internal, clearance, .. } => {
                let plain = if *internal { diameter - pitch + 2.0 * clearance } else { diameter - 2.0 * clearance };
                self.cylinder(plain, *length, frame)?
            }
            Shape::Imported { hash, scale } => return self.imported(hash, *scale, frame),
        };
        Ok(vec![made])
    }

    fn cylinder(&mut self, diameter: f64, height: f64, frame: &Frame) -> Result<Made, Stop> {
        let outer = Contour::Circle { centre: [0.0; 2], diameter };
        self.extrude(&Profile { outer, holes: Vec::new() }, frame, height)
    }

    fn extrude(&mut self, profile: &Profile, frame: &Frame, height: f64) -> Result<Made, Stop> {
        let plane = plane(frame, 0.0)?;
        if let Some(made) = prism::extruded(&mut self.model, profile, &plane, height) {
            return Ok(made);
        }
        let sketch = sketch(profile, plane);
        let result = ops::extrude(&mut self.model, &sketch, Vec3::from(frame.z), height, &self.control);
        self.checked(result)
    }

    fn revolve(&mut self, profile: &Profile, frame: &Frame, angle: f64) -> Result<Made, Stop> {
        // The sketch's plane holds the axis: its x is the radius, its y the frame's z, so its normal is x cross z.
        let (x, z) = (Vec3::from(frame.x), Vec3::from(frame.z));
        let plane = ArrisFrame::new(Point3::from(frame.origin), x.cross(&z), x).map_err(Stop::refused)?;
        let axis = Axis::new(Point3::from(frame.origin), z).map_err(Stop::refused)?;
        let holes = profile.holes.iter().map(turnable).collect();
        let sketch = lined(&Profile { outer: turnable(&profile.outer), holes }, plane);
        let turn = if angle >= 360.0 { TAU } else { angle.to_radians() };
        let result = ops::revolve(&mut self.model, &sketch, axis, turn, &self.control);
        self.checked(result)
    }

    /// Leaning walls are the ruled skin between the profile and its offset.
    fn drafted(&mut self, profile: &Profile, frame: &Frame, height: f64, draft: f64, twist: f64) -> Result<Made, Stop> {
        if twist.abs() > 1e-9 {
            return Err(Stop::refused("a twisted wall has no exact surface"));
        }
        if draft.abs() < 1e-9 {
            return self.extrude(profile, frame, height);
        }
        let top = drafted_top(profile, height, draft).map_err(Stop::Refused)?;
        let sections = [lined(profile, plane(frame, 0.0)?), lined(&top, plane(frame, height)?)];
        let result = ops::loft(&mut self.model, &sections, LoftKind::Ruled, false, &self.control);
        self.checked(result)
    }

    fn loft(&mut self, sections: &[Section], ruled: bool, frame: &Frame) -> Result<Made, Stop> {
        let rings = loft::matched(sections).map_err(Stop::Refused)?;
        let round = sections.iter().all(|section| matches!(section.contour, Contour::Circle { .. }));
        let sketches: Result<Vec<Sketch>, Stop> = sections
            .iter()
            .zip(&rings)
            .map(|(section, ring)| {
                let outer = if round { section.contour.clone() } else { outline::contour(ring) };
                Ok(lined(&Profile { outer, holes: Vec::new() }, plane(frame, section.z)?))
            })
            .collect();
        let kind = if ruled { LoftKind::Ruled } else { LoftKind::Smooth };
        let result = ops::loft(&mut self.model, &sketches?, kind, false, &self.control);
        self.checked(result)
    }

    /// Runs of the path one by one, each cut off on the plane that halves its corner, and joined.
    fn swept(&mut self, profile: &Profile, path: &SpacePath, frame: &Frame) -> Result<Made, Stop> {
        let spine = spine::spine(path).map_err(Stop::Refused)?;
        let points = contour::polygon(&profile.outer, 0.01);
        spine::fits(&spine, &points).map_err(Stop::Refused)?;
        let world = plane(frame, 0.0)?;
        let mut bodies = Vec::new();
        let mut place: Option<Place> = None;
        for (index, run) in spine.runs.iter().enumerate() {
            let Some(first) = run.first() else { continue };
            let start = match place {
                Some(before) => Place { origin: first.start(), ..before.facing(first.direction(0.0)) },
                None => Place::first(first.start(), first.direction(0.0)),
            };
            let end = run.iter().fold(start, |place, leg| place.facing(leg.direction(0.0)).along(leg, 1.0));
            let before = place.filter(|_| index > 0).map(|b| (b.z, spine::mitre(&b, start.z, &points)));
            let after = spine.runs.get(index + 1).and_then(|next| next.first()).map(|next| {
                let z = next.direction(0.0);
                (z, spine::mitre(&end, z, &points))
            });
            let mut body =
                self.run(profile, run, start, before.map_or(0.0, |b| b.1), after.map_or(0.0, |a| a.1), &world)?;
            for (corner, normal) in
                [before.map(|(z, _)| (start.origin, -(z + start.z))), after.map(|(z, _)| (end.origin, z + end.z))]
                    .into_iter()
                    .flatten()
            {
                let reach = 4.0 * (before.map_or(0.0, |b| b.1).max(after.map_or(0.0, |a| a.1)) + extent(&points) + 1.0);
                let away = self.half_space(corner, normal, reach, &world)?;
                let result = ops::cut(&mut self.model, body.0, away, &self.control);
                body = self.checked(result)?;
            }
            bodies.push(body);
            place = Some(end);
        }
        if bodies.len() == 1 {
            return Ok(bodies.remove(0));
        }
        let all: Vec<Body> = bodies.iter().map(|(body, _)| *body).collect();
        let result = ops::fuse_many(&mut self.model, &all, &self.control);
        self.checked(result)
    }

    /// One smooth run, its straight ends longer by what their mitres need.
    fn run(
        &mut self,
        profile: &Profile,
        run: &[Leg],
        start: Place,
        before: f64,
        after: f64,
        world: &ArrisFrame,
    ) -> Result<Made, Stop> {
        let at = |p: Vec3| world.to_world(Point3::from(p));
        let more = |by: f64| if by > 0.0 { by + 0.5 } else { 0.0 };
        let origin = at(start.origin - start.z * more(before));
        let last = run.len() - 1;
        let segments = run
            .iter()
            .enumerate()
            .map(|(index, leg)| match leg {
                Leg::Line { to, .. } if index == last => PathSegment::LineTo(at(to + leg.direction(1.0) * more(after))),
                Leg::Line { to, .. } => PathSegment::LineTo(at(*to)),
                Leg::Arc { .. } => PathSegment::ArcTo { via: at(leg.at(0.5)), to: at(leg.end()) },
            })
            .collect();
        let plane =
            ArrisFrame::new(origin, world.vec_to_world(start.z), world.vec_to_world(start.x)).map_err(Stop::refused)?;
        let path = Path { start: origin, segments };
        let result =
            ops::sweep(&mut self.model, &lined(profile, plane), &path, FrameLaw::RotationMinimizing, &self.control);
        self.checked(result)
    }

    fn half_space(&mut self, corner: Vec3, normal: Vec3, reach: f64, world: &ArrisFrame) -> Result<Body, Stop> {
        let normal = normal.normalize();
        let side = if normal.x.abs() < 0.9 { Vec3::x() } else { Vec3::y() };
        let x = world.vec_to_world(side - normal * side.dot(&normal)).normalize();
        let frame = Frame {
            origin: world.to_world(Point3::from(corner)).coords.into(),
            x: x.into(),
            z: world.vec_to_world(normal).into(),
        };
        let outer = Contour::Rectangle { centre: [0.0; 2], size: [reach, reach], corner_radius: 0.0 };
        Ok(self.extrude(&Profile { outer, holes: Vec::new() }, &frame, reach)?.0)
    }

    fn coil(&mut self, profile: &Profile, frame: &Frame, sizes: [f64; 3], left: bool) -> Result<Made, Stop> {
        let [radius, pitch, turns] = sizes;
        coil_fits(profile, radius, pitch, turns).map_err(Stop::Refused)?;
        if turns > MOST_TURNS {
            return Err(Stop::Refused(format!(
                "a coil of {turns} turns takes the exact kernel too long; it makes up to {MOST_TURNS}"
            )));
        }
        // It would be a hundred faces of lines, more than the kernel may put into a body.
        if matches!(profile.outer, Contour::Ellipse { .. }) {
            return Err(Stop::refused("an ellipse along a coil has no exact surface"));
        }
        let world = plane(frame, 0.0)?;
        let origin = world.to_world(Point3::new(radius, 0.0, 0.0));
        let plane = ArrisFrame::new(origin, world.vec_to_world(-Vec3::y()), world.vec_to_world(Vec3::x()))
            .map_err(Stop::refused)?;
        let axis = Axis::new(Point3::from(frame.origin), Vec3::from(frame.z)).map_err(Stop::refused)?;
        let (angle, pitch) = if left { (-turns * TAU, -pitch) } else { (turns * TAU, pitch) };
        let path = Path { start: origin, segments: vec![PathSegment::Helix { axis, pitch, angle }] };
        let law = FrameLaw::FixedBinormal(axis.direction);
        let result = ops::sweep(&mut self.model, &lined(profile, plane), &path, law, &self.control);
        self.checked(result)
    }

    fn imported(&mut self, hash: &str, scale: f64, frame: &Frame) -> Result<Vec<Made>, Stop> {
        let Imported::Step(bytes) = self.imports.find(hash).map_err(Stop::Refused)? else {
            return Err(Stop::refused("a triangle mesh has no exact surfaces"));
        };
        if (scale - 1.0).abs() > 1e-12 {
            return Err(Stop::refused("an imported body is scaled on the mesh kernel"));
        }
        let placed = plane(frame, 0.0)?.as_isometry();
        let bodies = self.read_step(bytes)?;
        bodies
            .into_iter()
            .map(|body| {
                let result = ops::transform(&mut self.model, body, &placed, &self.control);
                self.checked(result)
            })
            .collect()
    }

    /// The solids of a STEP file, all of them or none.
    pub(crate) fn read_step(&mut self, bytes: &[u8]) -> Result<Vec<Body>, Stop> {
        self.work.read();
        let text = std::str::from_utf8(bytes).map_err(|_| Stop::refused("the STEP file is not text"))?;
        let read = step::read(&mut self.model, text, &step::ReadOptions::default(), &self.control).map_err(
            |error| match error {
                step::ReadError::Interrupted(_) => self.work.stop(),
                error => Stop::Refused(format!("the STEP file cannot be read: {}", first_line(&error))),
            },
        )?;
        if read.solids.is_empty() {
            return Err(Stop::refused("the STEP file has no solids"));
        }
        read.solids
            .into_iter()
            .map(|solid| match solid.result {
                Ok(read) => Ok(read.body),
                Err(refusal) => {
                    Err(Stop::Refused(format!("a solid of the STEP file cannot be read: {}", first_line(&refusal))))
                }
            })
            .collect()
    }
}

pub(super) fn plane(frame: &Frame, up: f64) -> Result<ArrisFrame, Stop> {
    let z = Vec3::from(frame.z);
    ArrisFrame::new(Point3::from(Vec3::from(frame.origin) + z * up), z, Vec3::from(frame.x)).map_err(Stop::refused)
}

fn extent(points: &[[f64; 2]]) -> f64 {
    points.iter().map(|p| p[0].hypot(p[1])).fold(0.0, f64::max)
}

/// The profile at the top of a drafted extrusion: material gives way on all its sides, so that holes widen.
pub(crate) fn drafted_top(profile: &Profile, height: f64, draft: f64) -> Result<Profile, String> {
    let by = -height * draft.to_radians().tan();
    let gone = |why: String| format!("a draft of {draft} degrees over {height} mm takes {:.2} mm: {why}", by.abs());
    let outer = outline::offset_contour(&profile.outer, by, false).map_err(gone)?;
    let holes: Result<Vec<Contour>, String> =
        profile.holes.iter().map(|hole| outline::offset_contour(hole, -by, false).map_err(gone)).collect();
    let holes = holes?;
    let rings: Vec<Vec<[f64; 2]>> =
        std::iter::once(&outer).chain(&holes).map(|c| outline::polygon(&outline::edges(c), 0.05)).collect();
    let meet = |a: &[[f64; 2]], b: &[[f64; 2]]| {
        (0..a.len()).any(|i| {
            (0..b.len()).any(|j| outline::cross_each_other([a[i], a[(i + 1) % a.len()]], [b[j], b[(j + 1) % b.len()]]))
        })
    };
    if (0..rings.len()).any(|i| (i + 1..rings.len()).any(|j| meet(&rings[i], &rings[j]))) {
        return Err(gone("its holes break through".to_owned()));
    }
    Ok(Profile { outer, holes })
}

/// Refuses coils whose turns touch, or that reach their axis.
pub(crate) fn coil_fits(profile: &Profile, radius: f64, pitch: f64, turns: f64) -> Result<(), String> {
    let points = contour::polygon(&profile.outer, 0.01);
    let bounds = |k: usize| points.iter().fold((f64::MAX, f64::MIN), |(l, h), p| (l.min(p[k]), h.max(p[k])));
    let (inmost, (low, high)) = (bounds(0).0, bounds(1));
    if turns <= 0.0 || pitch < 0.0 {
        return Err("a coil needs turns above 0 and a pitch of 0 or more".to_owned());
    }
    if radius + inmost <= 1e-6 {
        return Err(format!("the coil's profile reaches its axis; use a radius above {:.2} mm", -inmost));
    }
    if turns > 1.0 - 1e-9 && pitch <= high - low + 1e-6 {
        return Err(format!("the coil's turns touch; use a pitch above {:.2} mm", high - low));
    }
    Ok(())
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
const ARC_TOLERANCE: f64 = 0.001;

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

/// The profile with true ellipses, which only an extrusion takes.
pub(super) fn sketch(profile: &Profile, plane: ArrisFrame) -> Sketch {
    let mut sketch = lined(profile, plane);
    let outlines = std::iter::once(&mut sketch.outer).chain(&mut sketch.holes);
    for (outline, contour) in outlines.zip(std::iter::once(&profile.outer).chain(&profile.holes)) {
        if let Contour::Ellipse { centre, size } = contour {
            *outline = ProfileLoop::Ellipse {
                center: Point2::from(*centre),
                major: Vec2::new(size[0] / 2.0, 0.0),
                minor_radius: size[1] / 2.0,
            };
        }
    }
    sketch
}

/// The profile as lines, arcs and circles.
fn lined(profile: &Profile, plane: ArrisFrame) -> Sketch {
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
