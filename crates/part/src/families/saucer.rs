//! A saucer for a plant pot.

use super::{kit::*, plant_pot::tapered_shell};
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Hollow, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "saucer",
    role: Role::Body,
    meaning: "A round saucer, wider at the rim, that catches the water under a plant pot.",
    parameters: &[
        length("diameter", Default::Essential, SIZE, "outer diameter at the rim"),
        length(
            "height",
            Default::Rule("an eighth of the diameter, 10 to 40 mm", |v| {
                snap((v.get("diameter") / 8.0).clamp(10.0, 40.0))
            }),
            SIZE,
            "outer height",
        ),
        length("wall", Default::Value(2.4), WALL, "wall thickness, square to the wall"),
        length("floor", Default::Rule("as thick as the walls", |v| v.get("wall")), WALL, "floor thickness"),
        length(
            "base_diameter",
            Default::Rule("90 % of the diameter", |v| snap(v.get("diameter") * 0.9)),
            SIZE,
            "outer diameter at the base",
        ),
    ],
    choices: &[],
    size_order: &["diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, h, wall, floor, base) =
        (v.get("diameter"), v.get("height"), v.get("wall"), v.get("floor"), v.get("base_diameter"));
    let steps = vec![add(tapered_shell(d, base, h, wall, floor)?)];
    let mut body = Body::single("saucer", [d.max(base), d.max(base), h], steps);
    body.round = true;
    body.hollow = Some(Hollow { wall, floor, lid: 0.0 });
    body.side = vec![[base / 2.0, 0.0], [d / 2.0, h]];
    Ok(body)
}

/// The saucer of a pot: 5 mm of room about its base, walls and floor like the pot's, a sixth as high, 10 to 40 mm.
pub(crate) fn under(base: f64, pot_height: f64, wall: f64, floor: f64) -> Result<Solid, Invalid> {
    let height = snap((pot_height / 6.0).clamp(10.0, 40.0).max(floor + 5.0));
    let foot = base + 10.0 + 2.0 * wall;
    tapered_shell(snap(foot + 0.3 * height), snap(foot), height, wall, floor)
}
