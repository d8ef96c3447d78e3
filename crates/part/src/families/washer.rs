//! A flat washer.

use super::{kit::*, ringed::ring_body};
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::Body,
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "washer",
    role: Role::Body,
    meaning: "A flat washer.",
    parameters: &[
        length("inner_diameter", Default::Essential, HOLE, "diameter of the hole"),
        length(
            "outer_diameter",
            Default::Rule("twice the hole", |v| v.get("inner_diameter") * 2.0),
            SIZE,
            "outer diameter",
        ),
        length(
            "thickness",
            Default::Rule("an eighth of the outer diameter, 1 to 5 mm", |v| {
                snap((v.get("outer_diameter") / 8.0).clamp(1.0, 5.0))
            }),
            WALL,
            "thickness",
        ),
    ],
    choices: &[],
    size_order: &["outer_diameter", "inner_diameter", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    ring_body("washer", v.get("outer_diameter"), v.get("inner_diameter"), v.get("thickness"), "inner_diameter")
}
