//! Straight-sided prisms of one height that touch, as one sketch: a fuse would leave seams across their common faces,
//! which no kernel blends over.

use arris::math::Vec3;
use i_overlay::{
    core::{fill_rule::FillRule, overlay_rule::OverlayRule},
    float::single::SingleFloatOverlay,
};
use part::solid::{Action, Contour, Frame, Profile, Shape, Solid};

use super::{Credit, Task};
use crate::{contour, outline::Point};

const SAME: f64 = 1e-6;

/// A prism along a direction: its outline in a plane square to it, and where it begins and ends.
struct Prism {
    points: Vec<Point>,
    low: f64,
    high: f64,
}

pub(super) fn merged(mut tasks: Vec<Task>, notes: &mut Vec<String>) -> Vec<Task> {
    let adds = tasks.iter().take_while(|task| matches!(task.step.action, Action::Add(_))).count();
    if adds < 2 {
        return tasks;
    }
    let solid = |task: &Task| match &task.step.action {
        Action::Add(solid) => Some(solid.clone()),
        _ => None,
    };
    let Some(first) = solid(&tasks[0]) else { return tasks };
    let mut best: Option<(Solid, Vec<usize>, Vec<Credit>)> = None;
    for plane in directions(&first) {
        let Some(base) = prism(&first, &plane) else { continue };
        let mut outline = base.points.clone();
        let mut taken = Vec::new();
        let mut owners: Vec<(usize, Vec<Point>)> = vec![(0, base.points.clone())];
        // A prism may touch the union only once another is in it.
        loop {
            let before = taken.len();
            for (index, task) in tasks.iter().enumerate().take(adds).skip(1) {
                if taken.contains(&index) {
                    continue;
                }
                let Some(other) = solid(task).and_then(|s| prism(&s, &plane)) else { continue };
                if (other.low - base.low).abs() > SAME || (other.high - base.high).abs() > SAME {
                    continue;
                }
                if let Some(joined) = union(&outline, &other.points) {
                    outline = joined;
                    taken.push(index);
                    owners.push((index, other.points));
                }
            }
            if taken.len() == before {
                break;
            }
        }
        if !taken.is_empty() && best.as_ref().is_none_or(|(_, b, _)| taken.len() > b.len()) {
            let credits = credits(&outline, &owners, &tasks);
            let height = base.high - base.low;
            let z = Vec3::from(plane.z);
            let frame = Frame { origin: (Vec3::from(plane.origin) + z * base.low).into(), ..plane };
            let profile = Profile { outer: Contour::Polygon { points: outline }, holes: Vec::new() };
            best = Some((Solid { shape: Shape::Extrusion { profile, height }, frame }, taken, credits));
        }
    }
    let Some((solid, taken, credits)) = best else { return tasks };
    notes.push(format!("{} prisms merged into the first sketch", taken.len()));
    tasks[0].step.action = Action::Add(solid);
    tasks[0].credits = credits;
    let mut index = 0;
    tasks.retain(|_| {
        index += 1;
        !taken.contains(&(index - 1))
    });
    tasks
}

/// Planes that the solid can be extruded from: any of its sides for a block.
fn directions(solid: &Solid) -> Vec<Frame> {
    let f = solid.frame;
    let y: [f64; 3] = Vec3::from(f.z).cross(&Vec3::from(f.x)).into();
    match &solid.shape {
        Shape::Box { .. } => {
            vec![f, Frame { origin: f.origin, x: y, z: f.x }, Frame { origin: f.origin, x: f.z, z: y }]
        }
        Shape::Extrusion { .. } => vec![f],
        _ => Vec::new(),
    }
}

/// The solid as a prism square to the plane, if it is one with straight sides and no holes.
fn prism(solid: &Solid, plane: &Frame) -> Option<Prism> {
    let (o, x, z) = (Vec3::from(plane.origin), Vec3::from(plane.x), Vec3::from(plane.z));
    let y = z.cross(&x);
    let own = solid.frame;
    let (own_x, own_z) = (Vec3::from(own.x), Vec3::from(own.z));
    let own_y = own_z.cross(&own_x);
    let corner = |p: [f64; 3]| Vec3::from(own.origin) + own_x * p[0] + own_y * p[1] + own_z * p[2] - o;
    let tidy = |c: f64| (c * 1e6).round() / 1e6 + 0.0;
    let flat = |v: Vec3| [tidy(v.dot(&x)), tidy(v.dot(&y))];
    let (corners, along): (Vec<[f64; 3]>, Vec3) = match &solid.shape {
        Shape::Box { size } => {
            let [a, b, c] = [size[0] / 2.0, size[1] / 2.0, size[2]];
            // The block's outline seen along whichever of its axes the direction is.
            if own_z.dot(&z).abs() > 1.0 - 1e-12 {
                (vec![[-a, -b, 0.0], [a, -b, 0.0], [a, b, 0.0], [-a, b, 0.0]], own_z * c)
            } else if own_x.dot(&z).abs() > 1.0 - 1e-12 {
                (vec![[-a, -b, 0.0], [-a, b, 0.0], [-a, b, c], [-a, -b, c]], own_x * (2.0 * a))
            } else if own_y.dot(&z).abs() > 1.0 - 1e-12 {
                (vec![[-a, -b, 0.0], [a, -b, 0.0], [a, -b, c], [-a, -b, c]], own_y * (2.0 * b))
            } else {
                return None;
            }
        }
        Shape::Extrusion { profile, height } if profile.holes.is_empty() && own_z.dot(&z).abs() > 1.0 - 1e-12 => {
            let points = match &profile.outer {
                Contour::Polygon { points } => points.clone(),
                c @ Contour::Rectangle { corner_radius, .. } if *corner_radius <= SAME => contour::polygon(c, 1.0),
                _ => return None,
            };
            (points.into_iter().map(|[u, v]| [u, v, 0.0]).collect(), own_z * *height)
        }
        _ => return None,
    };
    let base = corner(*corners.first()?).dot(&z);
    let end = base + along.dot(&z);
    let mut points: Vec<Point> = corners.into_iter().map(|p| flat(corner(p))).collect();
    if contour::signed_area(&points) < 0.0 {
        points.reverse();
    }
    Some(Prism { points, low: tidy(base.min(end)), high: tidy(base.max(end)) })
}

/// The union when it is one region without holes.
fn union(a: &[Point], b: &[Point]) -> Option<Vec<Point>> {
    let shapes = vec![a.to_vec()].overlay_as::<i64>(&vec![b.to_vec()], OverlayRule::Union, FillRule::NonZero);
    let [shape] = shapes.as_slice() else { return None };
    let [outer] = shape.as_slice() else { return None };
    // The overlay works on a grid of its own: corners of the inputs are put back where they were.
    let tidy = |p: &Point| -> Point {
        let near = a.iter().chain(b).find(|q| (q[0] - p[0]).hypot(q[1] - p[1]) < 2e-6);
        near.copied().unwrap_or_else(|| p.map(|c| (c * 1e6).round() / 1e6 + 0.0))
    };
    let points: Vec<Point> = outer.iter().map(tidy).collect();
    let n = points.len();
    let bends = |i: usize| {
        let (p, q, r) = (points[(i + n - 1) % n], points[i], points[(i + 1) % n]);
        let (u, v) = ([q[0] - p[0], q[1] - p[1]], [r[0] - q[0], r[1] - q[1]]);
        (u[0] * v[1] - u[1] * v[0]).abs() > 1e-6 * u[0].hypot(u[1]).max(1.0) * v[0].hypot(v[1]).max(1e-3)
    };
    let mut kept: Vec<Point> = (0..n).filter(|i| bends(*i)).map(|i| points[i]).collect();
    if contour::signed_area(&kept) < 0.0 {
        kept.reverse();
    }
    // Prisms that only touch along a line are not one sketch.
    let grown = contour::signed_area(&kept) - contour::signed_area(a);
    (kept.len() > 2 && grown > -1e-6).then_some(kept)
}

/// Which operation each edge of the union comes from, other than the first's.
fn credits(outline: &[Point], owners: &[(usize, Vec<Point>)], tasks: &[Task]) -> Vec<Credit> {
    let mut credits = Vec::new();
    for i in 0..outline.len() {
        let (p, q) = (outline[i], outline[(i + 1) % outline.len()]);
        let middle = [(p[0] + q[0]) / 2.0, (p[1] + q[1]) / 2.0];
        let on = |points: &[Point]| {
            (0..points.len()).any(|k| {
                let (a, b) = (points[k], points[(k + 1) % points.len()]);
                let (u, v) = ([b[0] - a[0], b[1] - a[1]], [middle[0] - a[0], middle[1] - a[1]]);
                let length = u[0].hypot(u[1]).max(1e-12);
                let along = (u[0] * v[0] + u[1] * v[1]) / length;
                (u[0] * v[1] - u[1] * v[0]).abs() / length < 1e-5 && along > -1e-6 && along < length + 1e-6
            })
        };
        if let Some((index, _)) = owners.iter().find(|(_, points)| on(points))
            && *index > 0
        {
            credits.push(Credit { outline: 0, edge: Some(i), operation: tasks[*index].step.operation.clone() });
        }
    }
    credits
}
