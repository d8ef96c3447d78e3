//! A pulley: a wheel with a V groove round its rim.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "pulley",
    role: Role::Body,
    meaning: "A pulley with a V groove; sizes are those over its rims.",
    parameters: &[
        length("diameter", Default::Essential, SIZE, "outer diameter, over the rims"),
        length("width", Default::Rule("a fifth of the diameter", |v| snap(v.get("diameter") / 5.0)), SIZE, "width"),
        length("bore", Default::Value(0.0), (0.0, 1000.0), "diameter of the axle's hole; 0 for none"),
        length(
            "groove_depth",
            Default::Rule("a third of the width, at most an eighth of the diameter", |v| {
                snap((v.get("width") / 3.0).min(v.get("diameter") / 8.0))
            }),
            HOLE,
            "depth of the groove",
        ),
    ],
    choices: &[],
    size_order: &["diameter", "width"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (r, w, bore, depth) = (v.get("diameter") / 2.0, v.get("width"), v.get("bore") / 2.0, v.get("groove_depth"));
    require(depth < r - bore - 0.4, "groove_depth", || {
        format!("of {} leaves nothing round the bore; use less than {}", mm(depth), mm(r - bore - 0.4))
    })?;
    // The rims beside the groove take a tenth of the width each.
    let rim = w / 10.0;
    let mut points = vec![[bore, 0.0], [r, 0.0], [r, rim], [r - depth, w / 2.0], [r, w - rim], [r, w], [bore, w]];
    points.iter_mut().for_each(|p| *p = p.map(snap));
    let mut body = Body::single("pulley", [2.0 * r, 2.0 * r, w], vec![add(revolve(Contour::Polygon { points }))]);
    body.round = true;
    Ok(body)
}
