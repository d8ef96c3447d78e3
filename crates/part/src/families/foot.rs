//! A tapered round foot for furniture or a case, screwed on from below.

use super::{joinery::polygon, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::Body,
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "foot",
    role: Role::Body,
    meaning: "A round foot, narrower at the floor, with a hole from below for a sunk screw.",
    parameters: &[
        length("diameter", Default::Value(30.0), SIZE, "diameter at the top, where it is screwed on"),
        length("height", Default::Rule("half the diameter", |v| snap(v.get("diameter") / 2.0)), SIZE, "height"),
        length(
            "base_diameter",
            Default::Rule("80 % of the diameter", |v| snap(v.get("diameter") * 0.8)),
            SIZE,
            "diameter at the floor",
        ),
        length(
            "hole_diameter",
            Default::Rule("4.5 mm, at most a sixth of the diameter", |v| snap((v.get("diameter") / 6.0).min(4.5))),
            HOLE,
            "diameter of the screw hole",
        ),
        length(
            "head_diameter",
            Default::Rule("twice the hole's diameter, less in a narrow foot", |v| {
                let narrow = v.get("diameter").min(v.get("base_diameter")) - 2.4;
                snap((v.get("hole_diameter") * 2.0).min(narrow).max(v.get("hole_diameter") + 0.2))
            }),
            HOLE,
            "diameter of the recess for the screw's head",
        ),
        length(
            "head_depth",
            Default::Rule("half the height", |v| snap(v.get("height") / 2.0)),
            HOLE,
            "depth of the recess, from the floor; a countersink's cone lies at its end",
        ),
    ],
    choices: &[Choice {
        name: "screw",
        options: &["counterbore", "countersink", "none"],
        default: Some("counterbore"),
    }],
    size_order: &["diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (top, base, h) = (v.get("diameter") / 2.0, v.get("base_diameter") / 2.0, v.get("height"));
    let (hole, head, deep) = (v.get("hole_diameter") / 2.0, v.get("head_diameter") / 2.0, v.get("head_depth"));
    let screw = v.choice("screw");
    let mut points = vec![[base, 0.0], [top, h]];
    if screw == "none" {
        points.extend([[0.0, h], [0.0, 0.0]]);
    } else {
        require(head > hole + 0.05, "head_diameter", || {
            format!("of {} is not wider than the hole of {}", mm(2.0 * head), mm(2.0 * hole))
        })?;
        // The outside at the recess's end is between the base's and the top's radius.
        require(head + 0.6 < base.min(top), "head_diameter", || {
            format!(
                "of {} leaves no wall in a foot of {}; use less than {}",
                mm(2.0 * head),
                mm(2.0 * base.min(top)),
                mm(2.0 * base.min(top) - 1.2)
            )
        })?;
        let cone = if screw == "countersink" { head - hole } else { 0.0 };
        require(deep + cone < h - 0.5, "head_depth", || {
            format!("of {} leaves nothing under the head; use less than {}", mm(deep), mm(h - 0.5 - cone))
        })?;
        points.extend([[hole, h], [hole, deep + cone], [head, deep], [head, 0.0]]);
    }
    let steps = vec![add(revolve(polygon(points)))];
    let widest = 2.0 * top.max(base);
    let mut body = Body::single("foot", [widest, widest, h], steps);
    body.round = true;
    body.side = vec![[base, 0.0], [top, h]];
    // It prints on the face that is screwed on, the recess open above.
    body.pieces[0].print_turns = [2, 0];
    Ok(body)
}
