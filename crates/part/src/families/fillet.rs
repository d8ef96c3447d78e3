//! Rounded edges.

use super::kit::*;
use crate::{
    Invalid, Operation,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Action, Body, Contour, Edges, Shape, Side, Step},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "fillet",
    role: Role::Modifier,
    meaning: "Rounds edges: the vertical ones, an outline of the body, those along an axis, or those where an earlier operation meets the rest (of).",
    parameters: &[length("radius", Default::Value(2.0), (0.05, 500.0), "radius")],
    choices: &[Choice { name: "edges", options: EDGES, default: Some("vertical") }, OF],
    size_order: &["radius"],
    build: Build::Modifier(build),
};

/// What both blends can name.
pub(crate) const EDGES: &[&str] =
    &["vertical", "top", "bottom", "all", "along_x", "along_y", "along_z", "front", "back", "left", "right"];
/// The operation whose rim or foot is meant, instead of edges of the body.
pub(crate) const OF: Choice = Choice { name: "of", options: &[], default: Some("") };

fn build(v: &Values, operation: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let radius = v.get("radius");
    let edges = selected(v, operation, body)?;
    small_enough(&edges, radius, "radius", body)?;
    if edges == Edges::Vertical && round_corners(body, radius) {
        return Ok(());
    }
    match turning_tools(body, &edges, radius, true) {
        Some(tools) => body.pieces[0].steps.extend(tools),
        None => before_text(body, Action::Fillet { edges, radius }),
    }
    Ok(())
}

/// Letters stand on the finished plate: its edges are blended before they are added.
pub(crate) fn before_text(body: &mut Body, action: Action) {
    let steps = &mut body.pieces[0].steps;
    let text = |step: &Step| matches!(&step.action, Action::Add(solid) if matches!(solid.shape, Shape::Text { .. }));
    let at = steps.iter().position(text).unwrap_or(steps.len());
    steps.insert(at, Step { operation: String::new(), action });
}

/// The rim of a gear or a fluted knob is broken all round by turning, as on a lathe: no kernel blends each tooth's edges.
/// `None` for bodies whose rims are plain.
pub(crate) fn turning_tools(body: &Body, edges: &Edges, size: f64, round: bool) -> Option<Vec<Step>> {
    let Action::Add(first) = &body.pieces[0].steps[0].action else { return None };
    let Shape::Extrusion { profile, .. } = &first.shape else { return None };
    if !body.round || matches!(profile.outer, Contour::Circle { .. }) {
        return None;
    }
    let (r, h, out) = (body.size[0] / 2.0, body.size[2], BEYOND);
    // `up` is 1 at the top and -1 at the bottom, which mirrors the tool.
    let tool = |level: f64, up: f64| {
        let at = |x: f64, above: f64| [x, level + up * above];
        let mut segments = vec![line_to(at(r + out, out)), line_to(at(r - size - out, out))];
        let (start, last) = if round {
            segments.push(line_to(at(r - size - out, 1e-3)));
            segments.push(line_to(at(r - size, 1e-3)));
            let k = size * (1.0 - std::f64::consts::FRAC_1_SQRT_2);
            segments.push(arc(at(r - k, -k), at(r + 1e-3, -size)));
            (at(r + out, -size), at(r + out, -size))
        } else {
            (at(r + out, -size - out), at(r + out, -size - out))
        };
        segments.push(line_to(last));
        cut(revolve(Contour::Path { start, segments }))
    };
    let mut tools = Vec::new();
    if matches!(edges, Edges::Top | Edges::All) {
        tools.push(tool(h, 1.0));
    }
    if matches!(edges, Edges::Bottom | Edges::All) {
        tools.push(tool(0.0, -1.0));
    }
    (!tools.is_empty()).then_some(tools)
}

fn line_to([x, y]: [f64; 2]) -> crate::solid::Segment {
    line(x, y)
}

/// The edges that a blend names, which have to exist.
pub(crate) fn selected(v: &Values, operation: &Operation, body: &Body) -> Result<Edges, Invalid> {
    let of = v.choice("of");
    if !of.is_empty() {
        require(!operation.choices.contains_key("edges"), "edges", || {
            format!("and the seam of '{of}' are both named; drop one of them")
        })?;
        let steps = body.pieces.iter().flat_map(|piece| &piece.steps);
        let solid = |step: &Step| matches!(step.action, Action::Add(_) | Action::Cut(_) | Action::Intersect(_));
        let mut of_it = steps.filter(|step| step.operation == of).peekable();
        require(of_it.peek().is_some(), "of", || format!("is '{of}', which is no operation before this one"))?;
        require(of_it.any(solid), "of", || format!("is '{of}', which adds and cuts nothing, so it has no seam"))?;
        return Ok(Edges::Seam(of.to_owned()));
    }
    let edges = edges(v.choice("edges"));
    let straight = matches!(edges, Edges::Vertical | Edges::Parallel(_) | Edges::Outline(_));
    require(!(straight && body.round), "edges", || {
        format!("names {} edges, and a round body has none; use top or bottom", v.choice("edges"))
    })?;
    Ok(edges)
}

fn edges(choice: &str) -> Edges {
    match choice {
        "top" => Edges::Top,
        "bottom" => Edges::Bottom,
        "all" => Edges::All,
        "along_x" => Edges::Parallel(0),
        "along_y" => Edges::Parallel(1),
        "along_z" => Edges::Parallel(2),
        "front" => Edges::Outline(Side::Front),
        "back" => Edges::Outline(Side::Back),
        "left" => Edges::Outline(Side::Left),
        "right" => Edges::Outline(Side::Right),
        _ => Edges::Vertical,
    }
}

/// A blend must leave something of the faces that it joins.
pub(crate) fn small_enough(edges: &Edges, size: f64, parameter: &str, body: &Body) -> Result<(), Invalid> {
    let [l, w, h] = body.size;
    // The size of an imported body may not be known; a blend that does not fit it is for the kernel to refuse.
    if l.min(w).min(h) <= 0.0 {
        return Ok(());
    }
    let room = match edges {
        Edges::Vertical | Edges::Parallel(2) => l.min(w) / 2.0,
        Edges::Parallel(0) => w.min(h) / 2.0,
        Edges::Parallel(_) => l.min(h) / 2.0,
        Edges::Top | Edges::Bottom => h.min(l.min(w) / 2.0),
        Edges::Outline(Side::Front | Side::Back) => w.min(l.min(h) / 2.0),
        Edges::Outline(_) => l.min(w.min(h) / 2.0),
        Edges::All | Edges::Seam(_) => l.min(w).min(h) / 2.0,
    };
    require(size < room - 1e-3, parameter, || {
        format!("of {} is too large for this body; use less than {}", mm(size), mm(room))
    })
}

/// Vertical edges of a body made of rectangles are rounded in its sketch, walls kept even: a cavity gets the radius less
/// the wall. False when the body is not of that form.
fn round_corners(body: &mut Body, radius: f64) -> bool {
    let [l, w, _] = body.size;
    let family = body.pieces[0].steps[0].operation.clone();
    let sharp = |step: &Step| {
        let (Action::Add(solid) | Action::Cut(solid)) = &step.action else { return false };
        let upright = solid.frame.z == [0.0, 0.0, 1.0];
        let Shape::Extrusion { profile, .. } = &solid.shape else { return false };
        upright && matches!(profile.outer, Contour::Rectangle { centre: [0.0, 0.0], .. })
    };
    if !sharp(&body.pieces[0].steps[0]) {
        return false;
    }
    for step in body.pieces.iter_mut().flat_map(|p| &mut p.steps).filter(|s| s.operation == family) {
        if !sharp(step) {
            continue;
        }
        let (Action::Add(solid) | Action::Cut(solid)) = &mut step.action else { continue };
        let Shape::Extrusion { profile, .. } = &mut solid.shape else { continue };
        for contour in std::iter::once(&mut profile.outer).chain(&mut profile.holes) {
            if let Contour::Rectangle { size, corner_radius, .. } = contour {
                let inset = ((l - size[0]) / 2.0).min((w - size[1]) / 2.0);
                *corner_radius = snap((radius - inset).max(0.0));
            }
        }
    }
    true
}
