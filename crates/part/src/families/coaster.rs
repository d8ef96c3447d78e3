//! A round coaster with a raised rim.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour, Hollow},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "coaster",
    role: Role::Body,
    meaning: "A round coaster with a raised rim.",
    parameters: &[
        length("diameter", Default::Value(95.0), SIZE, "outer diameter"),
        length("thickness", Default::Value(3.0), WALL, "thickness of the floor"),
        length(
            "height",
            Default::Rule("the floor and 2 mm of rim", |v| v.get("thickness") + 2.0),
            SIZE,
            "overall height, rim included",
        ),
        length("wall", Default::Value(3.0), WALL, "width of the rim"),
    ],
    choices: &[],
    size_order: &["diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (r, t, h, wall) = (v.get("diameter") / 2.0, v.get("thickness"), v.get("height"), v.get("wall"));
    walls_fit(wall, 2.0 * r, "diameter")?;
    require(h >= t + 0.1, "height", || format!("of {} leaves no rim above a floor of {}", mm(h), mm(t)))?;
    let points = vec![[0.0, 0.0], [r, 0.0], [r, h], [r - wall, h], [r - wall, t], [0.0, t]];
    let mut body = Body::single("coaster", [2.0 * r, 2.0 * r, h], vec![add(revolve(Contour::Polygon { points }))]);
    (body.round, body.hollow) = (true, Some(Hollow { wall, floor: t, lid: 0.0 }));
    Ok(body)
}
