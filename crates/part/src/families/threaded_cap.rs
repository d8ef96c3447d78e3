//! A screw cap for a threaded neck.

use super::{kit::*, thread};
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Hollow},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "threaded_cap",
    role: Role::Body,
    meaning: "A cap with an internal thread and a lobed grip; it stands and prints on its closed end.",
    parameters: &[
        length("diameter", Default::Essential, (5.0, 500.0), "diameter of the thread: that over the neck's thread"),
        length(
            "pitch",
            Default::Rule("2 to 5 mm by the diameter, coarse enough to print", |v| {
                thread::lid_pitch(v.get("diameter"))
            }),
            (0.5, 20.0),
            "pitch of the thread",
        ),
        length("wall", Default::Value(2.0), WALL, "thickness of the wall outside the thread"),
        length("floor", Default::Rule("as thick as the wall", |v| v.get("wall")), WALL, "thickness of the closed end"),
        length(
            "height",
            Default::Rule("the closed end and three turns", |v| snap(v.get("floor") + 3.0 * v.get("pitch"))),
            SIZE,
            "overall height",
        ),
        count(
            "flutes",
            Default::Rule("one every 5 mm, a multiple of four", lobes),
            (0.0, 200.0),
            "lobes of the grip; 0 for none",
        ),
    ],
    choices: &[thread::REPRESENTATION],
    size_order: &["diameter", "height"],
    build: Build::Body(build),
};

/// Lobes of about 5 mm round a grip, wider on large ones, in multiples of four.
pub(crate) fn lobes(v: &Values) -> f64 {
    ((v.get("diameter") * std::f64::consts::PI / 20.0).round() * 4.0).clamp(8.0, 60.0)
}

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, pitch, wall, floor, h) =
        (v.get("diameter"), v.get("pitch"), v.get("wall"), v.get("floor"), v.get("height"));
    let n = v.get("flutes") as usize;
    thread::pitch_fits(d, pitch, h)?;
    require(h > floor + pitch, "height", || {
        format!("of {} leaves no turn of thread; use more than {}", mm(h), mm(floor + pitch))
    })?;
    let clearance = thread::clearance(v.clearance, pitch);
    let inside = d / 2.0 + clearance + wall;
    // The grip's valleys keep the wall.
    let valley = thread::grip_valley(2.0, n);
    let outer = snap(2.0 * inside / valley);
    let mut steps = vec![add(extrude(thread::grip(outer, n), vec![], 0.0, h))];
    steps.push(cut(if v.choice("representation") == "modelled" {
        thread::internal(d, pitch, floor, h - floor + BEYOND, clearance)
    } else {
        cylinder(snap(thread::minor(d, pitch)), [0.0, 0.0, floor], h - floor + BEYOND)
    }));
    if h - floor > 1.5 * pitch {
        steps.push(cut(thread::hole_lead_in(d + 2.0 * clearance, pitch, h, false)));
    }
    let mut body = Body::single("cap", [outer, outer, h], steps);
    (body.round, body.hollow) = (true, Some(Hollow { wall, floor, lid: 0.0 }));
    Ok(body)
}
