//! A hollow box with a lid that plugs into it. Stated outer sizes are those of the closed box.

use super::{r#box::shell, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Hollow, Piece},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "box_with_lid",
    role: Role::Body,
    meaning: "A hollow box and its plug-in lid, printed side by side; sizes are those of the closed box.",
    parameters: &[
        length("length", Default::Essential, SIZE, "outer size along X"),
        length("width", Default::Essential, SIZE, "outer size along Y"),
        length("height", Default::Essential, SIZE, "outer size along Z, lid included"),
        length("wall", Default::Value(2.0), WALL, "wall thickness"),
        length("floor", Default::Rule("as thick as the walls", |v| v.get("wall")), WALL, "floor thickness"),
        length("corner_radius", Default::Value(0.0), RADIUS, "outer radius of the vertical edges"),
        length(
            "lid_thickness",
            Default::Rule("as thick as the walls", |v| v.get("wall")),
            WALL,
            "thickness of the lid's plate",
        ),
        length(
            "rim_height",
            Default::Rule("an eighth of the height, 2 to 8 mm, at most half the inside", |v| {
                let inside = v.get("height") - v.get("floor") - v.get("lid_thickness");
                (v.get("height") / 8.0).clamp(2.0, 8.0).min((inside / 2.0).max(0.2))
            }),
            WALL,
            "how far the lid's rim goes into the box",
        ),
    ],
    choices: &[],
    size_order: &["length", "width", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, w, h, wall) = (v.get("length"), v.get("width"), v.get("height"), v.get("wall"));
    let (plate, rim, r) = (v.get("lid_thickness"), v.get("rim_height"), v.get("corner_radius"));
    require(plate < h - v.get("floor") - 0.1, "lid_thickness", || {
        format!("of {} and the floor fill the height of {}", mm(plate), mm(h))
    })?;
    require(rim < h - plate - v.get("floor"), "rim_height", || {
        format!("of {} is more than the inside's {}", mm(rim), mm(h - plate - v.get("floor")))
    })?;
    let steps = shell(v, h - plate)?;
    // The rim plugs into the cavity with the fit's gap on every side.
    let inset = wall + v.clearance;
    let (rl, rw, rr) = (l - 2.0 * inset, w - 2.0 * inset, (r - inset).max(0.0));
    require(rl.min(rw) > 2.0 * wall + 0.4, "wall", || {
        format!("of {} leaves no room for the lid's rim; use less than {}", mm(wall), mm(l.min(w) / 4.0 - 0.3))
    })?;
    let hollow = rectangle(rl - 2.0 * wall, rw - 2.0 * wall, (rr - wall).max(0.0));
    let lid = Piece {
        name: "lid".to_owned(),
        steps: vec![
            add(extrude(rectangle(l, w, r), vec![], h - plate, plate)),
            add(extrude(rectangle(rl, rw, rr), vec![hollow], h - plate - rim, rim)),
        ],
        print_turns: [2, 0],
    };
    let mut body = Body::single("box", [l, w, h], steps);
    body.pieces.push(lid);
    body.hollow = Some(Hollow { wall, floor: v.get("floor"), lid: plate });
    Ok(body)
}
