//! A gusset: a flat triangular plate that stiffens a corner.

use super::{joinery::polygon, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::Body,
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "gusset",
    role: Role::Body,
    meaning: "A flat triangular plate with a right angle that stiffens a corner; its sharp ends are cut off, its holes optional.",
    parameters: &[
        length("length", Default::Essential, SIZE, "length of the leg along X"),
        length("height", Default::Rule("as high as long", |v| v.get("length")), SIZE, "length of the leg along Y"),
        length("thickness", Default::Value(4.0), WALL, "thickness"),
        length(
            "nose",
            Default::Rule("a tenth of the shorter leg", |v| snap(v.get("length").min(v.get("height")) / 10.0)),
            RADIUS,
            "width of the two ends that are cut off",
        ),
        length(
            "relief",
            Default::Value(0.0),
            RADIUS,
            "how much is cut off the right-angled corner, for a weld or a fillet",
        ),
        count(
            "hole_count",
            Default::Value(0.0),
            (0.0, 3.0),
            "holes: one in the middle, two at the ends, a third at the corner",
        ),
        length("hole_diameter", Default::Value(5.0), HOLE, "diameter of the holes"),
    ],
    choices: &[],
    size_order: &["length", "height", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, h, t) = (v.get("length"), v.get("height"), v.get("thickness"));
    let (nose, relief) = (v.get("nose"), v.get("relief"));
    let shorter = l.min(h);
    require(nose < shorter - 0.5, "nose", || {
        format!("of {} leaves no slope; use less than {}", mm(nose), mm(shorter))
    })?;
    require(relief < shorter - nose.max(0.5), "relief", || {
        format!("of {} leaves no leg; use less than {}", mm(relief), mm(shorter - nose.max(0.5)))
    })?;
    let at = |x: f64, y: f64| [snap(x - l / 2.0), snap(y - h / 2.0)];
    let mut points = if relief > 1e-6 { vec![at(0.0, relief), at(relief, 0.0)] } else { vec![at(0.0, 0.0)] };
    points.push(at(l, 0.0));
    if nose > 1e-6 {
        points.extend([at(l, nose), at(nose, h)]);
    }
    points.push(at(0.0, h));
    let holes = holes(v)?.into_iter().map(|[x, y]| circle(at(x, y), v.get("hole_diameter"))).collect();
    let steps = vec![add(extrude(polygon(points), holes, 0.0, t))];
    Ok(Body::single("gusset", [l, h, t], steps))
}

/// Hole centres measured from the right angle: each as far from the edges as its size asks.
fn holes(v: &Values) -> Result<Vec<[f64; 2]>, Invalid> {
    let (l, h, nose, relief) = (v.get("length"), v.get("height"), v.get("nose"), v.get("relief"));
    let (n, d) = (v.get("hole_count") as usize, v.get("hole_diameter"));
    if n == 0 {
        return Ok(Vec::new());
    }
    // The slope a*x + b*y = c, with a and b of unit length together.
    let (run, rise) = (l - nose, h - nose);
    let size = run.hypot(rise);
    let (a, b) = (rise / size, run / size);
    let c = a * l + b * nose;
    let to_slope = |p: [f64; 2]| c - a * p[0] - b * p[1];
    let to_corner = |p: [f64; 2]| {
        if relief > 0.0 { (p[0] + p[1] - relief) * std::f64::consts::FRAC_1_SQRT_2 } else { f64::INFINITY }
    };
    let inset = d / 2.0 + (d / 2.0).max(1.5);
    let middle = c / (1.0 + a + b);
    let ends =
        [[((c - b * inset - inset) / a).min(l - inset), inset], [inset, ((c - a * inset - inset) / b).min(h - inset)]];
    let corner = (relief * std::f64::consts::FRAC_1_SQRT_2 + inset) * std::f64::consts::FRAC_1_SQRT_2;
    let corner = corner.max(inset);
    let places: Vec<[f64; 2]> = match n {
        1 => vec![[middle, middle]],
        2 => ends.to_vec(),
        _ => vec![ends[0], ends[1], [corner, corner]],
    };
    let clear =
        |p: &[f64; 2]| [p[0], p[1], l - p[0], h - p[1], to_slope(*p), to_corner(*p)].iter().all(|m| *m > d / 2.0 + 0.4);
    let apart =
        places.iter().enumerate().all(|(i, p)| places[..i].iter().all(|q| (p[0] - q[0]).hypot(p[1] - q[1]) > d + 0.4));
    require(apart && places.iter().all(clear), "hole_count", || {
        format!(
            "of {n} holes of {} does not fit in a gusset of {} by {}; use fewer or smaller ones",
            mm(d),
            mm(l),
            mm(h)
        )
    })?;
    Ok(places)
}
