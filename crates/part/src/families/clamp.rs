//! A pipe clamp of two halves that bolts draw together.

use super::{joinery::*, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour, Piece},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "clamp",
    role: Role::Body,
    meaning: "A clamp for a pipe: two halves with bolt ears that leave a gap to tighten; they print side by side.",
    parameters: &[
        length("diameter", Default::Essential, (2.0, 1000.0), "diameter of the pipe"),
        length(
            "width",
            Default::Rule("half the pipe's diameter, 12 mm or more", |v| snap((v.get("diameter") / 2.0).max(12.0))),
            SIZE,
            "width, along the pipe",
        ),
        length(
            "thickness",
            Default::Rule("a sixth of the pipe's diameter, 4 mm or more", |v| snap((v.get("diameter") / 6.0).max(4.0))),
            WALL,
            "thickness of the ring",
        ),
        length("gap", Default::Value(2.0), (0.2, 50.0), "gap between the halves when they touch the pipe"),
        length(
            "bolt_diameter",
            Default::Value(5.0),
            (1.6, 30.0),
            "nominal diameter of the bolts; their holes have ISO 273 clearance",
        ),
        length(
            "ear_thickness",
            Default::Rule("as thick as the ring, at most 60 % of its radius", |v| {
                let outer = v.get("diameter") / 2.0 + v.get("thickness");
                snap(v.get("thickness").min(0.6 * outer).max(0.3))
            }),
            WALL,
            "thickness of the bolt ears",
        ),
    ],
    choices: &[],
    size_order: &["diameter", "width", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, w, t, gap) = (v.get("diameter"), v.get("width"), v.get("thickness"), v.get("gap"));
    let (bolt, ear) = (v.get("bolt_diameter"), v.get("ear_thickness"));
    let (inner, outer, hole) = (d / 2.0, d / 2.0 + t, clearance_hole(bolt));
    require(gap < 0.5 * d, "gap", || {
        format!("of {} leaves too little of the ring; use less than {}", mm(gap), mm(0.5 * d))
    })?;
    require(ear + gap / 2.0 < 0.9 * outer, "ear_thickness", || {
        format!("of {} is higher than the ring; use less than {}", mm(ear), mm(0.9 * outer - gap / 2.0))
    })?;
    require(hole + 1.0 < w, "bolt_diameter", || {
        format!("of {} needs holes of {} in a width of {}; use a wider clamp", mm(bolt), mm(hole), mm(w))
    })?;
    // As wide as a washer (ISO 7089 is about twice the bolt) and a little.
    let tab = 2.0 * bolt + 2.0;
    let half = outer + tab;
    let upper = half_ring(inner, outer, half, gap / 2.0, ear, outer);
    let lower = mirrored(&upper, |[x, z]| [x, snap(2.0 * outer - z)]);
    let bolts = |z: f64| {
        [1.0, -1.0].map(|side| {
            let x = snap(side * (outer + tab / 2.0));
            cut(cylinder(hole, [x, 0.0, snap(z - BEYOND)], ear + 2.0 * BEYOND))
        })
    };
    let piece = |outline: Contour, z: f64| {
        let mut steps = vec![add(pushed_along_y(outline, vec![], -w / 2.0, w))];
        steps.extend(bolts(z));
        steps
    };
    let mut body =
        Body::single("lower", [snap(2.0 * half), w, snap(2.0 * outer)], piece(lower, outer - gap / 2.0 - ear));
    // On their sides the halves print without support and pull along their layers.
    body.pieces[0].print_turns = [1, 0];
    body.pieces.push(Piece { name: "upper".to_owned(), steps: piece(upper, outer + gap / 2.0), print_turns: [1, 0] });
    Ok(body)
}

/// The upper half from the front: `middle` is the pipe's height, `off` half the gap.
fn half_ring(inner: f64, outer: f64, half: f64, off: f64, ear: f64, middle: f64) -> Contour {
    let at = |x: f64, z: f64| [x, middle + z];
    let across = |radius: f64, z: f64| (radius * radius - z * z).max(0.0).sqrt();
    let (bore, top) = (across(inner, off), off + ear);
    let root = across(outer, top);
    let start = at(bore, off);
    let to = |p: [f64; 2]| line(p[0], p[1]);
    path(
        start,
        vec![
            to(at(half, off)),
            to(at(half, top)),
            to(at(root, top)),
            arc(at(0.0, outer), at(-root, top)),
            to(at(-half, top)),
            to(at(-half, off)),
            to(at(-bore, off)),
            arc(at(0.0, inner), start),
        ],
    )
}
