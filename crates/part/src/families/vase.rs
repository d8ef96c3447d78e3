//! A round vase with a bellied side.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour, Hollow},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "vase",
    role: Role::Body,
    meaning: "A round vase whose side is one arc, widest at the belly.",
    parameters: &[
        length("diameter", Default::Value(80.0), SIZE, "outer diameter at the belly, the widest place"),
        length("height", Default::Rule("twice the diameter", |v| v.get("diameter") * 2.0), SIZE, "outer height"),
        length("wall", Default::Value(2.0), WALL, "wall thickness"),
        length("floor", Default::Rule("as thick as the walls", |v| v.get("wall")), WALL, "floor thickness"),
        length(
            "base_diameter",
            Default::Rule("65 % of the diameter", |v| snap(v.get("diameter") * 0.65)),
            SIZE,
            "outer diameter at the base",
        ),
        length(
            "top_diameter",
            Default::Rule("60 % of the diameter", |v| snap(v.get("diameter") * 0.6)),
            SIZE,
            "outer diameter at the mouth",
        ),
    ],
    choices: &[],
    size_order: &["diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (r, h, wall, floor) = (v.get("diameter") / 2.0, v.get("height"), v.get("wall"), v.get("floor"));
    let (rb, rt) = (v.get("base_diameter") / 2.0, v.get("top_diameter") / 2.0);
    require(rb <= r, "base_diameter", || format!("of {} is more than the belly's {}", mm(2.0 * rb), mm(2.0 * r)))?;
    require(rt <= r, "top_diameter", || format!("of {} is more than the belly's {}", mm(2.0 * rt), mm(2.0 * r)))?;
    walls_fit(wall, 2.0 * rb.min(rt), "mouth or base")?;
    require(floor < h / 2.0, "floor", || format!("of {} is too much for a height of {}", mm(floor), mm(h)))?;
    let (db, dt) = (r - rb, r - rt);
    if db.max(dt) < 1e-3 {
        let ri = r - wall;
        let points = vec![[0.0, 0.0], [r, 0.0], [r, h], [ri, h], [ri, floor], [0.0, floor]];
        let mut body = Body::single("vase", [2.0 * r, 2.0 * r, h], vec![add(revolve(Contour::Polygon { points }))]);
        (body.round, body.hollow) = (true, Some(Hollow { wall, floor, lid: 0.0 }));
        return Ok(body);
    }
    // The arc that is vertical at the belly and meets the base and the mouth: its radius grows with the height.
    let drop = |rho: f64, d: f64| (2.0 * rho * d - d * d).max(0.0).sqrt();
    let span = |rho: f64| drop(rho, db) + drop(rho, dt);
    let least = db.max(dt).max(wall * 1.5);
    require(span(least) <= h, "height", || {
        format!("of {} is too low for this belly; use more than {}", mm(h), mm(span(least)))
    })?;
    let (mut low, mut high) = (least, least + h * h / db.max(dt));
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if span(middle) < h { low = middle } else { high = middle }
    }
    let (rho, belly) = (high, drop(high, db));
    let x = r - rho;
    let inner = |z: f64| snap(x + ((rho - wall).powi(2) - (z - belly).powi(2)).max(0.0).sqrt());
    let outer = |z: f64| snap(x + (rho * rho - (z - belly).powi(2)).max(0.0).sqrt());
    require(inner(floor) > 0.5 && inner(h) > 0.5, "wall", || format!("of {} closes the mouth; use less", mm(wall)))?;
    // Through points halfway along keep each arc well conditioned.
    let (half, inner_half) = (h / 2.0, (h + floor) / 2.0);
    let segments = vec![
        line(rb, 0.0),
        arc([outer(half), half], [rt, h]),
        line(inner(h), h),
        arc([inner(inner_half), inner_half], [inner(floor), floor]),
        line(0.0, floor),
        line(0.0, 0.0),
    ];
    let mut body =
        Body::single("vase", [2.0 * r, 2.0 * r, h], vec![add(revolve(Contour::Path { start: [0.0; 2], segments }))]);
    (body.round, body.hollow) = (true, Some(Hollow { wall, floor, lid: 0.0 }));
    body.side = (0..=16).map(|i| h * f64::from(i) / 16.0).map(|z| [outer(z), z]).collect();
    Ok(body)
}
