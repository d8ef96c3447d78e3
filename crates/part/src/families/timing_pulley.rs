//! A pulley for a GT2 timing belt.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour, Segment},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "timing_pulley",
    role: Role::Body,
    meaning: "A toothed pulley for GT2 belts of 2 mm pitch, with a flange on both sides and a hub below if wanted.",
    parameters: &[
        count("teeth", Default::Essential, (10.0, 200.0), "number of teeth"),
        length("belt_width", Default::Value(6.0), (2.0, 50.0), "width of the belt"),
        length(
            "bore",
            Default::Rule("5 mm, at most a third of the diameter over the teeth", |v| {
                snap((outer_diameter(v.get("teeth")) / 3.0).min(5.0))
            }),
            (0.0, 200.0),
            "diameter of the shaft's bore; 0 for none",
        ),
        length("flange_height", Default::Value(1.0), (0.4, 20.0), "thickness of the flanges"),
        length(
            "flange_diameter",
            Default::Rule("3 mm more than over the teeth", |v| snap(outer_diameter(v.get("teeth")) + 3.0)),
            SIZE,
            "diameter of the flanges",
        ),
        length("hub_height", Default::Value(0.0), (0.0, 100.0), "height of a hub on top; 0 for none"),
        length(
            "hub_diameter",
            Default::Rule("as wide as the flanges", |v| v.get("flange_diameter")),
            SIZE,
            "diameter of the hub",
        ),
    ],
    choices: &[],
    size_order: &["belt_width"],
    build: Build::Body(build),
};

/// Belt pitch, and how far the belt's pitch line runs outside the pulley's teeth (Gates PowerGrip GT2).
const PITCH: f64 = 2.0;
const PITCH_LINE: f64 = 0.254;
/// Room beside the belt.
const ROOM: f64 = 0.5;

fn outer_diameter(teeth: f64) -> f64 {
    teeth * PITCH / std::f64::consts::PI - 2.0 * PITCH_LINE
}

fn build(v: &Values) -> Result<Body, Invalid> {
    let (teeth, belt, bore) = (v.get("teeth"), v.get("belt_width"), v.get("bore"));
    let (flange, thick) = (v.get("flange_diameter"), v.get("flange_height"));
    let (hub, hub_height) = (v.get("hub_diameter"), v.get("hub_height"));
    let outer = outer_diameter(teeth);
    let root = outer - 2.0 * 0.75;
    require(bore < root - 0.8, "bore", || {
        format!("of {} cuts into the teeth; use less than {}", mm(bore), mm(root - 0.8))
    })?;
    require(flange > outer + 0.2, "flange_diameter", || {
        format!("of {} is no wider than the teeth, {}", mm(flange), mm(outer))
    })?;
    require(hub_height == 0.0 || (hub > bore + 1.6 && hub <= flange), "hub_diameter", || {
        format!("of {} must leave a wall round the bore and be no wider than the flange of {}", mm(hub), mm(flange))
    })?;
    let width = 2.0 * thick + belt + ROOM;
    // The toothed core ends inside both flanges: no two faces coincide.
    let mut steps = vec![
        add(extrude(toothed(teeth as usize, outer / 2.0), vec![], snap(thick / 2.0), width - thick)),
        add(cylinder(flange, [0.0; 3], thick)),
        add(cylinder(flange, [0.0, 0.0, snap(width - thick)], thick)),
    ];
    if hub_height > 0.0 {
        // A hub as wide as the flange is a thicker flange.
        if (hub - flange).abs() < 1e-6 {
            steps.pop();
            steps.push(add(cylinder(flange, [0.0, 0.0, snap(width - thick)], thick + hub_height)));
        } else {
            steps.push(add(cylinder(hub, [0.0, 0.0, snap(width - thick / 2.0)], thick / 2.0 + hub_height)));
        }
    }
    let height = width + hub_height;
    if bore > 0.0 {
        steps.push(cut(cylinder(bore, [0.0, 0.0, -BEYOND], height + 2.0 * BEYOND)));
    }
    let mut body = Body::single("pulley", [flange, flange, snap(height)], steps);
    body.round = true;
    Ok(body)
}

/// The outline of `n` GT2 grooves between lands, with the figures of Gates' drawing of the 2GT profile (as in the public
/// belt models after it): a bottom of radius 0.555 whose lowest point is 0.75 deep, flanks of radius
/// 1 about points 0.4 beside the groove's middle on the tips' line, and edges rounded by 0.15.
fn toothed(n: usize, r: f64) -> Contour {
    let (bottom, flank, edge, beside, deep) = (0.555_f64, 1.0_f64, 0.15_f64, 0.4_f64, 0.75_f64);
    let centre = deep - bottom;
    // Tangent points in (across, below the tips): land and edge, edge and flank, flank and bottom.
    let reach = ((flank + edge).powi(2) - edge * edge).sqrt();
    let edge_centre = [reach - beside, edge];
    let land = [edge_centre[0], 0.0];
    let share = flank / (flank + edge);
    let upper = [reach * share - beside, edge * share];
    let span = beside.hypot(centre);
    let lower = [flank * beside / span - beside, flank * centre / span];
    // Middles of the three arcs of one side.
    let middle = |c: [f64; 2], a: [f64; 2], b: [f64; 2], radius: f64| {
        let m = [(a[0] + b[0]) / 2.0 - c[0], (a[1] + b[1]) / 2.0 - c[1]];
        let l = m[0].hypot(m[1]);
        [c[0] + m[0] / l * radius, c[1] + m[1] / l * radius]
    };
    let edge_via = middle(edge_centre, land, upper, edge);
    let flank_via = middle([-beside, 0.0], upper, lower, flank);
    // The groove's upper corners lie on the tips' circle.
    let tips = (r * r - land[0] * land[0]).sqrt();
    let place = |[x, below]: [f64; 2], turn: f64| {
        let (sin, cos) = turn.sin_cos();
        let (out, along) = (tips - below, x);
        [snap(out * cos - along * sin), snap(out * sin + along * cos)]
    };
    let mirrored = |[x, y]: [f64; 2]| [-x, y];
    let step = std::f64::consts::TAU / n as f64;
    // A land's middle points along +X; grooves lie half a step off.
    let start = place(mirrored(land), step / 2.0);
    let mut segments: Vec<Segment> = Vec::with_capacity(n * 6);
    for i in 0..n {
        let turn = step * (i as f64 + 0.5);
        let p = |point: [f64; 2]| place(point, turn);
        segments.push(arc(p(mirrored(edge_via)), p(mirrored(upper))));
        segments.push(arc(p(mirrored(flank_via)), p(mirrored(lower))));
        segments.push(arc(p([0.0, deep]), p(lower)));
        segments.push(arc(p(flank_via), p(upper)));
        segments.push(arc(p(edge_via), p(land)));
        let next = step * (i as f64 + 1.0);
        let (sin, cos) = next.sin_cos();
        let to = if i + 1 == n { start } else { place(mirrored(land), turn + step) };
        segments.push(arc([snap(r * cos), snap(r * sin)], to));
    }
    Contour::Path { start, segments }
}
