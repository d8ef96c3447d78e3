//! Test pieces: tensile bars of ISO 527-2, a calibration cube, and a plate of holes with its pin for fits.

use super::{joinery::*, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Piece},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "test_coupon",
    role: Role::Body,
    meaning: "A test piece: a tensile bar (ISO 527-2 type 1A or 1B), a calibration cube, or a plate of growing holes with a pin to try fits.",
    parameters: &[
        length("size", Default::Value(20.0), (2.0, 300.0), "edge of the calibration cube"),
        length(
            "thickness",
            Default::Rule("4 mm, as ISO 527-2 prefers; 5 mm for the plate of holes", |v| {
                if v.choice("type") == "tolerance" { 5.0 } else { 4.0 }
            }),
            (0.4, 50.0),
            "thickness of the tensile bar or of the plate of holes",
        ),
        length(
            "hole_diameter",
            Default::Value(10.0),
            (1.0, 100.0),
            "diameter of the pin and of the holes before their play",
        ),
        count("hole_count", Default::Value(6.0), (1.0, 20.0), "holes of the plate"),
        length(
            "step",
            Default::Value(0.1),
            (0.01, 2.0),
            "how much more play in diameter each hole has than the one before it; the first has one step",
        ),
    ],
    choices: &[Choice {
        name: "type",
        options: &["tensile_1a", "tensile_1b", "cube", "tolerance"],
        default: Some("tensile_1a"),
    }],
    size_order: &["size"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    match v.choice("type") {
        "cube" => {
            let s = v.get("size");
            Ok(Body::single("cube", [s; 3], vec![add(extrude(rectangle(s, s, 0.0), vec![], 0.0, s))]))
        }
        "tolerance" => tolerance(v),
        kind => {
            let bar = if kind == "tensile_1b" { TYPE_1B } else { TYPE_1A };
            let steps = vec![add(extrude(bar.outline(), vec![], 0.0, v.get("thickness")))];
            Ok(Body::single("tensile_bar", [bar.length, bar.grip_width, v.get("thickness")], steps))
        }
    }
}

/// A dumbbell of ISO 527-2:2012, figure 1 (millimetres; lengths and widths against Zwick's table of specimens).
struct TensileBar {
    /// l3, overall.
    length: f64,
    /// l1, of the narrow parallel part.
    narrow_length: f64,
    /// r.
    radius: f64,
    /// b2, at the ends.
    grip_width: f64,
    /// b1, of the narrow part.
    narrow_width: f64,
}

/// Type 1A, moulded: l3 170, l1 80, r 24, b2 20, b1 10; gauge length 75.
const TYPE_1A: TensileBar =
    TensileBar { length: 170.0, narrow_length: 80.0, radius: 24.0, grip_width: 20.0, narrow_width: 10.0 };
/// Type 1B, machined or printed: l3 150 or more, l1 60, r 60, b2 20, b1 10; gauge length 50.
const TYPE_1B: TensileBar =
    TensileBar { length: 150.0, narrow_length: 60.0, radius: 60.0, grip_width: 20.0, narrow_width: 10.0 };

impl TensileBar {
    /// Each shoulder is an arc tangent to the narrow part that meets the broad one at an angle: the distance between the
    /// broad parts comes out as `l2 = l1 + sqrt(4 r (b2 - b1) - (b2 - b1)^2)`, 109.33 and 107.96 mm.
    fn outline(&self) -> Contour {
        let (a, n, g, b) =
            (self.length / 2.0, self.narrow_length / 2.0, self.grip_width / 2.0, self.narrow_width / 2.0);
        let rise = g - b;
        let run = (2.0 * self.radius * rise - rise * rise).sqrt();
        let half = (run / self.radius).asin() / 2.0;
        let via = [n + self.radius * half.sin(), b + self.radius * (1.0 - half.cos())];
        let to = |x: f64, y: f64| line(x, y);
        let start = [-a, -g];
        path(
            start,
            vec![
                to(-n - run, -g),
                arc([-via[0], -via[1]], [-n, -b]),
                to(n, -b),
                arc([via[0], -via[1]], [n + run, -g]),
                to(a, -g),
                to(a, g),
                to(n + run, g),
                arc([via[0], via[1]], [n, b]),
                to(-n, b),
                arc([-via[0], via[1]], [-n - run, g]),
                to(-a, g),
                to(-a, -g),
            ],
        )
    }
}

/// Holes in a row, each with a step more play, and a pin of the nominal diameter with a grip.
fn tolerance(v: &Values) -> Result<Body, Invalid> {
    let (d, n, step, t) = (v.get("hole_diameter"), v.get("hole_count") as usize, v.get("step"), v.get("thickness"));
    let rib = (d / 3.0).max(3.0);
    let widest = d + step * n as f64;
    require(step * (n as f64) < d, "step", || {
        format!("of {} makes the last of {n} holes twice as wide as the pin; use a smaller one", mm(step))
    })?;
    let pitch = widest + rib;
    let (l, w) = (snap(pitch * n as f64 + rib), snap(widest + 2.0 * rib));
    let holes = (0..n).map(|i| {
        let x = snap(-l / 2.0 + rib + widest / 2.0 + pitch * i as f64);
        circle([x, 0.0], snap(d + step * (i + 1) as f64))
    });
    let plate = extrude(rectangle(l, w, snap(rib / 2.0)), holes.collect(), 0.0, t);
    let mut body = Body::single("plate", [l, w, t], vec![add(plate)]);
    // Stands beside the plate: a disc to hold and the pin, longer than the plate is thick.
    let (disc, long) = (snap(d / 2.0 + rib), snap(t + 3.0));
    let points = vec![[0.0, 0.0], [disc, 0.0], [disc, 2.0], [d / 2.0, 2.0], [d / 2.0, 2.0 + long], [0.0, 2.0 + long]];
    body.pieces.push(Piece { name: "pin".to_owned(), steps: vec![add(revolve(polygon(points)))], print_turns: [0, 0] });
    Ok(body)
}
