//! A round coaster with a raised rim.

use super::kit::*;
use crate::{
    Invalid, Source,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Hollow},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "coaster",
    role: Role::Body,
    meaning: "A round or square coaster: flat when its thickness is said, else with a raised rim.",
    parameters: &[
        length("diameter", Default::Value(95.0), SIZE, "outer diameter, or the side of a square one"),
        length("thickness", Default::Value(3.0), WALL, "thickness of the floor"),
        length(
            "height",
            Default::Rule("the thickness said, else the floor and 2 mm of rim", |v| {
                let said = v.quantities.get("thickness").is_some_and(|q| !matches!(q.source, Source::Default { .. }));
                v.get("thickness") + if said { 0.0 } else { 2.0 }
            }),
            SIZE,
            "overall height, rim included",
        ),
        length("wall", Default::Value(3.0), WALL, "width of the rim"),
    ],
    choices: &[Choice { name: "shape", options: &["round", "square"], default: Some("round") }],
    size_order: &["diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (r, t, h, wall) = (v.get("diameter") / 2.0, v.get("thickness"), v.get("height"), v.get("wall"));
    walls_fit(wall, 2.0 * r, "diameter")?;
    let flat = (h - t).abs() < 1e-9;
    require(flat || h >= t + 0.1, "height", || format!("of {} leaves no rim above a floor of {}", mm(h), mm(t)))?;
    if v.choice("shape") == "square" {
        let side = 2.0 * r;
        let mut steps = vec![add(extrude(rectangle(side, side, 0.0), vec![], 0.0, h))];
        if !flat {
            let inside = snap(side - 2.0 * wall);
            steps.push(cut(extrude(rectangle(inside, inside, 0.0), vec![], t, h - t + BEYOND)));
        }
        let mut body = Body::single("coaster", [side, side, h], steps);
        body.hollow = (!flat).then_some(Hollow { wall, floor: t, lid: 0.0 });
        return Ok(body);
    }
    if flat {
        let mut body = Body::single(
            "coaster",
            [2.0 * r, 2.0 * r, h],
            vec![add(extrude(circle([0.0; 2], 2.0 * r), vec![], 0.0, h))],
        );
        body.round = true;
        return Ok(body);
    }
    let points = vec![[0.0, 0.0], [r, 0.0], [r, h], [r - wall, h], [r - wall, t], [0.0, t]];
    let mut body = Body::single("coaster", [2.0 * r, 2.0 * r, h], vec![add(revolve(Contour::Polygon { points }))]);
    (body.round, body.hollow) = (true, Some(Hollow { wall, floor: t, lid: 0.0 }));
    Ok(body)
}
