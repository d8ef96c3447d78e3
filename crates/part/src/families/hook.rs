//! A wall hook with screw holes.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour, Frame, Profile, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "hook",
    role: Role::Body,
    meaning: "A wall hook: a back plate with screw holes, an arm and an upturned lip.",
    parameters: &[
        length("height", Default::Value(60.0), SIZE, "height of the back plate"),
        length("width", Default::Value(20.0), SIZE, "width"),
        length("thickness", Default::Value(5.0), WALL, "thickness of plate, arm and lip"),
        length("reach", Default::Value(30.0), SIZE, "distance from the wall to the front of the lip"),
        length(
            "lip_height",
            Default::Rule("a quarter of the height, above the arm", |v| v.get("height") / 4.0),
            SIZE,
            "how far the lip stands above the arm",
        ),
        count("hole_count", Default::Value(2.0), (0.0, 6.0), "screw holes in the back plate"),
        length("hole_diameter", Default::Value(4.5), HOLE, "diameter of the screw holes"),
    ],
    choices: &[],
    size_order: &["width", "reach", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (h, w, t, reach, lip) =
        (v.get("height"), v.get("width"), v.get("thickness"), v.get("reach"), v.get("lip_height"));
    require(reach > 2.0 * t + 1.0, "reach", || {
        format!("of {} leaves no room behind the lip; use more than {}", mm(reach), mm(2.0 * t + 1.0))
    })?;
    require(t + lip <= h - 0.2, "lip_height", || {
        format!("of {} is higher than the plate; use less than {}", mm(lip), mm(h - t))
    })?;
    // Profile x is Y (the wall is at the back, +Y), profile y is Z.
    let (wall, front) = (reach / 2.0, -reach / 2.0);
    let points = vec![
        [front, 0.0],
        [wall, 0.0],
        [wall, h],
        [wall - t, h],
        [wall - t, t],
        [front + t, t],
        [front + t, t + lip],
        [front, t + lip],
    ];
    let frame = Frame { origin: [-w / 2.0, 0.0, 0.0], x: [0.0, 1.0, 0.0], z: [1.0, 0.0, 0.0] };
    let profile = Profile { outer: Contour::Polygon { points }, holes: vec![] };
    let mut steps = vec![add(Solid { shape: Shape::Extrusion { profile, height: w }, frame })];
    let (n, d) = (v.get("hole_count") as usize, v.get("hole_diameter"));
    if n > 0 {
        require(d < w - 1.0, "hole_diameter", || format!("of {} does not fit in a width of {}", mm(d), mm(w)))?;
        // Above the lip, where a screwdriver reaches them, as long as there is room.
        let from = t + lip.min(h - t - (d + 2.0) * n as f64).max(0.0);
        let pitch = (h - from) / n as f64;
        require(pitch > d + 1.0, "hole_count", || {
            format!("of {n} holes of {} does not fit in a height of {}", mm(d), mm(h))
        })?;
        for i in 0..n {
            let z = snap(from + pitch * (i as f64 + 0.5));
            let frame = Frame { origin: [0.0, wall + BEYOND, z], x: [1.0, 0.0, 0.0], z: [0.0, -1.0, 0.0] };
            steps.push(cut(Solid { shape: Shape::Cylinder { diameter: d, height: t + 2.0 * BEYOND }, frame }));
        }
    }
    let mut body = Body::single("hook", [w, reach, h], steps);
    body.pieces[0].print_turns = [0, 1];
    Ok(body)
}
