//! A round rod or tube with one bend, lying flat.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Frame, Profile, Shape, Solid, SpacePath, SpaceSegment},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "bent_rod",
    role: Role::Body,
    meaning: "A round rod with one bend between two straight legs, or a tube when it has an inner diameter; lying flat.",
    parameters: &[
        length("diameter", Default::Essential, SIZE, "diameter of the rod"),
        length("inner_diameter", Default::Value(0.0), (0.0, 1000.0), "diameter of the bore; 0 for a rod"),
        length("leg_1", Default::Essential, SIZE, "straight length before the bend"),
        length(
            "leg_2",
            Default::Rule("as long as the first", |v| v.get("leg_1")),
            SIZE,
            "straight length after the bend",
        ),
        length(
            "bend_radius",
            Default::Rule("twice the diameter", |v| v.get("diameter") * 2.0),
            SIZE,
            "radius of the bend's middle line",
        ),
        angle("angle", Default::Value(90.0), (5.0, 180.0), "how far it is bent; 180 is a U"),
    ],
    choices: &[],
    size_order: &["diameter", "leg_1", "leg_2"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, inner, bend, turn) = (v.get("diameter"), v.get("inner_diameter"), v.get("bend_radius"), v.get("angle"));
    let (first, second, r) = (v.get("leg_1"), v.get("leg_2"), d / 2.0);
    require(bend > r + 0.05, "bend_radius", || {
        format!("of {} is too tight for a rod of {}; use more than {}", mm(bend), mm(d), mm(r))
    })?;
    require(inner < d - 0.2, "inner_diameter", || format!("of {} leaves no wall in {}; use less", mm(inner), mm(d)))?;
    // Along X, then bent towards +Y.
    let arc_at = |degrees: f64, radius: f64| {
        let (sin, cos) = degrees.to_radians().sin_cos();
        [first + radius * sin, bend - radius * cos]
    };
    let (sin, cos) = turn.to_radians().sin_cos();
    let end = |radius: f64| {
        let [x, y] = arc_at(turn, radius);
        [x + second * cos, y + second * sin]
    };
    let steps = (0..=90).map(|n| turn * f64::from(n) / 90.0);
    let sides = steps.flat_map(|at| [arc_at(at, bend - r), arc_at(at, bend + r)]);
    let outline = sides.chain([[0.0, -r], [0.0, r], end(bend - r), end(bend + r)]);
    let [low, high] = crate::region::around(outline);
    let at = |[x, y]: [f64; 2]| [snap(x), snap(y), 0.0];
    let segments = vec![
        SpaceSegment::Line { to: at([first, 0.0]) },
        SpaceSegment::Arc { via: at(arc_at(turn / 2.0, bend)), to: at(arc_at(turn, bend)) },
        SpaceSegment::Line { to: at(end(bend)) },
    ];
    let holes = if inner > 0.0 { vec![circle([0.0; 2], inner)] } else { Vec::new() };
    let profile = Profile { outer: circle([0.0; 2], d), holes };
    let middle = [snap(-(low[0] + high[0]) / 2.0), snap(-(low[1] + high[1]) / 2.0), r];
    let shape = Shape::Sweep { profile, path: SpacePath { start: [0.0; 3], segments } };
    let solid = Solid { shape, frame: Frame::at(middle) };
    let size = [snap(high[0] - low[0]), snap(high[1] - low[1]), d];
    Ok(Body::single("bent_rod", size, vec![add(solid)]))
}
