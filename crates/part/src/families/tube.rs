//! A straight round tube.

use super::{kit::*, ringed::ring_body};
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::Body,
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "tube",
    role: Role::Body,
    meaning: "A straight round tube, open at both ends.",
    parameters: &[
        length("outer_diameter", Default::Essential, SIZE, "outer diameter"),
        tube_wall(),
        tube_bore("inner diameter"),
        length("height", Default::Essential, SIZE, "length of the tube, along Z"),
    ],
    choices: &[],
    size_order: &["outer_diameter", "inner_diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (outer, inner) = (v.get("outer_diameter"), v.get("inner_diameter"));
    if let Some(wall) = v.find("wall") {
        let agreed = (outer - inner) / 2.0;
        require((agreed - wall).abs() < 1e-3, "wall", || {
            format!("of {} contradicts the diameters, which leave {}; drop one of the three", mm(wall), mm(agreed))
        })?;
    }
    ring_body("tube", outer, inner, v.get("height"), "inner_diameter")
}
