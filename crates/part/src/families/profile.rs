//! A bar of U, T, L, I or Z section.

use super::{joinery::polygon, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Frame, Profile, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "profile",
    role: Role::Body,
    meaning: "A straight bar of U (open upwards), T, L, I or Z section with sharp corners, along X.",
    parameters: &[
        length("length", Default::Essential, SIZE, "length of the bar"),
        length("width", Default::Essential, SIZE, "overall width of the section"),
        length("height", Default::Essential, SIZE, "overall height of the section"),
        length("thickness", Default::Essential, WALL, "thickness of the level parts: a floor, a flange, a foot"),
        length(
            "web_thickness",
            Default::Rule("as thick as the level parts", |v| v.get("thickness")),
            WALL,
            "thickness of the upright parts: walls or a web",
        ),
    ],
    choices: &[Choice { name: "shape", options: &["u", "t", "l", "i", "z"], default: Some("u") }],
    size_order: &["length", "width", "height", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, w, h, t, web) =
        (v.get("length"), v.get("width"), v.get("height"), v.get("thickness"), v.get("web_thickness"));
    let shape = v.choice("shape");
    let levels = if matches!(shape, "i" | "z") { 2.0 } else { 1.0 };
    let webs = if shape == "u" { 2.0 } else { 1.0 };
    require(levels * t < h - 1e-3, "thickness", || {
        format!("of {} leaves nothing of a height of {}; use less than {}", mm(t), mm(h), mm(h / levels))
    })?;
    require(webs * web < w - 1e-3, "web_thickness", || {
        format!("of {} leaves nothing of a width of {}; use less than {}", mm(web), mm(w), mm(w / webs))
    })?;
    let (a, b) = (w / 2.0, web / 2.0);
    let points = match shape {
        "t" => vec![[-b, 0.0], [b, 0.0], [b, h - t], [a, h - t], [a, h], [-a, h], [-a, h - t], [-b, h - t]],
        "l" => vec![[-a, 0.0], [a, 0.0], [a, t], [web - a, t], [web - a, h], [-a, h]],
        "i" => vec![
            [-a, 0.0],
            [a, 0.0],
            [a, t],
            [b, t],
            [b, h - t],
            [a, h - t],
            [a, h],
            [-a, h],
            [-a, h - t],
            [-b, h - t],
            [-b, t],
            [-a, t],
        ],
        "z" => vec![[-b, 0.0], [a, 0.0], [a, t], [b, t], [b, h], [-a, h], [-a, h - t], [-b, h - t]],
        _ => vec![[-a, 0.0], [a, 0.0], [a, h], [a - web, h], [a - web, t], [web - a, t], [web - a, h], [-a, h]],
    };
    // Drawn across and upwards, pushed along X.
    let frame = Frame { origin: [-l / 2.0, 0.0, 0.0], x: [0.0, 1.0, 0.0], z: [1.0, 0.0, 0.0] };
    let profile = Profile { outer: polygon(points), holes: Vec::new() };
    let solid = Solid { shape: Shape::Extrusion { profile, height: l }, frame };
    Ok(Body::single("profile", [l, w, h], vec![add(solid)]))
}
