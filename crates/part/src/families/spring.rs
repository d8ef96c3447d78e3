//! A coil spring of round wire.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Frame, Profile, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "spring",
    role: Role::Body,
    meaning: "A coil spring of round wire, standing upright, its ends plain.",
    parameters: &[
        length("wire", Default::Essential, (0.4, 100.0), "diameter of the wire"),
        length("diameter", Default::Essential, SIZE, "mean diameter of the coil, from wire middle to wire middle"),
        length("pitch", Default::Essential, (0.5, 500.0), "distance from one turn to the next"),
        count("turns", Default::Essential, (1.0, 60.0), "number of turns"),
    ],
    choices: &[Choice { name: "hand", options: &["right", "left"], default: Some("right") }],
    size_order: &["wire", "diameter", "pitch"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (wire, d, pitch, turns) = (v.get("wire"), v.get("diameter"), v.get("pitch"), v.get("turns"));
    require(d > wire + 0.1, "diameter", || {
        format!("of {} leaves no room inside a coil of {} wire; use more than {}", mm(d), mm(wire), mm(wire))
    })?;
    // Cut upright, through the axis, round wire that climbs is higher than it is wide; as coils move an upright section.
    let upright = snap(wire * (pitch / (std::f64::consts::PI * d)).hypot(1.0));
    require(pitch > upright + 1e-3 || turns <= 1.0, "pitch", || {
        format!("of {} makes turns of {} wire run into each other; use more", mm(pitch), mm(wire))
    })?;
    let profile = Profile { outer: Contour::Ellipse { centre: [0.0; 2], size: [wire, upright] }, holes: Vec::new() };
    let left_handed = v.choice("hand") == "left";
    let shape = Shape::Coil { profile, radius: d / 2.0, pitch, turns, left_handed };
    let solid = Solid { shape, frame: Frame::at([0.0, 0.0, upright / 2.0]) };
    Ok(Body::single("spring", [d + wire, d + wire, pitch * turns + upright], vec![add(solid)]))
}
