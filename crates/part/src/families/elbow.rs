//! A pipe bend.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Frame, Hollow, Profile, Shape, Solid, SpacePath, SpaceSegment},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "elbow",
    role: Role::Body,
    meaning: "A round pipe bend: it rises from its lower end and turns towards +X by the angle; straight legs at both ends if wanted.",
    parameters: &[
        length("outer_diameter", Default::Essential, SIZE, "outer diameter"),
        tube_wall(),
        tube_bore("inner diameter"),
        angle("angle", Default::Value(90.0), (5.0, 180.0), "angle of the bend"),
        length(
            "bend_radius",
            Default::Rule("the outer diameter", |v| v.get("outer_diameter")),
            SIZE,
            "radius of the bend, to the pipe's middle",
        ),
        length("leg_length", Default::Value(0.0), (0.0, 1000.0), "length of the straight legs; 0 for none"),
    ],
    choices: &[],
    size_order: &["outer_diameter", "inner_diameter"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (outer, inner, bend) = (v.get("outer_diameter"), v.get("inner_diameter"), v.get("bend_radius"));
    let (angle, leg) = (v.get("angle"), v.get("leg_length"));
    let wall = snap((outer - inner) / 2.0);
    require(wall > 0.1, "inner_diameter", || {
        format!("of {} does not fit in the outer diameter of {}; use less", mm(inner), mm(outer))
    })?;
    require(v.find("wall").is_none_or(|said| (wall - said).abs() < 1e-3), "wall", || {
        format!("contradicts the diameters, which leave {}; drop one of the three", mm(wall))
    })?;
    require(bend > outer / 2.0 + 0.1, "bend_radius", || {
        format!("of {} makes the bend cut itself; use more than {}", mm(bend), mm(outer / 2.0 + 0.1))
    })?;
    let (sin, cos) = angle.to_radians().sin_cos();
    let (r, reach) = (outer / 2.0, bend + outer / 2.0);
    // Where the bend's end lies, its leg drawn on, and the corners of that end's face.
    let end = [bend - bend * cos + leg * sin, leg + bend * sin + leg * cos];
    let corner = |side: f64| [end[0] - side * r * cos, end[1] + side * r * sin];
    let bent = [bend - reach * cos, leg + if angle < 90.0 { reach * sin } else { reach }];
    let xs = [-r, r, bent[0], corner(1.0)[0], corner(-1.0)[0], if angle > 90.0 { bend + reach * -cos } else { -r }];
    let zs = [0.0, bent[1], corner(1.0)[1], corner(-1.0)[1]];
    let (left, right) = (xs.iter().copied().fold(f64::INFINITY, f64::min), xs.iter().copied().fold(0.0, f64::max));
    let top = zs.iter().copied().fold(0.0, f64::max);
    // A leg that hangs lower than the start would be what the body stands on.
    let low = zs.iter().copied().fold(0.0, f64::min);
    let shift = snap(-(left + right) / 2.0);
    let profile = Profile { outer: circle([0.0; 2], outer), holes: vec![circle([0.0; 2], inner)] };
    let shape = if leg == 0.0 {
        let profile = Profile { outer: circle([bend, 0.0], outer), holes: vec![circle([bend, 0.0], inner)] };
        // Turned about +Y, from below the axis' -X side upwards.
        let frame = Frame { origin: [snap(bend + shift), 0.0, snap(-low)], x: [-1.0, 0.0, 0.0], z: [0.0, 1.0, 0.0] };
        Solid { shape: Shape::Revolution { profile, angle }, frame }
    } else {
        let at = |turn: f64| {
            let (sin, cos) = turn.to_radians().sin_cos();
            [snap(bend - bend * cos), 0.0, snap(leg + bend * sin)]
        };
        let segments = vec![
            SpaceSegment::Line { to: at(0.0) },
            SpaceSegment::Arc { via: at(angle / 2.0), to: at(angle) },
            SpaceSegment::Line { to: [snap(end[0]), 0.0, snap(end[1])] },
        ];
        let path = SpacePath { start: [0.0; 3], segments };
        Solid { shape: Shape::Sweep { profile, path }, frame: Frame::at([shift, 0.0, snap(-low)]) }
    };
    let mut body = Body::single("elbow", [snap(right - left), outer, snap(top - low)], vec![add(shape)]);
    body.hollow = Some(Hollow { wall, floor: 0.0, lid: 0.0 });
    Ok(body)
}
