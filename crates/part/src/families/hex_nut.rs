//! A hexagon nut.

use super::{kit::*, thread};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::Body,
    standards,
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "hex_nut",
    role: Role::Body,
    meaning: "A hexagon nut by its screw size, ISO 4032; its thread is printed or only bored for tapping.",
    parameters: &[
        thread::diameter(200.0),
        thread::PITCH,
        length(
            "across_flats",
            Default::Rule("ISO 4032, or 1.6 diameters", |v| {
                let nut = thread::size_of(v).and_then(|size| standards::hex_nut(&size));
                nut.map_or(snap(v.get("diameter") * 1.6), |nut| nut.across_flats)
            }),
            SIZE,
            "width across the flats",
        ),
        length(
            "height",
            Default::Rule("ISO 4032, or 0.8 diameters", |v| {
                let nut = thread::size_of(v).and_then(|size| standards::hex_nut(&size));
                nut.map_or(snap(v.get("diameter") * 0.8), |nut| nut.height)
            }),
            SIZE,
            "height",
        ),
    ],
    choices: &[Choice { name: "size", options: &[], default: Some("M8") }, thread::REPRESENTATION],
    size_order: &["across_flats", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, pitch, flats, h) = (v.get("diameter"), v.get("pitch"), v.get("across_flats"), v.get("height"));
    thread::readable(v)?;
    thread::pitch_fits(d, pitch, h)?;
    let clearance = thread::clearance(v.clearance, pitch);
    let least = d + 2.0 * clearance + 0.8;
    require(flats > least, "across_flats", || {
        format!("of {} leaves no wall round a thread of {}; use more than {}", mm(flats), mm(d), mm(least))
    })?;
    let modelled = v.choice("representation") == "modelled";
    let bore = if modelled {
        thread::internal(d, pitch, -BEYOND, h + 2.0 * BEYOND, clearance)
    } else {
        cylinder(thread::tap_drill(v, d, pitch), [0.0, 0.0, -BEYOND], h + 2.0 * BEYOND)
    };
    let mut steps = vec![add(extrude(thread::hexagon(flats), vec![], 0.0, h)), cut(bore)];
    if h > 2.5 * pitch {
        steps.push(cut(thread::hole_lead_in(d + 2.0 * clearance, pitch, 0.0, true)));
        steps.push(cut(thread::hole_lead_in(d + 2.0 * clearance, pitch, h, false)));
    }
    Ok(Body::single("nut", [thread::across_corners(flats), flats, h], steps))
}
