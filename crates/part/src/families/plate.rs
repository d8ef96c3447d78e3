//! A flat plate, solid or with its own pattern of holes.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "plate",
    role: Role::Body,
    meaning: "A flat rectangular plate, solid unless it has holes: four go to the corners, others in a row or a grid.",
    parameters: &[
        length("length", Default::Essential, SIZE, "size along X"),
        length("width", Default::Essential, SIZE, "size along Y"),
        length("thickness", Default::Value(3.0), WALL, "thickness"),
        length("corner_radius", Default::Value(0.0), RADIUS, "radius of the corners"),
        count(
            "hole_count",
            Default::Value(0.0),
            (0.0, 400.0),
            "holes through the plate; 4 sit at the corners, others in a row or a grid",
        ),
        length("hole_diameter", Default::Value(5.0), HOLE, "diameter of the holes"),
        length(
            "hole_inset",
            Default::Rule("the larger of the hole's diameter and a tenth of the shorter side", |v| {
                snap(v.get("hole_diameter").max(v.get("length").min(v.get("width")) / 10.0))
            }),
            (0.1, 1000.0),
            "distance from the edges to the centres of the outermost holes",
        ),
    ],
    choices: &[],
    size_order: &["length", "width", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, w, t, r) = (v.get("length"), v.get("width"), v.get("thickness"), v.get("corner_radius"));
    radius_fits(r, l.min(w))?;
    let holes = holes(v)?;
    Ok(Body::single("plate", [l, w, t], vec![add(extrude(rectangle(l, w, r), holes, 0.0, t))]))
}

fn holes(v: &Values) -> Result<Vec<Contour>, Invalid> {
    let (l, w, r) = (v.get("length"), v.get("width"), v.get("corner_radius"));
    let (count, d, inset) = (v.get("hole_count") as usize, v.get("hole_diameter"), v.get("hole_inset"));
    if count == 0 {
        return Ok(Vec::new());
    }
    let (columns, rows) = grid(count, l, w);
    let span = |size: f64, n: usize| if n > 1 { size - 2.0 * inset } else { 0.0 };
    let (across, along) = (span(l, columns), span(w, rows));
    let crowded = |span: f64, n: usize| n > 1 && span / (n - 1) as f64 <= d + 0.2;
    if crowded(across, columns) || crowded(along, rows) {
        let why = format!(
            "of {count} do not fit with {} holes {} from the edges; use fewer or smaller holes",
            mm(d),
            mm(inset)
        );
        return Err(Invalid::new("", "hole_count", why));
    }
    require(d / 2.0 < inset || count == 1, "hole_inset", || {
        format!("of {} lets {} holes break the edge; use more than {}", mm(inset), mm(d), mm(d / 2.0))
    })?;
    require(d < l.min(w) - 0.4, "hole_diameter", || {
        format!("of {} does not fit in the plate; use less than {}", mm(d), mm(l.min(w)))
    })?;
    // A hole at a rounded corner must stay inside the arc.
    if r > inset && columns > 1 && rows > 1 {
        let reach = (r - inset) * std::f64::consts::SQRT_2 + d / 2.0;
        require(reach < r - 0.1, "hole_inset", || {
            format!("of {} lets holes break the rounded corners; use {} or more", mm(inset), mm(r))
        })?;
    }
    let place =
        |span: f64, n: usize, i: usize| if n > 1 { snap(-span / 2.0 + span * i as f64 / (n - 1) as f64) } else { 0.0 };
    Ok((0..count).map(|i| circle([place(across, columns, i % columns), place(along, rows, i / columns)], d)).collect())
}

/// Columns and rows for `count` holes: the full grid nearest to the plate's proportions, a row when there is none.
fn grid(count: usize, length: f64, width: f64) -> (usize, usize) {
    let wanted = length / width;
    let off = |columns: usize| ((columns * columns) as f64 / count as f64 / wanted).ln().abs();
    let best =
        (1..=count).filter(|c| count.is_multiple_of(*c)).min_by(|a, b| off(*a).total_cmp(&off(*b))).unwrap_or(count);
    match count {
        4 => (2, 2),
        // Two, three and primes read as a row along the longer side.
        _ if best == 1 || best == count => {
            if length >= width {
                (count, 1)
            } else {
                (1, count)
            }
        }
        _ => (best, count / best),
    }
}
