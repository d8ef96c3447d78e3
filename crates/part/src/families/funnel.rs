//! A funnel.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour, Hollow},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "funnel",
    role: Role::Body,
    meaning: "A funnel, open at both ends: a cone on a straight spout. It prints on its wide end.",
    parameters: &[
        length("diameter", Default::Value(80.0), SIZE, "outer diameter of the mouth"),
        length("bore", Default::Value(8.0), HOLE, "inner diameter of the spout"),
        length("height", Default::Rule("the mouth's diameter", |v| v.get("diameter")), SIZE, "overall height"),
        length(
            "spout_height",
            Default::Rule("40 % of the height", |v| snap(v.get("height") * 0.4)),
            SIZE,
            "height of the straight spout",
        ),
        length("wall", Default::Value(2.0), WALL, "wall thickness"),
    ],
    choices: &[],
    size_order: &["diameter", "bore", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (r, bore, h, spout, wall) =
        (v.get("diameter") / 2.0, v.get("bore") / 2.0, v.get("height"), v.get("spout_height"), v.get("wall"));
    let neck = bore + wall;
    require(spout < h - 1.0, "spout_height", || format!("of {} leaves no cone in a height of {}", mm(spout), mm(h)))?;
    require(neck < r - 0.5, "bore", || format!("of {} is too wide for a mouth of {}", mm(2.0 * bore), mm(2.0 * r)))?;
    // Inside and outside of the cone are parallel, `wall` apart.
    let slope = (r - neck) / (h - spout);
    let level = wall * slope.hypot(1.0);
    let knee = spout + (level - wall) / slope;
    require(knee < h - 0.2 && level < r, "wall", || format!("of {} fills the cone; use less", mm(wall)))?;
    let points = vec![[bore, 0.0], [neck, 0.0], [neck, spout], [r, h], [snap(r - level), h], [bore, snap(knee)]];
    let mut body = Body::single("funnel", [2.0 * r, 2.0 * r, h], vec![add(revolve(Contour::Polygon { points }))]);
    (body.round, body.hollow) = (true, Some(Hollow { wall, floor: 0.0, lid: 0.0 }));
    body.side = vec![[neck, 0.0], [neck, spout], [r, h]];
    body.pieces[0].print_turns = [2, 0];
    Ok(body)
}
