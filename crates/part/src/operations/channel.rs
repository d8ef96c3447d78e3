//! A straight channel through the whole length of a face.

use super::PIECE;
use crate::{
    Invalid, Operation,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    families::{
        kit::{BEYOND, EDGE, HOLE, cut, length, mm, require, snap},
        place,
    },
    solid::{Body, Frame, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "channel",
    role: Role::Modifier,
    meaning: "A channel of rectangular section from one end of a face to the other; across the middle of the top unless placed.",
    parameters: &[
        length("width", Default::Essential, HOLE, "width"),
        length("depth", Default::Rule("half its width", |v| v.get("width") / 2.0), HOLE, "depth"),
        length(
            "offset",
            Default::Value(0.0),
            (-1000.0, 1000.0),
            "how far its middle line lies from its place, square to it",
        ),
    ],
    choices: &[Choice { name: "direction", options: &["along", "across"], default: Some("along") }, PIECE],
    size_order: &["width", "depth"],
    build: Build::Modifier(build),
};

fn build(v: &Values, operation: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let (w, depth, offset) = (v.get("width"), v.get("depth"), v.get("offset"));
    let along = v.choice("direction") == "along";
    let index = place::piece_index(v.choice("piece"), operation, body)?;
    for site in place::planes(operation, body, index)? {
        let Some(face) = site.face else {
            return Err(Invalid::new(
                "",
                "placement",
                "is a round side, which has no length to run along; cut a groove by turning a sketch",
            ));
        };
        require(depth < site.thickness, "depth", || {
            format!("of {} goes through; use less than {}", mm(depth), mm(site.thickness))
        })?;
        // The axis that it runs along, and the one across it.
        let (run, side) = if along { (0, 1) } else { (1, 0) };
        let middle = face.at[side] + offset;
        require(middle.abs() + w / 2.0 + EDGE <= face.size[side] / 2.0, "offset", || {
            format!(
                "puts a channel of {} past the edge of a face {} across; move it inwards",
                mm(w),
                mm(face.size[side])
            )
        })?;
        let long = face.size[run] + 2.0 * BEYOND;
        let axes = [site.along, site.up];
        let moved = |i: usize| snap(site.point[i] - face.at[run] * axes[run][i] + offset * axes[side][i]);
        let origin = std::array::from_fn(|i| snap(moved(i) - depth * site.outward[i]));
        let frame = Frame { origin, x: axes[run], z: site.outward };
        body.pieces[index].steps.push(cut(Solid { shape: Shape::Box { size: [long, w, depth + BEYOND] }, frame }));
    }
    Ok(())
}
