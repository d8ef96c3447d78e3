//! A solid prism on a regular polygon.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "prism",
    role: Role::Body,
    meaning: "A solid prism on a regular polygon.",
    parameters: &[
        count("sides", Default::Value(6.0), (3.0, 64.0), "number of sides"),
        length("diameter", Default::Essential, SIZE, "diameter of the circle through the corners"),
        length("height", Default::Essential, SIZE, "height"),
    ],
    choices: &[],
    size_order: &["diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (n, d, h) = (v.get("sides") as usize, v.get("diameter"), v.get("height"));
    let points = on_circle(n, d, 0.0);
    let extent = |axis: usize| points.iter().map(|p| 2.0 * p[axis].abs()).fold(0.0, f64::max);
    let size = [extent(0), extent(1), h];
    Ok(Body::single("prism", size, vec![add(extrude(Contour::Polygon { points }, vec![], 0.0, h))]))
}
