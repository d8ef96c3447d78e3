//! A body that somebody brought, as the start of a part.

use crate::{
    Dimension, Invalid, Operation,
    catalogue::{Build, Choice, Default, Definition, Parameter, Role, Values},
    families::kit::{SIZE, length, require, snap},
    solid::{Action, Body, Frame, Shape, Solid, Step},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "import",
    role: Role::Either,
    meaning: "Starts with an uploaded body, named by the hash of its file. With its measured size it is stood on z = 0 about the Z axis and its faces can be built on; without, it stays where its file has it.",
    parameters: &[
        SCALE,
        length("length", Default::Absent, SIZE, "measured size along X, before scaling"),
        length("width", Default::Absent, SIZE, "measured size along Y, before scaling"),
        length("height", Default::Absent, SIZE, "measured size along Z, before scaling"),
        length("min_x", Default::Rule("centred in its file", |v| -v.get("length") / 2.0), PLACE, "least x in its file"),
        length("min_y", Default::Rule("centred in its file", |v| -v.get("width") / 2.0), PLACE, "least y in its file"),
        length("min_z", Default::Value(0.0), PLACE, "least z in its file"),
    ],
    choices: &[HASH],
    size_order: &["length", "width", "height"],
    build: Build::Either(build),
};

pub(super) const SCALE: Parameter = Parameter {
    name: "scale",
    dimension: Dimension::Ratio,
    default: Default::Value(1.0),
    range: (0.001, 1000.0),
    meaning: "even scaling about the origin of its file; 25.4 for inches",
};
pub(super) const HASH: Choice = Choice { name: "hash", options: &[], default: None };
pub(super) const PLACE: (f64, f64) = (-1e5, 1e5);

/// BLAKE3, 64 lower-case hexadecimal digits.
pub(super) fn hash(v: &Values) -> Result<String, Invalid> {
    let hash = v.choice("hash");
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    require(hash.len() == 64 && hash.bytes().all(hex), "hash", || {
        "is not the BLAKE3 hash of an uploaded file: 64 lower-case hexadecimal digits".to_owned()
    })?;
    Ok(hash.to_owned())
}

fn build(v: &Values, operation: &Operation, body: Option<&mut Body>) -> Result<Option<Body>, Invalid> {
    let scale = v.get("scale");
    let hash = hash(v)?;
    require(body.is_none(), "kind", || "starts a part, and there is a body before it; combine it instead".to_owned())?;
    require(operation.placement.is_none(), "placement", || "names a face, and there is no body before it".to_owned())?;
    let size = ["length", "width", "height"].map(|name| v.find(name).map(|side| snap(side * scale)));
    let (size, origin) = match size {
        [None, None, None] => ([0.0; 3], [0.0; 3]),
        [Some(l), Some(w), Some(h)] => {
            let min = ["min_x", "min_y", "min_z"].map(|name| v.get(name) * scale);
            ([l, w, h], [-min[0] - l / 2.0, -min[1] - w / 2.0, -min[2]].map(snap))
        }
        _ => return Err(Invalid::new("", "length", "is needed with width and height, all three or none")),
    };
    let solid = Solid { shape: Shape::Imported { hash, scale }, frame: Frame::at(origin) };
    Ok(Some(Body::single("import", size, vec![Step { operation: String::new(), action: Action::Add(solid) }])))
}
