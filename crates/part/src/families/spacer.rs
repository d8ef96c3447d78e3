//! A round spacer for a screw.

use super::{kit::*, ringed::ring_body};
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::Body,
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "spacer",
    role: Role::Body,
    meaning: "A round spacer with a hole for a screw.",
    parameters: &[
        length("height", Default::Essential, SIZE, "distance that it keeps"),
        length("inner_diameter", Default::Value(4.5), HOLE, "diameter of the hole"),
        length(
            "outer_diameter",
            Default::Rule("twice the hole", |v| v.get("inner_diameter") * 2.0),
            SIZE,
            "outer diameter",
        ),
    ],
    choices: &[],
    size_order: &["outer_diameter", "inner_diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    ring_body("spacer", v.get("outer_diameter"), v.get("inner_diameter"), v.get("height"), "inner_diameter")
}
