//! A bin of the Gridfinity storage system.
//!
//! Figures of the published specification (Zack Freedman, 2022; gridfinity.xyz/specification, checked against
//! gridfinity-rebuilt-openscad's `src/core/standard.scad`): pitch 42 mm, bins 0.5 mm smaller; height unit 7 mm;
//! outer corner radius 3.75 mm; foot profile 0.8 mm at 45 degrees, 1.8 mm upright, 2.15 mm at 45 degrees, so 4.75 mm high
//! and 35.6 mm wide below; stacking lip 0.7 mm at 45 degrees, 1.8 mm upright, 1.9 mm at 45 degrees, 4.4 mm to its sharp
//! edge, which is taken off by 0.6 mm; magnets of 6 mm in holes of 6.5 by 2.4 mm, 26 mm apart.

use super::{joinery::*, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Frame, Hollow, Section, Segment, Shape, Solid, Step},
};

const PITCH: f64 = 42.0;
const PLAY: f64 = 0.5;
const UNIT: f64 = 7.0;
const RADIUS_OUTSIDE: f64 = 3.75;
const FOOT: f64 = 4.75;
const LIP: f64 = 4.4;
const LIP_EDGE: f64 = 0.6;
/// How far the lip reaches inwards from the outer wall at its narrowest.
const LIP_REACH: f64 = 2.6;
/// Upright below the lip, before it slopes back to the wall at 45 degrees.
const LIP_SUPPORT: f64 = 1.2;

pub(crate) static DEFINITION: Definition = Definition {
    kind: "gridfinity_bin",
    role: Role::Body,
    meaning: "A Gridfinity bin: cells of 42 mm, height units of 7 mm, standard feet, stacking lip (3.8 mm on top of the units) and compartments.",
    parameters: &[
        count("columns", Default::Value(1.0), (1.0, 6.0), "cells of 42 mm along X"),
        count("rows", Default::Value(1.0), (1.0, 6.0), "cells of 42 mm along Y"),
        count(
            "height_units",
            Default::Value(3.0),
            (2.0, 20.0),
            "height in units of 7 mm, feet included, the lip on top aside",
        ),
        count("compartments_x", Default::Value(1.0), (1.0, 12.0), "compartments along X"),
        count("compartments_y", Default::Value(1.0), (1.0, 12.0), "compartments along Y"),
        length("wall", Default::Value(1.2), (0.6, 2.4), "thickness of the outer walls and of the dividers"),
        length("floor", Default::Value(1.25), (0.6, 5.0), "thickness of the floor above the feet"),
    ],
    choices: &[
        Choice { name: "lip", options: &["yes", "no"], default: Some("yes") },
        Choice { name: "magnets", options: &["no", "yes"], default: Some("no") },
    ],
    size_order: &["columns", "rows", "height_units"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (columns, rows) = (v.get("columns"), v.get("rows"));
    let (wall, floor) = (v.get("wall"), FOOT + v.get("floor"));
    let (l, w, units) = (PITCH * columns - PLAY, PITCH * rows - PLAY, UNIT * v.get("height_units"));
    let lip = v.choice("lip") == "yes";
    let h = if lip { snap(units + LIP - LIP_EDGE) } else { units };
    let (nx, ny) = (v.get("compartments_x"), v.get("compartments_y"));
    for (size, n, name) in [(l, nx, "compartments_x"), (w, ny, "compartments_y")] {
        let each = (size - (n + 1.0) * wall) / n;
        require(each >= 5.0, name, || format!("of {n} are {} wide; use fewer, so that each has 5 mm", mm(each)))?;
    }
    let mut steps = shell(columns as usize, rows as usize, [l, w], h);
    steps.push(if lip {
        cavity_with_lip([l, w], floor, units, wall)
    } else {
        cut(extrude(
            rectangle(l - 2.0 * wall, w - 2.0 * wall, RADIUS_OUTSIDE - wall),
            vec![],
            floor,
            h - floor + BEYOND,
        ))
    });
    steps.extend(dividers(v, [l, w], floor, units));
    if v.choice("magnets") == "yes" {
        for [x, y] in cells(columns as usize, rows as usize) {
            steps.extend(
                [[13.0, 13.0], [-13.0, 13.0], [-13.0, -13.0], [13.0, -13.0]]
                    .map(|[dx, dy]| cut(cylinder(6.5, [x + dx, y + dy, -BEYOND], 2.4 + BEYOND))),
            );
        }
    }
    let mut body = Body::single("gridfinity_bin", [l, w, h], steps);
    body.hollow = Some(Hollow { wall, floor, lid: 0.0 });
    Ok(body)
}

fn cells(columns: usize, rows: usize) -> Vec<[f64; 2]> {
    let at = |i: usize, n: usize| PITCH * (i as f64 - (n as f64 - 1.0) / 2.0);
    (0..columns * rows).map(|i| [at(i % columns, columns), at(i / columns, rows)]).collect()
}

/// A rounded rectangle of the bin's outside, `inset` further in: its corners keep their centres. Each corner is two arcs: an
/// exact kernel recognises a cone between two of them, but quarter turns that rounding makes a hair longer it does not.
fn ring([l, w]: [f64; 2], inset: f64, z: f64) -> Section {
    let (cx, cy, r) = (l / 2.0 - RADIUS_OUTSIDE, w / 2.0 - RADIUS_OUTSIDE, RADIUS_OUTSIDE - inset);
    let at = |[sx, sy]: [f64; 2], eighth: f64| {
        let (sin, cos) = (eighth * std::f64::consts::FRAC_PI_4).sin_cos();
        [sx * cx + r * cos, sy * cy + r * sin]
    };
    let mut segments = Vec::new();
    for (quarter, corner) in [[1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0]].into_iter().enumerate() {
        let from = 2.0 * quarter as f64 - 2.0;
        let [x, y] = at(corner, from);
        segments.extend([line(x, y), arc(at(corner, from + 0.5), at(corner, from + 1.0))]);
        segments.push(arc(at(corner, from + 1.5), at(corner, from + 2.0)));
    }
    let start = at([-1.0, -1.0], 6.0);
    if let Some(Segment::Arc { to, .. }) = segments.last_mut() {
        *to = start;
    }
    Section { contour: Contour::Path { start, segments }, z: snap(z) }
}

fn loft(sections: Vec<Section>, at: [f64; 2]) -> Solid {
    Solid { shape: Shape::Loft { sections, ruled: true }, frame: Frame::at([at[0], at[1], 0.0]) }
}

/// The solid outside: one foot a cell, and the block on them.
fn shell(columns: usize, rows: usize, size: [f64; 2], h: f64) -> Vec<Step> {
    let cell = [PITCH - PLAY; 2];
    let foot = |top: f64| {
        let mut sections =
            vec![ring(cell, 2.95, 0.0), ring(cell, 2.15, 0.8), ring(cell, 2.15, 2.6), ring(cell, 0.0, FOOT)];
        if top > FOOT {
            sections.push(ring(cell, 0.0, top));
        }
        sections
    };
    if columns * rows == 1 {
        return vec![add(loft(foot(h), [0.0; 2]))];
    }
    let block = extrude(rectangle(size[0], size[1], RADIUS_OUTSIDE), vec![], FOOT, h - FOOT);
    let feet = cells(columns, rows).into_iter().map(|at| add(loft(foot(FOOT), at)));
    std::iter::once(add(block)).chain(feet).collect()
}

/// The inside from the floor up: walls, the slope under the lip, and the lip's profile, past its cut-off edge.
fn cavity_with_lip(size: [f64; 2], floor: f64, units: f64, wall: f64) -> Step {
    let support = units - LIP_SUPPORT;
    let slope = support - (LIP_REACH - wall);
    let beyond = 0.2;
    let sections = vec![
        ring(size, wall, floor),
        ring(size, wall, slope),
        ring(size, LIP_REACH, support),
        ring(size, LIP_REACH, units),
        ring(size, LIP_REACH - 0.7, units + 0.7),
        ring(size, LIP_REACH - 0.7, units + 2.5),
        ring(size, beyond, units + LIP - beyond),
    ];
    cut(loft(sections, [0.0; 2]))
}

/// Walls between compartments, sunk into floor and walls; they end below the lip's support, those along X a little lower.
fn dividers(v: &Values, [l, w]: [f64; 2], floor: f64, units: f64) -> Vec<Step> {
    let wall = v.get("wall");
    let top = units - LIP_SUPPORT - (LIP_REACH - wall) - 0.2;
    let between = |size: f64, n: f64| -> Vec<f64> {
        let pitch = (size - wall) / n;
        (1..n as usize).map(|i| -size / 2.0 + wall / 2.0 + pitch * i as f64).collect()
    };
    let (deep, reach) = (0.3, wall / 2.0);
    let across = between(l, v.get("compartments_x")).into_iter().map(|x| {
        let corner = [x - wall / 2.0, reach - w / 2.0, floor - deep];
        add(cuboid(corner, [wall, w - 2.0 * reach, top - floor + deep]))
    });
    let along = between(w, v.get("compartments_y")).into_iter().map(|y| {
        let corner = [reach - l / 2.0, y - wall / 2.0, floor - deep - 0.1];
        add(cuboid(corner, [l - 2.0 * reach, wall, top - floor + deep - 0.1]))
    });
    across.chain(along).collect()
}
