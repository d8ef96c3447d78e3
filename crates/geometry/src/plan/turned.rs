//! Straight-sided turned solids about one axis (cylinders, cones, turned polygons), fused and cut in their half section:
//! a pot's wall or a flange's hub is then one turned sketch and no boolean.

use arris::math::Vec3;
use i_overlay::{
    core::{fill_rule::FillRule, overlay_rule::OverlayRule},
    float::single::SingleFloatOverlay,
};
use part::solid::{Action, Contour, Profile, Segment, Shape, Solid};

use super::{Task, asks_for_seams, order::boxed};
use crate::{contour, kernel::exact::cone, outline::Point};

pub(super) fn merged(mut tasks: Vec<Task>, notes: &mut Vec<String>) -> Vec<Task> {
    // Which operation made which of its faces is lost.
    if asks_for_seams(&tasks) {
        return tasks;
    }
    let Some(Action::Add(base)) = tasks.first().map(|task| task.step.action.clone()) else { return tasks };
    let Some(mut section) = half(&base, &base) else { return tasks };
    let mut taken = Vec::new();
    let mut between: Vec<usize> = Vec::new();
    for (index, task) in tasks.iter().enumerate().skip(1) {
        let (solid, rule, adds) = match &task.step.action {
            Action::Add(solid) => (solid, OverlayRule::Union, true),
            Action::Cut(solid) => (solid, OverlayRule::Difference, false),
            _ => break,
        };
        // What stays behind must not notice that this comes before it.
        let own = boxed(task);
        let passes = between.iter().all(|other| {
            matches!(tasks[*other].step.action, Action::Add(_)) == adds
                || matches!((&own, boxed(&tasks[*other])), (Some(a), Some(b)) if a.apart(&b))
        });
        let joined = half(solid, &base).filter(|_| passes).and_then(|tool| overlay(&section, &tool, rule));
        match joined {
            Some(joined) => {
                section = joined;
                taken.push(index);
            }
            None => between.push(index),
        }
    }
    if taken.is_empty() {
        return tasks;
    }
    notes.push(format!("{} coaxial solids turned as one section", taken.len()));
    let names: Vec<String> = taken.iter().map(|index| tasks[*index].step.operation.clone()).collect();
    let profile = Profile { outer: Contour::Polygon { points: section }, holes: Vec::new() };
    tasks[0].step.action = Action::Add(Solid { shape: Shape::Revolution { profile, angle: 360.0 }, frame: base.frame });
    tasks[0].also = names;
    let mut index = 0;
    tasks.retain(|_| {
        index += 1;
        !taken.contains(&(index - 1))
    });
    tasks
}

/// The solid's half section in the frame of `base`, when it is turned about the same axis and has straight sides.
fn half(solid: &Solid, base: &Solid) -> Option<Vec<Point>> {
    let (z, own) = (Vec3::from(base.frame.z), Vec3::from(solid.frame.z));
    let up = z.dot(&own);
    let off = Vec3::from(solid.frame.origin) - Vec3::from(base.frame.origin);
    let rise = off.dot(&z);
    if up.abs() < 1.0 - 1e-12 || (off - z * rise).norm() > 1e-6 {
        return None;
    }
    let points = match &solid.shape {
        Shape::Cylinder { diameter, height } => contour::polygon(&cone(*diameter, *diameter, *height), 1.0),
        Shape::Cone { bottom, top, height } => contour::polygon(&cone(*bottom, *top, *height), 1.0),
        Shape::Revolution { profile, angle } if *angle >= 360.0 && profile.holes.is_empty() => {
            let straight = match &profile.outer {
                Contour::Polygon { .. } => true,
                Contour::Path { segments, .. } => segments.iter().all(|s| matches!(s, Segment::Line { .. })),
                _ => false,
            };
            straight.then(|| contour::polygon(&profile.outer, 1.0))?
        }
        _ => return None,
    };
    let tidy = |c: f64| (c * 1e6).round() / 1e6 + 0.0;
    let mut points: Vec<Point> = points.into_iter().map(|[r, h]| [tidy(r), tidy(rise + up.signum() * h)]).collect();
    if points.len() < 3 || points.iter().any(|p| p[0] < 0.0) {
        return None;
    }
    if contour::signed_area(&points) < 0.0 {
        points.reverse();
    }
    Some(points)
}

/// The result when it is one region without holes that no sliver or pinch spoils.
fn overlay(section: &[Point], tool: &[Point], rule: OverlayRule) -> Option<Vec<Point>> {
    let shapes = vec![section.to_vec()].overlay_as::<i64>(&vec![tool.to_vec()], rule, FillRule::NonZero);
    let [shape] = shapes.as_slice() else { return None };
    let [outer] = shape.as_slice() else { return None };
    let tidy = |p: &Point| -> Point {
        let near = section.iter().chain(tool).find(|q| (q[0] - p[0]).hypot(q[1] - p[1]) < 2e-6);
        let [r, h] = near.copied().unwrap_or_else(|| p.map(|c| (c * 1e6).round() / 1e6 + 0.0));
        [if r.abs() < 2e-6 { 0.0 } else { r }, h]
    };
    let points: Vec<Point> = outer.iter().map(tidy).collect();
    let n = points.len();
    let length = |i: usize, j: usize| (points[i % n][0] - points[j % n][0]).hypot(points[i % n][1] - points[j % n][1]);
    let bends = |i: usize| {
        let (p, q, r) = (points[(i + n - 1) % n], points[i], points[(i + 1) % n]);
        let (u, v) = ([q[0] - p[0], q[1] - p[1]], [r[0] - q[0], r[1] - q[1]]);
        (u[0] * v[1] - u[1] * v[0]).abs() > 2e-6 * (u[0].hypot(u[1]) + v[0].hypot(v[1]))
    };
    if (0..n).any(|i| length(i, i + 1) < 1e-5) {
        return None;
    }
    let mut kept: Vec<Point> = (0..n).filter(|i| bends(*i)).map(|i| points[i]).collect();
    if contour::signed_area(&kept) < 0.0 {
        kept.reverse();
    }
    // A section that touches the axis in a point, or itself, is not one solid.
    let on_axis = |i: usize| kept[i % kept.len()][0] == 0.0;
    let pinched = (0..kept.len()).any(|i| on_axis(i) && !on_axis(i + 1) && !on_axis(i + kept.len() - 1));
    let doubled = (0..kept.len()).any(|i| kept[..i].iter().any(|q| *q == kept[i]));
    (kept.len() > 2 && !pinched && !doubled).then_some(kept)
}
