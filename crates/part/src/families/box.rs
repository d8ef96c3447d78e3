//! A hollow box that is open at the top.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Hollow, Step},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "box",
    role: Role::Body,
    meaning: "A hollow box, open at the top; sizes are outer sizes.",
    parameters: &[
        length("length", Default::Essential, SIZE, "outer size along X"),
        length("width", Default::Essential, SIZE, "outer size along Y"),
        length("height", Default::Essential, SIZE, "outer size along Z"),
        length("wall", Default::Value(2.0), WALL, "wall thickness"),
        length("floor", Default::Rule("as thick as the walls", |v| v.get("wall")), WALL, "floor thickness"),
        length("corner_radius", Default::Value(0.0), RADIUS, "outer radius of the vertical edges"),
    ],
    choices: &[],
    size_order: &["length", "width", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let steps = shell(v, v.get("height"))?;
    let mut body = Body::single("box", [v.get("length"), v.get("width"), v.get("height")], steps);
    body.hollow = Some(Hollow { wall: v.get("wall"), floor: v.get("floor"), lid: 0.0 });
    Ok(body)
}

/// The walls and floor of an open box of this outer height; also the lower piece of a box with a lid, and a tray.
pub(crate) fn shell(v: &Values, height: f64) -> Result<Vec<Step>, Invalid> {
    let (l, w, wall, floor, r) =
        (v.get("length"), v.get("width"), v.get("wall"), v.get("floor"), v.get("corner_radius"));
    walls_fit(wall, l, "length")?;
    walls_fit(wall, w, "width")?;
    radius_fits(r, l.min(w))?;
    require(floor < height - 0.1, "floor", || {
        format!("of {} fills the box; its inside is {} high", mm(floor), mm(height))
    })?;
    let inner = rectangle(l - 2.0 * wall, w - 2.0 * wall, (r - wall).max(0.0));
    Ok(vec![
        add(extrude(rectangle(l, w, r), vec![], 0.0, height)),
        cut(extrude(inner, vec![], floor, height - floor + BEYOND)),
    ])
}
