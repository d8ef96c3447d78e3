//! A plain bearing: a sleeve, with a flange at its foot if wanted.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour, Hollow},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "bushing",
    role: Role::Body,
    meaning: "A sleeve for a shaft, with a flange at its lower end.",
    parameters: &[
        length("inner_diameter", Default::Essential, HOLE, "diameter of the bore"),
        length(
            "outer_diameter",
            Default::Rule("the bore and a wall of a quarter of it, at least 1.5 mm", |v| {
                let bore = v.get("inner_diameter");
                snap(bore + 2.0 * (bore / 4.0).max(1.5))
            }),
            SIZE,
            "outer diameter of the sleeve",
        ),
        length(
            "height",
            Default::Rule("one and a half bores, at least 4 mm", |v| snap((v.get("inner_diameter") * 1.5).max(4.0))),
            SIZE,
            "overall length",
        ),
        length(
            "flange_diameter",
            Default::Rule("the outer diameter and half as much again of the bore", |v| {
                snap(v.get("outer_diameter") + (v.get("inner_diameter") / 2.0).max(3.0))
            }),
            (0.0, 2000.0),
            "diameter of the flange; 0 for none",
        ),
        length(
            "flange_thickness",
            Default::Rule("as thick as the wall", |v| {
                snap((v.get("outer_diameter") - v.get("inner_diameter")).max(0.4) / 2.0)
            }),
            WALL,
            "thickness of the flange",
        ),
    ],
    choices: &[],
    size_order: &["inner_diameter", "outer_diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (bore, outer, h) = (v.get("inner_diameter") / 2.0, v.get("outer_diameter") / 2.0, v.get("height"));
    let (flange, thick) = (v.get("flange_diameter") / 2.0, v.get("flange_thickness"));
    require(bore < outer - 0.1, "inner_diameter", || {
        format!("of {} does not fit in the outer diameter of {}", mm(2.0 * bore), mm(2.0 * outer))
    })?;
    let flanged = flange > 0.0;
    require(!flanged || flange > outer + 0.05, "flange_diameter", || {
        format!("of {} is no wider than the sleeve of {}; use more, or 0 for none", mm(2.0 * flange), mm(2.0 * outer))
    })?;
    require(!flanged || thick < h - 0.1, "flange_thickness", || {
        format!("of {} is the whole length of {}", mm(thick), mm(h))
    })?;
    let mut points = vec![[bore, 0.0]];
    if flanged {
        points.extend([[flange, 0.0], [flange, thick], [outer, thick]]);
    } else {
        points.push([outer, 0.0]);
    }
    points.extend([[outer, h], [bore, h]]);
    let widest = 2.0 * outer.max(flange);
    let mut body = Body::single("bushing", [widest, widest, h], vec![add(revolve(Contour::Polygon { points }))]);
    (body.round, body.hollow) = (true, Some(Hollow { wall: outer - bore, floor: 0.0, lid: 0.0 }));
    if flanged {
        body.side = vec![[flange, 0.0], [flange, thick], [outer, thick], [outer, h]];
    }
    Ok(body)
}
