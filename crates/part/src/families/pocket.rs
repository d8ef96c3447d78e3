//! A rectangular, round or slot-shaped pocket.

use super::{kit::*, place};
use crate::{
    Invalid, Operation,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    region,
    solid::{Body, Profile, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "pocket",
    role: Role::Modifier,
    meaning: "A rectangular recess or window, or a round or slot-shaped one; in the middle of the top unless placed.",
    parameters: &[
        length("length", Default::Essential, HOLE, "size along the face's width; the diameter of a round one"),
        length("width", Default::Rule("as wide as long", |v| v.get("length")), HOLE, "size along the face's height"),
        length("depth", Default::Absent, HOLE, "depth; needed unless it goes through"),
        length("corner_radius", Default::Value(0.0), RADIUS, "radius of the corners of a rectangular one"),
    ],
    choices: &[
        Choice { name: "shape", options: &["rectangular", "round", "slot"], default: Some("rectangular") },
        Choice { name: "through", options: &["no", "yes"], default: Some("no") },
        Choice { name: "piece", options: &["auto", "body", "lid"], default: Some("auto") },
    ],
    size_order: &["length", "width", "depth"],
    build: Build::Modifier(build),
};

fn build(v: &Values, operation: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let (l, w, r) = (v.get("length"), v.get("width"), v.get("corner_radius"));
    let through = v.choice("through") == "yes";
    require(through || v.find("depth").is_some(), "depth", || "is essential and was not given".to_owned())?;
    let outer = match v.choice("shape") {
        "round" => {
            require((l - w).abs() < 1e-6, "width", || {
                format!("of {} is not the length of {}, and a round pocket has one diameter", mm(w), mm(l))
            })?;
            circle([0.0; 2], l)
        }
        "slot" => {
            require((l - w).abs() > 1e-3, "width", || {
                format!("of {} is the length as well; make it less, or the pocket round", mm(w))
            })?;
            region::upright_slot(l, w)
        }
        _ => {
            radius_fits(r, l.min(w))?;
            rectangle(l, w, r)
        }
    };
    let index = place::piece_index(v.choice("piece"), operation, body)?;
    for site in place::sites(operation, body, index, [l / 2.0, w / 2.0])? {
        let depth = if through { site.through + BEYOND } else { v.get("depth") };
        require(through || depth < site.thickness, "depth", || {
            format!("of {} goes through; use less than {}, or say that it does", mm(depth), mm(site.thickness))
        })?;
        let profile = Profile { outer: outer.clone(), holes: Vec::new() };
        let shape = Shape::Extrusion { profile, height: depth + BEYOND };
        body.pieces[index].steps.push(cut(Solid { shape, frame: site.inward(BEYOND) }));
    }
    Ok(())
}
