//! A solid cylinder.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::Body,
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "cylinder",
    role: Role::Body,
    meaning: "A solid cylinder.",
    parameters: &[
        length("diameter", Default::Essential, SIZE, "diameter"),
        length("height", Default::Essential, SIZE, "height"),
    ],
    choices: &[],
    size_order: &["diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, h) = (v.get("diameter"), v.get("height"));
    let mut body = Body::single("cylinder", [d, d, h], vec![add(cylinder(d, [0.0; 3], h))]);
    body.round = true;
    Ok(body)
}
