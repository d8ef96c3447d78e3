//! A plain wheel.

use super::{kit::*, ringed::ring_body};
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::Body,
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "wheel",
    role: Role::Body,
    meaning: "A plain wheel, with a bore for its axle if wanted.",
    parameters: &[
        length("diameter", Default::Essential, SIZE, "outer diameter"),
        length("width", Default::Rule("a fifth of the diameter", |v| snap(v.get("diameter") / 5.0)), SIZE, "width"),
        length("bore", Default::Value(0.0), (0.0, 1000.0), "diameter of the axle's hole; 0 for none"),
    ],
    choices: &[],
    size_order: &["diameter", "width"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, w, bore) = (v.get("diameter"), v.get("width"), v.get("bore"));
    let mut body = if bore > 0.0 {
        ring_body("wheel", d, bore, w, "bore")?
    } else {
        Body::single("wheel", [d, d, w], vec![add(extrude(circle([0.0; 2], d), vec![], 0.0, w))])
    };
    // Holes in the disc go through its whole width.
    (body.round, body.hollow) = (true, None);
    Ok(body)
}
