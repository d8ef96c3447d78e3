//! A butt hinge: two leaves with interleaved knuckles and a pin.

use super::{joinery::*, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Frame, Piece, Profile, Shape, Solid, Step},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "hinge",
    role: Role::Body,
    meaning: "A butt hinge: two leaves that print flat side by side and a pin, printed or brought; sizes are those of the hinge laid open.",
    parameters: &[
        length("length", Default::Essential, SIZE, "length along the pin, along X"),
        length(
            "width",
            Default::Rule("80 % of the length", |v| snap(v.get("length") * 0.8)),
            SIZE,
            "width of the open hinge, both leaves",
        ),
        length("thickness", Default::Value(3.0), WALL, "thickness of the leaves"),
        length(
            "pin_diameter",
            Default::Rule("as thick as the leaves", |v| v.get("thickness").clamp(1.0, 20.0)),
            (1.0, 20.0),
            "diameter of the pin",
        ),
        count(
            "knuckles",
            Default::Rule("one each 12 mm, an odd number, 3 to 21", |v| {
                ((v.get("length") / 24.0).floor() * 2.0 + 1.0).clamp(3.0, 21.0)
            }),
            (3.0, 51.0),
            "knuckles of both leaves, an odd number",
        ),
        count("hole_count", Default::Value(2.0), (0.0, 20.0), "screw holes in each leaf"),
        length(
            "hole_diameter",
            Default::Rule("a sixteenth of the width, 2 to 4 mm", |v| snap((v.get("width") / 16.0).clamp(2.0, 4.0))),
            HOLE,
            "diameter of the screw holes",
        ),
    ],
    choices: &[
        Choice { name: "pin", options: &["printed", "none"], default: Some("printed") },
        Choice { name: "screw_head", options: &["plain", "countersunk"], default: Some("plain") },
    ],
    size_order: &["length", "width", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, w, t, pin_d) = (v.get("length"), v.get("width"), v.get("thickness"), v.get("pin_diameter"));
    let (n, c) = (v.get("knuckles") as usize, v.clearance);
    require(!n.is_multiple_of(2), "knuckles", || format!("of {n} is even: one leaf has both ends; use an odd number"))?;
    // The pin's axis lies no lower than the leaves' upper faces, so that the leaves close flat.
    let radius = knuckle_radius(pin_d, c).max(t);
    let notch = radius + c.max(0.2);
    require(w / 2.0 > notch + 2.0, "width", || {
        format!("of {} leaves no leaf beside the knuckles; use more than {}", mm(w), mm(2.0 * (notch + 2.0)))
    })?;
    let hinge = Knuckles { count: n, from: -l / 2.0, span: l, gap: 2.0 * c };
    require(hinge.length() >= 2.0, "knuckles", || {
        format!("of {n} are too short on a length of {}; use fewer, or a longer hinge", mm(l))
    })?;
    let leaf = leaf(w / 2.0, t, radius);
    let opposite = mirrored(&leaf, |[y, z]| [-y, z]);
    let places = holes(v, notch)?;
    let piece = |name: &str, outline: Contour, side: f64, other: usize, bore: f64| {
        let mut steps = vec![add(pushed_along_x(outline, -l / 2.0, l))];
        steps.extend((other..n).step_by(2).map(|i| gap(&hinge, i, side, notch, radius)));
        steps.push(cut(rod_along_x(snap(bore), [-l / 2.0 - BEYOND, 0.0, radius], l + 2.0 * BEYOND)));
        steps.extend(places.iter().map(|[x, y]| screw(v, *x, side * y)));
        Piece { name: name.to_owned(), steps, print_turns: [0, 0] }
    };
    // The pin sits tight in the first leaf and turns freely in the second.
    let mut pieces =
        vec![piece("leaf-1", leaf, -1.0, 1, pin_d + c), piece("leaf-2", opposite, 1.0, 0, pin_d + 2.0 * c)];
    if v.choice("pin") == "printed" {
        let steps = vec![add(pin(pin_d, [0.0, radius], -l / 2.0, l))];
        pieces.push(Piece { name: "pin".to_owned(), steps, print_turns: [0, 0] });
    }
    let mut body = Body::single("hinge", [l, w, snap(2.0 * radius)], Vec::new());
    body.pieces = pieces;
    Ok(body)
}

/// The leaf towards -Y in Y and Z: a plate that runs into a round about the pin, both on z = 0.
fn leaf(wide: f64, t: f64, radius: f64) -> Contour {
    let drop = radius - t;
    let root = -(radius * radius - drop * drop).max(0.0).sqrt();
    path([-wide, 0.0], vec![line(0.0, 0.0), arc([radius, radius], [root, t]), line(-wide, t), line(-wide, 0.0)])
}

/// Room for knuckle `index` of the other leaf.
fn gap(hinge: &Knuckles, index: usize, side: f64, notch: f64, radius: f64) -> Step {
    let [start, end] = hinge.reach(index);
    let last = index + 1 == hinge.count;
    let from = if index == 0 { start - BEYOND - hinge.gap } else { start - hinge.gap };
    let to = if last { end + BEYOND + hinge.gap } else { end + hinge.gap };
    let across = notch + radius + BEYOND;
    let y = if side < 0.0 { -notch } else { notch - across };
    cut(cuboid([from, y, -BEYOND], [to - from, across, 2.0 * (radius + BEYOND)]))
}

/// Screw places as X and the distance from the pin: in the middle of the leaf.
fn holes(v: &Values, notch: f64) -> Result<Vec<[f64; 2]>, Invalid> {
    let (l, w, n, d) = (v.get("length"), v.get("width"), v.get("hole_count") as usize, v.get("hole_diameter"));
    if n == 0 {
        return Ok(Vec::new());
    }
    let countersunk = v.choice("screw_head") == "countersunk";
    let widest = if countersunk { 2.0 * d } else { d };
    let free = w / 2.0 - notch;
    require(widest + 1.0 < free, "hole_diameter", || {
        format!("of {} does not fit in a leaf of {}; use smaller or plain holes, or a wider hinge", mm(d), mm(free))
    })?;
    require(!countersunk || d / 2.0 < v.get("thickness") - 0.3, "hole_diameter", || {
        format!("of {} makes the countersink deeper than the leaf", mm(d))
    })?;
    let pitch = l / n as f64;
    require(pitch > widest + 1.0, "hole_count", || {
        format!("of {n} holes of {} does not fit on a length of {}; use fewer", mm(d), mm(l))
    })?;
    let y = snap(notch + free / 2.0);
    Ok((0..n).map(|i| [snap(-l / 2.0 + pitch * (i as f64 + 0.5)), y]).collect())
}

/// A screw hole from above; a countersink of 90 degrees, twice as wide as the hole.
fn screw(v: &Values, x: f64, y: f64) -> Step {
    let (d, t) = (v.get("hole_diameter"), v.get("thickness"));
    if v.choice("screw_head") != "countersunk" {
        return cut(cylinder(d, [x, y, -BEYOND], t + 2.0 * BEYOND));
    }
    let outer = polygon(vec![
        [0.0, -BEYOND],
        [d / 2.0, -BEYOND],
        [d / 2.0, t - d / 2.0],
        [d, t],
        [d, t + BEYOND],
        [0.0, t + BEYOND],
    ]);
    let profile = Profile { outer, holes: Vec::new() };
    cut(Solid { shape: Shape::Revolution { profile, angle: 360.0 }, frame: Frame::at([x, y, 0.0]) })
}
