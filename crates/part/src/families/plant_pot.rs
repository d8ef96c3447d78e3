//! A round tapered plant pot with drainage holes.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Hollow, Piece},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "plant_pot",
    role: Role::Body,
    meaning: "A round plant pot, wider at the top, with drainage holes in its floor.",
    parameters: &[
        length("diameter", Default::Essential, SIZE, "outer diameter at the top"),
        length(
            "height",
            Default::Rule("85 % of the diameter", |v| snap(v.get("diameter") * 0.85)),
            SIZE,
            "outer height",
        ),
        length("wall", Default::Value(3.0), WALL, "wall thickness, square to the wall"),
        length("floor", Default::Rule("as thick as the walls", |v| v.get("wall")), WALL, "floor thickness"),
        length(
            "base_diameter",
            Default::Rule("75 % of the diameter", |v| snap(v.get("diameter") * 0.75)),
            SIZE,
            "outer diameter at the base",
        ),
        count("hole_count", Default::Value(1.0), (0.0, 60.0), "drainage holes: one in the middle, more on a circle"),
        length(
            "hole_diameter",
            Default::Rule("8 mm, less in a small pot", |v| snap((v.get("base_diameter") / 8.0).clamp(1.0, 8.0))),
            HOLE,
            "diameter of the drainage holes",
        ),
    ],
    choices: &[Choice { name: "saucer", options: &["none", "yes"], default: Some("none") }],
    size_order: &["diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, h, floor, base) = (v.get("diameter"), v.get("height"), v.get("floor"), v.get("base_diameter"));
    let mut steps = vec![add(tapered_shell(d, base, h, v.get("wall"), floor)?)];
    for [x, y] in drainage(v)? {
        steps.push(cut(cylinder(v.get("hole_diameter"), [x, y, -BEYOND], floor + 2.0 * BEYOND)));
    }
    let mut body = Body::single("plant_pot", [d.max(base), d.max(base), h], steps);
    body.round = true;
    body.hollow = Some(Hollow { wall: v.get("wall"), floor, lid: 0.0 });
    body.side = vec![[base / 2.0, 0.0], [d / 2.0, h]];
    if v.choice("saucer") == "yes" {
        let steps = vec![add(super::saucer::under(base, h, v.get("wall"), floor)?)];
        body.pieces.push(Piece { name: "saucer".to_owned(), steps, print_turns: [0, 0] });
    }
    Ok(body)
}

/// A cup-shaped shell: outer diameters at the top and at the base, the wall measured square to its slope.
pub(crate) fn tapered_shell(
    top: f64,
    base: f64,
    height: f64,
    wall: f64,
    floor: f64,
) -> Result<crate::solid::Solid, Invalid> {
    let (rt, rb) = (top / 2.0, base / 2.0);
    let slope = (rt - rb) / height;
    let level = wall * slope.hypot(1.0);
    walls_fit(level, top.min(base), "diameter")?;
    require(floor < height - 0.1, "floor", || format!("of {} fills the height of {}", mm(floor), mm(height)))?;
    let inner = |z: f64| snap(rb + slope * z - level);
    Ok(revolve(Contour::Polygon {
        points: vec![[0.0, 0.0], [rb, 0.0], [rt, height], [inner(height), height], [inner(floor), floor], [0.0, floor]],
    }))
}

/// One hole in the middle; up to six on a circle; more on a circle about one in the middle, on two circles when one is full.
fn drainage(v: &Values) -> Result<Vec<[f64; 2]>, Invalid> {
    let (count, d) = (v.get("hole_count") as usize, v.get("hole_diameter"));
    let slope = (v.get("diameter") - v.get("base_diameter")) / 2.0 / v.get("height");
    let inside = v.get("base_diameter") / 2.0 - v.get("wall") * slope.hypot(1.0);
    // Room left between a hole and the wall, and between two holes.
    let margin = (0.15 * d).max(0.6);
    let fits_on = |radius: f64, n: usize| n < 2 || 2.0 * radius * (std::f64::consts::PI / n as f64).sin() >= d + margin;
    let reach = inside - d / 2.0 - margin;
    let too_many = || {
        let why = format!(
            "of {count} holes of {} do not fit in a floor of {} across; use fewer or smaller holes",
            mm(d),
            mm(2.0 * inside)
        );
        Invalid::new("", "hole_count", why)
    };
    if count == 0 {
        return Ok(Vec::new());
    }
    require(reach > 0.0, "hole_diameter", || {
        format!("of {} does not fit in a floor of {} across", mm(d), mm(2.0 * inside))
    })?;
    if count == 1 {
        return Ok(vec![[0.0, 0.0]]);
    }
    let ring = (0.6 * inside).min(reach);
    if count <= 6 && fits_on(ring, count) {
        return Ok(on_circle(count, 2.0 * ring, 90.0));
    }
    if count <= 6 && fits_on(reach, count) {
        return Ok(on_circle(count, 2.0 * reach, 90.0));
    }
    let with_middle = |radius: f64| radius >= d + margin && fits_on(radius, count - 1);
    if let Some(radius) = [ring.max(0.7 * inside).min(reach), reach].into_iter().find(|r| with_middle(*r)) {
        let mut points = on_circle(count - 1, 2.0 * radius, 90.0);
        points.insert(0, [0.0, 0.0]);
        return Ok(points);
    }
    let halfway = reach / 2.0;
    let inner = (1..count).rev().find(|n| fits_on(halfway, *n)).unwrap_or(0).min(count / 3);
    let outer = count - inner - 1;
    if inner > 0 && halfway >= d + margin && reach - halfway >= d + margin && fits_on(reach, outer) {
        let mut points = vec![[0.0, 0.0]];
        points.extend(on_circle(inner, 2.0 * halfway, 90.0));
        points.extend(on_circle(outer, 2.0 * reach, 90.0));
        return Ok(points);
    }
    Err(too_many())
}
