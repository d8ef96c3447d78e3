//! A hexagonal or round pillar with a thread at each end.

use super::{kit::*, thread};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Step},
};

const ENDS: &[&str] = &["female", "male", "none"];

pub(crate) static DEFINITION: Definition = Definition {
    kind: "standoff",
    role: Role::Body,
    meaning: "A pillar that keeps a board at a height, hexagonal or round, with a threaded hole or a threaded stud at each end.",
    parameters: &[
        length("height", Default::Essential, SIZE, "distance that it keeps; studs come on top of it"),
        thread::diameter(100.0),
        thread::PITCH,
        length(
            "across_flats",
            Default::Rule("twice the thread's diameter", |v| v.get("diameter") * 2.0),
            SIZE,
            "width across the flats, or diameter when round",
        ),
        length(
            "thread_depth",
            Default::Rule("two and a half diameters, at most what the height leaves", |v| {
                let both = v.choice("top") == "female" && v.choice("bottom") == "female";
                let room = if both { v.get("height") / 2.0 - 0.5 } else { v.get("height") - 1.0 };
                snap((v.get("diameter") * 2.5).min(room).max(0.2))
            }),
            WALL,
            "depth of the threaded holes",
        ),
        length(
            "stud_length",
            Default::Rule("two diameters", |v| v.get("diameter") * 2.0),
            SIZE,
            "length of the threaded studs",
        ),
    ],
    choices: &[
        Choice { name: "size", options: &[], default: Some("M3") },
        Choice { name: "shape", options: &["hex", "round"], default: Some("hex") },
        Choice { name: "top", options: ENDS, default: Some("female") },
        Choice { name: "bottom", options: ENDS, default: Some("female") },
        Choice { name: "representation", options: &["modelled", "cosmetic"], default: Some("cosmetic") },
    ],
    size_order: &["across_flats", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (h, d, pitch, flats) = (v.get("height"), v.get("diameter"), v.get("pitch"), v.get("across_flats"));
    let (depth, stud) = (v.get("thread_depth"), v.get("stud_length"));
    let (top, bottom, hex) = (v.choice("top"), v.choice("bottom"), v.choice("shape") == "hex");
    thread::readable(v)?;
    thread::pitch_fits(d, pitch, depth.max(stud))?;
    let clearance = thread::clearance(v.clearance, pitch);
    require(flats > d + 2.0 * clearance + 0.8, "across_flats", || {
        format!("of {} leaves no wall round a thread of {}; use more", mm(flats), mm(d))
    })?;
    let females = [top, bottom].iter().filter(|end| **end == "female").count() as f64;
    let through = females == 2.0 && 2.0 * depth > h - 0.4;
    require(females != 1.0 || depth < h - 0.4, "thread_depth", || {
        format!("of {} goes through; use less than {}", mm(depth), mm(h - 0.4))
    })?;
    let base = if bottom == "male" { stud } else { 0.0 };
    let ceiling = base + h;
    let rod = |from: f64, to: f64| -> Step {
        add(if v.choice("representation") == "modelled" {
            thread::external(d, pitch, from, to - from, clearance)
        } else {
            cylinder(d, [0.0, 0.0, snap(from)], to - from)
        })
    };
    let bore = |from: f64, to: f64| -> Step {
        cut(if v.choice("representation") == "modelled" {
            thread::internal(d, pitch, from, to - from, clearance)
        } else {
            cylinder(thread::tap_drill(v, d, pitch), [0.0, 0.0, snap(from)], to - from)
        })
    };
    let outline = if hex { thread::hexagon(flats) } else { circle([0.0; 2], flats) };
    let mut steps = vec![add(extrude(outline, vec![], base, h))];
    // Studs are rooted in the pillar, above or below what is bored from its other end.
    let root = ((h - if females > 0.0 { depth } else { 0.0 }) / 2.0).min(2.0);
    if bottom == "male" {
        steps.push(rod(0.0, base + root));
    }
    if top == "male" {
        steps.push(rod(ceiling - root, ceiling + stud));
    }
    if through {
        steps.push(bore(-BEYOND, h + BEYOND));
    } else {
        if bottom == "female" {
            steps.push(bore(-BEYOND, depth));
        }
        if top == "female" {
            steps.push(bore(ceiling - depth, ceiling + BEYOND));
        }
    }
    let lead = 2.5 * pitch;
    if bottom == "male" && stud > lead {
        steps.push(cut(thread::rod_lead_in(d, pitch, 0.0, false)));
    }
    if top == "male" && stud > lead {
        steps.push(cut(thread::rod_lead_in(d, pitch, ceiling + stud, true)));
    }
    if bottom == "female" && depth > lead {
        steps.push(cut(thread::hole_lead_in(d, pitch, 0.0, true)));
    }
    if top == "female" && depth > lead {
        steps.push(cut(thread::hole_lead_in(d, pitch, ceiling, false)));
    }
    let whole = ceiling + if top == "male" { stud } else { 0.0 };
    let across = if hex { thread::across_corners(flats) } else { flats };
    let mut body = Body::single("standoff", [across, flats, whole], steps);
    body.round = !hex;
    // It prints on its flat end.
    if bottom == "male" && top != "male" {
        body.pieces[0].print_turns = [2, 0];
    }
    Ok(body)
}
