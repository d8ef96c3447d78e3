//! A rectangular cut that is open at an edge of the top: a notch through it, or a step along it.

use super::kit::*;
use crate::{
    Invalid, Operation,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Frame, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "notch",
    role: Role::Modifier,
    meaning: "A rectangular cut open at an upper edge of the body: with a length a notch in its middle, without one a step along the whole edge.",
    parameters: &[
        length("width", Default::Essential, HOLE, "how far it reaches inwards from the edge"),
        length("length", Default::Absent, HOLE, "how long it is along the edge; the whole edge without it"),
        length("depth", Default::Absent, HOLE, "depth from the top; through without it"),
        length("offset", Default::Value(0.0), (-2000.0, 2000.0), "how far its middle lies from the edge's middle"),
    ],
    choices: &[Choice { name: "edge", options: &["front", "back", "left", "right"], default: Some("front") }],
    size_order: &["width", "depth"],
    build: Build::Modifier(build),
};

fn build(v: &Values, _: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let edge = v.choice("edge");
    require(body.hollow.is_none() && !body.round, "edge", || {
        "is that of a hollow or round body, which has no straight one".to_owned()
    })?;
    let across = matches!(edge, "left" | "right");
    let [along, inward] = if across { [body.size[1], body.size[0]] } else { [body.size[0], body.size[1]] };
    let (width, high) = (v.get("width"), body.size[2]);
    require(width < inward - EDGE, "width", || format!("of {} leaves nothing of {}; use less", mm(width), mm(inward)))?;
    let depth = v.find("depth").unwrap_or(high + BEYOND);
    require(v.find("depth").is_none() || depth < high, "depth", || {
        format!("of {} goes through; use less than {} or leave it out", mm(depth), mm(high))
    })?;
    let (long, offset) = match v.find("length") {
        Some(length) => (length, v.get("offset")),
        None => (along + 2.0 * BEYOND, 0.0),
    };
    require(v.find("length").is_none() || offset.abs() + long / 2.0 < along / 2.0 + 1e-6, "length", || {
        format!("of {} reaches past the end of an edge of {}", mm(long), mm(along))
    })?;
    let far = if matches!(edge, "right" | "back") { 1.0 } else { -1.0 };
    let middle = far * (inward / 2.0 - width / 2.0 + BEYOND / 2.0);
    let (wide, tall) = (width + BEYOND, depth + BEYOND);
    let [x, y, z] = body.base;
    let (size, at) = match across {
        true => ([wide, long, tall], [x + middle, y + offset]),
        false => ([long, wide, tall], [x + offset, y + middle]),
    };
    let frame = Frame::at([snap(at[0]), snap(at[1]), snap(z + high - depth)]);
    body.pieces[0].steps.push(cut(Solid { shape: Shape::Box { size }, frame }));
    Ok(())
}
