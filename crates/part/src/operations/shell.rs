//! The body hollowed to a wall of even thickness.

use crate::{
    Invalid, Operation,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    families::kit::{WALL, length, mm, require},
    solid::{Action, Body, Hollow, Side, Step},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "shell",
    role: Role::Modifier,
    meaning: "Hollows the body so far to walls of even thickness, open where it says; with none open it encloses a void. Put it before small roundings.",
    parameters: &[length("thickness", Default::Value(2.0), WALL, "wall thickness")],
    choices: &[Choice {
        name: "open",
        options: &["top", "bottom", "both", "none", "front", "back", "left", "right"],
        default: Some("top"),
    }],
    size_order: &["thickness"],
    build: Build::Modifier(build),
};

fn build(v: &Values, _: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let thickness = v.get("thickness");
    let open = match v.choice("open") {
        "bottom" => vec![Side::Bottom],
        "both" => vec![Side::Top, Side::Bottom],
        "none" => Vec::new(),
        "front" => vec![Side::Front],
        "back" => vec![Side::Back],
        "left" => vec![Side::Left],
        "right" => vec![Side::Right],
        _ => vec![Side::Top],
    };
    require(body.hollow.is_none() && body.pieces.len() == 1, "kind", || {
        "hollows a body that is hollow already; set its wall instead".to_owned()
    })?;
    require(!body.round || open.iter().all(|side| matches!(side, Side::Top | Side::Bottom)), "open", || {
        format!("is {}, and a round body has no such side; open its top or bottom", v.choice("open"))
    })?;
    // Walls on both sides, or one where the other side is open.
    for (axis, sides) in
        [[Side::Left, Side::Right], [Side::Front, Side::Back], [Side::Bottom, Side::Top]].iter().enumerate()
    {
        let walls = sides.iter().filter(|side| !open.contains(side)).count();
        let across = body.size[axis];
        require(across == 0.0 || thickness * walls as f64 + 0.1 < across, "thickness", || {
            format!(
                "of {} leaves no space in a body {} across; use less than {}",
                mm(thickness),
                mm(across),
                mm(across / walls.max(1) as f64)
            )
        })?;
    }
    let wall = |side: Side| if open.contains(&side) { 0.0 } else { thickness };
    body.hollow = Some(Hollow { wall: thickness, floor: wall(Side::Bottom), lid: 0.0 });
    body.roof = wall(Side::Top);
    let action = Action::Shell { open, thickness };
    body.pieces[0].steps.push(Step { operation: String::new(), action });
    Ok(())
}
