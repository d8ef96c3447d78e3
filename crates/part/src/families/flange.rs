//! A flat round flange; its bolt holes are an operation on their circle.

use super::{kit::*, ringed::ring_body};
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::Body,
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "flange",
    role: Role::Body,
    meaning: "A flat round flange with a bore if wanted; bolt holes are added on a circle.",
    parameters: &[
        length("outer_diameter", Default::Essential, SIZE, "outer diameter"),
        length("thickness", Default::Value(5.0), WALL, "thickness"),
        length("bore", Default::Value(0.0), (0.0, 1000.0), "diameter of the hole in the middle; 0 for none"),
    ],
    choices: &[],
    size_order: &["outer_diameter", "bore", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, t, bore) = (v.get("outer_diameter"), v.get("thickness"), v.get("bore"));
    let mut body = if bore > 0.0 {
        ring_body("flange", d, bore, t, "bore")?
    } else {
        Body::single("flange", [d, d, t], vec![add(extrude(circle([0.0; 2], d), vec![], 0.0, t))])
    };
    // A bolt hole goes through the whole thickness, as in a plate; the bore makes no wall to drill into.
    (body.round, body.hollow) = (true, None);
    Ok(body)
}
