//! A solid torus (a doughnut).

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Frame, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "torus",
    role: Role::Body,
    meaning: "A solid torus (a doughnut).",
    parameters: &[
        length("outer_diameter", Default::Essential, SIZE, "outer diameter"),
        length(
            "thickness",
            Default::Rule("a quarter of the outer diameter", |v| snap(v.get("outer_diameter") / 4.0)),
            WALL,
            "diameter of the bar",
        ),
    ],
    choices: &[],
    size_order: &["outer_diameter", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, t) = (v.get("outer_diameter"), v.get("thickness"));
    require(2.0 * t < d - 0.2, "thickness", || format!("of {} closes the hole; use less than {}", mm(t), mm(d / 2.0)))?;
    let solid = Solid { shape: Shape::Torus { ring: d - t, tube: t }, frame: Frame::at([0.0, 0.0, t / 2.0]) };
    let mut body = Body::single("torus", [d, d, t], vec![add(solid)]);
    body.round = true;
    Ok(body)
}
