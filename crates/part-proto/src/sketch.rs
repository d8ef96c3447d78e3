//! Sketches and paths, both ways.

use part::{
    Figure, MAX_HOLES, MAX_POINTS, MAX_SEGMENTS, MAX_TEXT, Outline, Path, Point, Quantity, Sketch, SpacePoint,
    SpaceStroke, Stroke,
};
use proto::pot::part::v1 as pb;

use crate::{
    FieldError,
    from_proto::{bounded, quantity},
    to_proto::some,
};

pub fn sketch_to_proto(sketch: &Sketch) -> pb::Sketch {
    pb::Sketch {
        outline: Some(outline_to_proto(&sketch.outline)),
        holes: sketch.holes.iter().map(outline_to_proto).collect(),
        height: sketch.height.as_ref().and_then(some),
    }
}

fn outline_to_proto(outline: &Outline) -> pb::Outline {
    use pb::outline::Shape as S;
    let shape = match &outline.shape {
        Figure::Rectangle { length, width, corner_radius } => S::Rectangle(pb::Rectangle {
            length: some(length),
            width: some(width),
            corner_radius: corner_radius.as_ref().and_then(some),
        }),
        Figure::Circle { diameter } => S::Circle(pb::Disc { diameter: some(diameter) }),
        Figure::Ellipse { length, width } => S::Ellipse(pb::Ellipse { length: some(length), width: some(width) }),
        Figure::Slot { length, width } => S::Slot(pb::Stadium { length: some(length), width: some(width) }),
        Figure::RegularPolygon { sides, size, across_flats } => {
            S::RegularPolygon(pb::RegularPolygon { sides: some(sides), size: some(size), across_flats: *across_flats })
        }
        Figure::Polygon { points } => S::Polygon(pb::Polygon { points: points.iter().map(point_to_proto).collect() }),
        Figure::Path { start, segments } => S::Path(pb::Profile {
            start: Some(point_to_proto(start)),
            segments: segments
                .iter()
                .map(|stroke| match stroke {
                    Stroke::Line { to } => pb::Stroke { to: Some(point_to_proto(to)), via: None },
                    Stroke::Arc { via, to } => {
                        pb::Stroke { to: Some(point_to_proto(to)), via: Some(point_to_proto(via)) }
                    }
                })
                .collect(),
        }),
        Figure::Gear { teeth, module, pressure_angle } => S::Gear(pb::GearProfile {
            teeth: some(teeth),
            module: some(module),
            pressure_angle: pressure_angle.as_ref().and_then(some),
        }),
        Figure::Text { text, height } => S::Text(pb::Text { text: text.clone(), height: some(height) }),
    };
    pb::Outline {
        centre: outline.centre.as_ref().map(point_to_proto),
        rotation: outline.rotation.as_ref().and_then(some),
        shape: Some(shape),
    }
}

pub(crate) fn point_to_proto(point: &Point) -> pb::Point {
    pb::Point { x: some(&point.x), y: some(&point.y) }
}

pub fn path_to_proto(path: &Path) -> pb::Path {
    let point = |p: &SpacePoint| Some(pb::SpacePoint { x: some(&p.x), y: some(&p.y), z: some(&p.z) });
    let path = match path {
        Path::Strokes { start, segments } => pb::path::Path::Strokes(pb::SpaceStrokes {
            start: point(start),
            segments: segments
                .iter()
                .map(|stroke| match stroke {
                    SpaceStroke::Line { to } => pb::SpaceStroke { to: point(to), via: None },
                    SpaceStroke::Arc { via, to } => pb::SpaceStroke { to: point(to), via: point(via) },
                })
                .collect(),
        }),
        Path::Helix { diameter, pitch, turns, left_handed } => pb::path::Path::Helix(pb::Helix {
            diameter: some(diameter),
            pitch: some(pitch),
            turns: some(turns),
            left_handed: *left_handed,
        }),
    };
    pb::Path { path: Some(path) }
}

pub(crate) fn sketch(field: &str, message: pb::Sketch) -> Result<Sketch, FieldError> {
    bounded(&format!("{field}.holes"), message.holes.len(), MAX_HOLES)?;
    let name = format!("{field}.outline");
    let whole = message.outline.ok_or_else(|| FieldError::missing(&name))?;
    let holes = message.holes.into_iter().enumerate();
    Ok(Sketch {
        outline: outline(&name, whole)?,
        holes: holes.map(|(i, hole)| outline(&format!("{field}.holes[{i}]"), hole)).collect::<Result<_, _>>()?,
        height: optional(&format!("{field}.height"), message.height)?,
    })
}

fn optional(field: &str, message: Option<pb::Quantity>) -> Result<Option<Quantity>, FieldError> {
    message.map(|message| quantity(field, Some(message))).transpose()
}

fn outline(field: &str, message: pb::Outline) -> Result<Outline, FieldError> {
    use pb::outline::Shape as S;
    let q = |name: &str, value: Option<pb::Quantity>| quantity(&format!("{field}.{name}"), value);
    let shape = match message.shape.ok_or_else(|| FieldError::missing(format!("{field}.shape")))? {
        S::Rectangle(m) => Figure::Rectangle {
            length: q("rectangle.length", m.length)?,
            width: q("rectangle.width", m.width)?,
            corner_radius: optional(&format!("{field}.rectangle.corner_radius"), m.corner_radius)?,
        },
        S::Circle(m) => Figure::Circle { diameter: q("circle.diameter", m.diameter)? },
        S::Ellipse(m) => {
            Figure::Ellipse { length: q("ellipse.length", m.length)?, width: q("ellipse.width", m.width)? }
        }
        S::Slot(m) => Figure::Slot { length: q("slot.length", m.length)?, width: q("slot.width", m.width)? },
        S::RegularPolygon(m) => Figure::RegularPolygon {
            sides: q("regular_polygon.sides", m.sides)?,
            size: q("regular_polygon.size", m.size)?,
            across_flats: m.across_flats,
        },
        S::Polygon(m) => Figure::Polygon { points: points(&format!("{field}.polygon.points"), m.points, MAX_POINTS)? },
        S::Path(m) => {
            let name = format!("{field}.path");
            bounded(&format!("{name}.segments"), m.segments.len(), MAX_POINTS)?;
            let segments = m.segments.into_iter().enumerate().map(|(i, stroke)| {
                let name = format!("{name}.segments[{i}]");
                let to = point(&format!("{name}.to"), stroke.to)?;
                Ok(match stroke.via {
                    Some(via) => Stroke::Arc { via: point(&format!("{name}.via"), Some(via))?, to },
                    None => Stroke::Line { to },
                })
            });
            Figure::Path {
                start: point(&format!("{name}.start"), m.start)?,
                segments: segments.collect::<Result<_, FieldError>>()?,
            }
        }
        S::Gear(m) => Figure::Gear {
            teeth: q("gear.teeth", m.teeth)?,
            module: q("gear.module", m.module)?,
            pressure_angle: optional(&format!("{field}.gear.pressure_angle"), m.pressure_angle)?,
        },
        S::Text(m) => {
            bounded(&format!("{field}.text.text"), m.text.chars().count(), MAX_TEXT)?;
            Figure::Text { text: m.text, height: q("text.height", m.height)? }
        }
    };
    let centre = message.centre.map(|centre| point(&format!("{field}.centre"), Some(centre))).transpose()?;
    Ok(Outline { shape, centre, rotation: optional(&format!("{field}.rotation"), message.rotation)? })
}

pub(crate) fn points(field: &str, messages: Vec<pb::Point>, most: usize) -> Result<Vec<Point>, FieldError> {
    bounded(field, messages.len(), most)?;
    messages.into_iter().enumerate().map(|(i, message)| point(&format!("{field}[{i}]"), Some(message))).collect()
}

fn point(field: &str, message: Option<pb::Point>) -> Result<Point, FieldError> {
    let message = message.ok_or_else(|| FieldError::missing(field))?;
    Ok(Point { x: quantity(&format!("{field}.x"), message.x)?, y: quantity(&format!("{field}.y"), message.y)? })
}

pub(crate) fn path(field: &str, message: pb::Path) -> Result<Path, FieldError> {
    let point = |name: &str, message: Option<pb::SpacePoint>| {
        let name = format!("{field}.{name}");
        let message = message.ok_or_else(|| FieldError::missing(&name))?;
        Ok::<_, FieldError>(SpacePoint {
            x: quantity(&format!("{name}.x"), message.x)?,
            y: quantity(&format!("{name}.y"), message.y)?,
            z: quantity(&format!("{name}.z"), message.z)?,
        })
    };
    let q = |name: &str, value: Option<pb::Quantity>| quantity(&format!("{field}.helix.{name}"), value);
    match message.path.ok_or_else(|| FieldError::missing(field))? {
        pb::path::Path::Strokes(m) => {
            bounded(&format!("{field}.strokes.segments"), m.segments.len(), MAX_SEGMENTS)?;
            let segments = m.segments.into_iter().enumerate().map(|(i, stroke)| {
                let name = format!("strokes.segments[{i}]");
                let to = point(&format!("{name}.to"), stroke.to)?;
                Ok(match stroke.via {
                    Some(via) => SpaceStroke::Arc { via: point(&format!("{name}.via"), Some(via))?, to },
                    None => SpaceStroke::Line { to },
                })
            });
            Ok(Path::Strokes {
                start: point("strokes.start", m.start)?,
                segments: segments.collect::<Result<_, FieldError>>()?,
            })
        }
        pb::path::Path::Helix(m) => Ok(Path::Helix {
            diameter: q("diameter", m.diameter)?,
            pitch: q("pitch", m.pitch)?,
            turns: q("turns", m.turns)?,
            left_handed: m.left_handed,
        }),
    }
}
