//! A name plate with raised text.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Frame, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "name_plate",
    role: Role::Body,
    meaning: "A plate with raised text.",
    parameters: &[
        length("width", Default::Value(30.0), SIZE, "size along Y, in which the letters stand"),
        length(
            "length",
            Default::Rule("room for the text at half the plate's width, 80 mm or more", |v| {
                (text_width(v.choice("text"), v.get("width") / 2.0) + v.get("width") / 2.0).max(80.0).ceil()
            }),
            SIZE,
            "size along X, in which the text runs",
        ),
        length("thickness", Default::Value(3.0), WALL, "thickness of the plate"),
        length(
            "corner_radius",
            Default::Rule("a tenth of the width", |v| snap(v.get("width").min(v.get("length")) / 10.0)),
            RADIUS,
            "radius of the corners",
        ),
        length(
            "text_height",
            Default::Rule("half the plate's width, less where the text is long", |v| {
                let room = v.get("length") - v.get("width").min(v.get("length")) / 3.0;
                snap((v.get("width") / 2.0).min(room / text_width(v.choice("text"), 1.0).max(0.1)))
            }),
            (1.0, 500.0),
            "height of the capitals",
        ),
        length("text_depth", Default::Value(1.0), WALL, "how far the text stands up"),
    ],
    choices: &[Choice { name: "text", options: &[], default: None }],
    size_order: &["length", "width", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, w, t, r) = (v.get("length"), v.get("width"), v.get("thickness"), v.get("corner_radius"));
    let (text, height, depth) = (v.choice("text").trim(), v.get("text_height"), v.get("text_depth"));
    radius_fits(r, l.min(w))?;
    require(!text.is_empty(), "text", || "is empty; say what the plate should read".to_owned())?;
    let fits = l / text_width(text, 1.0);
    require(text_width(text, height) <= l, "text_height", || {
        format!("of {} makes the text longer than the plate; use at most {}", mm(height), mm(fits))
    })?;
    // Descenders and accents need a quarter of the capital height on either side.
    require(height * 1.5 <= w, "text_height", || {
        format!("of {} does not fit in a width of {}; use at most {}", mm(height), mm(w), mm(w / 1.5))
    })?;
    // Sunk into the plate, so that their bottoms do not lie on its top face.
    let sunk = (t / 2.0).min(0.4);
    let shape = Shape::Text { text: text.to_owned(), height, depth: depth + sunk };
    let steps = vec![
        add(extrude(rectangle(l, w, r), vec![], 0.0, t)),
        add(Solid { shape, frame: Frame::at([0.0, snap(-height / 2.0), t - sunk]) }),
    ];
    Ok(Body::single("name_plate", [l, w, t + depth], steps))
}

/// An upper bound of the width of bold sans-serif text, from three classes of letters.
pub(crate) fn text_width(text: &str, capital_height: f64) -> f64 {
    let width = |c: char| match c {
        'm' | 'M' | 'w' | 'W' | '@' | '%' | 'Æ' | 'Œ' | 'œ' | 'æ' => 1.55,
        'i' | 'l' | 'j' | 'I' | '.' | ',' | '\'' | '|' | '!' | ':' | ';' | ' ' | 't' | 'f' | 'r' | '(' | ')' | '-' => {
            0.75
        }
        c if c.is_uppercase() => 1.2,
        _ => 1.05,
    };
    text.chars().map(width).sum::<f64>() * capital_height
}
