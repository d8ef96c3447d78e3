//! A transition piece: from one outline below to another above.

use super::kit::*;
use crate::{
    Invalid,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Body, Contour, Frame, Section, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "transition",
    role: Role::Body,
    meaning: "A transition from a round or rectangular outline below to another above, straight between them; solid, or a duct when it has a wall.",
    parameters: &[
        length("bottom_length", Default::Essential, SIZE, "length or diameter below"),
        length(
            "bottom_width",
            Default::Rule("as wide as long", |v| v.get("bottom_length")),
            SIZE,
            "width below; of a round end the same",
        ),
        length("top_length", Default::Essential, SIZE, "length or diameter above"),
        length(
            "top_width",
            Default::Rule("as wide as long", |v| v.get("top_length")),
            SIZE,
            "width above; of a round end the same",
        ),
        length("height", Default::Essential, SIZE, "height"),
        length("wall", Default::Value(0.0), (0.0, 200.0), "wall thickness; 0 is solid"),
    ],
    choices: &[
        Choice { name: "bottom", options: &["rectangular", "round"], default: Some("rectangular") },
        Choice { name: "top", options: &["rectangular", "round"], default: Some("round") },
    ],
    size_order: &["bottom_length", "top_length", "height"],
    build: Build::Body(build),
};

fn build(v: &Values) -> Result<Body, Invalid> {
    let (h, wall) = (v.get("height"), v.get("wall"));
    let low = [v.get("bottom_length"), v.get("bottom_width")];
    let high = [v.get("top_length"), v.get("top_width")];
    let narrow = low.into_iter().chain(high).fold(f64::INFINITY, f64::min);
    require(wall == 0.0 || 2.0 * wall < narrow - 0.1, "wall", || {
        format!("of {} leaves no space in an end of {}; use less than {}", mm(wall), mm(narrow), mm(narrow / 2.0))
    })?;
    let outline = |end: &str, [l, w]: [f64; 2], less: f64| {
        if v.choice(end) == "round" {
            require((l - w).abs() < 1e-6, "width", || "of a round end is its diameter".to_owned())?;
            return Ok(circle([0.0; 2], l - 2.0 * less));
        }
        Ok(rectangle(l - 2.0 * less, w - 2.0 * less, 0.0))
    };
    let section = |contour: &Contour, z: f64| Section { contour: contour.clone(), z };
    let loft = |sections: Vec<Section>| Solid { shape: Shape::Loft { sections, ruled: true }, frame: Frame::WORLD };
    let (below, above) = (outline("bottom", low, 0.0)?, outline("top", high, 0.0)?);
    let mut steps = vec![add(loft(vec![section(&below, 0.0), section(&above, h)]))];
    if wall > 0.0 {
        let (below, above) = (outline("bottom", low, wall)?, outline("top", high, wall)?);
        // Straight on past both ends, which a cut must cross.
        let inner = [(&below, -BEYOND), (&below, 0.0), (&above, h), (&above, h + BEYOND)];
        steps.push(cut(loft(inner.into_iter().map(|(contour, z)| section(contour, z)).collect())));
    }
    let size = [low[0].max(high[0]), low[1].max(high[1]), h];
    Ok(Body::single("transition", size, steps))
}
