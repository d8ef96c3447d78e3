//! A solid wedge: a ramp from nothing to its full height.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour, Frame, Profile, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "wedge",
    role: Role::Body,
    meaning: "A solid wedge: a ramp from nothing to its full height.",
    parameters: &[
        length("length", Default::Essential, SIZE, "length of the ramp, along X"),
        length("width", Default::Rule("half the length", |v| v.get("length") / 2.0), SIZE, "width, along Y"),
        length("height", Default::Essential, SIZE, "height of the high end"),
    ],
    choices: &[],
    size_order: &["length", "width", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, w, h) = (v.get("length"), v.get("width"), v.get("height"));
    let points = vec![[-l / 2.0, 0.0], [l / 2.0, 0.0], [l / 2.0, h]];
    let profile = Profile { outer: Contour::Polygon { points }, holes: vec![] };
    let frame = Frame { origin: [0.0, w / 2.0, 0.0], x: [1.0, 0.0, 0.0], z: [0.0, -1.0, 0.0] };
    Ok(Body::single("wedge", [l, w, h], vec![add(Solid { shape: Shape::Extrusion { profile, height: w }, frame })]))
}
