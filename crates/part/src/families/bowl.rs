//! A round bowl.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour, Hollow},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "bowl",
    role: Role::Body,
    meaning: "A round bowl whose side is one arc.",
    parameters: &[
        length("diameter", Default::Value(150.0), SIZE, "outer diameter at the rim"),
        length(
            "height",
            Default::Rule("45 % of the diameter", |v| snap(v.get("diameter") * 0.45)),
            SIZE,
            "outer height",
        ),
        length("wall", Default::Value(3.0), WALL, "wall thickness"),
        length("floor", Default::Rule("as thick as the walls", |v| v.get("wall")), WALL, "floor thickness"),
        length(
            "base_diameter",
            Default::Rule("40 % of the diameter", |v| snap(v.get("diameter") * 0.4)),
            SIZE,
            "outer diameter of the base",
        ),
    ],
    choices: &[],
    size_order: &["diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (r, h, wall, floor) = (v.get("diameter") / 2.0, v.get("height"), v.get("wall"), v.get("floor"));
    let rb = v.get("base_diameter") / 2.0;
    walls_fit(wall, 2.0 * rb, "base")?;
    require(r - rb > 0.5, "base_diameter", || {
        format!("of {} leaves no slope; use less than {}", mm(2.0 * rb), mm(2.0 * r - 1.0))
    })?;
    require(floor < h / 2.0, "floor", || format!("of {} is too much for a height of {}", mm(floor), mm(h)))?;
    // A sphere about the axis where that is widest at the rim; a deep bowl is vertical at the rim, a shallow one level at
    // the base: each keeps the arc above the table and inside the diameter.
    let d = r - rb;
    let sphere = (r * r + h * h - rb * rb) / (2.0 * h);
    let (rho, centre) = if sphere >= h {
        (rb.hypot(sphere), [0.0, sphere])
    } else if h >= d {
        let rho = (h * h + d * d) / (2.0 * d);
        (rho, [r - rho, h])
    } else {
        let rho = (h * h + d * d) / (2.0 * h);
        (rho, [rb, rho])
    };
    // Not rounded: three points that leave the axis by a nanometre no longer make a sphere about it.
    let at = |radius: f64, z: f64| centre[0] + (radius * radius - (z - centre[1]).powi(2)).max(0.0).sqrt();
    require(rho > wall * 1.2 && at(rho - wall, floor) > 0.5, "wall", || {
        format!("of {} fills the bowl; use less", mm(wall))
    })?;
    let (half, inner_half) = (h / 2.0, (h + floor) / 2.0);
    let segments = vec![
        line(rb, 0.0),
        arc([at(rho, half), half], [r, h]),
        line(at(rho - wall, h), h),
        arc([at(rho - wall, inner_half), inner_half], [at(rho - wall, floor), floor]),
        line(0.0, floor),
        line(0.0, 0.0),
    ];
    let mut body =
        Body::single("bowl", [2.0 * r, 2.0 * r, h], vec![add(revolve(Contour::Path { start: [0.0; 2], segments }))]);
    (body.round, body.hollow) = (true, Some(Hollow { wall, floor, lid: 0.0 }));
    body.side = (0..=16).map(|i| h * f64::from(i) / 16.0).map(|z| [at(rho, z), z]).collect();
    Ok(body)
}
