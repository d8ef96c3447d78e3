//! A rectangular pocket.

use super::{kit::*, place};
use crate::{
    Invalid, Operation,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Profile, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "pocket",
    role: Role::Modifier,
    meaning: "A rectangular recess; in the middle of the top unless placed.",
    parameters: &[
        length("length", Default::Essential, HOLE, "size along the face's width"),
        length("width", Default::Rule("as wide as long", |v| v.get("length")), HOLE, "size along the face's height"),
        length("depth", Default::Essential, HOLE, "depth"),
        length("corner_radius", Default::Value(0.0), RADIUS, "radius of the corners"),
    ],
    choices: &[Choice { name: "piece", options: &["auto", "body", "lid"], default: Some("auto") }],
    size_order: &["length", "width", "depth"],
    build: Build::Modifier(build),
};

fn build(v: &Values, operation: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let (l, w, depth, r) = (v.get("length"), v.get("width"), v.get("depth"), v.get("corner_radius"));
    radius_fits(r, l.min(w))?;
    let index = place::piece_index(v.choice("piece"), operation, body)?;
    for site in place::sites(operation, body, index, [l / 2.0, w / 2.0])? {
        require(depth < site.thickness, "depth", || {
            format!("of {} goes through; use less than {}", mm(depth), mm(site.thickness))
        })?;
        let profile = Profile { outer: rectangle(l, w, r), holes: Vec::new() };
        let shape = Shape::Extrusion { profile, height: depth + BEYOND };
        body.pieces[index].steps.push(cut(Solid { shape, frame: site.inward(BEYOND) }));
    }
    Ok(())
}
