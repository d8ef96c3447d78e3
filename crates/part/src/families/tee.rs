//! A pipe tee.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Frame, Hollow, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "tee",
    role: Role::Body,
    meaning: "A pipe tee: an upright pipe with a branch from its middle towards +X.",
    parameters: &[
        length("outer_diameter", Default::Essential, SIZE, "outer diameter of the run"),
        length("wall", Default::Value(2.0), WALL, "wall thickness"),
        length(
            "length",
            Default::Rule("three outer diameters", |v| v.get("outer_diameter") * 3.0),
            SIZE,
            "length of the run, along Z",
        ),
        length(
            "branch_diameter",
            Default::Rule("four fifths of the run's", |v| snap(v.get("outer_diameter") * 0.8)),
            SIZE,
            "outer diameter of the branch",
        ),
        length(
            "branch_length",
            Default::Rule("one and a half outer diameters", |v| v.get("outer_diameter") * 1.5),
            SIZE,
            "from the run's axis to the branch's end",
        ),
    ],
    choices: &[],
    size_order: &["outer_diameter", "length"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (outer, wall, l) = (v.get("outer_diameter"), v.get("wall"), v.get("length"));
    let (branch, reach) = (v.get("branch_diameter"), v.get("branch_length"));
    walls_fit(wall, outer.min(branch), "pipe")?;
    require(branch <= outer, "branch_diameter", || {
        format!("of {} is wider than the run of {}; turn the two round", mm(branch), mm(outer))
    })?;
    require(branch < l - 0.2, "length", || {
        format!("of {} is less than the branch is wide; use more than {}", mm(l), mm(branch + 0.2))
    })?;
    require(reach > outer / 2.0 + 0.2, "branch_length", || {
        format!("of {} ends in the run; use more than {}", mm(reach), mm(outer / 2.0 + 0.2))
    })?;
    let middle = snap(l / 2.0);
    let shift = snap(-(reach - outer / 2.0) / 2.0);
    let along = |diameter: f64, height: f64| Solid {
        shape: Shape::Cylinder { diameter, height },
        frame: Frame { origin: [shift, 0.0, middle], x: [0.0, 1.0, 0.0], z: [1.0, 0.0, 0.0] },
    };
    let inner = outer - 2.0 * wall;
    let steps = vec![
        add(cylinder(outer, [shift, 0.0, 0.0], l)),
        add(along(branch, reach)),
        cut(cylinder(inner, [shift, 0.0, -BEYOND], l + 2.0 * BEYOND)),
        cut(along(branch - 2.0 * wall, reach + BEYOND)),
    ];
    let mut body = Body::single("tee", [snap(reach + outer / 2.0), outer, l], steps);
    body.hollow = Some(Hollow { wall, floor: 0.0, lid: 0.0 });
    Ok(body)
}
