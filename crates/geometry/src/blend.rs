//! Rounding and breaking edges with tools: the bar that a fillet or a chamfer takes from (or adds to) an edge, as a solid
//! for a boolean. The rung below the kernels' own blends, and the only one that the mesh kernel has.

use arris::math::Vec3;
use part::solid::{Contour, Frame, Profile, Segment, Shape, Solid};

use crate::{kernel::Blend, outline::Point};

/// An edge between two faces, with what a tool needs to know of it.
#[derive(Clone, Debug)]
pub(crate) struct Bend {
    pub(crate) path: Path,
    /// Outward normals of the two faces at its start.
    pub(crate) normals: [Vec3; 2],
    /// Directions from the edge into the two faces at its start, square to the edge.
    pub(crate) into: [Vec3; 2],
    pub(crate) ends: [End; 2],
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Path {
    Straight {
        from: Vec3,
        to: Vec3,
    },
    /// Counter-clockwise about the unit `axis`; `radius` leads from the centre to the start.
    Round {
        centre: Vec3,
        axis: Vec3,
        radius: Vec3,
        sweep: f64,
    },
}

/// What is past the end of an edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    /// The next edge goes on smoothly and is blended too, or the edge closes on itself.
    Smooth,
    /// The body ends there, at a plane that leans by this tangent from square.
    Free(f64),
    /// The edge runs into material, at a plane that leans by this tangent from square.
    Wall(f64),
}

/// How far tools reach past the surface that they leave: coincident faces are what kernels get wrong.
pub(crate) const MARGIN: f64 = 0.2;

impl Bend {
    /// Whether material lies between the faces rather than around them.
    pub(crate) fn is_convex(&self) -> bool {
        self.into[1].dot(&self.normals[0]) < 0.0
    }

    /// The angle between the two faces on the side that the blend is on.
    fn angle(&self) -> f64 {
        self.into[0].cross(&self.into[1]).norm().atan2(self.into[0].dot(&self.into[1]))
    }

    /// How far from the edge the blend meets the faces.
    pub(crate) fn reach(&self, blend: Blend) -> Result<f64, String> {
        let angle = self.angle();
        if !(0.15..3.05).contains(&angle) {
            return Err(format!(
                "two faces meet at {:.0} degrees there, too flat or too sharp to {}",
                angle.to_degrees(),
                blend.word()
            ));
        }
        Ok(match blend {
            Blend::Fillet(radius) => radius / (angle / 2.0).tan(),
            Blend::Chamfer(distance) => distance,
        })
    }

    /// The points where the blend meets the two faces at its start, and for a fillet the middle of its circle.
    pub(crate) fn feet(&self, blend: Blend) -> Result<([Vec3; 2], Option<Vec3>), String> {
        let reach = self.reach(blend)?;
        let start = self.start();
        let centre = match blend {
            Blend::Fillet(radius) => {
                let halving = (self.into[0] + self.into[1]).normalize();
                Some(start + halving * (radius / (self.angle() / 2.0).sin()))
            }
            Blend::Chamfer(_) => None,
        };
        Ok((self.into.map(|into| start + into * reach), centre))
    }

    /// Whether the circle of a fillet, turned about the axis of its rim, cuts itself there.
    pub(crate) fn reaches_its_axis(&self, blend: Blend) -> Result<bool, String> {
        let (Path::Round { centre, axis, .. }, Blend::Fillet(radius)) = (self.path, blend) else { return Ok(false) };
        let middle = self.feet(blend)?.1.map(|middle| middle - centre);
        Ok(middle.is_some_and(|off| (off - axis * off.dot(&axis)).norm() < radius + 1e-6))
    }

    pub(crate) fn start(&self) -> Vec3 {
        match self.path {
            Path::Straight { from, .. } => from,
            Path::Round { centre, radius, .. } => centre + radius,
        }
    }

    /// A vector of the start carried along the edge to its share `t`, and a point likewise.
    pub(crate) fn carried(&self, point: Vec3, t: f64) -> Vec3 {
        match self.path {
            Path::Straight { from, to } => point + (to - from) * t,
            Path::Round { centre, axis, sweep, .. } => centre + crate::spine::turned(point - centre, axis, sweep * t),
        }
    }

    /// The section's axes at the start: x, y and the direction of travel.
    fn axes(&self) -> [Vec3; 3] {
        match self.path {
            Path::Straight { from, to } => {
                let z = (to - from).normalize();
                [self.into[0], z.cross(&self.into[0]), z]
            }
            Path::Round { axis, radius, .. } => [radius.normalize(), axis, axis],
        }
    }

    /// The tool's section about the edge's start, in the plane square to the edge: along the faces' inside or outside
    /// (the far side of the blend is not the body's own surface, so it may go past it by a margin), and the blend itself.
    pub(crate) fn section(&self, blend: Blend, margin: f64) -> Result<(Point, Vec<Segment>), String> {
        let reach = self.reach(blend)?;
        let [x, y, _] = self.axes();
        let flat = |v: Vec3| [v.dot(&x), v.dot(&y)];
        let beyond = margin.min(reach * 0.25) * if self.is_convex() { 1.0 } else { -1.0 };
        let ([a, b], [m, n]) = (self.into, self.normals);
        let corner = (m + n) * (beyond / (1.0 + m.dot(&n)));
        let start = flat(a * reach);
        let across = match (blend, self.angle()) {
            (Blend::Fillet(radius), angle) => {
                let halving = (a + b).normalize();
                let via = halving * (radius / (angle / 2.0).sin() - radius);
                Segment::Arc { via: flat(via), to: flat(b * reach) }
            }
            (Blend::Chamfer(_), _) => Segment::Line { to: flat(b * reach) },
        };
        let line = |v: Vec3| Segment::Line { to: flat(v) };
        let close = Segment::Line { to: start };
        let segments = if beyond == 0.0 {
            vec![across, line(corner), close]
        } else {
            vec![across, line(b * reach + n * beyond), line(corner), line(a * reach + m * beyond), close]
        };
        Ok((start, segments))
    }

    /// How far the tool goes past each end of the edge; `overlap` is how far it reaches into a smooth neighbour's.
    pub(crate) fn extents(&self, blend: Blend, overlap: f64) -> Result<[f64; 2], String> {
        let reach = self.reach(blend)? + MARGIN;
        let convex = self.is_convex();
        let past = |end: End| match end {
            End::Smooth => Ok(overlap),
            End::Free(lean) if convex => Ok(MARGIN + reach * lean),
            End::Wall(lean) if !convex => Ok(MARGIN + reach * lean),
            End::Free(lean) | End::Wall(lean) if lean < 1e-6 => Ok(0.0),
            End::Free(_) | End::Wall(_) => Err("the edge ends at a face that is not square to it".to_owned()),
        };
        Ok([past(self.ends[0])?, past(self.ends[1])?])
    }

    /// Whether the tool stops at this end, square to the edge, at a face of its own side.
    fn stops(&self, end: usize) -> bool {
        match self.ends[end] {
            End::Smooth => false,
            End::Free(_) => !self.is_convex(),
            End::Wall(_) => self.is_convex(),
        }
    }

    /// What lies past an end of a straight edge, as far as its blend reaches.
    fn stub(&self, end: usize, blend: Blend) -> Result<Option<Bend>, String> {
        let Path::Straight { from, to } = self.path else { return Ok(None) };
        let along = (to - from).normalize() * (self.reach(blend)? + MARGIN);
        let path = match end {
            0 => Path::Straight { from: from - along, to: from },
            _ => Path::Straight { from: to, to: to + along },
        };
        Ok(Some(Bend { path, ends: [End::Smooth; 2], ..self.clone() }))
    }

    /// The tool as a solid of the modelling vocabulary.
    pub(crate) fn solid(&self, blend: Blend, overlap: f64, margin: f64) -> Result<Solid, String> {
        let (start, segments) = self.section(blend, margin)?;
        let [before, after] = self.extents(blend, overlap)?;
        let [x, y, _] = self.axes();
        let outer = |by: [f64; 2]| Contour::Path {
            start: moved(start, by),
            segments: segments
                .iter()
                .map(|segment| match *segment {
                    Segment::Line { to } => Segment::Line { to: moved(to, by) },
                    Segment::Arc { via, to } => Segment::Arc { via: moved(via, by), to: moved(to, by) },
                })
                .collect(),
        };
        match self.path {
            Path::Straight { from, to } => {
                let z = (to - from).normalize();
                let frame = Frame { origin: (from - z * before).into(), x: x.into(), z: z.into() };
                let height = (to - from).norm() + before + after;
                let profile = Profile { outer: outer([0.0; 2]), holes: Vec::new() };
                Ok(Solid { shape: Shape::Extrusion { profile, height }, frame })
            }
            Path::Round { centre, axis, radius, sweep } => {
                let r = radius.norm();
                let outer = outer([r, 0.0]);
                let least = std::iter::once(start).chain(segments.iter().map(crate::contour::end)).map(|p| p[0] + r);
                if least.fold(f64::MAX, f64::min) < 1e-6 {
                    return Err("the rim is too small for it".to_owned());
                }
                let full = sweep > std::f64::consts::TAU - 1e-9;
                let (before, after) = if full { (0.0, 0.0) } else { (before / r, after / r) };
                let x = crate::spine::turned(x, axis, -before);
                let frame = Frame { origin: centre.into(), x: x.into(), z: y.into() };
                let angle = if full { 360.0 } else { (sweep + before + after).to_degrees() };
                let profile = Profile { outer, holes: Vec::new() };
                Ok(Solid { shape: Shape::Revolution { profile, angle }, frame })
            }
        }
    }

    /// Distance of a point from the edge.
    fn distance(&self, point: Vec3) -> f64 {
        match self.path {
            Path::Straight { from, to } => {
                let t = ((point - from).dot(&(to - from)) / (to - from).norm_squared()).clamp(0.0, 1.0);
                (point - from - (to - from) * t).norm()
            }
            Path::Round { centre, axis, radius, .. } => {
                let off = point - centre;
                let up = off.dot(&axis);
                ((off - axis * up).norm() - radius.norm()).hypot(up)
            }
        }
    }
}

fn moved(p: Point, by: [f64; 2]) -> Point {
    [p[0] + by[0], p[1] + by[1]]
}

/// Refuses blends that run into one another or off their faces: `on_face(bend, side, point)` says whether the point is on
/// that face of the body.
pub(crate) fn fit(bends: &[Bend], blend: Blend, on_face: impl Fn(usize, usize, Vec3) -> bool) -> Result<(), String> {
    let large = || format!("the {} is larger than the faces beside its edges allow", blend.word());
    for (index, bend) in bends.iter().enumerate() {
        let (feet, _) = bend.feet(blend)?;
        for t in [0.5, 0.31, 0.73] {
            for (side, foot) in feet.into_iter().enumerate() {
                let foot = bend.carried(foot, t);
                if !on_face(index, side, foot) {
                    return Err(large());
                }
                let runs_into = |(other, near): (usize, &Bend)| {
                    let apart = bends_meet(bend, near);
                    other != index && !apart && near.reach(blend).is_ok_and(|reach| near.distance(foot) < reach - 1e-6)
                };
                if bends.iter().enumerate().any(runs_into) {
                    return Err(large());
                }
            }
        }
    }
    Ok(())
}

/// Where two blended edges turn a corner that both their tools stop at, what is missing there is common to what lies past
/// their ends: two solids for each corner, and whether it is to be cut rather than filled.
pub(crate) fn corners(bends: &[Bend], blend: Blend, margin: f64) -> Result<Vec<([Solid; 2], bool)>, String> {
    let mut found = Vec::new();
    let at = |bend: &Bend, end: usize| bend.carried(bend.start(), end as f64);
    let stops: Vec<(&Bend, usize)> =
        bends.iter().flat_map(|bend| [(bend, 0), (bend, 1)]).filter(|(bend, end)| bend.stops(*end)).collect();
    for (index, (a, i)) in stops.iter().enumerate() {
        for (b, j) in &stops[index + 1..] {
            if (at(a, *i) - at(b, *j)).norm() > 1e-4 || a.is_convex() != b.is_convex() {
                continue;
            }
            let (Some(first), Some(second)) = (a.stub(*i, blend)?, b.stub(*j, blend)?) else {
                return Err("edges of different kinds meet in a corner".to_owned());
            };
            let overlap = 1e-3 * a.reach(blend)?;
            found.push(([first.solid(blend, overlap, margin)?, second.solid(blend, overlap, margin)?], a.is_convex()));
        }
    }
    Ok(found)
}

/// Whether two edges have an end in common, where their blends meet rightly.
fn bends_meet(a: &Bend, b: &Bend) -> bool {
    let ends = |bend: &Bend| [bend.start(), bend.carried(bend.start(), 1.0)];
    ends(a).iter().any(|p| ends(b).iter().any(|q| (p - q).norm() < 1e-4))
}
