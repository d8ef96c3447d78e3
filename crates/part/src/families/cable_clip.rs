//! A cable clip: an open ring into which the cable snaps, on a base with screw holes.

use super::{joinery::*, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "cable_clip",
    role: Role::Body,
    meaning: "A C-shaped clip for a cable or a pipe, open above, with a screw tab at one side or both.",
    parameters: &[
        length("diameter", Default::Essential, (1.0, 500.0), "diameter of the cable"),
        length(
            "width",
            Default::Rule("10 mm, more for a thick cable", |v| snap((v.get("diameter") * 0.6).max(10.0))),
            SIZE,
            "width of the clip, along the cable",
        ),
        length(
            "thickness",
            Default::Rule("a fifth of the cable's diameter, 2 mm or more", |v| {
                snap((v.get("diameter") / 5.0).max(2.0))
            }),
            WALL,
            "thickness of the ring and of the base",
        ),
        length(
            "opening",
            Default::Rule("75 % of the cable's diameter", |v| snap(v.get("diameter") * 0.75)),
            HOLE,
            "gap through which the cable snaps in",
        ),
        count("hole_count", Default::Value(1.0), (0.0, 2.0), "screw tabs: none for glue, one, or one at each side"),
        length("hole_diameter", Default::Value(4.0), HOLE, "diameter of the screw holes"),
    ],
    choices: &[],
    size_order: &["diameter", "width"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, w, t, opening) = (v.get("diameter"), v.get("width"), v.get("thickness"), v.get("opening"));
    let (tabs, hole) = (v.get("hole_count") as usize, v.get("hole_diameter"));
    let inner = d / 2.0 + v.clearance / 2.0;
    let outer = inner + t;
    require(opening >= 0.2 * d && opening <= 0.95 * d, "opening", || {
        format!("of {} does not hold a cable of {}; use {} to {}", mm(opening), mm(d), mm(0.2 * d), mm(0.95 * d))
    })?;
    require(tabs == 0 || hole + 1.0 < w, "hole_diameter", || {
        format!("of {} does not fit in a width of {}; use less than {}", mm(hole), mm(w), mm(w - 1.0))
    })?;
    // Room for the screw's head beside the ring.
    let tab = 2.2 * hole + 2.0;
    let (right, left) = (if tabs > 0 { outer + tab } else { outer }, if tabs > 1 { outer + tab } else { outer });
    let shift = (left - right) / 2.0;
    let outline = clip(inner, outer, t, opening, right, left, shift);
    let mut steps = vec![add(pushed_along_y(outline, vec![], -w / 2.0, w))];
    for side in [1.0, -1.0].into_iter().take(tabs) {
        let x = snap(side * (outer + tab / 2.0) + shift);
        steps.push(cut(cylinder(hole, [x, 0.0, -BEYOND], t + 2.0 * BEYOND)));
    }
    let top = t + inner + outer * lip(inner, opening)[1];
    let mut body = Body::single("cable_clip", [snap(left + right), w, snap(top)], steps);
    // On its side the ring bends along its layers, not across them.
    body.pieces[0].print_turns = [1, 0];
    Ok(body)
}

/// Sine and cosine of the angle from the upright at which the ring ends.
fn lip(inner: f64, opening: f64) -> [f64; 2] {
    let sine = (opening / 2.0 / inner).min(0.99);
    [sine, (1.0 - sine * sine).sqrt()]
}

/// From the front: the base, the tabs and the ring in one outline; the cable rests `t` above the wall.
fn clip(inner: f64, outer: f64, t: f64, opening: f64, right: f64, left: f64, shift: f64) -> Contour {
    let middle = t + inner;
    let [sine, cosine] = lip(inner, opening);
    let at = |x: f64, z: f64| [x + shift, z];
    let on = |radius: f64, side: f64| at(side * radius * sine, middle + radius * cosine);
    // Half-way between the ring's widest place and its lip.
    let half = (sine.atan2(cosine) + std::f64::consts::FRAC_PI_2) / 2.0;
    let beside = |side: f64| at(side * outer * half.sin(), middle + outer * half.cos());
    let start = at(-left, 0.0);
    let mut points = vec![at(right, 0.0)];
    if right > outer {
        points.extend([at(right, t), at(outer, t)]);
    }
    points.push(at(outer, middle));
    let mut segments: Vec<_> = points.into_iter().map(|[x, z]| line(x, z)).collect();
    segments.push(arc(beside(1.0), on(outer, 1.0)));
    let [x, z] = on(inner, 1.0);
    segments.push(line(x, z));
    segments.push(arc(at(0.0, t), on(inner, -1.0)));
    let [x, z] = on(outer, -1.0);
    segments.push(line(x, z));
    segments.push(arc(beside(-1.0), at(-outer, middle)));
    let mut points = Vec::new();
    if left > outer {
        points.extend([at(-outer, t), at(-left, t)]);
    }
    points.push(start);
    segments.extend(points.into_iter().map(|[x, z]| line(x, z)));
    path(start, segments)
}
