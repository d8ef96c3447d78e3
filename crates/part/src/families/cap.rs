//! A cap that goes over the end of a round tube.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour, Hollow},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "cap",
    role: Role::Body,
    meaning: "A round cap, closed at one end; it prints on the closed end.",
    parameters: &[
        length("outer_diameter", Default::Essential, SIZE, "outer diameter"),
        tube_wall(),
        tube_bore("inner diameter: that of the tube"),
        length("height", Default::Essential, SIZE, "overall height"),
        length(
            "floor",
            Default::Rule("as thick as the wall", |v| snap((v.get("outer_diameter") - v.get("inner_diameter")) / 2.0)),
            WALL,
            "thickness of the closed end",
        ),
    ],
    choices: &[],
    size_order: &["outer_diameter", "inner_diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (outer, inner, h, floor) =
        (v.get("outer_diameter") / 2.0, v.get("inner_diameter") / 2.0, v.get("height"), v.get("floor"));
    require(inner < outer - 0.1, "inner_diameter", || {
        format!("of {} does not fit in the outer diameter of {}", mm(2.0 * inner), mm(2.0 * outer))
    })?;
    require(v.find("wall").is_none_or(|wall| (outer - inner - wall).abs() < 1e-3), "wall", || {
        format!("contradicts the diameters, which leave {}; drop one of the three", mm(outer - inner))
    })?;
    require(floor < h - 0.1, "floor", || format!("of {} fills the height of {}", mm(floor), mm(h)))?;
    let points = vec![[0.0, 0.0], [outer, 0.0], [outer, h], [inner, h], [inner, floor], [0.0, floor]];
    let steps = vec![add(revolve(Contour::Polygon { points }))];
    let mut body = Body::single("cap", [2.0 * outer, 2.0 * outer, h], steps);
    (body.round, body.hollow) = (true, Some(Hollow { wall: outer - inner, floor, lid: 0.0 }));
    Ok(body)
}
