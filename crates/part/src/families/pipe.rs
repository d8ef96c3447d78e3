//! A straight pipe with plain ends, flanges or a socket.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Hollow},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "pipe",
    role: Role::Body,
    meaning: "A straight round pipe whose ends are plain, flanged (the lower or both), or widened at the top into a socket that takes the next pipe.",
    parameters: &[
        length("outer_diameter", Default::Essential, SIZE, "outer diameter"),
        tube_wall(),
        tube_bore("inner diameter"),
        length("length", Default::Essential, SIZE, "overall length, along Z"),
        length(
            "flange_diameter",
            Default::Rule("the outer diameter and half of it again, at least 24 mm more", |v| {
                snap(v.get("outer_diameter") + (v.get("outer_diameter") / 2.0).max(24.0))
            }),
            SIZE,
            "diameter of the flanges",
        ),
        length(
            "flange_thickness",
            Default::Rule("twice the wall, at least 3 mm", |v| {
                snap((v.get("outer_diameter") - v.get("inner_diameter")).max(3.0))
            }),
            WALL,
            "thickness of the flanges",
        ),
        count("hole_count", Default::Value(4.0), (0.0, 60.0), "bolt holes in each flange"),
        length(
            "hole_diameter",
            Default::Rule("a third of the flange's ring, at most 9 mm", |v| {
                snap(((v.get("flange_diameter") - v.get("outer_diameter")) / 6.0).clamp(0.2, 9.0))
            }),
            HOLE,
            "diameter of the bolt holes",
        ),
        length(
            "socket_depth",
            Default::Rule("the outer diameter, at most a third of the length", |v| {
                snap(v.get("outer_diameter").min(v.get("length") / 3.0))
            }),
            SIZE,
            "depth of the socket",
        ),
    ],
    choices: &[Choice { name: "ends", options: &["plain", "flange", "flanges", "socket"], default: Some("flanges") }],
    size_order: &["outer_diameter", "inner_diameter", "length"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (outer, inner, l) = (v.get("outer_diameter") / 2.0, v.get("inner_diameter") / 2.0, v.get("length"));
    let wall = snap(outer - inner);
    require(wall > 0.1, "inner_diameter", || {
        format!("of {} does not fit in the outer diameter of {}; use less", mm(2.0 * inner), mm(2.0 * outer))
    })?;
    require(v.find("wall").is_none_or(|said| (wall - said).abs() < 1e-3), "wall", || {
        format!("contradicts the diameters, which leave {}; drop one of the three", mm(wall))
    })?;
    let (points, side) = match v.choice("ends") {
        "socket" => socketed(v, outer, inner, l)?,
        "flange" => flanged(v, outer, inner, l, false)?,
        "flanges" => flanged(v, outer, inner, l, true)?,
        _ => (vec![[inner, 0.0], [outer, 0.0], [outer, l], [inner, l]], vec![[outer, 0.0], [outer, l]]),
    };
    let widest = snap(2.0 * side.iter().map(|p| p[0]).fold(0.0, f64::max));
    let mut steps = vec![add(revolve(Contour::Polygon { points }))];
    let (n, hole) = (v.get("hole_count") as usize, v.get("hole_diameter"));
    if v.choice("ends").starts_with("flange") && n > 0 {
        let (flange, thick) = (v.get("flange_diameter") / 2.0, v.get("flange_thickness"));
        let circle = flange + outer;
        let ring = flange - outer - 2.0 * EDGE;
        require(hole < ring, "hole_diameter", || {
            format!("of {} does not fit in the flange's ring of {}; use less", mm(hole), mm(ring))
        })?;
        let apart = circle * (std::f64::consts::PI / n as f64).sin();
        require(n == 1 || apart > hole + EDGE, "hole_count", || {
            format!("of {n} makes holes of {} overlap; use fewer", mm(hole))
        })?;
        for [x, y] in on_circle(n, circle, 180.0 / n as f64) {
            steps.push(cut(cylinder(hole, [x, y, -BEYOND], thick + 2.0 * BEYOND)));
            if v.choice("ends") == "flanges" {
                steps.push(cut(cylinder(hole, [x, y, snap(l - thick - BEYOND)], thick + 2.0 * BEYOND)));
            }
        }
    }
    let mut body = Body::single("pipe", [widest, widest, l], steps);
    (body.round, body.hollow) = (true, Some(Hollow { wall, floor: 0.0, lid: 0.0 }));
    if side.len() > 2 {
        body.side = side;
    }
    // A socket prints at the foot, where it needs no support.
    if v.choice("ends") == "socket" {
        body.pieces[0].print_turns = [2, 0];
    }
    Ok(body)
}

/// Half profile and outer side.
type Outline = (Vec<[f64; 2]>, Vec<[f64; 2]>);

fn flanged(v: &Values, outer: f64, inner: f64, l: f64, both: bool) -> Result<Outline, Invalid> {
    let (flange, thick) = (v.get("flange_diameter") / 2.0, v.get("flange_thickness"));
    require(flange > outer + 0.5, "flange_diameter", || {
        format!("of {} is no wider than the pipe of {}", mm(2.0 * flange), mm(2.0 * outer))
    })?;
    let flanges = if both { 2.0 } else { 1.0 };
    // Between the flanges there is room for the holes' tools, which reach past them.
    require(flanges * thick + 2.0 * BEYOND + 0.1 < l, "flange_thickness", || {
        format!("of {} leaves no pipe in a length of {}", mm(thick), mm(l))
    })?;
    let mut side = vec![[flange, 0.0], [flange, thick], [outer, thick]];
    if both {
        side.extend([[outer, snap(l - thick)], [flange, snap(l - thick)], [flange, l]]);
    } else {
        side.push([outer, l]);
    }
    let points = std::iter::once([inner, 0.0]).chain(side.iter().copied()).chain([[inner, l]]).collect();
    Ok((points, side))
}

/// The socket is as thick as the pipe and takes its outside with the fit's gap; cones of 45 degrees lead to it.
fn socketed(v: &Values, outer: f64, inner: f64, l: f64) -> Result<Outline, Invalid> {
    let depth = v.get("socket_depth");
    let (bore, wall) = (snap(outer + v.clearance), outer - inner);
    let wide = snap(bore + wall);
    let step = wide - outer;
    // The ledge on which the next pipe rests is a wall below the socket's inside.
    let ledge = l - depth;
    let knee = snap(ledge - wall);
    require(knee - step > 0.1, "socket_depth", || {
        format!("of {} leaves no pipe in a length of {}; use less", mm(depth), mm(l))
    })?;
    let side = vec![[outer, 0.0], [outer, snap(knee - step)], [wide, knee], [wide, l]];
    let inside = [[bore, l], [bore, snap(ledge)], [inner, snap(ledge)], [inner, 0.0]];
    let points = side.iter().copied().chain(inside).collect();
    Ok((points, side))
}
