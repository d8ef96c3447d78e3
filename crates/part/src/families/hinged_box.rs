//! A box whose lid turns on a printed hinge: two halves with interleaved knuckles and a pin.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use super::{joinery::*, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Hollow, Piece},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "hinged_box",
    role: Role::Body,
    meaning: "A box with a lid that opens on a pin hinge at its back; box, lid and pin print side by side. Sizes are those of the closed box, the hinge behind it aside.",
    parameters: &[
        length("length", Default::Essential, SIZE, "outer size along X, along the hinge"),
        length("width", Default::Essential, SIZE, "outer size along Y, the hinge aside"),
        length("height", Default::Essential, SIZE, "outer size along Z, lid included"),
        length("wall", Default::Value(2.0), WALL, "wall thickness, and the lid's"),
        length("floor", Default::Rule("as thick as the walls", |v| v.get("wall")), WALL, "floor thickness"),
        length("corner_radius", Default::Value(0.0), RADIUS, "outer radius of the vertical edges"),
        length(
            "pin_diameter",
            Default::Rule("3 mm, less in a low box", |v| snap((v.get("height") / 13.0).clamp(1.0, 3.0))),
            (0.8, 20.0),
            "diameter of the hinge's pin",
        ),
        length(
            "lid_height",
            Default::Rule("a quarter of the height, or what the hinge needs", |v| {
                let needed = web(v.get("pin_diameter"), v.clearance) + v.get("wall") / 2.0 + 0.5;
                ((v.get("height") / 4.0).max(needed) * 10.0).ceil() / 10.0
            }),
            SIZE,
            "outer height of the lid",
        ),
        count(
            "knuckles",
            Default::Rule("one each 15 mm, an odd number, 3 to 21", |v| {
                ((v.get("length") / 30.0).floor() * 2.0 + 1.0).clamp(3.0, 21.0)
            }),
            (3.0, 51.0),
            "knuckles of the hinge, an odd number",
        ),
    ],
    choices: &[Choice { name: "pin", options: &["printed", "none"], default: Some("printed") }],
    size_order: &["length", "width", "height"],
    build: Build::Body(build),
};

/// Distance of the pin's axis from the back wall: the lid's knuckle must clear the box.
fn axis(pin: f64, clearance: f64) -> f64 {
    snap(knuckle_radius(pin, clearance) + clearance.max(0.1))
}

/// How far below the seam a knuckle's foot meets the wall: its underside rises at 45 degrees, so that it prints unsupported.
fn web(pin: f64, clearance: f64) -> f64 {
    axis(pin, clearance) + SQRT_2 * knuckle_radius(pin, clearance)
}

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, w, h, wall, floor) = (v.get("length"), v.get("width"), v.get("height"), v.get("wall"), v.get("floor"));
    let (r, pin_d, lid, c) = (v.get("corner_radius"), v.get("pin_diameter"), v.get("lid_height"), v.clearance);
    walls_fit(wall, l, "length")?;
    walls_fit(wall, w, "width")?;
    radius_fits(r, l.min(w))?;
    let foot = web(pin_d, c) + wall / 2.0 + 0.2;
    require(lid >= foot && lid > wall + 0.1, "lid_height", || {
        format!("of {} is too low for the hinge; use {} or more, or a thinner pin", mm(lid), mm(foot.max(wall + 0.2)))
    })?;
    let seam = h - lid;
    require(seam >= foot && seam > floor + 0.1, "height", || {
        let least = mm(lid + foot.max(floor + 0.2));
        format!("of {} leaves no box below a lid of {}; use {least} or more, or a thinner pin", mm(h), mm(lid))
    })?;
    let knuckles = v.get("knuckles") as usize;
    require(!knuckles.is_multiple_of(2), "knuckles", || {
        format!("of {knuckles} is even: box and lid take turns, the box at both ends; use an odd number")
    })?;
    let margin = r.max(wall) + 1.0;
    let hinge = Knuckles { count: knuckles, from: margin - l / 2.0, span: l - 2.0 * margin, gap: 2.0 * c };
    require(hinge.length() >= 2.0, "knuckles", || {
        format!("of {knuckles} are too short on a length of {}; use fewer, or a longer box", mm(l))
    })?;
    let centre = [snap(w / 2.0 + axis(pin_d, c)), seam];
    let lower = knuckle(w / 2.0, seam, wall / 2.0, pin_d, c);
    let upper = mirrored(&lower, |[y, z]| [y, snap(2.0 * seam - z)]);
    let knuckles_of = |outline: &Contour, parity: usize| -> Vec<_> {
        (parity..knuckles)
            .step_by(2)
            .map(|i| hinge.reach(i))
            .map(|[from, to]| add(pushed_along_x(outline.clone(), from, to - from)))
            .collect()
    };
    let bore = |d: f64| {
        let start = [hinge.from - BEYOND, centre[0], centre[1]];
        cut(rod_along_x(snap(d), start, hinge.span + 2.0 * BEYOND))
    };
    let inside = |z: f64, height: f64| {
        cut(extrude(rectangle(l - 2.0 * wall, w - 2.0 * wall, (r - wall).max(0.0)), vec![], z, height))
    };
    let mut steps = vec![add(extrude(rectangle(l, w, r), vec![], 0.0, seam))];
    steps.extend(knuckles_of(&lower, 0));
    // The pin sits tight in the box and turns freely in the lid.
    steps.extend([inside(floor, seam - floor + BEYOND), bore(pin_d + c)]);
    let mut cover = vec![add(extrude(rectangle(l, w, r), vec![], seam, lid))];
    cover.extend(knuckles_of(&upper, 1));
    cover.extend([inside(seam - BEYOND, lid - wall + BEYOND), bore(pin_d + 2.0 * c)]);
    let mut body = Body::single("box", [l, w, h], steps);
    body.pieces.push(Piece { name: "lid".to_owned(), steps: cover, print_turns: [2, 0] });
    if v.choice("pin") == "printed" {
        let rod = add(pin(pin_d, centre, hinge.from, hinge.span));
        body.pieces.push(Piece { name: "pin".to_owned(), steps: vec![rod], print_turns: [0, 0] });
    }
    body.hollow = Some(Hollow { wall, floor, lid: wall });
    Ok(body)
}

/// A box's knuckle in Y and Z: round about the pin, joined to the wall at `back` by a foot that rises at 45 degrees. It
/// stays 0.2 mm below the seam beside the lid, and reaches `sunk` into the wall.
fn knuckle(back: f64, seam: f64, sunk: f64, pin: f64, clearance: f64) -> Contour {
    let (radius, out) = (knuckle_radius(pin, clearance), axis(pin, clearance));
    let below = 0.2_f64;
    let at = |u: f64, z: f64| [back + u, seam + z];
    let edge = at(out - (radius * radius - below * below).sqrt(), -below);
    let tangent = at(out + radius * FRAC_1_SQRT_2, -radius * FRAC_1_SQRT_2);
    let start = at(-sunk, -web(pin, clearance) - sunk);
    let (sin, cos) = 60_f64.to_radians().sin_cos();
    let via = at(out + radius * cos, radius * sin);
    let end = at(-sunk, -below);
    path(start, vec![line(tangent[0], tangent[1]), arc(via, edge), line(end[0], end[1]), line(start[0], start[1])])
}
