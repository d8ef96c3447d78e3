//! A divider for a drawer: a grid of cells in one piece, or plates that slot into one another.

use super::{joinery::*, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Hollow, Piece},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "drawer_divider",
    role: Role::Body,
    meaning: "A drawer divider: a grid of cells in one piece, with or without a floor, or flat plates with slots that interlock.",
    parameters: &[
        length("length", Default::Essential, SIZE, "outer size along X"),
        length("width", Default::Essential, SIZE, "outer size along Y"),
        length("height", Default::Essential, SIZE, "outer height"),
        count("columns", Default::Value(3.0), (1.0, 10.0), "cells along X"),
        count("rows", Default::Value(2.0), (1.0, 10.0), "cells along Y"),
        length("wall", Default::Value(1.6), WALL, "thickness of the walls and plates"),
        length("floor", Default::Value(1.6), WALL, "thickness of the floor, where there is one"),
        length("corner_radius", Default::Value(0.0), RADIUS, "outer radius of a grid's vertical edges"),
    ],
    choices: &[
        Choice { name: "style", options: &["grid", "comb"], default: Some("grid") },
        Choice { name: "bottom", options: &["none", "yes"], default: Some("none") },
    ],
    size_order: &["length", "width", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    if v.choice("style") == "comb" { comb(v) } else { grid(v) }
}

fn grid(v: &Values) -> Result<Body, Invalid> {
    let (l, w, h, wall, r) = (v.get("length"), v.get("width"), v.get("height"), v.get("wall"), v.get("corner_radius"));
    let (columns, rows) = (v.get("columns"), v.get("rows"));
    radius_fits(r, l.min(w))?;
    let cell = |size: f64, n: f64| (size - (n + 1.0) * wall) / n;
    let (cx, cy) = (cell(l, columns), cell(w, rows));
    require(cx > 1.0, "columns", || {
        format!("of {columns} leaves cells of {} in a length of {}; use fewer, or thinner walls", mm(cx), mm(l))
    })?;
    require(cy > 1.0, "rows", || {
        format!("of {rows} leaves cells of {} in a width of {}; use fewer, or thinner walls", mm(cy), mm(w))
    })?;
    // A cell's sharp corner must stay inside the rounded one with a wall between.
    require(r * (1.0 - std::f64::consts::FRAC_1_SQRT_2) < wall * 0.7 + 1e-9, "corner_radius", || {
        format!("of {} breaks through the corners; use at most {}", mm(r), mm((wall * 2.3).floor()))
    })?;
    let mut cells = Vec::new();
    for j in 0..rows as usize {
        for i in 0..columns as usize {
            let at = |k: usize, size: f64, cell: f64| snap(-size / 2.0 + wall + cell / 2.0 + k as f64 * (cell + wall));
            let size = [snap(cx), snap(cy)];
            cells.push(Contour::Rectangle { centre: [at(i, l, cx), at(j, w, cy)], size, corner_radius: 0.0 });
        }
    }
    let outline = rectangle(l, w, r);
    let floor = if v.choice("bottom") == "yes" { v.get("floor") } else { 0.0 };
    let steps = if floor > 0.0 {
        require(floor < h - 0.1, "floor", || format!("of {} fills the height of {}", mm(floor), mm(h)))?;
        let cut_out = |cell: Contour| cut(extrude(cell, vec![], floor, h - floor + BEYOND));
        std::iter::once(add(extrude(outline, vec![], 0.0, h))).chain(cells.into_iter().map(cut_out)).collect()
    } else {
        vec![add(extrude(outline, cells, 0.0, h))]
    };
    let mut body = Body::single("drawer_divider", [l, w, h], steps);
    body.hollow = Some(Hollow { wall, floor, lid: 0.0 });
    Ok(body)
}

/// Plates across and along the drawer that halve over each other: those across have their slots above, the others below.
fn comb(v: &Values) -> Result<Body, Invalid> {
    let (l, w, h, t) = (v.get("length"), v.get("width"), v.get("height"), v.get("wall"));
    let (columns, rows) = (v.get("columns") as usize, v.get("rows") as usize);
    require(columns > 1 || rows > 1, "columns", || "of 1 and one row need no divider; use 2 or more".to_owned())?;
    require(t < h / 2.0, "wall", || format!("of {} is more than half the height of {}", mm(t), mm(h)))?;
    let slot = t + 2.0 * v.clearance;
    let at =
        |size: f64, n: usize| -> Vec<f64> { (1..n).map(|k| snap(-size / 2.0 + size * k as f64 / n as f64)).collect() };
    for (size, n, name) in [(l, columns, "columns"), (w, rows, "rows")] {
        require(size / n as f64 > slot + 2.0, name, || {
            format!("of {n} leaves no room between the plates on {}; use fewer", mm(size))
        })?;
    }
    let (across, along) = (at(l, columns), at(w, rows));
    // Two tenths deeper than half, so that both rest on the drawer.
    let deep = h / 2.0 + 0.2;
    let mut pieces = Vec::new();
    for (i, x) in across.iter().enumerate() {
        let plate = pushed_along_x(slotted(w, h, &along, slot, deep, true), x - t / 2.0, t);
        let name = format!("across-{}", i + 1);
        pieces.push(Piece { name, steps: vec![add(plate)], print_turns: [0, 1] });
    }
    for (i, y) in along.iter().enumerate() {
        let plate = pushed_along_y(slotted(l, h, &across, slot, deep, false), vec![], y - t / 2.0, t);
        let name = format!("along-{}", i + 1);
        pieces.push(Piece { name, steps: vec![add(plate)], print_turns: [1, 0] });
    }
    let size =
        [if rows > 1 { l } else { snap(extent(&across, t)) }, if columns > 1 { w } else { snap(extent(&along, t)) }, h];
    let mut body = Body::single("drawer_divider", size, Vec::new());
    body.pieces = pieces;
    Ok(body)
}

/// From the first plate's outside to the last one's.
fn extent(centres: &[f64], thickness: f64) -> f64 {
    centres.last().zip(centres.first()).map_or(thickness, |(last, first)| last - first + thickness)
}

/// A plate's outline with slots from above or from below.
fn slotted(length: f64, height: f64, slots: &[f64], width: f64, deep: f64, above: bool) -> Contour {
    let a = length / 2.0;
    let mut points = vec![[-a, 0.0]];
    if !above {
        for s in slots {
            let (from, to) = (s - width / 2.0, s + width / 2.0);
            points.extend([[from, 0.0], [from, deep], [to, deep], [to, 0.0]]);
        }
    }
    points.extend([[a, 0.0], [a, height]]);
    if above {
        for s in slots.iter().rev() {
            let (from, to) = (s - width / 2.0, s + width / 2.0);
            points.extend([[to, height], [to, height - deep], [from, height - deep], [from, height]]);
        }
    }
    points.push([-a, height]);
    polygon(points)
}
