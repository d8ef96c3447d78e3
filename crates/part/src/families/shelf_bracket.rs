//! A shelf bracket: a leg on the wall, a leg under the shelf and a brace between them at one side.

use super::{joinery::*, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Step},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "shelf_bracket",
    role: Role::Body,
    meaning: "A shelf bracket: a leg on the wall, a leg under the shelf, screw holes in both and a diagonal brace at one side, on which it prints.",
    parameters: &[
        length("length", Default::Essential, SIZE, "how far the leg under the shelf reaches from the wall, along X"),
        length("height", Default::Rule("as high as long", |v| v.get("length")), SIZE, "height of the leg on the wall"),
        length(
            "width",
            Default::Rule("a quarter of the length, 20 to 40 mm", |v| snap((v.get("length") / 4.0).clamp(20.0, 40.0))),
            SIZE,
            "width of both legs, along Y",
        ),
        length(
            "thickness",
            Default::Rule("a twentieth of the length, 4 mm or more, at most a sixth of a leg", |v| {
                let shorter = v.get("length").min(v.get("height"));
                snap((v.get("length") / 20.0).max(4.0).min(shorter / 6.0))
            }),
            WALL,
            "thickness of both legs",
        ),
        length(
            "brace_thickness",
            Default::Rule("as thick as the legs, at most a third of the width", |v| {
                snap(v.get("thickness").min(v.get("width") / 3.0))
            }),
            WALL,
            "thickness of the brace, along Y",
        ),
        count("hole_count", Default::Value(2.0), (0.0, 20.0), "screw holes in each leg"),
        length(
            "hole_diameter",
            Default::Rule("5 mm, less beside a brace on a narrow leg", |v| {
                let free = v.get("width") - if v.choice("brace") == "none" { 0.0 } else { v.get("brace_thickness") };
                snap((free / 2.0).clamp(0.1, 5.0))
            }),
            HOLE,
            "diameter of the screw holes",
        ),
    ],
    choices: &[Choice { name: "brace", options: &["rib", "gusset", "none"], default: Some("rib") }],
    size_order: &["length", "height", "width", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, h, w, t) = (v.get("length"), v.get("height"), v.get("width"), v.get("thickness"));
    let braced = v.choice("brace") != "none";
    let rib = if braced { v.get("brace_thickness") } else { 0.0 };
    require(4.0 * t < l.min(h), "thickness", || {
        format!("of {} is too much for legs of {}; use less than {}", mm(t), mm(l.min(h)), mm(l.min(h) / 4.0))
    })?;
    require(rib < w - 1.0, "brace_thickness", || {
        format!("of {} leaves no width for the screws; use less than {}", mm(rib), mm(w - 1.0))
    })?;
    // Seen from the front: x from the wall, y up; the shelf lies on top.
    let x = |from_wall: f64| from_wall - l / 2.0;
    let mut steps: Vec<Step> = Vec::new();
    if braced {
        // The brace starts a leg's thickness beyond the legs' ends, which keeps its edges off the legs' faces.
        let outer = vec![[x(0.0), 0.0], [x(2.0 * t), 0.0], [x(l), h - 2.0 * t], [x(l), h], [x(0.0), h]];
        let windows = if v.choice("brace") == "rib" { window(l, h, t).into_iter().collect() } else { Vec::new() };
        steps.push(add(pushed_along_y(polygon(outer), windows, -w / 2.0, w)));
        let (far, low) = (x(l) + BEYOND, -BEYOND);
        let clear = polygon(vec![[x(t), low], [far, low], [far, h - t], [x(t), h - t]]);
        steps.push(cut(pushed_along_y(clear, vec![], -w / 2.0 + rib, w - rib + BEYOND)));
    } else {
        let outer = vec![[x(0.0), 0.0], [x(t), 0.0], [x(t), h - t], [x(l), h - t], [x(l), h], [x(0.0), h]];
        steps.push(add(pushed_along_y(polygon(outer), vec![], -w / 2.0, w)));
    }
    let (n, d) = (v.get("hole_count") as usize, v.get("hole_diameter"));
    if n > 0 {
        let free = w - rib;
        require(d + 1.0 < free, "hole_diameter", || {
            format!("of {} does not fit beside the brace; use less than {}", mm(d), mm(free - 1.0))
        })?;
        let y = snap(-w / 2.0 + rib + free / 2.0);
        let along = |leg: f64, name: &str| -> Result<Vec<f64>, Invalid> {
            let pitch = (leg - 2.0 * t) / n as f64;
            require(pitch > d + 1.0, name, || {
                format!("of {} has no room for {n} holes of {}; use fewer or smaller ones", mm(leg), mm(d))
            })?;
            Ok((0..n).map(|i| snap(2.0 * t + pitch * (i as f64 + 0.5))).collect())
        };
        for p in along(l, "length")? {
            steps.push(cut(cylinder(d, [snap(x(p)), y, snap(h - t - BEYOND)], t + 2.0 * BEYOND)));
        }
        for p in along(h, "height")? {
            steps.push(cut(rod_along_x(d, [x(0.0) - BEYOND, y, h - p], t + 2.0 * BEYOND)));
        }
    }
    let mut body = Body::single("shelf_bracket", [l, w, h], steps);
    // On the side with the brace it prints without support, its layers along the load.
    body.pieces[0].print_turns = [1, 0];
    Ok(body)
}

/// The opening between a diagonal bar, two legs' thicknesses wide, and ledges along the legs; `None` when there is no room.
fn window(l: f64, h: f64, t: f64) -> Option<Contour> {
    let (left, top) = (1.5 * t, h - 1.5 * t);
    // The brace's edge runs from (2t, 0) to (l, h - 2t); the opening ends two thicknesses above it.
    let slope = (h - 2.0 * t) / (l - 2.0 * t);
    let offset = 2.0 * t * slope.hypot(1.0);
    let edge = |x: f64| slope * (x - 2.0 * t) + offset;
    let (low, right) = (edge(left), 2.0 * t + (top - offset) / slope);
    (top - low > 2.0 && right - left > 2.0).then(|| {
        let x = |from_wall: f64| from_wall - l / 2.0;
        polygon(vec![[x(left), low], [x(right), top], [x(left), top]])
    })
}
