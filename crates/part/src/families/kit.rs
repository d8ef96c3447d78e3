//! What definitions are written with: parameters, checks and the few solids that recur.

use crate::{
    Dimension,
    catalogue::{Default, Parameter},
    lower::Invalid,
    solid::{Action, Contour, Frame, Profile, Segment, Shape, Solid, Step},
};

/// How far a cutting tool reaches past the face that it enters through: coincident faces are what kernels get wrong.
pub(crate) const BEYOND: f64 = 1.0;
/// Least material between a cut and the edge of its face.
pub(crate) const EDGE: f64 = 0.1;
/// Range of an overall size.
pub(crate) const SIZE: (f64, f64) = (0.5, 2000.0);
/// Range of a wall, a floor or a plate.
pub(crate) const WALL: (f64, f64) = (0.2, 200.0);
/// Range of a hole or bore.
pub(crate) const HOLE: (f64, f64) = (0.1, 1000.0);
/// Range of a radius or distance that may be nothing.
pub(crate) const RADIUS: (f64, f64) = (0.0, 500.0);

pub(crate) const fn length(
    name: &'static str,
    default: Default,
    range: (f64, f64),
    meaning: &'static str,
) -> Parameter {
    Parameter { name, dimension: Dimension::Length, default, range, meaning }
}

pub(crate) const fn count(name: &'static str, default: Default, range: (f64, f64), meaning: &'static str) -> Parameter {
    Parameter { name, dimension: Dimension::Count, default, range, meaning }
}

pub(crate) const fn angle(name: &'static str, default: Default, range: (f64, f64), meaning: &'static str) -> Parameter {
    Parameter { name, dimension: Dimension::Angle, default, range, meaning }
}

/// The wall of what may be told by its wall or by its inner diameter; before [`tube_bore`], after the outer diameter.
pub(crate) const fn tube_wall() -> Parameter {
    length("wall", Default::Absent, WALL, "wall thickness; 2 mm unless this or the inner diameter is said")
}

pub(crate) const fn tube_bore(meaning: &'static str) -> Parameter {
    let rule = Default::Rule("the outer diameter less two walls (2 mm unless said)", |v| {
        snap((v.get("outer_diameter") - 2.0 * v.find("wall").unwrap_or(2.0)).max(0.1))
    });
    length("inner_diameter", rule, HOLE, meaning)
}

/// Refuses with the parameter's name and the reason, which says what would do.
pub(crate) fn require(holds: bool, parameter: &str, why: impl FnOnce() -> String) -> Result<(), Invalid> {
    if holds { Ok(()) } else { Err(Invalid::new("", parameter, why())) }
}

/// A number as people write it: at most three decimals.
pub(crate) fn mm(value: f64) -> String {
    format!("{} mm", (value * 1000.0).round() / 1000.0)
}

pub(crate) fn add(solid: Solid) -> Step {
    Step { operation: String::new(), action: Action::Add(solid) }
}

pub(crate) fn cut(solid: Solid) -> Step {
    Step { operation: String::new(), action: Action::Cut(solid) }
}

/// A contour with holes pushed up from `z` by `height`.
pub(crate) fn extrude(outer: Contour, holes: Vec<Contour>, z: f64, height: f64) -> Solid {
    Solid { shape: Shape::Extrusion { profile: Profile { outer, holes }, height }, frame: Frame::at([0.0, 0.0, z]) }
}

/// A profile of radius and height turned once about Z.
pub(crate) fn revolve(outer: Contour) -> Solid {
    let profile = Profile { outer, holes: Vec::new() };
    Solid { shape: Shape::Revolution { profile, angle: 360.0 }, frame: Frame::WORLD }
}

pub(crate) fn cylinder(diameter: f64, origin: [f64; 3], height: f64) -> Solid {
    Solid { shape: Shape::Cylinder { diameter, height }, frame: Frame::at(origin) }
}

pub(crate) fn rectangle(length: f64, width: f64, corner_radius: f64) -> Contour {
    Contour::Rectangle { centre: [0.0; 2], size: [length, width], corner_radius }
}

pub(crate) fn circle(centre: [f64; 2], diameter: f64) -> Contour {
    Contour::Circle { centre, diameter }
}

pub(crate) fn line(x: f64, y: f64) -> Segment {
    Segment::Line { to: [x, y] }
}

pub(crate) fn arc(via: [f64; 2], to: [f64; 2]) -> Segment {
    Segment::Arc { via, to }
}

/// `count` points on a circle, the first at `start` degrees.
pub(crate) fn on_circle(count: usize, diameter: f64, start: f64) -> Vec<[f64; 2]> {
    (0..count)
        .map(|i| {
            let (sin, cos) = (start.to_radians() + std::f64::consts::TAU * i as f64 / count as f64).sin_cos();
            [snap(diameter / 2.0 * cos), snap(diameter / 2.0 * sin)]
        })
        .collect()
}

/// Rounds to a nanometre, so that 1e-16 of trigonometry does not make two equal edges differ.
pub(crate) fn snap(value: f64) -> f64 {
    (value * 1e6).round() / 1e6 + 0.0
}

/// Walls must leave a space between them.
pub(crate) fn walls_fit(wall: f64, across: f64, name: &str) -> Result<(), Invalid> {
    require(2.0 * wall < across - 0.1, "wall", || {
        format!("of {} leaves no space in a {name} of {}; use less than {}", mm(wall), mm(across), mm(across / 2.0))
    })
}

/// A corner radius must leave a straight piece on the shorter side.
pub(crate) fn radius_fits(radius: f64, shorter: f64) -> Result<(), Invalid> {
    require(radius < shorter / 2.0 - 1e-3, "corner_radius", || {
        format!("of {} is too large; use less than half the shorter side, {}", mm(radius), mm(shorter / 2.0))
    })
}
