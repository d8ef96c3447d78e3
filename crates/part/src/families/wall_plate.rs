//! A cover plate for a box in the wall: blank, or with an opening for a socket, a switch or a cable.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Action, Body, Contour, Edges, Step},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "wall_plate",
    role: Role::Body,
    meaning: "A cover plate for a wall box, with two screw holes and, if wanted, a round or rectangular opening.",
    parameters: &[
        length("length", Default::Value(80.0), SIZE, "size along X"),
        length("width", Default::Rule("as wide as long", |v| v.get("length")), SIZE, "size along Y"),
        length("thickness", Default::Value(3.0), WALL, "thickness"),
        length(
            "corner_radius",
            Default::Rule("a twentieth of the shorter side", |v| snap(v.get("length").min(v.get("width")) / 20.0)),
            RADIUS,
            "radius of the corners",
        ),
        length(
            "bevel",
            Default::Rule("a third of the thickness, less at small corners", |v| {
                let (most, r) = (v.get("thickness") / 3.0, v.get("corner_radius"));
                snap(if r > 0.0 { most.min(0.8 * r) } else { most })
            }),
            (0.0, 20.0),
            "chamfer of the front's edges; 0 for none",
        ),
        length(
            "hole_spacing",
            Default::Rule("60.3 mm, as in European boxes; three quarters of a small plate", |v| {
                let across = if v.choice("screw_axis") == "x" { v.get("length") } else { v.get("width") };
                if across < 72.0 { snap(0.75 * across) } else { 60.3 }
            }),
            HOLE,
            "distance of the two screws; American boxes have 83.3 mm",
        ),
        length("hole_diameter", Default::Value(3.6), (0.0, 100.0), "diameter of the screw holes; 0 for none"),
        length(
            "opening_length",
            Default::Absent,
            HOLE,
            "size of the opening along X, or its diameter; no opening unless said",
        ),
        length("opening_width", Default::Absent, HOLE, "size of a rectangular opening along Y; round unless said"),
    ],
    choices: &[Choice { name: "screw_axis", options: &["x", "y"], default: Some("x") }],
    size_order: &["length", "width", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, w, t, r, bevel) =
        (v.get("length"), v.get("width"), v.get("thickness"), v.get("corner_radius"), v.get("bevel"));
    let (spacing, d) = (v.get("hole_spacing"), v.get("hole_diameter"));
    let along_x = v.choice("screw_axis") == "x";
    radius_fits(r, l.min(w))?;
    let room = l.min(w) / 2.0 - 1.0;
    // A chamfer as wide as the corner's radius would end in a point.
    require(bevel < 0.9 * t && bevel < room && (bevel < r - 0.05 || bevel == 0.0 || r == 0.0), "bevel", || {
        format!("of {} is too much; use less than {}, or larger corners", mm(bevel), mm((0.9 * t).min(room)))
    })?;
    let mut holes = Vec::new();
    if d > 0.0 {
        let across = if along_x { l } else { w };
        require(spacing / 2.0 + d / 2.0 + bevel + 0.5 < across / 2.0, "hole_spacing", || {
            format!("of {} is too wide for a plate of {}", mm(spacing), mm(across))
        })?;
        require(spacing > d + 1.0, "hole_spacing", || format!("of {} makes holes of {} touch", mm(spacing), mm(d)))?;
        let half = snap(spacing / 2.0);
        holes.extend([half, -half].map(|p| circle(if along_x { [p, 0.0] } else { [0.0, p] }, d)));
    }
    holes.extend(opening(v, along_x)?);
    let mut steps = vec![add(extrude(rectangle(l, w, r), holes, 0.0, t))];
    if bevel > 0.0 {
        let action = Action::Chamfer { edges: Edges::Top, distance: bevel };
        steps.push(Step { operation: String::new(), action });
    }
    Ok(Body::single("wall_plate", [l, w, t], steps))
}

fn opening(v: &Values, along_x: bool) -> Result<Option<Contour>, Invalid> {
    let (length, width) = match (v.find("opening_length"), v.find("opening_width")) {
        (None, None) => return Ok(None),
        (Some(length), width) => (length, width),
        (None, Some(width)) => (width, Some(width)),
    };
    let size = [length, width.unwrap_or(length)];
    let (d, spacing) = (v.get("hole_diameter"), v.get("hole_spacing"));
    let mut most = [v.get("length"), v.get("width")].map(|side| side - 2.0 * v.get("bevel") - 2.0);
    if d > 0.0 {
        let axis = usize::from(!along_x);
        most[axis] = most[axis].min(spacing - d - 2.0);
    }
    for (i, name) in ["opening_length", "opening_width"].into_iter().enumerate() {
        require(size[i] <= most[i], name, || {
            format!("of {} reaches the screws or the edge; use at most {}", mm(size[i]), mm(most[i].max(0.0)))
        })?;
    }
    Ok(Some(if width.is_some() {
        Contour::Rectangle { centre: [0.0; 2], size, corner_radius: 0.0 }
    } else {
        circle([0.0; 2], length)
    }))
}
