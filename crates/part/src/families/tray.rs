//! A shallow open tray with rounded corners.

use super::{r#box::shell, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Hollow},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "tray",
    role: Role::Body,
    meaning: "A shallow open tray with rounded corners.",
    parameters: &[
        length("length", Default::Essential, SIZE, "outer size along X"),
        length(
            "width",
            Default::Rule("two thirds of the length", |v| (v.get("length") / 1.5 * 10.0).round() / 10.0),
            SIZE,
            "outer size along Y",
        ),
        length("height", Default::Value(20.0), SIZE, "outer height"),
        length("wall", Default::Value(2.0), WALL, "wall thickness"),
        length("floor", Default::Rule("as thick as the walls", |v| v.get("wall")), WALL, "floor thickness"),
        length(
            "corner_radius",
            Default::Rule("a tenth of the shorter side", |v| snap(v.get("length").min(v.get("width")) / 10.0)),
            RADIUS,
            "outer radius of the vertical edges",
        ),
    ],
    choices: &[],
    size_order: &["length", "width", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let steps = shell(v, v.get("height"))?;
    let mut body = Body::single("tray", [v.get("length"), v.get("width"), v.get("height")], steps);
    body.hollow = Some(Hollow { wall: v.get("wall"), floor: v.get("floor"), lid: 0.0 });
    Ok(body)
}
