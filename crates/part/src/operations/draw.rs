//! Sketches turned into profiles: every figure checked for sense, named by its path in the operation.

use super::super::families::kit::{mm, snap};
use crate::{
    Figure, Invalid, Operation, Outline, Point, Quantity, Sketch, Stroke,
    region::{self, Arc, Motion, Point2},
    sketch::{MAX_DRAWN, MAX_HOLES, MAX_POINTS, MAX_TEXT},
    solid::{Contour, Frame, Profile, Segment},
};

/// Range of a sketch's sizes, millimetres.
const SIZE: (f64, f64) = (0.05, 2000.0);
/// Range of a sketch's coordinates.
const PLACE: (f64, f64) = (-2000.0, 2000.0);
/// Least gap between an outline and a hole, and between two holes.
const WEB: f64 = 0.05;

/// A sketch as a kernel takes it. A gear only exists about its own centre, so where there is one the whole drawing is given
/// in its axes and `shift` and `turn` say where those lie in the sketch.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Drawn {
    pub(super) profile: Profile,
    pub(super) shift: Point2,
    pub(super) turn: f64,
}

/// What a sketch shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Drawing {
    Region(Drawn),
    /// Text, its baseline centred on `shift` and turned by degrees.
    Text {
        text: String,
        height: f64,
        shift: Point2,
        turn: f64,
    },
}

impl Drawn {
    /// Bounds in the sketch's own axes.
    pub(super) fn bounds(&self) -> [Point2; 2] {
        region::bounds(&self.motion().contour(&self.profile.outer)).map(|p| {
            if matches!(self.profile.outer, Contour::Gear { .. }) {
                [p[0] + self.shift[0], p[1] + self.shift[1]]
            } else {
                p
            }
        })
    }

    fn motion(&self) -> Motion {
        Motion { mirrored: false, turn: self.turn, shift: self.shift }
    }

    /// The same drawing mirrored in the sketch's x axis.
    pub(super) fn mirrored(&self) -> Drawn {
        let flip = Motion { mirrored: true, turn: 0.0, shift: [0.0; 2] };
        let profile = Profile {
            outer: flip.contour(&self.profile.outer),
            holes: self.profile.holes.iter().map(|hole| flip.contour(hole)).collect(),
        };
        Drawn { profile, shift: [self.shift[0], 0.0 - self.shift[1]], turn: 0.0 - self.turn }
    }

    /// The drawing's own axes in those of `frame`.
    pub(super) fn frame(&self, frame: Frame) -> Frame {
        moved(frame, self.shift, self.turn)
    }
}

/// A frame moved in its own plane and turned about its z.
pub(super) fn moved(frame: Frame, [u, v]: Point2, turn: f64) -> Frame {
    let Frame { origin, x, z } = frame;
    let y = crate::families::place::cross(z, x);
    let (sin, cos) = region::exact_sin_cos(turn);
    Frame {
        origin: std::array::from_fn(|i| snap(origin[i] + u * x[i] + v * y[i])),
        x: std::array::from_fn(|i| x[i] * cos + y[i] * sin),
        z,
    }
}

/// The one sketch of an operation.
pub(super) fn only(operation: &Operation) -> Result<Drawing, Invalid> {
    match operation.sketches.as_slice() {
        [sketch] => drawing(sketch, "sketches[0]"),
        [] => refuse("sketches", "are none; draw what to use, such as a circle"),
        more => refuse("sketches", format!("are {}; this takes one outline and its holes", more.len())),
    }
}

/// The one sketch of an operation that cannot use text.
pub(super) fn only_region(operation: &Operation) -> Result<Drawn, Invalid> {
    region_of(only(operation)?, "sketches[0]")
}

/// The region of a sketch in plain coordinates: a gear must then lie in its middle.
pub(super) fn region_of(drawing: Drawing, field: &str) -> Result<Drawn, Invalid> {
    match drawing {
        Drawing::Region(drawn) => Ok(drawn),
        Drawing::Text { .. } => refuse(&format!("{field}.outline"), "is text, which can only be extruded"),
    }
}

pub(super) fn unmoved(drawn: Drawn, field: &str) -> Result<Profile, Invalid> {
    if drawn.shift != [0.0; 2] || drawn.turn != 0.0 {
        return refuse(&format!("{field}.outline"), "is a gear away from the sketch's origin; centre it here");
    }
    Ok(drawn.profile)
}

pub(super) fn refuse<T>(field: &str, why: impl Into<String>) -> Result<T, Invalid> {
    Err(Invalid::new("", field, why))
}

/// Checks one sketch and turns it into contours.
pub(super) fn drawing(sketch: &Sketch, field: &str) -> Result<Drawing, Invalid> {
    let outer_field = format!("{field}.outline");
    if let Figure::Text { text, height } = &sketch.outline.shape {
        if !sketch.holes.is_empty() {
            return refuse(&format!("{field}.holes"), "are cut out of text; leave them out");
        }
        let letters = text.chars().count();
        if text.trim().is_empty() || letters > MAX_TEXT || text.chars().any(char::is_control) {
            return refuse(&format!("{outer_field}.text"), format!("has to be 1 to {MAX_TEXT} visible characters"));
        }
        let height = number(height, &format!("{outer_field}.height"), (0.5, 500.0), " mm")?;
        let (shift, turn) = placed(&sketch.outline, &outer_field)?;
        return Ok(Drawing::Text { text: text.clone(), height, shift, turn });
    }
    if sketch.holes.len() > MAX_HOLES {
        return refuse(&format!("{field}.holes"), format!("are {}; at most {MAX_HOLES}", sketch.holes.len()));
    }
    let drawn = sketch.drawn();
    if drawn > MAX_DRAWN {
        return refuse(field, format!("has {drawn} points and segments; at most {MAX_DRAWN}"));
    }
    let outer = figure(&sketch.outline, &outer_field)?;
    let mut holes = Vec::new();
    for (index, hole) in sketch.holes.iter().enumerate() {
        holes.push(figure(hole, &format!("{field}.holes[{index}]"))?);
    }
    // A gear's axes are the drawing's.
    let gears: Vec<_> =
        std::iter::once(&outer).chain(&holes).filter(|f| matches!(f.contour, Contour::Gear { .. })).collect();
    let (shift, turn) = gears.first().map_or(([0.0; 2], 0.0), |gear| (gear.shift, gear.turn));
    if gears.iter().any(|gear| gear.shift != shift || gear.turn != turn) {
        return refuse(
            &format!("{field}.holes"),
            "hold a gear that is not concentric with the other; give both one centre",
        );
    }
    let place = |figure: &Shaped| {
        // Into the sketch's axes, then into the gear's.
        let own = Motion { mirrored: false, turn: figure.turn, shift: figure.shift };
        let (sin, cos) = region::exact_sin_cos(0.0 - turn);
        let back = Motion {
            mirrored: false,
            turn: 0.0 - turn,
            shift: [-shift[0] * cos + shift[1] * sin, -shift[0] * sin - shift[1] * cos],
        };
        back.contour(&own.contour(&figure.contour))
    };
    let profile = Profile { outer: place(&outer), holes: holes.iter().map(place).collect() };
    nested(&profile, field)?;
    Ok(Drawing::Region(Drawn { profile, shift, turn }))
}

/// Every hole lies inside the outline and clear of the other holes.
fn nested(profile: &Profile, field: &str) -> Result<(), Invalid> {
    // Between a gear's teeth there is nothing: a hole has to stay inside its root circle.
    let outer = match &profile.outer {
        Contour::Gear { teeth, module, .. } => {
            let root = module * (f64::from(*teeth) - 2.5);
            region::flatten(&Contour::Circle { centre: [0.0; 2], diameter: root })
        }
        other => region::flatten(other),
    };
    let rings: Vec<_> = profile.holes.iter().map(region::flatten).collect();
    let boxes: Vec<_> = rings.iter().map(|ring| region::around(ring.iter().copied())).collect();
    for (i, ring) in rings.iter().enumerate() {
        let name = format!("{field}.holes[{i}]");
        let within = ring.first().is_some_and(|p| region::inside(&outer, *p));
        if !within || region::gap(&outer, ring) < WEB {
            return refuse(&name, format!("does not lie inside the outline with {} of material left", mm(WEB)));
        }
        for (j, other) in rings[..i].iter().enumerate() {
            let (a, b) = (boxes[i], boxes[j]);
            let apart = (0..2).any(|k| a[0][k] > b[1][k] + WEB || b[0][k] > a[1][k] + WEB);
            if apart {
                continue;
            }
            let nests = region::inside(other, ring[0]) || region::inside(ring, other[0]);
            if nests || region::gap(ring, other) < WEB {
                return refuse(&name, format!("runs into hole {}; move them apart", j + 1));
            }
        }
    }
    Ok(())
}

/// A figure about its own centre and where that lies.
struct Shaped {
    contour: Contour,
    shift: Point2,
    turn: f64,
}

fn placed(outline: &Outline, field: &str) -> Result<(Point2, f64), Invalid> {
    let shift = match &outline.centre {
        Some(centre) => point(centre, &format!("{field}.centre"))?,
        None => [0.0; 2],
    };
    let turn = match &outline.rotation {
        Some(rotation) => number(rotation, &format!("{field}.rotation"), (-360.0, 360.0), "°")?,
        None => 0.0,
    };
    Ok((shift, turn))
}

fn figure(outline: &Outline, field: &str) -> Result<Shaped, Invalid> {
    let (shift, turn) = placed(outline, field)?;
    let size = |q: &Quantity, name: &str| number(q, &format!("{field}.{name}"), SIZE, " mm");
    let contour = match &outline.shape {
        Figure::Rectangle { length, width, corner_radius } => {
            let size = [size(length, "length")?, size(width, "width")?];
            let name = format!("{field}.corner_radius");
            let corner_radius = corner_radius.as_ref().map_or(Ok(0.0), |q| number(q, &name, (0.0, 1000.0), " mm"))?;
            let most = size[0].min(size[1]) / 2.0;
            if corner_radius > most - 1e-3 {
                return refuse(
                    &name,
                    format!("of {} leaves no straight side; use less than {}, or a slot", mm(corner_radius), mm(most)),
                );
            }
            Contour::Rectangle { centre: [0.0; 2], size, corner_radius }
        }
        Figure::Circle { diameter } => Contour::Circle { centre: [0.0; 2], diameter: size(diameter, "diameter")? },
        Figure::Ellipse { length, width } => {
            let size = [size(length, "length")?, size(width, "width")?];
            if size[0].max(size[1]) > 50.0 * size[0].min(size[1]) {
                return refuse(&format!("{field}.width"), "makes the ellipse more than 50 times longer than wide");
            }
            Contour::Ellipse { centre: [0.0; 2], size }
        }
        Figure::Slot { length, width } => {
            let (length, width) = (size(length, "length")?, size(width, "width")?);
            if length < width + 1e-3 {
                return refuse(
                    &format!("{field}.length"),
                    format!("of {} is not more than the width of {}; a circle would do", mm(length), mm(width)),
                );
            }
            Contour::Slot { centre: [0.0; 2], length, width }
        }
        Figure::RegularPolygon { sides, size: across, across_flats } => {
            let n = whole(sides, &format!("{field}.sides"), (3.0, 64.0))?;
            let across = size(across, "size")?;
            let half = std::f64::consts::PI / f64::from(n);
            // One side lies level below; an odd figure's flat is measured twice from its middle.
            let radius = if *across_flats { across / 2.0 / half.cos() } else { across / 2.0 };
            let points = (0..n).map(|i| {
                let (sin, cos) = (2.0 * half * f64::from(i) + half - std::f64::consts::FRAC_PI_2).sin_cos();
                [snap(radius * cos), snap(radius * sin)]
            });
            Contour::Polygon { points: points.collect() }
        }
        Figure::Polygon { points } => polygon(points, field)?,
        Figure::Path { start, segments } => path(start, segments, field)?,
        Figure::Gear { teeth, module, pressure_angle } => {
            let angle = pressure_angle
                .as_ref()
                .map_or(Ok(20.0), |q| number(q, &format!("{field}.pressure_angle"), (14.5, 30.0), "°"))?;
            Contour::Gear {
                teeth: whole(teeth, &format!("{field}.teeth"), (6.0, 300.0))?,
                module: number(module, &format!("{field}.module"), (0.2, 50.0), " mm")?,
                pressure_angle: angle,
            }
        }
        Figure::Text { .. } => return refuse(field, "is text, which can only be an outline of its own"),
    };
    Ok(Shaped { contour, shift, turn })
}

fn polygon(points: &[Point], field: &str) -> Result<Contour, Invalid> {
    if !(3..=MAX_POINTS).contains(&points.len()) {
        return refuse(&format!("{field}.points"), format!("are {}; use 3 to {MAX_POINTS}", points.len()));
    }
    let mut ring = Vec::with_capacity(points.len());
    for (i, p) in points.iter().enumerate() {
        let name = format!("{field}.points[{i}]");
        let p = point(p, &name)?;
        if ring.last().is_some_and(|last| region::distance(*last, p) < 1e-3) {
            return refuse(&name, "lies on the one before it; leave it out");
        }
        ring.push(p);
    }
    if ring.len() > 3 && region::distance(ring[0], ring[ring.len() - 1]) < 1e-3 {
        ring.pop();
    }
    sensible(&ring, &format!("{field}.points"))?;
    if region::signed_area(&ring) < 0.0 {
        ring.reverse();
    }
    Ok(Contour::Polygon { points: ring })
}

fn path(start: &Point, strokes: &[Stroke], field: &str) -> Result<Contour, Invalid> {
    if !(2..=MAX_POINTS).contains(&strokes.len()) {
        return refuse(&format!("{field}.segments"), format!("are {}; use 2 to {MAX_POINTS}", strokes.len()));
    }
    let start = point(start, &format!("{field}.start"))?;
    let mut from = start;
    let mut segments = Vec::with_capacity(strokes.len());
    for (i, stroke) in strokes.iter().enumerate() {
        let name = format!("{field}.segments[{i}]");
        let to = point(
            match stroke {
                Stroke::Line { to } | Stroke::Arc { to, .. } => to,
            },
            &format!("{name}.to"),
        )?;
        if region::distance(from, to) < 1e-3 {
            return refuse(&name, "ends where it begins");
        }
        segments.push(match stroke {
            Stroke::Line { .. } => Segment::Line { to },
            Stroke::Arc { via, .. } => {
                let via = point(via, &format!("{name}.via"))?;
                match Arc::through(from, via, to) {
                    Some(arc) if arc.radius <= 1e5 => Segment::Arc { via, to },
                    _ => return refuse(&name, "is an arc through three points in a line; use a line"),
                }
            }
        });
        from = to;
    }
    if region::distance(from, start) > 1e-3 {
        return refuse(
            &format!("{field}.segments"),
            format!("end at {}, {}, not where the path starts; close it", mm(from[0]), mm(from[1])),
        );
    }
    // What is closed within a micrometre is closed.
    if let Some(Segment::Line { to } | Segment::Arc { to, .. }) = segments.last_mut() {
        *to = start;
    }
    let contour = Contour::Path { start, segments };
    let ring = region::flatten(&contour);
    sensible(&ring, &format!("{field}.segments"))?;
    Ok(match contour {
        Contour::Path { start, segments } if region::signed_area(&ring) < 0.0 => region::reversed(start, segments),
        other => other,
    })
}

fn sensible(ring: &[Point2], field: &str) -> Result<(), Invalid> {
    if let Some([x, y]) = region::crossing(ring) {
        return refuse(field, format!("cross themselves at {}, {}", mm(x), mm(y)));
    }
    if region::signed_area(ring).abs() < 1e-3 {
        return refuse(field, "enclose nothing");
    }
    Ok(())
}

fn point(point: &Point, field: &str) -> Result<Point2, Invalid> {
    Ok([
        snap(number(&point.x, &format!("{field}.x"), PLACE, " mm")?),
        snap(number(&point.y, &format!("{field}.y"), PLACE, " mm")?),
    ])
}

fn whole(quantity: &Quantity, field: &str, range: (f64, f64)) -> Result<u32, Invalid> {
    let value = number(quantity, field, range, "")?;
    if value.fract() != 0.0 {
        return refuse(field, format!("is {value}, not a whole number"));
    }
    Ok(value as u32)
}

/// A value within a range, which also keeps out what is not a number.
pub(super) fn number(quantity: &Quantity, field: &str, range: (f64, f64), unit: &str) -> Result<f64, Invalid> {
    let (value, (least, greatest)) = (quantity.value, range);
    if value >= least && value <= greatest {
        return Ok(value);
    }
    refuse(field, format!("is {value}{unit}, outside {least} to {greatest}{unit}"))
}
