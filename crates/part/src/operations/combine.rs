//! A body that somebody brought, added to the part, cut out of it or intersected with it.

use super::{
    MODE,
    import::{HASH, PLACE, SCALE, hash},
};
use crate::{
    Invalid, Operation,
    catalogue::{Build, Default, Definition, Role, Values},
    families::kit::{angle, length, require, snap},
    region::exact_sin_cos,
    solid::{Action, Body, Frame, Shape, Solid, Step},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "combine",
    role: Role::Modifier,
    meaning: "Adds an uploaded body, cuts it out or keeps what lies within it; its file's origin is put at x, y, z of the part.",
    parameters: &[
        SCALE,
        length("x", Default::Value(0.0), PLACE, "where its origin goes along X"),
        length("y", Default::Value(0.0), PLACE, "where its origin goes along Y"),
        length("z", Default::Value(0.0), PLACE, "where its origin goes along Z"),
        angle("angle", Default::Value(0.0), (-360.0, 360.0), "how far it is turned about Z first, counter-clockwise"),
    ],
    choices: &[HASH, MODE],
    size_order: &[],
    build: Build::Modifier(build),
};

fn build(v: &Values, operation: &Operation, body: &mut Body) -> Result<(), Invalid> {
    require(operation.placement.is_none(), "placement", || "is given by x, y and z; leave it out".to_owned())?;
    let (sin, cos) = exact_sin_cos(v.get("angle"));
    let frame = Frame { origin: ["x", "y", "z"].map(|name| snap(v.get(name))), x: [cos, sin, 0.0], z: [0.0, 0.0, 1.0] };
    let solid = Solid { shape: Shape::Imported { hash: hash(v)?, scale: v.get("scale") }, frame };
    let action = match v.choice("mode") {
        "cut" => Action::Cut(solid),
        "intersect" => Action::Intersect(solid),
        _ => Action::Add(solid),
    };
    body.pieces[0].steps.push(Step { operation: String::new(), action });
    Ok(())
}
