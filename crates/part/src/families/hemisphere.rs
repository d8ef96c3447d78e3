//! Half a sphere on its flat side, solid or as a dome.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "hemisphere",
    role: Role::Body,
    meaning: "Half a sphere on its flat side: solid, or a dome that is open below when it has a wall.",
    parameters: &[
        length("diameter", Default::Essential, SIZE, "diameter"),
        length("wall", Default::Value(0.0), (0.0, 200.0), "wall thickness; 0 is solid"),
    ],
    choices: &[],
    size_order: &["diameter"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, wall) = (v.get("diameter"), v.get("wall"));
    let r = d / 2.0;
    require(wall == 0.0 || wall < r - 0.1, "wall", || {
        format!("of {} leaves no space in a dome of {}; use less than {}", mm(wall), mm(d), mm(r))
    })?;
    // A point that lies on the circle in decimals too: rounded off it, the arc would not be centred on the axis.
    let quarter = |r: f64| arc([snap(0.6 * r), snap(0.8 * r)], [0.0, r]);
    let outer = Contour::Path { start: [0.0, 0.0], segments: vec![line(r, 0.0), quarter(r), line(0.0, 0.0)] };
    let mut steps = vec![add(revolve(outer))];
    if wall > 0.0 {
        let i = r - wall;
        let inner = Contour::Path {
            start: [0.0, -BEYOND],
            segments: vec![line(i, -BEYOND), line(i, 0.0), quarter(i), line(0.0, -BEYOND)],
        };
        steps.push(cut(revolve(inner)));
    }
    let mut body = Body::single("hemisphere", [d, d, r], steps);
    body.round = true;
    body.side = (0..=16)
        .map(|n| {
            let (sin, cos) = (std::f64::consts::FRAC_PI_2 * f64::from(n) / 16.0).sin_cos();
            [snap(r * cos), snap(r * sin)]
        })
        .collect();
    Ok(body)
}
