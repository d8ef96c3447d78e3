//! A round knob with grip flutes and a blind bore for a shaft.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "knob",
    role: Role::Body,
    meaning: "A knob with grip flutes and a blind bore for a shaft from below.",
    parameters: &[
        length("diameter", Default::Value(30.0), SIZE, "outer diameter"),
        length("height", Default::Rule("half the diameter", |v| v.get("diameter") / 2.0), SIZE, "height"),
        length(
            "bore",
            Default::Rule("6 mm, at most a third of the diameter", |v| snap((v.get("diameter") / 3.0).min(6.0))),
            (0.0, 1000.0),
            "diameter of the shaft's bore; 0 for none",
        ),
        length(
            "bore_depth",
            Default::Rule("70 % of the height", |v| snap(v.get("height") * 0.7)),
            WALL,
            "depth of the bore",
        ),
        count("flutes", Default::Value(12.0), (0.0, 60.0), "grip flutes round the side"),
    ],
    choices: &[],
    size_order: &["diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, h, bore, depth, n) =
        (v.get("diameter"), v.get("height"), v.get("bore"), v.get("bore_depth"), v.get("flutes") as usize);
    let outline = if n == 0 { circle([0.0; 2], d) } else { fluted(d / 2.0, n)? };
    let mut steps = vec![add(extrude(outline, vec![], 0.0, h))];
    if bore > 0.0 {
        require(bore < d * 0.8, "bore", || {
            format!("of {} is too wide for a knob of {}; use less than {}", mm(bore), mm(d), mm(d * 0.8))
        })?;
        require(depth < h - 0.4, "bore_depth", || {
            format!("of {} goes through; use less than {}", mm(depth), mm(h - 0.4))
        })?;
        steps.push(cut(cylinder(bore, [0.0, 0.0, -BEYOND], depth + BEYOND)));
    }
    let mut body = Body::single("knob", [d, d, h], steps);
    body.round = true;
    Ok(body)
}

/// A circle with `n` shallow concave flutes between its lands.
fn fluted(r: f64, n: usize) -> Result<Contour, Invalid> {
    let step = std::f64::consts::TAU / n as f64;
    // A flute takes half of its share of the circle, and no more than a sixth of the radius in depth.
    let half = (step / 4.0).min(0.25);
    let chord = r * half.sin();
    let depth = (chord * 0.5).min(r / 6.0);
    require(chord > 0.05, "flutes", || format!("of {n} are too fine for a knob of {}; use fewer", mm(2.0 * r)))?;
    let polar = |radius: f64, angle: f64| [snap(radius * angle.cos()), snap(radius * angle.sin())];
    let valley = r * half.cos() - depth;
    let mut segments = Vec::new();
    for i in 0..n {
        let flute = step * (i as f64 + 0.5);
        let next = step * (i as f64 + 1.5);
        segments.push(arc(polar(valley, flute), polar(r, flute + half)));
        segments.push(arc(polar(r, (flute + next) / 2.0), polar(r, next - half)));
    }
    let start = polar(r, step * 0.5 - half);
    // The last arc ends exactly where the first began.
    if let Some(crate::solid::Segment::Arc { to, .. }) = segments.last_mut() {
        *to = start;
    }
    Ok(Contour::Path { start, segments })
}
