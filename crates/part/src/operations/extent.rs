//! The box around a solid, without a kernel: exact for upright shapes, never too small for the others.

use crate::{
    families::place::cross,
    region,
    solid::{Shape, Solid, SpacePath, SpaceSegment},
};

pub(super) type Extent = [[f64; 3]; 2];

/// `None` where the size is not known: a body that somebody brought.
pub(super) fn extent(solid: &Solid) -> Option<Extent> {
    let [low, high] = local(&solid.shape)?;
    let frame = solid.frame;
    let y = cross(frame.z, frame.x);
    let corners = (0..8).map(|corner| {
        let at: [f64; 3] = std::array::from_fn(|i| if corner >> i & 1 == 0 { low[i] } else { high[i] });
        std::array::from_fn(|i| frame.origin[i] + at[0] * frame.x[i] + at[1] * y[i] + at[2] * frame.z[i])
    });
    Some(around(corners))
}

pub(super) fn around(points: impl Iterator<Item = [f64; 3]>) -> Extent {
    points.fold([[f64::INFINITY; 3], [f64::NEG_INFINITY; 3]], |[low, high], p| {
        [std::array::from_fn(|i| low[i].min(p[i])), std::array::from_fn(|i| high[i].max(p[i]))]
    })
}

/// Whether two boxes share more than a touch.
pub(super) fn overlap(a: Extent, b: Extent) -> bool {
    (0..3).all(|i| a[0][i] < b[1][i] - 1e-6 && b[0][i] < a[1][i] - 1e-6)
}

fn local(shape: &Shape) -> Option<Extent> {
    let upright = |[low, high]: [[f64; 2]; 2], z: [f64; 2]| [[low[0], low[1], z[0]], [high[0], high[1], z[1]]];
    let disc = |radius: f64| [[-radius; 2], [radius; 2]];
    Some(match shape {
        Shape::Box { size } => {
            upright([[-size[0] / 2.0, -size[1] / 2.0], [size[0] / 2.0, size[1] / 2.0]], [0.0, size[2]])
        }
        Shape::Cylinder { diameter, height } => upright(disc(diameter / 2.0), [0.0, *height]),
        Shape::Cone { bottom, top, height } => upright(disc(bottom.max(*top) / 2.0), [0.0, *height]),
        Shape::Sphere { diameter } => upright(disc(diameter / 2.0), [-diameter / 2.0, diameter / 2.0]),
        Shape::Torus { ring, tube } => upright(disc((ring + tube) / 2.0), [-tube / 2.0, tube / 2.0]),
        Shape::Extrusion { profile, height } => upright(region::bounds(&profile.outer), [0.0, *height]),
        Shape::Drafted { profile, height, draft, twist } => {
            let grown = (-height * draft.to_radians().tan()).max(0.0);
            let [low, high] = region::bounds(&profile.outer);
            let plane = if *twist == 0.0 {
                [low.map(|c| c - grown), high.map(|c| c + grown)]
            } else {
                disc(low[0].abs().max(high[0].abs()).hypot(low[1].abs().max(high[1].abs())) + grown)
            };
            upright(plane, [0.0, *height])
        }
        Shape::Revolution { profile, angle } => {
            let [low, high] = region::bounds(&profile.outer);
            let [from, to] = turned([low[0].max(0.0), high[0]], *angle);
            upright([from, to], [low[1], high[1]])
        }
        Shape::Text { text, height, depth } => {
            let width = crate::families::text_width(text, *height);
            upright([[-width / 2.0, -0.3 * height], [width / 2.0, 1.3 * height]], [0.0, *depth])
        }
        Shape::Sweep { profile, path } => {
            let [low, high] = region::bounds(&profile.outer);
            let reach = (0..2).map(|i| low[i].abs().max(high[i].abs())).fold(0.0, f64::hypot);
            let [low, high] = path_extent(path);
            [low.map(|c| c - reach), high.map(|c| c + reach)]
        }
        Shape::Coil { profile, radius, pitch, turns, .. } => {
            let [low, high] = region::bounds(&profile.outer);
            upright(disc(radius + high[0]), [low[1], pitch * turns + high[1]])
        }
        Shape::Loft { sections, .. } => around(sections.iter().flat_map(|section| {
            let [low, high] = region::bounds(&section.contour);
            [[low[0], low[1], section.z], [high[0], high[1], section.z]]
        })),
        Shape::Thread { diameter, length, clearance, internal, .. } => {
            let radius = diameter / 2.0 + if *internal { *clearance } else { 0.0 };
            upright(disc(radius), [0.0, *length])
        }
        Shape::Imported { .. } => return None,
    })
}

/// Bounds in x and y of everything between two radii, turned from +x by an angle in degrees.
pub(super) fn turned(radii: [f64; 2], angle: f64) -> [[f64; 2]; 2] {
    let quarters = (0..4).map(|q| 90.0 * f64::from(q)).filter(|q| *q <= angle);
    let points = quarters.chain([angle]).flat_map(|at| {
        let (sin, cos) = region::exact_sin_cos(at);
        radii.map(|r| [r * cos, r * sin])
    });
    region::around(points)
}

/// Bounds of a path's middle line; an arc counts with the whole sphere about its ends and middle, which holds it.
fn path_extent(path: &SpacePath) -> Extent {
    let mut from = path.start;
    let mut points = vec![from];
    for segment in &path.segments {
        match segment {
            SpaceSegment::Line { to } => from = *to,
            SpaceSegment::Arc { via, to } => {
                let reach = [from, *to].iter().map(|p| length(minus(*p, *via))).fold(0.0, f64::max);
                points.extend([via.map(|c| c - reach), via.map(|c| c + reach)]);
                from = *to;
            }
        }
        points.push(from);
    }
    around(points.into_iter())
}

pub(super) fn minus(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|i| a[i] - b[i])
}

pub(super) fn length(a: [f64; 3]) -> f64 {
    a.iter().map(|c| c * c).sum::<f64>().sqrt()
}

pub(super) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    (0..3).map(|i| a[i] * b[i]).sum()
}
