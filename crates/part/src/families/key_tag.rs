//! A key tag: a rounded plate with a hole for the ring and, if wanted, raised text.

use super::{kit::*, name_plate::text_width};
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Frame, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "key_tag",
    role: Role::Body,
    meaning: "A key tag with a hole for the ring and optional raised text.",
    parameters: &[
        length("length", Default::Value(60.0), SIZE, "size along X"),
        length("width", Default::Value(25.0), SIZE, "size along Y"),
        length("thickness", Default::Value(3.0), WALL, "thickness"),
        length(
            "corner_radius",
            Default::Rule("a fifth of the width", |v| snap(v.get("width").min(v.get("length")) / 5.0)),
            RADIUS,
            "radius of the corners",
        ),
        length("hole_diameter", Default::Value(5.0), HOLE, "diameter of the hole at the left end"),
        length("text_depth", Default::Value(1.0), WALL, "how far the text stands up"),
    ],
    choices: &[
        Choice { name: "text", options: &[], default: Some("") },
        Choice { name: "shape", options: &["rectangle", "round"], default: Some("rectangle") },
    ],
    size_order: &["length", "width", "thickness"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (l, w, t, r, d) =
        (v.get("length"), v.get("width"), v.get("thickness"), v.get("corner_radius"), v.get("hole_diameter"));
    let round = v.choice("shape") == "round";
    if round {
        require((l - w).abs() < 1e-6, "width", || {
            format!("of {} is not the diameter of a round tag, {}", mm(w), mm(l))
        })?;
    } else {
        radius_fits(r, l.min(w))?;
    }
    require(d + 4.0 < w.min(l), "hole_diameter", || format!("of {} does not fit in a tag of {}", mm(d), mm(w.min(l))))?;
    let x = snap(-l / 2.0 + d / 2.0 + if round { 3.0 } else { r.max(3.0) });
    let outline = if round { circle([0.0; 2], l) } else { rectangle(l, w, r) };
    let mut steps = vec![add(extrude(outline, vec![circle([x, 0.0], d)], 0.0, t))];
    let text = v.choice("text").trim();
    if !text.is_empty() {
        let from = x + d / 2.0 + 2.0;
        let room = l / 2.0 - 2.0 - from;
        let height = snap((w / 2.0).min(room / text_width(text, 1.0)));
        require(height >= 1.0, "text", || {
            format!("does not fit in {}; use a longer tag or fewer letters", mm(room.max(0.0)))
        })?;
        let sunk = (t / 2.0).min(0.4);
        let frame = Frame::at([snap(from + room / 2.0), snap(-height / 2.0), t - sunk]);
        steps.push(add(Solid {
            shape: Shape::Text { text: text.to_owned(), height, depth: v.get("text_depth") + sunk },
            frame,
        }));
    }
    let top = if text.is_empty() { t } else { t + v.get("text_depth") };
    Ok(Body::single("key_tag", [l, w, top], steps))
}
