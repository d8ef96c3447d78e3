//! An adapter between two tube diameters (a reducer).

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour, Hollow},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "adapter",
    role: Role::Body,
    meaning: "A round adapter between two outer diameters: a straight collar at each end and a cone between them, a third of the height each.",
    parameters: &[
        length("diameter", Default::Essential, SIZE, "outer diameter of the lower end"),
        length("top_diameter", Default::Essential, SIZE, "outer diameter of the upper end"),
        length("height", Default::Essential, SIZE, "overall length, along Z"),
        length("wall", Default::Value(2.0), WALL, "wall thickness of the collars"),
    ],
    choices: &[],
    size_order: &["diameter", "top_diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (lower, upper, h, wall) =
        (v.get("diameter") / 2.0, v.get("top_diameter") / 2.0, v.get("height"), v.get("wall"));
    walls_fit(wall, 2.0 * lower.min(upper), "diameter")?;
    let (knee, neck) = (snap(h / 3.0), snap(2.0 * h / 3.0));
    let side = vec![[lower, 0.0], [lower, knee], [upper, neck], [upper, h]];
    let inside = side.iter().rev().map(|[r, z]| [snap(r - wall), *z]);
    let points = side.iter().copied().chain(inside).collect();
    let widest = 2.0 * lower.max(upper);
    let steps = vec![add(revolve(Contour::Polygon { points }))];
    let mut body = Body::single("adapter", [widest, widest, h], steps);
    (body.round, body.hollow) = (true, Some(Hollow { wall, floor: 0.0, lid: 0.0 }));
    // It prints on its wider end.
    body.pieces[0].print_turns = [if lower < upper { 2 } else { 0 }, 0];
    body.side = side;
    Ok(body)
}
