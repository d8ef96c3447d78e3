//! A round jar with a screw lid.

use super::{kit::*, thread, threaded_cap};
use crate::{
    Invalid,
    catalogue::{Build, Default, Definition, Role, Values},
    solid::{Body, Contour, Hollow, Piece},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "jar",
    role: Role::Body,
    meaning: "A round jar and its screw lid, printed side by side; sizes are those of the closed jar.",
    parameters: &[
        length("diameter", Default::Essential, (15.0, 500.0), "outer diameter"),
        length("height", Default::Essential, SIZE, "overall height, lid on"),
        length("wall", Default::Value(2.0), (0.4, 50.0), "wall thickness"),
        length("floor", Default::Rule("as thick as the walls", |v| v.get("wall")), WALL, "floor thickness"),
        length(
            "lid_thickness",
            Default::Rule("as thick as the walls", |v| v.get("wall")),
            WALL,
            "thickness of the lid's plate",
        ),
        length(
            "pitch",
            Default::Rule("2 to 5 mm by the diameter, coarse enough to print", |v| {
                thread::lid_pitch(v.get("diameter"))
            }),
            (0.5, 20.0),
            "pitch of the thread",
        ),
        length(
            "neck_height",
            Default::Rule("two and a half turns", |v| snap(2.5 * v.get("pitch"))),
            SIZE,
            "height of the threaded neck",
        ),
        count(
            "flutes",
            Default::Rule("one every 5 mm, a multiple of four", threaded_cap::lobes),
            (0.0, 200.0),
            "lobes of the lid's grip; 0 for none",
        ),
    ],
    choices: &[thread::REPRESENTATION],
    size_order: &["diameter", "height"],
    build: Build::Body(build),
};

/// Room above the neck, so that the lid comes to rest on the shoulder.
const GAP: f64 = 0.4;

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, h, wall, floor) = (v.get("diameter"), v.get("height"), v.get("wall"), v.get("floor"));
    let (plate, pitch, neck, n) =
        (v.get("lid_thickness"), v.get("pitch"), v.get("neck_height"), v.get("flutes") as usize);
    let clearance = thread::clearance(v.clearance, pitch);
    let major = snap(2.0 * (thread::grip_valley(d, n) - wall - clearance));
    let inside = d / 2.0 - wall;
    let mouth = snap(thread::root(major, pitch) / 2.0 - clearance - wall);
    require(mouth > 1.0, "wall", || {
        format!("of {} leaves no mouth in a jar of {}; use less, or a finer pitch", mm(wall), mm(d))
    })?;
    thread::pitch_fits(major, pitch, neck)?;
    require(neck >= pitch, "neck_height", || format!("of {} is less than one turn, {}", mm(neck), mm(pitch)))?;
    let shoulder = snap(h - plate - GAP - neck);
    // Under the shoulder the inside narrows to the mouth by 45 degrees, which needs no support.
    let knee = snap(shoulder - (inside - mouth));
    require(knee > floor + 0.5, "height", || {
        format!("of {} is too low for the neck and lid; use more than {}", mm(h), mm(h - knee + floor + 0.5))
    })?;
    let modelled = v.choice("representation") == "modelled";
    let rim = snap(shoulder + neck);
    let cavity = vec![
        [0.0, floor],
        [inside, floor],
        [inside, knee],
        [mouth, shoulder],
        [mouth, snap(rim + BEYOND)],
        [0.0, snap(rim + BEYOND)],
    ];
    // The neck is rooted a turn deep in the body, which is solid until the cavity is cut.
    let root = shoulder - pitch.min(knee / 2.0);
    let rod = if modelled {
        thread::external(major, pitch, root, rim - root, clearance)
    } else {
        cylinder(major, [0.0, 0.0, snap(root)], rim - root)
    };
    let steps = vec![
        add(cylinder(d, [0.0; 3], shoulder)),
        add(rod),
        cut(revolve(Contour::Polygon { points: cavity })),
        cut(thread::rod_lead_in(major, pitch, rim, true)),
    ];
    let depth = neck + GAP;
    let bore = if modelled {
        thread::internal(major, pitch, shoulder - BEYOND, depth + BEYOND, clearance)
    } else {
        cylinder(snap(major + 2.0 * v.clearance), [0.0, 0.0, snap(shoulder - BEYOND)], depth + BEYOND)
    };
    let mut lid = vec![add(extrude(thread::grip(d, n), vec![], shoulder, h - shoulder)), cut(bore)];
    if modelled {
        lid.push(cut(thread::hole_lead_in(major + 2.0 * clearance, pitch, shoulder, true)));
    }
    let mut body = Body::single("jar", [d, d, h], steps);
    body.pieces.push(Piece { name: "lid".to_owned(), steps: lid, print_turns: [2, 0] });
    (body.round, body.hollow) = (true, Some(Hollow { wall, floor, lid: plate }));
    Ok(body)
}
