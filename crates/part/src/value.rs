//! Every value of an operation by its path, the name that refusals give it: `sketches[0].outline.corner_radius`,
//! `sketches[1].height`, `path.pitch`, `placement.u`. A formula can stand for each of them.

use crate::{
    Figure, Operation, Outline, Path, Placement, Point, Position, Quantity, Sketch, SpacePoint, SpaceStroke, Stroke,
};

/// A step of a path: a name, and which one where there are several.
type Step<'a> = (&'a str, Option<usize>);

impl Operation {
    /// The value of a sketch, of the path or of the placement at this path, if it is there: an optional one that is absent is
    /// not. Parameters are not among them; they are named without a path.
    pub fn value_mut(&mut self, path: &str) -> Option<&mut Quantity> {
        let steps = steps(path)?;
        match steps.as_slice() {
            [("sketches", Some(i)), rest @ ..] => in_sketch(self.sketches.get_mut(*i)?, rest),
            [("path", None), rest @ ..] => in_path(self.path.as_mut()?, rest),
            [("placement", None), rest @ ..] => in_placement(self.placement.as_mut()?, rest),
            _ => None,
        }
    }

    /// Whether there is a value at this path.
    pub(crate) fn has_value(&self, path: &str) -> bool {
        // Only what is looked at is copied, and only while a formula for it is checked.
        let copy = |operation: &Operation| Operation {
            sketches: operation.sketches.clone(),
            path: operation.path.clone(),
            placement: operation.placement.clone(),
            ..Operation::default()
        };
        path.contains('.') && copy(self).value_mut(path).is_some()
    }
}

/// "a[2].b" as its steps; `None` for what is no path.
fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    path.split('.')
        .map(|step| match step.split_once('[') {
            None => Some((step, None)),
            Some((name, index)) => {
                let digits = index.strip_suffix(']')?;
                let plain = !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit());
                Some((name, Some(digits.parse().ok().filter(|_| plain)?)))
            }
        })
        .collect()
}

fn in_sketch<'a>(sketch: &'a mut Sketch, steps: &[Step<'_>]) -> Option<&'a mut Quantity> {
    match steps {
        [("height", None)] => sketch.height.as_mut(),
        [("outline", None), rest @ ..] => in_outline(&mut sketch.outline, rest),
        [("holes", Some(i)), rest @ ..] => in_outline(sketch.holes.get_mut(*i)?, rest),
        _ => None,
    }
}

fn in_outline<'a>(outline: &'a mut Outline, steps: &[Step<'_>]) -> Option<&'a mut Quantity> {
    match steps {
        [("rotation", None)] => outline.rotation.as_mut(),
        [("centre", None), axis] => in_point(outline.centre.as_mut()?, *axis),
        _ => in_figure(&mut outline.shape, steps),
    }
}

fn in_figure<'a>(figure: &'a mut Figure, steps: &[Step<'_>]) -> Option<&'a mut Quantity> {
    match (figure, steps) {
        (Figure::Rectangle { corner_radius, .. }, [("corner_radius", None)]) => corner_radius.as_mut(),
        (
            Figure::Rectangle { length, width, .. }
            | Figure::Ellipse { length, width }
            | Figure::Slot { length, width },
            [(name, None)],
        ) => match *name {
            "length" => Some(length),
            "width" => Some(width),
            _ => None,
        },
        (Figure::Circle { diameter }, [("diameter", None)]) => Some(diameter),
        (Figure::RegularPolygon { sides, .. }, [("sides", None)]) => Some(sides),
        (Figure::RegularPolygon { size, .. }, [("size", None)]) => Some(size),
        (Figure::Polygon { points }, [("points", Some(i)), axis]) => in_point(points.get_mut(*i)?, *axis),
        (Figure::Path { start, .. }, [("start", None), axis]) => in_point(start, *axis),
        (Figure::Path { segments, .. }, [("segments", Some(i)), (end, None), axis]) => {
            let point = match (segments.get_mut(*i)?, *end) {
                (Stroke::Line { to } | Stroke::Arc { to, .. }, "to") => to,
                (Stroke::Arc { via, .. }, "via") => via,
                _ => return None,
            };
            in_point(point, *axis)
        }
        (Figure::Gear { teeth, .. }, [("teeth", None)]) => Some(teeth),
        (Figure::Gear { module, .. }, [("module", None)]) => Some(module),
        (Figure::Gear { pressure_angle, .. }, [("pressure_angle", None)]) => pressure_angle.as_mut(),
        (Figure::Text { height, .. }, [("height", None)]) => Some(height),
        _ => None,
    }
}

fn in_point<'a>(point: &'a mut Point, axis: Step<'_>) -> Option<&'a mut Quantity> {
    match axis {
        ("x", None) => Some(&mut point.x),
        ("y", None) => Some(&mut point.y),
        _ => None,
    }
}

fn in_path<'a>(path: &'a mut Path, steps: &[Step<'_>]) -> Option<&'a mut Quantity> {
    match (path, steps) {
        (Path::Helix { diameter, .. }, [("diameter", None)]) => Some(diameter),
        (Path::Helix { pitch, .. }, [("pitch", None)]) => Some(pitch),
        (Path::Helix { turns, .. }, [("turns", None)]) => Some(turns),
        (Path::Strokes { start, .. }, [("start", None), axis]) => in_space(start, *axis),
        (Path::Strokes { segments, .. }, [("segments", Some(i)), (end, None), axis]) => {
            let point = match (segments.get_mut(*i)?, *end) {
                (SpaceStroke::Line { to } | SpaceStroke::Arc { to, .. }, "to") => to,
                (SpaceStroke::Arc { via, .. }, "via") => via,
                _ => return None,
            };
            in_space(point, *axis)
        }
        _ => None,
    }
}

fn in_space<'a>(point: &'a mut SpacePoint, axis: Step<'_>) -> Option<&'a mut Quantity> {
    match axis {
        ("x", None) => Some(&mut point.x),
        ("y", None) => Some(&mut point.y),
        ("z", None) => Some(&mut point.z),
        _ => None,
    }
}

fn in_placement<'a>(placement: &'a mut Placement, steps: &[Step<'_>]) -> Option<&'a mut Quantity> {
    let name = match steps {
        [(name, None)] => *name,
        [("points", Some(i)), axis] => {
            let Position::Points { points } = &mut placement.position else { return None };
            return in_point(points.get_mut(*i)?, *axis);
        }
        _ => return None,
    };
    match (&mut placement.position, name) {
        (Position::Offset { u, .. } | Position::FromCorner { u, .. }, "u") => Some(u),
        (Position::Offset { v, .. } | Position::FromCorner { v, .. }, "v") => Some(v),
        (Position::Anchored { u, .. }, "u") => Some(&mut u.distance),
        (Position::Anchored { v, .. }, "v") => Some(&mut v.distance),
        (Position::Corners { inset } | Position::Edge { inset, .. }, "inset") => Some(inset),
        (Position::Edge { along, .. }, "along") => Some(along),
        (Position::Grid { columns, .. }, "columns") => Some(columns),
        (Position::Grid { rows, .. }, "rows") => Some(rows),
        (Position::Grid { pitch_u, .. }, "pitch_u") => Some(pitch_u),
        (Position::Grid { pitch_v, .. }, "pitch_v") => Some(pitch_v),
        (Position::Circle { count, .. } | Position::Row { count, .. }, "count") => Some(count),
        (Position::Circle { diameter, .. }, "diameter") => Some(diameter),
        (Position::Circle { start, .. }, "start") => Some(start),
        (Position::Row { pitch, .. }, "pitch") => Some(pitch),
        (Position::Around { angle, .. }, "angle") => Some(angle),
        (Position::Around { height, .. }, "height") => Some(height),
        _ => None,
    }
}
