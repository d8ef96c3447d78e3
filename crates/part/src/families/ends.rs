//! The end faces of what an operation added: where "on top of the boss" is.

use super::{
    kit::require,
    place::{Plane, Site, cross},
};
use crate::{
    Face, Invalid, Placement, region,
    solid::{Action, Body, Contour, Frame, Profile, Shape, Solid},
};

/// Every place on the ends of what `on` added to piece `index`.
pub(super) fn sites(
    on: &str,
    placement: &Placement,
    body: &Body,
    index: usize,
    reach: Option<[f64; 2]>,
) -> Result<Vec<Site>, Invalid> {
    require(placement.face == Face::Top, "placement", || {
        format!("names a side of '{on}'; only the end face of what an operation added can be built on: name its top")
    })?;
    let steps: Vec<_> = body.pieces[index].steps.iter().filter(|step| step.operation == on).collect();
    require(!steps.is_empty(), "placement", || format!("is on '{on}', which is no operation before this one"))?;
    let added = steps.iter().filter_map(|step| match &step.action {
        Action::Add(solid) => Some(solid),
        _ => None,
    });
    let mut sites = Vec::new();
    let mut ends = 0;
    for solid in added {
        let Some(plane) = end(solid, body) else { continue };
        ends += 1;
        sites.extend(plane.sites(&placement.position, reach)?);
    }
    require(ends > 0, "placement", || {
        format!("is on '{on}', which adds nothing with a flat end; name a face of the body")
    })?;
    Ok(sites)
}

/// The flat far end of a solid along its own z; `None` where it has none.
fn end(solid: &Solid, body: &Body) -> Option<Plane> {
    let ([low, high], height, round) = match &solid.shape {
        Shape::Box { size } => ([[-size[0] / 2.0, -size[1] / 2.0], [size[0] / 2.0, size[1] / 2.0]], size[2], false),
        Shape::Cylinder { diameter, height } => (square(*diameter), *height, true),
        Shape::Cone { top, height, .. } if *top > 0.0 => (square(*top), *height, true),
        Shape::Thread { diameter, length, internal: false, .. } => (square(*diameter), *length, true),
        Shape::Extrusion { profile, height } => (region::bounds(&profile.outer), *height, is_disc(profile)),
        Shape::Drafted { profile, height, draft, twist: 0.0 } => {
            let inset = height * draft.to_radians().tan();
            let [low, high] = region::bounds(&profile.outer);
            ([low.map(|c| c + inset), high.map(|c| c - inset)], *height, is_disc(profile))
        }
        Shape::Loft { sections, .. } => {
            let last = sections.last()?;
            (region::bounds(&last.contour), last.z, matches!(last.contour, Contour::Circle { .. }))
        }
        _ => return None,
    };
    let size = [high[0] - low[0], high[1] - low[1]];
    if !(size[0] > 0.0 && size[1] > 0.0) {
        return None;
    }
    let Frame { origin, x, z } = solid.frame;
    let v = cross(z, x);
    let centre = [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0];
    let middle = std::array::from_fn(|i| origin[i] + centre[0] * x[i] + centre[1] * v[i] + height * z[i]);
    Some(Plane { middle, outward: z, u: x, v, size, round, thickness: height + behind(z, body) })
}

fn square(diameter: f64) -> [[f64; 2]; 2] {
    [[-diameter / 2.0; 2], [diameter / 2.0; 2]]
}

fn is_disc(profile: &Profile) -> bool {
    matches!(profile.outer, Contour::Circle { .. })
}

/// Material of the body behind what stands on it: a wall or floor, else its whole extent in that direction.
fn behind(z: [f64; 3], body: &Body) -> f64 {
    let level = z[2].abs() > 0.5;
    match body.hollow {
        Some(hollow) if level => [hollow.floor, body.roof, hollow.wall].into_iter().find(|t| *t > 0.0).unwrap_or(0.0),
        Some(hollow) => hollow.wall,
        None => (0..3).map(|i| z[i].abs() * body.size[i]).sum(),
    }
}
