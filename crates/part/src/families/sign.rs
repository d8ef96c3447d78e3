//! A sign: a plate with one or two lines of raised or engraved text and mounting holes.

use super::{kit::*, name_plate::text_width};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Frame, Shape, Solid, Step},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "sign",
    role: Role::Body,
    meaning: "A sign with one or two lines of raised or engraved text, and holes to hang or screw it.",
    parameters: &[
        length("width", Default::Value(60.0), SIZE, "size along Y, in which the letters stand"),
        length("thickness", Default::Value(4.0), WALL, "thickness of the plate"),
        count(
            "hole_count",
            Default::Value(2.0),
            (0.0, 4.0),
            "mounting holes: none, one above the text, one at each end, or four at the corners",
        ),
        length("hole_diameter", Default::Value(4.0), HOLE, "diameter of the mounting holes"),
        length(
            "length",
            Default::Rule("room for the text, 120 mm or more", |v| {
                let height = v.get("width") / if two(v) { 3.5 } else { 2.5 };
                (longest(v, height) + 2.0 * beside(v) + v.get("width") / 4.0).max(120.0).ceil()
            }),
            SIZE,
            "size along X, in which the text runs",
        ),
        length(
            "corner_radius",
            Default::Rule("a tenth of the shorter side", |v| snap(v.get("width").min(v.get("length")) / 10.0)),
            RADIUS,
            "radius of the corners",
        ),
        length(
            "text_height",
            Default::Rule("40 % of the width, less for two lines or long text", |v| {
                let room = (v.get("length") - 2.0 * beside(v) - v.get("width") / 10.0).max(0.0);
                let high = (v.get("width") - 2.0 * above(v)) / if two(v) { 3.5 } else { 2.0 };
                snap(high.min(v.get("width") * 0.4).min(room / longest(v, 1.0).max(0.1)))
            }),
            (1.0, 500.0),
            "height of the capitals",
        ),
        length("text_depth", Default::Value(1.2), WALL, "how far the text stands up, or how deep it is engraved"),
    ],
    choices: &[
        Choice { name: "text", options: &[], default: None },
        Choice { name: "second_line", options: &[], default: Some("") },
        Choice { name: "style", options: &["raised", "engraved"], default: Some("raised") },
    ],
    size_order: &["length", "width", "thickness"],
    build: Build::Body(build),
};

fn two(v: &Values) -> bool {
    !v.choice("second_line").trim().is_empty()
}

/// An upper bound of the width of the longer line.
fn longest(v: &Values, height: f64) -> f64 {
    text_width(v.choice("text").trim(), height).max(text_width(v.choice("second_line").trim(), height))
}

/// Distance of a hole's centre from the edge: its own diameter, 5 mm or more.
fn inset(v: &Values) -> f64 {
    v.get("hole_diameter").max(5.0)
}

/// What holes take of each end of the plate.
fn beside(v: &Values) -> f64 {
    if v.get("hole_count") >= 2.0 { inset(v) + v.get("hole_diameter") / 2.0 + 2.0 } else { 2.0 }
}

/// What a single hole takes of the plate's upper and, so that the text stays in the middle, lower edge.
fn above(v: &Values) -> f64 {
    if v.get("hole_count") == 1.0 { inset(v) + v.get("hole_diameter") / 2.0 } else { 0.0 }
}

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, w, t, r) = (v.get("length"), v.get("width"), v.get("thickness"), v.get("corner_radius"));
    let (height, depth) = (v.get("text_height"), v.get("text_depth"));
    let (text, second) = (v.choice("text").trim(), v.choice("second_line").trim());
    radius_fits(r, l.min(w))?;
    require(!text.is_empty(), "text", || "is empty; say what the sign should read".to_owned())?;
    let room = l - 2.0 * beside(v);
    require(longest(v, height) <= room, "text_height", || {
        let fits = room.max(0.0) / longest(v, 1.0);
        format!(
            "of {} makes the text longer than the sign's room of {}; use at most {}",
            mm(height),
            mm(room),
            mm(fits)
        )
    })?;
    // Two lines take 2.6 capital heights, accents and descenders a quarter on either side.
    let (lines, tall) = if two(v) { (2, 3.1) } else { (1, 1.5) };
    let high = w - 2.0 * above(v);
    require(height * tall <= high, "text_height", || {
        format!(
            "of {} does not fit {lines} times in a width of {}; use at most {}",
            mm(height),
            mm(w),
            mm(high.max(0.0) / tall)
        )
    })?;
    let raised = v.choice("style") == "raised";
    require(raised || depth < t - 0.3, "text_depth", || {
        format!("of {} engraves through the plate; use less than {}", mm(depth), mm(t - 0.3))
    })?;
    let holes = holes(v)?.into_iter().map(|at| circle(at, v.get("hole_diameter"))).collect();
    let mut steps = vec![add(extrude(rectangle(l, w, r), holes, 0.0, t))];
    let baselines = if two(v) { vec![(text, 0.3), (second, -1.3)] } else { vec![(text, -0.5)] };
    steps
        .extend(baselines.into_iter().map(|(text, line)| letters(text, height, snap(line * height), t, depth, raised)));
    let top = if raised { t + depth } else { t };
    Ok(Body::single("sign", [l, w, top], steps))
}

/// Letters that stand on the plate, sunk a little into it, or that are cut out of it from above.
fn letters(text: &str, height: f64, baseline: f64, t: f64, depth: f64, raised: bool) -> Step {
    let text = text.to_owned();
    if raised {
        let sunk = (t / 2.0).min(0.4);
        let shape = Shape::Text { text, height, depth: depth + sunk };
        add(Solid { shape, frame: Frame::at([0.0, baseline, t - sunk]) })
    } else {
        let shape = Shape::Text { text, height, depth: depth + BEYOND };
        cut(Solid { shape, frame: Frame::at([0.0, baseline, t - depth]) })
    }
}

fn holes(v: &Values) -> Result<Vec<[f64; 2]>, Invalid> {
    let (l, w, r, d) = (v.get("length"), v.get("width"), v.get("corner_radius"), v.get("hole_diameter"));
    let n = v.get("hole_count") as usize;
    if n == 0 {
        return Ok(Vec::new());
    }
    require(n != 3, "hole_count", || "of 3 has no even places; use 1, 2 or 4".to_owned())?;
    let (x, y) = (snap(l / 2.0 - inset(v)), snap(w / 2.0 - inset(v)));
    require(y > d / 2.0 + 0.5 || n == 2, "hole_diameter", || {
        format!("of {} does not fit in a width of {}", mm(d), mm(w))
    })?;
    require(d + 1.0 < w, "hole_diameter", || format!("of {} does not fit in a width of {}", mm(d), mm(w)))?;
    // A hole at a rounded corner must stay inside the arc.
    let past = (r - inset(v)) * std::f64::consts::SQRT_2 + d / 2.0;
    require(n < 4 || r <= inset(v) || past < r - 0.5, "corner_radius", || {
        format!("of {} leaves no room for holes at the corners; use {} or less", mm(r), mm(inset(v)))
    })?;
    Ok(match n {
        1 => vec![[0.0, y]],
        2 => vec![[x, 0.0], [-x, 0.0]],
        _ => vec![[x, y], [-x, y], [-x, -y], [x, -y]],
    })
}
