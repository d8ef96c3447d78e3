//! An L-shaped bracket with screw holes in both legs.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour, Frame, Profile, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "l_bracket",
    role: Role::Body,
    meaning: "An L-shaped bracket: a level leg and an upright one, each with screw holes.",
    parameters: &[
        length("length", Default::Essential, SIZE, "outer length of the level leg, along X"),
        length(
            "height",
            Default::Rule("as high as long", |v| v.get("length")),
            SIZE,
            "outer height of the upright leg",
        ),
        length(
            "width",
            Default::Rule("half the length", |v| v.get("length") / 2.0),
            SIZE,
            "width of both legs, along Y",
        ),
        length("thickness", Default::Value(4.0), WALL, "thickness of both legs"),
        count("hole_count", Default::Value(2.0), (0.0, 20.0), "screw holes in each leg"),
        length("hole_diameter", Default::Value(5.0), HOLE, "diameter of the screw holes"),
        length(
            "inside_radius",
            Default::Rule("as the legs' thickness", |v| v.get("thickness")),
            RADIUS,
            "radius of the inside corner",
        ),
    ],
    choices: &[],
    size_order: &["length", "height", "width", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, h, w, t, r) =
        (v.get("length"), v.get("height"), v.get("width"), v.get("thickness"), v.get("inside_radius"));
    require(t < l.min(h) - 0.5, "thickness", || format!("of {} leaves no leg; use less than {}", mm(t), mm(l.min(h))))?;
    require(r < l.min(h) - t - 0.1, "inside_radius", || {
        format!("of {} is longer than the legs; use less than {}", mm(r), mm(l.min(h) - t))
    })?;
    let x0 = -l / 2.0;
    let mut segments = vec![line(x0 + l, 0.0), line(x0 + l, t), line(x0 + t + r, t)];
    if r > 0.0 {
        let off = r * (1.0 - std::f64::consts::FRAC_1_SQRT_2);
        segments.push(arc([snap(x0 + t + off), snap(t + off)], [x0 + t, t + r]));
    }
    segments.extend([line(x0 + t, h), line(x0, h), line(x0, 0.0)]);
    let profile = Profile { outer: Contour::Path { start: [x0, 0.0], segments }, holes: vec![] };
    // Seen from the front: profile x is X, profile y is Z, pushed from the front to the back.
    let frame = Frame { origin: [0.0, w / 2.0, 0.0], x: [1.0, 0.0, 0.0], z: [0.0, -1.0, 0.0] };
    let mut steps = vec![add(Solid { shape: Shape::Extrusion { profile, height: w }, frame })];
    let (n, d) = (v.get("hole_count") as usize, v.get("hole_diameter"));
    if n > 0 {
        require(d < w - 1.0, "hole_diameter", || format!("of {} does not fit in a width of {}", mm(d), mm(w)))?;
        for p in along(n, d, t + r, l, "length")? {
            steps.push(cut(cylinder(d, [snap(x0 + p), 0.0, -BEYOND], t + 2.0 * BEYOND)));
        }
        for p in along(n, d, t + r, h, "height")? {
            let frame = Frame { origin: [x0 - BEYOND, 0.0, snap(p)], x: [0.0, 1.0, 0.0], z: [1.0, 0.0, 0.0] };
            steps.push(cut(Solid { shape: Shape::Cylinder { diameter: d, height: t + 2.0 * BEYOND }, frame }));
        }
    }
    let mut body = Body::single("l_bracket", [l, w, h], steps);
    // Lying on its side it prints without support and is strongest.
    body.pieces[0].print_turns = [1, 0];
    Ok(body)
}

/// Hole centres along the free part of a leg, from the inside corner to the end.
fn along(n: usize, d: f64, from: f64, to: f64, leg: &str) -> Result<Vec<f64>, Invalid> {
    let pitch = (to - from) / n as f64;
    require(pitch > d + 1.0, "hole_count", || {
        format!("of {n} holes of {} does not fit in the {leg} of {}; use fewer or smaller holes", mm(d), mm(to))
    })?;
    Ok((0..n).map(|i| from + pitch * (i as f64 + 0.5)).collect())
}
