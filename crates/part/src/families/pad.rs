//! A rectangular boss.

use super::{kit::*, place};
use crate::{
    Face, Invalid, Operation,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Profile, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "pad",
    role: Role::Modifier,
    meaning: "A rectangular block standing on a face; in the middle of the top unless placed.",
    parameters: &[
        length("length", Default::Essential, HOLE, "size along the face's width"),
        length("width", Default::Rule("as wide as long", |v| v.get("length")), HOLE, "size along the face's height"),
        length("height", Default::Essential, HOLE, "height above the face"),
        length("corner_radius", Default::Value(0.0), RADIUS, "radius of the corners"),
    ],
    choices: &[Choice { name: "piece", options: &["auto", "body", "lid"], default: Some("auto") }],
    size_order: &["length", "width", "height"],
    build: Build::Modifier(build),
};

/// How far a pad is sunk into its face: bodies that overlap fuse, bodies that only touch may not.
const SUNK: f64 = 0.25;

fn build(v: &Values, operation: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let (l, w, h, r) = (v.get("length"), v.get("width"), v.get("height"), v.get("corner_radius"));
    radius_fits(r, l.min(w))?;
    let index = place::piece_index(v.choice("piece"), operation, body)?;
    let top = operation.placement.as_ref().is_none_or(|p| p.face == Face::Top && p.on.is_none());
    let open = body.hollow.is_some_and(|hollow| hollow.floor == 0.0) && body.roof == 0.0;
    require(!(top && open && index == 0), "placement", || {
        "is the open end, where there is nothing to stand on; name the side".to_owned()
    })?;
    for site in place::sites(operation, body, index, [l / 2.0, w / 2.0])? {
        let sunk = match site.face {
            Some(_) => SUNK.min(site.thickness / 2.0),
            None => {
                // As deep as the surface lies behind the pad's upper and lower corners, where the body is narrowest.
                let [radius, low, high] = [0.0, -w / 2.0, w / 2.0].map(|up| body.radius_at(site.point[2] + up));
                let narrowest = radius.min(low).min(high);
                radius - (narrowest * narrowest - l * l / 4.0).max(0.0).sqrt() + SUNK.min(site.thickness / 2.0)
            }
        };
        let profile = Profile { outer: rectangle(l, w, r), holes: Vec::new() };
        let shape = Shape::Extrusion { profile, height: h + sunk };
        body.pieces[index].steps.push(add(Solid { shape, frame: site.outward(sunk) }));
    }
    Ok(())
}
