//! A bow handle for a drawer or a door, screwed on from behind.

use std::f64::consts::FRAC_1_SQRT_2;

use super::{joinery::*, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "handle",
    role: Role::Body,
    meaning: "A bow handle: a grip on two posts with a screw hole in each, from below.",
    parameters: &[
        length(
            "hole_spacing",
            Default::Absent,
            SIZE,
            "distance of the two screws; 96 mm unless this or the length is said",
        ),
        length("grip", Default::Value(12.0), (1.0, 200.0), "thickness of the grip, and of the posts"),
        length(
            "width",
            Default::Rule("as wide as the grip is thick", |v| v.get("grip")),
            (1.0, 500.0),
            "depth of grip and posts, along Y",
        ),
        length("clearance", Default::Value(28.0), (1.0, 500.0), "room for the fingers under the grip"),
        length(
            "length",
            Default::Rule("the hole spacing (96 mm unless said) and one post", |v| {
                v.find("hole_spacing").unwrap_or(96.0) + v.get("grip")
            }),
            SIZE,
            "overall length, along X",
        ),
        length(
            "hole_diameter",
            Default::Rule("3.3 mm, at most half the post", |v| {
                snap((v.get("grip").min(v.get("width")) / 2.0).min(3.3))
            }),
            HOLE,
            "diameter of the screw holes; 3.3 mm lets an M4 screw form its thread",
        ),
        length(
            "hole_depth",
            Default::Rule("20 mm, at most the post", |v| (v.get("clearance") + v.get("grip") / 2.0).min(20.0)),
            HOLE,
            "depth of the screw holes",
        ),
    ],
    choices: &[Choice { name: "style", options: &["rounded", "square"], default: Some("rounded") }],
    size_order: &["length", "width"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, w, grip, clear) = (v.get("length"), v.get("width"), v.get("grip"), v.get("clearance"));
    let (d, deep) = (v.get("hole_diameter"), v.get("hole_depth"));
    let spacing = v.find("hole_spacing").unwrap_or(l - grip);
    let post = l - spacing;
    require(post > d + 1.0, "hole_spacing", || {
        format!(
            "of {} leaves posts of {} on a length of {}; use a smaller spacing or a longer handle",
            mm(spacing),
            mm(post),
            mm(l)
        )
    })?;
    require(spacing - post > 1.0, "length", || {
        format!("of {} leaves no room between posts of {}; use a wider hole spacing or a thinner grip", mm(l), mm(post))
    })?;
    require(d + 1.0 < w, "hole_diameter", || {
        format!("of {} does not fit in posts of {}; use less than {}", mm(d), mm(w), mm(w - 1.0))
    })?;
    let h = clear + grip;
    require(deep < h - 0.5, "hole_depth", || format!("of {} goes through; use less than {}", mm(deep), mm(h - 0.5)))?;
    let inner = l / 2.0 - post;
    let round = v.choice("style") == "rounded";
    let outer_radius = if round { snap(0.8 * post.min(grip)) } else { 0.0 };
    let inner_radius = if round { snap((0.4 * clear.min(inner)).min(outer_radius)) } else { 0.0 };
    let steps = vec![
        add(pushed_along_y(bow(l / 2.0, inner, clear, h, outer_radius, inner_radius), vec![], -w / 2.0, w)),
        cut(cylinder(d, [snap(spacing / 2.0), 0.0, -BEYOND], deep + BEYOND)),
        cut(cylinder(d, [snap(-spacing / 2.0), 0.0, -BEYOND], deep + BEYOND)),
    ];
    let mut body = Body::single("handle", [l, w, h], steps);
    // On its side it prints without support, its layers along the pull.
    body.pieces[0].print_turns = [1, 0];
    Ok(body)
}

/// The outline from the front, with its outer and inner corners rounded.
fn bow(half: f64, inner: f64, clear: f64, h: f64, outer_radius: f64, inner_radius: f64) -> Contour {
    // Of an arc between two square lines: how far its middle lies from the corner along each.
    let (ko, ki) = (outer_radius * (1.0 - FRAC_1_SQRT_2), inner_radius * (1.0 - FRAC_1_SQRT_2));
    let start = [-half, 0.0];
    let mut segments = vec![line(-inner, 0.0), line(-inner, clear - inner_radius)];
    if inner_radius > 0.0 {
        segments.push(arc([-inner + ki, clear - ki], [-inner + inner_radius, clear]));
    }
    segments.push(line(inner - inner_radius, clear));
    if inner_radius > 0.0 {
        segments.push(arc([inner - ki, clear - ki], [inner, clear - inner_radius]));
    }
    segments.extend([line(inner, 0.0), line(half, 0.0), line(half, h - outer_radius)]);
    if outer_radius > 0.0 {
        segments.push(arc([half - ko, h - ko], [half - outer_radius, h]));
    }
    segments.push(line(-half + outer_radius, h));
    if outer_radius > 0.0 {
        segments.push(arc([-half + ko, h - ko], [-half, h - outer_radius]));
    }
    segments.push(line(start[0], start[1]));
    path(start, segments)
}
