//! A cylindrical boss, with a screw hole if wanted.

use super::{kit::*, place};
use crate::{
    Face, Invalid, Operation,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "boss",
    role: Role::Modifier,
    meaning: "A round boss standing on a face, with a bore from its end if wanted; in the middle of the top unless placed.",
    parameters: &[
        length("diameter", Default::Essential, HOLE, "diameter"),
        length("height", Default::Rule("as high as wide", |v| v.get("diameter")), HOLE, "height above the face"),
        length("bore", Default::Value(0.0), (0.0, 1000.0), "diameter of the bore; 0 for none"),
    ],
    choices: &[Choice { name: "piece", options: &["auto", "body", "lid"], default: Some("auto") }],
    size_order: &["diameter", "height"],
    build: Build::Modifier(build),
};

/// How far a boss is sunk into its face: bodies that overlap fuse, bodies that only touch may not.
const SUNK: f64 = 0.25;

fn build(v: &Values, operation: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let (d, h, bore) = (v.get("diameter"), v.get("height"), v.get("bore"));
    require(bore < d - 0.8, "bore", || {
        format!("of {} leaves no wall in a boss of {}; use less than {}", mm(bore), mm(d), mm(d - 0.8))
    })?;
    let index = place::piece_index(v.choice("piece"), operation, body)?;
    let top = operation.placement.as_ref().is_none_or(|p| p.face == Face::Top);
    // The top of what is open at both ends is a rim around air.
    let open = body.hollow.is_some_and(|hollow| hollow.floor == 0.0);
    require(!(top && open && index == 0), "placement", || {
        "is the open end, where there is nothing to stand on; name the side".to_owned()
    })?;
    let round_side =
        body.round && operation.placement.as_ref().is_some_and(|p| !matches!(p.face, Face::Top | Face::Bottom));
    for site in place::sites(operation, body, index, [d / 2.0; 2])? {
        let sunk = if round_side {
            let radius = body.radius_at(site.point[2]);
            radius - (radius * radius - d * d / 4.0).max(0.0).sqrt() + SUNK.min(site.thickness / 2.0)
        } else {
            SUNK.min(site.thickness / 2.0)
        };
        let boss = Shape::Cylinder { diameter: d, height: h + sunk };
        body.pieces[index].steps.push(add(Solid { shape: boss, frame: site.outward(sunk) }));
        if bore > 0.0 {
            let frame = site.inward(h + BEYOND);
            body.pieces[index]
                .steps
                .push(cut(Solid { shape: Shape::Cylinder { diameter: bore, height: h + BEYOND }, frame }));
        }
    }
    Ok(())
}
