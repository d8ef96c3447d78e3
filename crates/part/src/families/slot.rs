//! A slot with round ends.

use super::{kit::*, place};
use crate::{
    Invalid, Operation,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Profile, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "slot",
    role: Role::Modifier,
    meaning: "A slot with round ends, through unless it has a depth; in the middle of the top unless placed.",
    parameters: &[
        length("length", Default::Essential, HOLE, "overall length, or between the centres of its ends"),
        length("width", Default::Essential, HOLE, "width, the diameter of its ends"),
        length("depth", Default::Absent, HOLE, "depth; through without it"),
    ],
    choices: &[
        Choice { name: "measured", options: &["overall", "centres"], default: Some("overall") },
        Choice { name: "direction", options: &["along", "across"], default: Some("along") },
        Choice { name: "piece", options: &["auto", "body", "lid"], default: Some("auto") },
    ],
    size_order: &["length", "width", "depth"],
    build: Build::Modifier(build),
};

fn build(v: &Values, operation: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let w = v.get("width");
    let l = v.get("length") + if v.choice("measured") == "centres" { w } else { 0.0 };
    require(l > w + 1e-3, "length", || {
        format!("of {} is not more than the width of {}; a hole would do", mm(l), mm(w))
    })?;
    let along = v.choice("direction") == "along";
    let (long, wide) = (l / 2.0 + EDGE, w / 2.0 + EDGE);
    let reach = if along { [long, wide] } else { [wide, long] };
    let index = place::piece_index(v.choice("piece"), operation, body)?;
    for site in place::sites(operation, body, index, reach)? {
        let depth = v.find("depth").unwrap_or(site.through + BEYOND);
        require(v.find("depth").is_none() || depth < site.thickness, "depth", || {
            format!("of {} goes through; use less than {} or leave it out", mm(depth), mm(site.thickness))
        })?;
        let before = if body.side.is_empty() { BEYOND } else { BEYOND + l };
        let mut frame = site.inward(before);
        if !along {
            // Turned a quarter about its own z: y = z cross x.
            let ([ax, ay, az], [bx, by, bz]) = (frame.z, frame.x);
            frame.x = [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];
        }
        let profile = Profile { outer: Contour::Slot { centre: [0.0; 2], length: l, width: w }, holes: Vec::new() };
        let shape = Shape::Extrusion { profile, height: depth + before };
        body.pieces[index].steps.push(cut(Solid { shape, frame }));
    }
    Ok(())
}
