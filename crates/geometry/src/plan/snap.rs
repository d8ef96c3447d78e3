//! Numbers rounded to a nanometre, frames made square: kernels hold points apart that differ in the seventh decimal.

use part::solid::{Action, Contour, Frame, Profile, Segment, Shape, Solid, SpacePath, SpaceSegment, Step};

const GRID: f64 = 1e6;

pub(super) fn snapped(step: &Step) -> Result<Step, String> {
    let mut step = step.clone();
    let mut finite = true;
    let mut round = |values: &mut [f64]| {
        for value in values {
            finite &= value.is_finite() && value.abs() < 1e6;
            *value = (*value * GRID).round() / GRID + 0.0;
        }
    };
    match &mut step.action {
        Action::Add(solid) | Action::Cut(solid) | Action::Intersect(solid) => {
            round(&mut solid.frame.origin);
            shape(solid, &mut round);
            solid.frame = square(&solid.frame)?;
        }
        Action::Fillet { radius: size, .. }
        | Action::Chamfer { distance: size, .. }
        | Action::Shell { thickness: size, .. } => {
            round(std::slice::from_mut(size));
            if *size <= 0.0 {
                return Err("its size must be above 0".to_owned());
            }
        }
        Action::Mirror { origin, normal, .. } => {
            round(origin);
            *normal = unit(*normal).ok_or("the mirror's normal has no direction")?;
        }
    }
    if finite { Ok(step) } else { Err("a number is not finite or larger than a kilometre".to_owned()) }
}

fn shape(solid: &mut Solid, round: &mut impl FnMut(&mut [f64])) {
    match &mut solid.shape {
        Shape::Box { size } => round(size),
        Shape::Cylinder { diameter, height } => {
            round(std::slice::from_mut(diameter));
            round(std::slice::from_mut(height));
        }
        Shape::Cone { bottom, top, height } => {
            [bottom, top, height].into_iter().for_each(|v| round(std::slice::from_mut(v)))
        }
        Shape::Sphere { diameter } => round(std::slice::from_mut(diameter)),
        Shape::Torus { ring, tube } => [ring, tube].into_iter().for_each(|v| round(std::slice::from_mut(v))),
        Shape::Extrusion { profile: p, height } => {
            profile(p, round);
            round(std::slice::from_mut(height));
        }
        Shape::Revolution { profile: p, angle } => {
            profile(p, round);
            round(std::slice::from_mut(angle));
        }
        Shape::Text { height, depth, .. } => [height, depth].into_iter().for_each(|v| round(std::slice::from_mut(v))),
        Shape::Drafted { profile: p, height, draft, twist } => {
            profile(p, round);
            [height, draft, twist].into_iter().for_each(|v| round(std::slice::from_mut(v)));
        }
        Shape::Sweep { profile: p, path } => {
            profile(p, round);
            space(path, round);
        }
        Shape::Coil { profile: p, radius, pitch, turns, .. } => {
            profile(p, round);
            [radius, pitch, turns].into_iter().for_each(|v| round(std::slice::from_mut(v)));
        }
        Shape::Loft { sections, .. } => {
            for section in sections {
                contour(&mut section.contour, round);
                round(std::slice::from_mut(&mut section.z));
            }
        }
        Shape::Thread { diameter, pitch, length, clearance, .. } => {
            [diameter, pitch, length, clearance].into_iter().for_each(|v| round(std::slice::from_mut(v)));
        }
        Shape::Imported { scale, .. } => round(std::slice::from_mut(scale)),
    }
}

fn profile(profile: &mut Profile, round: &mut impl FnMut(&mut [f64])) {
    contour(&mut profile.outer, round);
    profile.holes.iter_mut().for_each(|hole| contour(hole, round));
}

fn contour(contour: &mut Contour, round: &mut impl FnMut(&mut [f64])) {
    match contour {
        Contour::Rectangle { centre, size, corner_radius } => {
            round(centre);
            round(size);
            round(std::slice::from_mut(corner_radius));
        }
        Contour::Circle { centre, diameter } => {
            round(centre);
            round(std::slice::from_mut(diameter));
        }
        Contour::Slot { centre, length, width } => {
            round(centre);
            [length, width].into_iter().for_each(|v| round(std::slice::from_mut(v)));
        }
        Contour::Ellipse { centre, size } => {
            round(centre);
            round(size);
        }
        Contour::Polygon { points } => points.iter_mut().for_each(|p| round(p)),
        // The points of an arc are what they are: a nanometre off, and its circle is no longer about the axis, or no longer
        // goes on smoothly.
        Contour::Path { start, segments } if segments.iter().all(|s| matches!(s, Segment::Line { .. })) => {
            round(start);
            for segment in segments {
                if let Segment::Line { to } = segment {
                    round(to);
                }
            }
        }
        Contour::Path { start, segments } => {
            let mut check = |p: &mut [f64; 2]| round(&mut p.map(|c| c));
            check(start);
            for segment in segments {
                match segment {
                    Segment::Line { to } => check(to),
                    Segment::Arc { via, to } => {
                        check(via);
                        check(to);
                    }
                }
            }
        }
        Contour::Gear { module, pressure_angle, .. } => {
            [module, pressure_angle].into_iter().for_each(|v| round(std::slice::from_mut(v)));
        }
    }
}

fn space(path: &mut SpacePath, round: &mut impl FnMut(&mut [f64])) {
    let straight = path.segments.iter().all(|s| matches!(s, SpaceSegment::Line { .. }));
    let mut point = |p: &mut [f64; 3]| if straight { round(p) } else { round(&mut p.map(|c| c)) };
    point(&mut path.start);
    for segment in &mut path.segments {
        match segment {
            SpaceSegment::Line { to } => point(to),
            SpaceSegment::Arc { via, to } => {
                point(via);
                point(to);
            }
        }
    }
}

/// The frame with unit axes square to one another.
fn square(frame: &Frame) -> Result<Frame, String> {
    const NO_AXES: &str = "its frame has no axes";
    let z = unit(frame.z).ok_or(NO_AXES)?;
    let along: f64 = (0..3).map(|k| frame.x[k] * z[k]).sum();
    let x = unit(std::array::from_fn(|k| frame.x[k] - z[k] * along)).ok_or(NO_AXES)?;
    Ok(Frame { origin: frame.origin, x, z })
}

fn unit(v: [f64; 3]) -> Option<[f64; 3]> {
    let length = v.iter().map(|c| c * c).sum::<f64>().sqrt();
    // What trigonometry leaves of a nought is a nought.
    let tidy = |c: f64| if c.abs() < 1e-12 { 0.0 } else { c };
    (length.is_finite() && length > 1e-9).then(|| v.map(|c| tidy(c / length)))
}
