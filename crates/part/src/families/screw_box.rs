//! A box with a lid that is screwed down at its corners.

use super::{case::Case, joinery::clearance_hole, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Hollow},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "screw_box",
    role: Role::Body,
    meaning: "A box with a lid screwed into bosses in its four corners, printed side by side; sizes are those of the closed box.",
    parameters: &[
        length("length", Default::Essential, SIZE, "outer size along X"),
        length("width", Default::Essential, SIZE, "outer size along Y"),
        length("height", Default::Essential, SIZE, "outer size along Z, lid included"),
        length("wall", Default::Value(2.0), WALL, "wall thickness"),
        length("floor", Default::Rule("as thick as the walls", |v| v.get("wall")), WALL, "floor thickness"),
        length("corner_radius", Default::Value(0.0), RADIUS, "outer radius of the vertical edges"),
        length("screw_diameter", Default::Value(3.0), (1.6, 10.0), "nominal diameter of the screws: 3 for M3"),
        length("lid_thickness", LID_THICKNESS, WALL, "thickness of the lid's plate"),
        length(
            "lip_height",
            Default::Rule("a tenth of the height, 1 to 4 mm", |v| snap((v.get("height") / 10.0).clamp(1.0, 4.0))),
            WALL,
            "how far the lid's lip goes into the box",
        ),
        length("screw_depth", SCREW_DEPTH, (1.0, 200.0), "depth of the pilot holes in the bosses"),
    ],
    choices: &[Choice { name: "screw_head", options: &["plain", "countersunk"], default: Some("plain") }],
    size_order: &["length", "width", "height"],
    build: Build::Body(build),
};

pub(crate) const LID_THICKNESS: Default = Default::Rule("as thick as the walls, or as countersunk screws need", |v| {
    let screw = v.get("screw_diameter");
    let head = if v.choice("screw_head") == "countersunk" { screw - clearance_hole(screw) / 2.0 + 0.4 } else { 0.0 };
    snap(v.get("wall").max(head))
});

pub(crate) const SCREW_DEPTH: Default =
    Default::Rule("four times the screw's diameter, at most the inside's height", |v| {
        let inside = v.get("height") - v.get("floor") - v.get("lid_thickness");
        snap((4.0 * v.get("screw_diameter")).min(inside).max(1.0))
    });

fn build(v: &Values) -> Result<Body, Invalid> {
    let case = Case {
        length: v.get("length"),
        width: v.get("width"),
        height: v.get("height"),
        wall: v.get("wall"),
        floor: v.get("floor"),
        corner_radius: v.get("corner_radius"),
        lid: v.get("lid_thickness"),
        lip: v.get("lip_height"),
        screw: v.get("screw_diameter"),
        screw_depth: v.get("screw_depth"),
        countersunk: v.choice("screw_head") == "countersunk",
        clearance: v.clearance,
    };
    case.check()?;
    let mut steps = case.shell();
    steps.extend(case.pilot_holes());
    let mut body = Body::single("box", [case.length, case.width, case.height], steps);
    body.pieces.push(case.lid_piece());
    body.hollow = Some(Hollow { wall: case.wall, floor: case.floor, lid: case.lid });
    Ok(body)
}
