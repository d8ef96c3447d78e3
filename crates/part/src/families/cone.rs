//! A solid cone, or a truncated one.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Frame, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "cone",
    role: Role::Body,
    meaning: "A solid cone, or a truncated one.",
    parameters: &[
        length("diameter", Default::Essential, SIZE, "diameter of the base"),
        length("height", Default::Essential, SIZE, "height"),
        length("top_diameter", Default::Value(0.0), (0.0, 2000.0), "diameter of the top; 0 makes a point"),
    ],
    choices: &[],
    size_order: &["diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, h, top) = (v.get("diameter"), v.get("height"), v.get("top_diameter"));
    require((top - d).abs() > 0.01, "top_diameter", || "equals the base's; ask for a cylinder instead".to_owned())?;
    let solid = Solid { shape: Shape::Cone { bottom: d, top, height: h }, frame: Frame::WORLD };
    let mut body = Body::single("cone", [d.max(top), d.max(top), h], vec![add(solid)]);
    body.round = true;
    body.side = vec![[d / 2.0, 0.0], [top / 2.0, h]];
    Ok(body)
}
