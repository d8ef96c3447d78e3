//! A solid sphere.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Frame, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "sphere",
    role: Role::Body,
    meaning: "A solid sphere.",
    parameters: &[length("diameter", Default::Essential, SIZE, "diameter")],
    choices: &[],
    size_order: &["diameter"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let d = v.get("diameter");
    let solid = Solid { shape: Shape::Sphere { diameter: d }, frame: Frame::at([0.0, 0.0, d / 2.0]) };
    let mut body = Body::single("sphere", [d; 3], vec![add(solid)]);
    body.round = true;
    body.side = (0..=24)
        .map(|i| f64::from(i) * 7.5_f64.to_radians())
        .map(|a| [d / 2.0 * a.sin(), d / 2.0 * (1.0 - a.cos())])
        .collect();
    Ok(body)
}
