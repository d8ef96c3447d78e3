//! A box with a lid that slides in dovetailed grooves.

use super::{joinery::*, kit::*};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Hollow, Piece},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "sliding_box",
    role: Role::Body,
    meaning: "A box whose lid slides in from the right in dovetailed grooves, printed side by side; sizes are those of the closed box.",
    parameters: &[
        length("length", Default::Essential, SIZE, "outer size along X, in which the lid slides"),
        length("width", Default::Essential, SIZE, "outer size along Y"),
        length("height", Default::Essential, SIZE, "outer size along Z, lid included"),
        length("wall", Default::Value(3.0), (0.8, 200.0), "wall thickness; half of it is groove"),
        length("floor", Default::Rule("2 mm, at most the wall", |v| v.get("wall").min(2.0)), WALL, "floor thickness"),
        length("corner_radius", Default::Value(0.0), RADIUS, "outer radius of the vertical edges"),
        length(
            "lid_thickness",
            Default::Rule("as thick as the walls", |v| v.get("wall")),
            (0.6, 200.0),
            "thickness of the lid",
        ),
    ],
    choices: &[Choice { name: "notch", options: &["yes", "no"], default: Some("yes") }],
    size_order: &["length", "width", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, w, h, wall, floor) = (v.get("length"), v.get("width"), v.get("height"), v.get("wall"), v.get("floor"));
    let (r, t, c) = (v.get("corner_radius"), v.get("lid_thickness"), v.clearance);
    walls_fit(wall, l, "length")?;
    walls_fit(wall, w, "width")?;
    radius_fits(r, l.min(w))?;
    let seat = h - t;
    require(floor < seat - 0.1, "lid_thickness", || {
        format!("of {} and the floor fill the height of {}; use less than {}", mm(t), mm(h), mm(h - floor))
    })?;
    let groove = wall / 2.0;
    require(c < 0.5 * groove, "wall", || {
        format!("of {} is too thin for a groove with {} of play; use {} or more", mm(wall), mm(c), mm(4.2 * c))
    })?;
    // The groove's side leans inwards: six tenths of its depth over the lid's thickness.
    let lean = 0.6 * groove / t;
    let foot = w / 2.0 - wall + groove;
    let side = |z: f64| foot - lean * (z - seat);
    require(side(h + BEYOND) > 1.0, "width", || {
        let least = 2.0 * (1.0 + wall - groove + lean * (t + BEYOND));
        format!("of {} is too narrow for the grooves; use more than {}", mm(w), mm(least))
    })?;
    let stop = -l / 2.0 + wall - groove;
    let (top, below) = (h + BEYOND, seat - BEYOND);
    let channel = polygon(vec![[-foot, seat], [foot, seat], [side(top), top], [-side(top), top]]);
    let inner = rectangle(l - 2.0 * wall, w - 2.0 * wall, (r - wall).max(0.0));
    let steps = vec![
        add(extrude(rectangle(l, w, r), vec![], 0.0, h)),
        cut(extrude(inner, vec![], floor, seat + t / 2.0 - floor)),
        cut(pushed_along_x(channel, stop, l / 2.0 + BEYOND - stop)),
    ];
    // The lid is the closed box's top less what the grooves do not hold, with the fit's play at both sides and the end.
    let outside = w / 2.0 + BEYOND;
    let right = polygon(vec![[side(below) - c, below], [outside, below], [outside, top], [side(top) - c, top]]);
    let left = mirrored(&right, |[y, z]| [-y, z]);
    let along = |profile: Contour| cut(pushed_along_x(profile, -l / 2.0 - BEYOND, l + 2.0 * BEYOND));
    let end =
        cuboid([-l / 2.0 - BEYOND, -outside, below], [stop + c + l / 2.0 + BEYOND, 2.0 * outside, t + 2.0 * BEYOND]);
    let mut lid = vec![add(extrude(rectangle(l, w, r), vec![], seat, t)), along(right), along(left), cut(end)];
    let (grip, across) = ((l / 8.0).min(8.0), side(h).min(12.0));
    if v.choice("notch") == "yes" && grip >= 1.0 {
        let centre = [snap(l / 2.0 - wall.max(3.0).min(l / 4.0) - grip / 2.0), 0.0];
        let recess = Contour::Rectangle { centre, size: [grip, across], corner_radius: snap(grip.min(across) * 0.4) };
        lid.push(cut(extrude(recess, vec![], h - 0.4 * t, 0.4 * t + BEYOND)));
    }
    let mut body = Body::single("box", [l, w, h], steps);
    body.pieces.push(Piece { name: "lid".to_owned(), steps: lid, print_turns: [0, 0] });
    body.hollow = Some(Hollow { wall, floor, lid: t });
    Ok(body)
}
