//! A plain ring, such as one for a finger.

use super::{kit::*, ringed::ring_body};
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::Body,
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "ring",
    role: Role::Body,
    meaning: "A plain ring.",
    parameters: &[
        length("inner_diameter", Default::Essential, HOLE, "inner diameter"),
        length("thickness", Default::Value(2.0), WALL, "thickness from the inside to the outside"),
        length(
            "outer_diameter",
            Default::Rule("the inner diameter and twice the thickness", |v| {
                v.get("inner_diameter") + 2.0 * v.get("thickness")
            }),
            SIZE,
            "outer diameter",
        ),
        length("height", Default::Value(5.0), SIZE, "height of the band"),
    ],
    choices: &[],
    size_order: &["outer_diameter", "inner_diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    ring_body("ring", v.get("outer_diameter"), v.get("inner_diameter"), v.get("height"), "inner_diameter")
}
