//! The body and its mirror image.

use super::sketched::body_extent;
use crate::{
    Invalid, Operation,
    catalogue::{Build, Choice, Definition, Role, Values},
    families::kit::{require, snap},
    solid::{Action, Body, Step},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "mirror",
    role: Role::Modifier,
    meaning: "Adds the body's mirror image (or keeps only that) in a plane square to X, Y or Z through the middle of the body or through one of its sides.",
    parameters: &[],
    choices: &[
        Choice { name: "plane", options: &["x", "y", "z"], default: Some("x") },
        Choice {
            name: "about",
            options: &["centre", "left", "right", "front", "back", "top", "bottom"],
            default: Some("centre"),
        },
        Choice { name: "keep", options: &["yes", "no"], default: Some("yes") },
    ],
    size_order: &[],
    build: Build::Modifier(build),
};

fn build(v: &Values, _: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let axis = match v.choice("plane") {
        "y" => 1,
        "z" => 2,
        _ => 0,
    };
    let about = v.choice("about");
    let [low, high] = body_extent(body);
    require(low[0] < high[0], "kind", || {
        "mirrors an imported body whose size is not known; give its length, width and height".to_owned()
    })?;
    let at = match (about, axis) {
        ("centre", _) => (low[axis] + high[axis]) / 2.0,
        ("left", 0) | ("front", 1) | ("bottom", 2) => low[axis],
        ("right", 0) | ("back", 1) | ("top", 2) => high[axis],
        _ => {
            let plane = ["x", "y", "z"][axis];
            return Err(Invalid::new(
                "",
                "about",
                format!("is {about}, which no plane square to {plane} goes through"),
            ));
        }
    };
    require(body.pieces.len() == 1 || axis != 2, "plane", || {
        "lies level, and a lid must stay on top; mirror it in x or y".to_owned()
    })?;
    let keep = v.choice("keep") == "yes";
    let mut origin = [0.0; 3];
    origin[axis] = snap(at);
    let mut normal = [0.0; 3];
    normal[axis] = 1.0;
    for piece in &mut body.pieces {
        let action = Action::Mirror { origin, normal, replace: !keep };
        piece.steps.push(Step { operation: String::new(), action });
    }
    let image = [2.0 * at - high[axis], 2.0 * at - low[axis]];
    let (from, to) = if keep { (low[axis].min(image[0]), high[axis].max(image[1])) } else { (image[0], image[1]) };
    body.size[axis] = snap(to - from);
    body.base[axis] = snap(if axis == 2 { from } else { (from + to) / 2.0 });
    if axis == 2 {
        // What was open above is open below now, or closed in between.
        (body.hollow, body.roof) = (None, 0.0);
        if about != "centre" || !body.side.is_empty() {
            body.side.clear();
            body.round = body.round && about == "centre" && body.side.is_empty();
        }
    } else if about != "centre" && keep {
        (body.round, body.side) = (false, Vec::new());
    }
    Ok(())
}
