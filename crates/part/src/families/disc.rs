//! A flat disc, with a hole in the middle if wanted.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::Body,
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "disc",
    role: Role::Body,
    meaning: "A flat disc, with a hole in the middle if wanted.",
    parameters: &[
        length("diameter", Default::Essential, SIZE, "diameter"),
        length("thickness", Default::Value(3.0), WALL, "thickness"),
        length("bore", Default::Value(0.0), (0.0, 1000.0), "diameter of the hole in the middle; 0 for none"),
    ],
    choices: &[],
    size_order: &["diameter", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, t, bore) = (v.get("diameter"), v.get("thickness"), v.get("bore"));
    require(bore < d - 0.4, "bore", || format!("of {} does not fit in a disc of {}", mm(bore), mm(d)))?;
    let holes = if bore > 0.0 { vec![circle([0.0; 2], bore)] } else { vec![] };
    let mut body = Body::single("disc", [d, d, t], vec![add(extrude(circle([0.0; 2], d), holes, 0.0, t))]);
    body.round = true;
    Ok(body)
}
