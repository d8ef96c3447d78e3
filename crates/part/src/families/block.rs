//! A solid cuboid.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::Body,
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "block",
    role: Role::Body,
    meaning: "A solid cuboid.",
    parameters: &[
        length("length", Default::Essential, SIZE, "size along X"),
        length("width", Default::Rule("as wide as long", |v| v.get("length")), SIZE, "size along Y"),
        length("height", Default::Rule("as high as wide", |v| v.get("width")), SIZE, "size along Z"),
        length("corner_radius", Default::Value(0.0), RADIUS, "radius of the vertical edges"),
    ],
    choices: &[],
    size_order: &["length", "width", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, w, h, r) = (v.get("length"), v.get("width"), v.get("height"), v.get("corner_radius"));
    radius_fits(r, l.min(w))?;
    Ok(Body::single("block", [l, w, h], vec![add(extrude(rectangle(l, w, r), vec![], 0.0, h))]))
}
