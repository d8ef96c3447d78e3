//! A grommet for the cable hole of a desk: a flanged sleeve and a cap with an opening.

use super::{joinery::*, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Hollow, Piece},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "cable_grommet",
    role: Role::Body,
    meaning: "A grommet for a cable hole in a desk: a sleeve with a flange, and a cap with an opening for the cables.",
    parameters: &[
        length("diameter", Default::Essential, (8.0, 500.0), "diameter of the hole in the desk"),
        length("height", Default::Value(20.0), SIZE, "overall height, flange included"),
        length("wall", Default::Value(2.0), WALL, "thickness of sleeve, flange and cap"),
        length(
            "flange",
            Default::Rule("a tenth of the hole, 4 mm or more", |v| snap((v.get("diameter") / 10.0).max(4.0))),
            (0.5, 200.0),
            "how far the flange reaches over the hole's edge",
        ),
        length(
            "opening",
            Default::Rule("a third of the hole", |v| snap(v.get("diameter") / 3.0)),
            HOLE,
            "width of the opening in the cap",
        ),
    ],
    choices: &[Choice { name: "cap", options: &["yes", "no"], default: Some("yes") }],
    size_order: &["diameter", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (d, h, wall, flange) = (v.get("diameter"), v.get("height"), v.get("wall"), v.get("flange"));
    let (c, opening) = (v.clearance, v.get("opening"));
    let sleeve = d / 2.0 - c;
    let (inner, rim) = (sleeve - wall, d / 2.0 + flange);
    require(inner > 2.0, "wall", || format!("of {} fills a hole of {}; use less", mm(wall), mm(d)))?;
    require(h > 2.0 * wall + 2.0, "height", || {
        format!("of {} is too low; use more than {}", mm(h), mm(2.0 * wall + 2.0))
    })?;
    // It stands in its place: the flange on the desk, the sleeve hanging in the hole. The cap lies in a seat in the flange.
    let seat = v.choice("cap") == "yes";
    let ledge = inner + 0.6 * (wall + c + flange).min(wall + 1.0);
    let mut profile = vec![[inner, 0.0], [sleeve, 0.0], [sleeve, h - wall], [rim, h - wall], [rim, h]];
    if seat {
        require(ledge + 0.8 < rim, "flange", || {
            format!("of {} leaves no rim about the cap; use more than {}", mm(flange), mm(ledge + 0.8 - d / 2.0))
        })?;
        profile.extend([[ledge, h], [ledge, h - wall / 2.0], [inner, h - wall / 2.0]]);
    } else {
        profile.push([inner, h]);
    }
    let mut body = Body::single("sleeve", [2.0 * rim, 2.0 * rim, h], vec![add(revolve(polygon(profile)))]);
    body.pieces[0].print_turns = [2, 0];
    if seat {
        let cap = cap(ledge - c, h - wall / 2.0, wall / 2.0, opening)?;
        body.pieces.push(Piece { name: "cap".to_owned(), steps: cap, print_turns: [0, 0] });
    }
    body.round = true;
    body.hollow = Some(Hollow { wall, floor: 0.0, lid: 0.0 });
    body.side = vec![[sleeve, 0.0], [sleeve, h - wall], [rim, h - wall], [rim, h]];
    Ok(body)
}

/// A disc with a slot from its edge to its middle, round at the end.
fn cap(radius: f64, z: f64, thickness: f64, opening: f64) -> Result<Vec<crate::solid::Step>, Invalid> {
    require(opening < 1.2 * radius, "opening", || {
        format!("of {} is too wide for a cap of {}; use less than {}", mm(opening), mm(2.0 * radius), mm(1.2 * radius))
    })?;
    let half = opening / 2.0;
    // The slot runs towards -Y, off the rim.
    let edge = (radius * radius - half * half).sqrt();
    let outline: Contour = path(
        [half, -edge],
        vec![arc([0.0, radius], [-half, -edge]), line(-half, 0.0), arc([0.0, half], [half, 0.0]), line(half, -edge)],
    );
    Ok(vec![add(extrude(outline, vec![], z, thickness))])
}
