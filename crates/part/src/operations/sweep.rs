//! A sketch moved along lines and arcs in space, or along a helix.

use super::{
    MODE, PIECE, draw,
    extent::{self, Extent, dot, length, minus},
    sketched::{self, Mode},
};
use crate::{
    Invalid, Operation, Path, SpacePoint, SpaceStroke,
    catalogue::{Build, Definition, Role, Values},
    families::{
        kit::{mm, require, snap},
        place::{self, cross},
    },
    region,
    sketch::MAX_SEGMENTS,
    solid::{Body, Frame, Profile, Shape, Solid, SpacePath, SpaceSegment},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "sweep",
    role: Role::Either,
    meaning: "Moves a sketch along a path of lines and arcs, or along a helix: in the part's axes when it comes first, else in the axes of a face (x and y on it as seen from outside, z outwards; a helix that cuts goes inwards). The sketch's origin follows the path.",
    parameters: &[],
    choices: &[MODE, PIECE],
    size_order: &[],
    build: Build::Either(build),
};

const PLACE: (f64, f64) = (-2000.0, 2000.0);

fn build(v: &Values, operation: &Operation, body: Option<&mut Body>) -> Result<Option<Body>, Invalid> {
    let profile = draw::unmoved(draw::only_region(operation)?, "sketches[0]")?;
    let path = operation.path.as_ref().ok_or_else(|| Invalid::new("", "path", "is missing; say what to follow"))?;
    let shape = follow(profile, path)?;
    let Some(body) = body else {
        sketched::comes_first(v, operation)?;
        let bounds = match &shape {
            Shape::Sweep { profile, path } => swept(profile, path),
            _ => extent::extent(&Solid { shape: shape.clone(), frame: Frame::WORLD }).unwrap_or_default(),
        };
        return Ok(Some(sketched::body_of("sweep", Solid { shape, frame: Frame::WORLD }, bounds)));
    };
    let mode = sketched::mode(v);
    let index = place::piece_index(v.choice("piece"), operation, body)?;
    let sites = place::planes(operation, body, index)?;
    sketched::one_place(mode, &sites)?;
    for site in &sites {
        let helix = matches!(shape, Shape::Coil { .. });
        let frame = if helix && mode != Mode::Add { sketched::into(site, 0.0) } else { site.drawing(0.0) };
        let solid = Solid { shape: shape.clone(), frame };
        let meets = extent::extent(&solid).is_none_or(|e| {
            // Touching is enough for what is added.
            let slack = if mode == Mode::Add { 1e-3 } else { 0.0 };
            let grown = [e[0].map(|c| c - slack), e[1].map(|c| c + slack)];
            site.face.is_none() || extent::overlap(grown, sketched::body_extent(body))
        });
        require(meets, "path", || "does not touch the body; start it on the face, where z is 0".to_owned())?;
        sketched::apply(mode, body, index, solid)?;
    }
    Ok(None)
}

fn follow(profile: Profile, path: &Path) -> Result<Shape, Invalid> {
    match path {
        Path::Strokes { start, segments } => {
            let path = strokes(start, segments)?;
            corners(&profile, &path)?;
            Ok(Shape::Sweep { profile, path })
        }
        Path::Helix { diameter, pitch, turns, left_handed } => {
            let radius = draw::number(diameter, "path.diameter", (0.5, 2000.0), " mm")? / 2.0;
            let pitch = draw::number(pitch, "path.pitch", (0.1, 1000.0), " mm")?;
            let turns = draw::number(turns, "path.turns", (0.05, 100.0), "")?;
            let [low, high] = region::bounds(&profile.outer);
            let tall = high[1] - low[1];
            require(pitch > tall + 1e-3 || turns <= 1.0, "path.pitch", || {
                format!("of {} makes turns of a sketch {} high run into each other; use more", mm(pitch), mm(tall))
            })?;
            require(radius + low[0] > 0.05, "path.diameter", || {
                format!(
                    "of {} leads a sketch that reaches {} inwards across the axis; use more than {}",
                    mm(2.0 * radius),
                    mm(-low[0]),
                    mm(-2.0 * low[0])
                )
            })?;
            Ok(Shape::Coil { profile, radius, pitch, turns, left_handed: *left_handed })
        }
    }
}

fn strokes(start: &SpacePoint, strokes: &[SpaceStroke]) -> Result<SpacePath, Invalid> {
    if !(1..=MAX_SEGMENTS).contains(&strokes.len()) {
        return draw::refuse("path.segments", format!("are {}; use 1 to {MAX_SEGMENTS}", strokes.len()));
    }
    let start = point(start, "path.start")?;
    let mut from = start;
    let mut segments = Vec::with_capacity(strokes.len());
    let mut before: Option<[f64; 3]> = None;
    for (i, stroke) in strokes.iter().enumerate() {
        let field = format!("path.segments[{i}]");
        let to = match stroke {
            SpaceStroke::Line { to } | SpaceStroke::Arc { to, .. } => point(to, &format!("{field}.to"))?,
        };
        if length(minus(to, from)) < 1e-2 {
            return draw::refuse(&field, "ends where it begins");
        }
        let segment = match stroke {
            SpaceStroke::Line { .. } => SpaceSegment::Line { to },
            SpaceStroke::Arc { via, .. } => SpaceSegment::Arc { via: point(via, &format!("{field}.via"))?, to },
        };
        if matches!(segment, SpaceSegment::Arc { .. }) && bend(from, &segment).is_none() {
            return draw::refuse(&field, "is an arc through three points in a line; use a line");
        }
        let segment = match before.zip(directions(from, &segment)) {
            Some((before, [direction, _])) => {
                let turn = length(cross(before, direction)).atan2(dot(before, direction));
                let smooth = turn < MEANT_SMOOTH;
                let straight = |s: &SpaceSegment| matches!(s, SpaceSegment::Line { .. });
                let corner_of_lines = straight(&segment) && segments.last().is_some_and(straight);
                require(smooth || corner_of_lines, &field, || {
                    format!(
                        "sets off {:.2}° away from where the one before it ends, and beside an arc there is no corner; let them go on smoothly",
                        turn.to_degrees()
                    )
                })?;
                if smooth { smoothed(from, before, segment) } else { segment }
            }
            None => segment,
        };
        before = directions(from, &segment).map(|d| d[1]);
        from = end(&segment);
        segments.push(segment);
    }
    let closed = segments.len() > 1 && length(minus(from, start)) < 1e-5;
    if let (true, Some([first, _]), Some(last)) = (closed, directions(start, &segments[0]), before) {
        require(length(cross(last, first)) < MEANT_SMOOTH && dot(last, first) > 0.0, "path.start", || {
            "is a corner of a closed path; start in the middle of a straight".to_owned()
        })?;
    }
    Ok(SpacePath { start, segments })
}

/// Angle in radians up to which two segments are meant to go on smoothly: people round coordinates to a micrometre.
const MEANT_SMOOTH: f64 = 3e-4;

/// The segment made to leave along `direction` exactly: kernels refuse a kink beside an arc however small.
fn smoothed(from: [f64; 3], direction: [f64; 3], segment: SpaceSegment) -> SpaceSegment {
    match segment {
        SpaceSegment::Line { to } => {
            let long = length(minus(to, from));
            SpaceSegment::Line { to: std::array::from_fn(|i| snap(from[i] + long * direction[i])) }
        }
        SpaceSegment::Arc { to, .. } => {
            let chord = minus(to, from);
            let ahead = dot(chord, direction);
            let Some(normal) = unit(std::array::from_fn(|i| chord[i] - ahead * direction[i])) else { return segment };
            let radius = dot(chord, chord) / (2.0 * dot(chord, normal));
            // Half the turn is the angle between the direction and the chord.
            let half = dot(chord, normal).atan2(ahead);
            let (sin, cos) = half.sin_cos();
            let via = std::array::from_fn(|i| snap(from[i] + radius * (sin * direction[i] + (1.0 - cos) * normal[i])));
            SpaceSegment::Arc { via, to }
        }
    }
}

fn end(segment: &SpaceSegment) -> [f64; 3] {
    match segment {
        SpaceSegment::Line { to } | SpaceSegment::Arc { to, .. } => *to,
    }
}

fn point(point: &SpacePoint, field: &str) -> Result<[f64; 3], Invalid> {
    let at = |q, axis: &str| draw::number(q, &format!("{field}.{axis}"), PLACE, " mm").map(snap);
    Ok([at(&point.x, "x")?, at(&point.y, "y")?, at(&point.z, "z")?])
}

/// A circular arc in space: its middle, the unit vectors towards its start and a quarter turn on, radius and sweep.
struct Bend {
    centre: [f64; 3],
    u: [f64; 3],
    v: [f64; 3],
    radius: f64,
    sweep: f64,
}

impl Bend {
    fn at(&self, share: f64) -> [f64; 3] {
        let (sin, cos) = (self.sweep * share).sin_cos();
        std::array::from_fn(|i| self.centre[i] + self.radius * (cos * self.u[i] + sin * self.v[i]))
    }

    fn tangent(&self, share: f64) -> [f64; 3] {
        let (sin, cos) = (self.sweep * share).sin_cos();
        let onwards = self.sweep.signum();
        std::array::from_fn(|i| onwards * (cos * self.v[i] - sin * self.u[i]))
    }
}

fn bend(from: [f64; 3], segment: &SpaceSegment) -> Option<Bend> {
    let SpaceSegment::Arc { via, to } = segment else { return None };
    // In the arc's own plane, x along the chord to `via`.
    let x = unit(minus(*via, from))?;
    let normal = unit(cross(x, minus(*to, from)))?;
    let y = cross(normal, x);
    let flat = |p: [f64; 3]| [dot(minus(p, from), x), dot(minus(p, from), y)];
    let arc = region::Arc::through([0.0; 2], flat(*via), flat(*to)).filter(|arc| arc.radius < 1e5)?;
    let centre = std::array::from_fn(|i| from[i] + arc.centre[0] * x[i] + arc.centre[1] * y[i]);
    let u = unit(minus(from, centre))?;
    Some(Bend { centre, u, v: cross(normal, u), radius: arc.radius, sweep: arc.sweep })
}

fn unit(a: [f64; 3]) -> Option<[f64; 3]> {
    let l = length(a);
    (l > 1e-9).then(|| a.map(|c| c / l))
}

/// Direction at the start and at the end of a segment.
fn directions(from: [f64; 3], segment: &SpaceSegment) -> Option<[[f64; 3]; 2]> {
    match segment {
        SpaceSegment::Line { to } => unit(minus(*to, from)).map(|d| [d, d]),
        SpaceSegment::Arc { .. } => bend(from, segment).map(|arc| [arc.tangent(0.0), arc.tangent(1.0)]),
    }
}

fn ends(path: &SpacePath) -> Vec<[f64; 3]> {
    let mut points = vec![path.start];
    points.extend(path.segments.iter().map(end));
    points
}

/// A mitre at a corner takes reach x tan(half the turn) of the segments on both sides, and an arc must leave the sketch's
/// inner edge a radius.
fn corners(profile: &Profile, path: &SpacePath) -> Result<(), Invalid> {
    let reach = region::flatten(&profile.outer).iter().map(|p| p[0].hypot(p[1])).fold(0.0, f64::max);
    let from = ends(path);
    let mut taken = vec![0.0; path.segments.len()];
    for i in 1..path.segments.len() {
        let (Some([_, before]), Some([after, _])) =
            (directions(from[i - 1], &path.segments[i - 1]), directions(from[i], &path.segments[i]))
        else {
            continue;
        };
        let turn = dot(before, after).clamp(-1.0, 1.0).acos();
        require(turn < 2.45, &format!("path.segments[{i}]"), || {
            format!("turns back by {:.0}°; a corner may turn by 140° at most, or use an arc", turn.to_degrees())
        })?;
        if turn > 1e-3 {
            let mitre = reach * (turn / 2.0).tan();
            taken[i - 1] += mitre;
            taken[i] += mitre;
        }
    }
    for (i, segment) in path.segments.iter().enumerate() {
        let field = format!("path.segments[{i}]");
        let long = match bend(from[i], segment) {
            Some(arc) => {
                require(arc.radius > reach + 1e-3, &field, || {
                    format!(
                        "bends with a radius of {}, too sharp for a sketch that reaches {} from the path; use a larger radius",
                        mm(arc.radius),
                        mm(reach)
                    )
                })?;
                (arc.radius - reach) * arc.sweep.abs()
            }
            None => length(minus(from[i + 1], from[i])),
        };
        require(taken[i] < long || taken[i] == 0.0, &field, || {
            format!(
                "is {} long and its corners need {} of it for a sketch that reaches {} from the path; make it longer or the corners rounder",
                mm(long),
                mm(taken[i]),
                mm(reach)
            )
        })?;
    }
    Ok(())
}

/// Bounds of the swept body: the outline at both ends, along every arc and at the mitres. Its axes start level (x along +X
/// on an upright path) and are carried along, turning no more than the path does.
fn swept(profile: &Profile, path: &SpacePath) -> Extent {
    const STEPS: usize = 90;
    let ring = region::flatten(&profile.outer);
    let from = ends(path);
    let directions: Vec<_> =
        path.segments.iter().zip(&from).map(|(s, from)| directions(*from, s).unwrap_or([[0.0, 0.0, 1.0]; 2])).collect();
    let level = unit(cross([0.0, 0.0, 1.0], directions[0][0])).unwrap_or([1.0, 0.0, 0.0]);
    let mut frame = (level, directions[0][0]);
    let mut points = Vec::new();
    let mut place = |at: [f64; 3], (x, along): ([f64; 3], [f64; 3]), normal: [f64; 3]| {
        let y = cross(along, x);
        for p in &ring {
            let offset: [f64; 3] = std::array::from_fn(|i| p[0] * x[i] + p[1] * y[i]);
            // Slid along the path onto the plane of the end or the mitre.
            let slide = -dot(offset, normal) / dot(along, normal);
            points.push(std::array::from_fn(|i| at[i] + offset[i] + slide * along[i]));
        }
    };
    let mitre = |a: [f64; 3], b: [f64; 3]| unit(std::array::from_fn(|k| a[k] + b[k])).unwrap_or(a);
    for (i, segment) in path.segments.iter().enumerate() {
        let [first, last] = directions[i];
        frame = facing(frame, first);
        place(from[i], frame, if i > 0 { mitre(directions[i - 1][1], first) } else { first });
        if let Some(arc) = bend(from[i], segment) {
            for step in 1..STEPS {
                let share = step as f64 / STEPS as f64;
                frame = facing(frame, arc.tangent(share));
                place(arc.at(share), frame, frame.1);
            }
        }
        frame = facing(frame, last);
        place(from[i + 1], frame, directions.get(i + 1).map_or(last, |next| mitre(last, next[0])));
    }
    extent::around(points.into_iter())
}

/// The axes turned by the least turn so that they look along `to`.
fn facing((x, along): ([f64; 3], [f64; 3]), to: [f64; 3]) -> ([f64; 3], [f64; 3]) {
    let Some(axis) = unit(cross(along, to)) else { return (x, to) };
    let angle = length(cross(along, to)).atan2(dot(along, to));
    let (sin, cos) = angle.sin_cos();
    // Rodrigues' formula.
    let (across, share) = (cross(axis, x), dot(axis, x) * (1.0 - cos));
    (std::array::from_fn(|i| x[i] * cos + across[i] * sin + axis[i] * share), to)
}
