//! The space inside a shell, where the body is one extrusion or turned profile: its sketch moved inwards by the wall.

use part::solid::{Action, Contour, Profile, Shape, Side, Solid};

use crate::{
    kernel::exact::{cone, half_disc},
    outline::{self, Edge},
    plan::Task,
};

/// How far the space goes past an open side.
const BEYOND: f64 = 1.0;

/// The space to cut out; `None` when the body is anything but one sketched solid.
pub(super) fn cavity(before: &[Task], open: &[Side], wall: f64) -> Option<Result<Solid, String>> {
    let [task] = before else { return None };
    let Action::Add(solid) = &task.step.action else { return None };
    let simple = |outer: Contour| Profile { outer, holes: Vec::new() };
    let upright = solid.frame.z == [0.0, 0.0, 1.0] && solid.frame.x == [1.0, 0.0, 0.0];
    if !upright && !open.is_empty() {
        return None;
    }
    let extruded = |profile: Profile, height: f64| Some(extrusion(&profile, height, solid, open, wall));
    let turned = |profile: Profile| revolution(&profile, solid, open, wall);
    match &solid.shape {
        Shape::Box { size } => {
            let outer = Contour::Rectangle { centre: [0.0; 2], size: [size[0], size[1]], corner_radius: 0.0 };
            extruded(simple(outer), size[2])
        }
        Shape::Cylinder { diameter, height } => {
            extruded(simple(Contour::Circle { centre: [0.0; 2], diameter: *diameter }), *height)
        }
        Shape::Extrusion { profile, height } => extruded(profile.clone(), *height),
        Shape::Cone { bottom, top, height } => turned(simple(cone(*bottom, *top, *height))),
        Shape::Sphere { diameter } => turned(simple(half_disc(diameter / 2.0))),
        Shape::Revolution { profile, angle } if *angle >= 360.0 => turned(profile.clone()),
        _ => None,
    }
}

fn extrusion(profile: &Profile, height: f64, solid: &Solid, open: &[Side], wall: f64) -> Result<Solid, String> {
    let edges = outline::edges(&profile.outer);
    let points = outline::polygon(&edges, 0.01);
    let bound = |k: usize| points.iter().fold((f64::MAX, f64::MIN), |(l, h), p| (l.min(p[k]), h.max(p[k])));
    let on = |edge: &Edge, side: Side| {
        let (k, level) = match side {
            Side::Left => (0, bound(0).0),
            Side::Right => (0, bound(0).1),
            Side::Front => (1, bound(1).0),
            Side::Back => (1, bound(1).1),
            Side::Top | Side::Bottom => return false,
        };
        matches!(edge, Edge::Line { a, b } if (a[k] - level).abs() < 1e-6 && (b[k] - level).abs() < 1e-6)
    };
    for side in open.iter().filter(|side| !matches!(side, Side::Top | Side::Bottom)) {
        if !edges.iter().any(|edge| on(edge, *side)) {
            return Err("the body has no flat face on that side".to_owned());
        }
    }
    let by: Vec<f64> =
        edges.iter().map(|edge| if open.iter().any(|side| on(edge, *side)) { BEYOND } else { -wall }).collect();
    let thick = |why: String| format!("a wall of {wall} mm leaves no space inside: {why}");
    let outer = if by.iter().all(|d| *d == -wall) {
        outline::offset_contour(&profile.outer, -wall, true).map_err(thick)?
    } else {
        outline::contour(&outline::offset(&edges, &by, true).map_err(thick)?)
    };
    let holes: Result<Vec<Contour>, String> =
        profile.holes.iter().map(|hole| outline::offset_contour(hole, wall, true).map_err(thick)).collect();
    let low = if open.contains(&Side::Bottom) { -BEYOND } else { wall };
    let high = if open.contains(&Side::Top) { height + BEYOND } else { height - wall };
    if high - low < 1e-3 {
        return Err(thick("the height is used up".to_owned()));
    }
    let mut frame = solid.frame;
    for (k, axis) in frame.z.iter().enumerate() {
        frame.origin[k] += axis * low;
    }
    Ok(Solid { shape: Shape::Extrusion { profile: Profile { outer, holes: holes? }, height: high - low }, frame })
}

/// A profile of radius and height: its edge along the axis stays, those that are open move out.
fn revolution(profile: &Profile, solid: &Solid, open: &[Side], wall: f64) -> Option<Result<Solid, String>> {
    if open.iter().any(|side| !matches!(side, Side::Top | Side::Bottom)) || !profile.holes.is_empty() {
        return None;
    }
    let edges = outline::edges(&profile.outer);
    let points = outline::polygon(&edges, 0.01);
    let (low, high) = points.iter().fold((f64::MAX, f64::MIN), |(l, h), p| (l.min(p[1]), h.max(p[1])));
    let level =
        |edge: &Edge, z: f64| matches!(edge, Edge::Line { a, b } if (a[1] - z).abs() < 1e-6 && (b[1] - z).abs() < 1e-6);
    for (side, z) in [(Side::Top, high), (Side::Bottom, low)] {
        if open.contains(&side) && !edges.iter().any(|edge| level(edge, z)) {
            return Some(Err("the body has no flat face on that side".to_owned()));
        }
    }
    let by: Vec<f64> = edges
        .iter()
        .map(|edge| {
            let on_axis = [0.0, 0.5, 1.0].iter().all(|t| edge.at(*t)[0].abs() < 1e-9);
            let opened =
                (open.contains(&Side::Top) && level(edge, high)) || (open.contains(&Side::Bottom) && level(edge, low));
            if on_axis {
                0.0
            } else if opened {
                BEYOND
            } else {
                -wall
            }
        })
        .collect();
    Some(
        outline::offset(&edges, &by, true)
            .map(|moved| Solid {
                shape: Shape::Revolution {
                    profile: Profile { outer: outline::contour(&moved), holes: Vec::new() },
                    angle: 360.0,
                },
                frame: solid.frame,
            })
            .map_err(|why| format!("a wall of {wall} mm leaves no space inside: {why}")),
    )
}
