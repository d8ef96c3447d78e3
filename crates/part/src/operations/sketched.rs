//! What extrude, revolve, sweep and loft share: they make the body when they come first, and add to it, cut it or keep what
//! lies within them afterwards.

use super::{
    draw,
    extent::{self, Extent},
};
use crate::{
    Invalid, Operation,
    catalogue::Values,
    families::{
        kit::{mm, require, snap},
        place::{FlatFace, Site},
    },
    region::Point2,
    solid::{Action, Body, Frame, Solid, Step},
};

/// How far an addition is sunk into its face: bodies that overlap fuse, bodies that only touch may not.
pub(super) const SUNK: f64 = 0.25;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Add,
    Cut,
    Intersect,
}

pub(super) fn mode(v: &Values) -> Mode {
    match v.choice("mode") {
        "cut" => Mode::Cut,
        "intersect" => Mode::Intersect,
        _ => Mode::Add,
    }
}

/// What comes first can only add, and stands where it is drawn.
pub(super) fn comes_first(v: &Values, operation: &Operation) -> Result<(), Invalid> {
    require(mode(v) == Mode::Add, "mode", || {
        format!("is {}, and there is no body before it; make it add", v.choice("mode"))
    })?;
    require(operation.placement.is_none(), "placement", || {
        "names a face, and there is no body before it; what comes first is drawn about the origin".to_owned()
    })
}

/// A body of one solid with this box around it, let down so that it stands on z = 0.
pub(super) fn body_of(name: &str, mut solid: Solid, [low, high]: Extent) -> Body {
    solid.frame.origin[2] = snap(solid.frame.origin[2] - low[2]);
    let size = std::array::from_fn(|i| snap(high[i] - low[i]));
    let mut body = Body::single(name, size, vec![Step { operation: String::new(), action: Action::Add(solid) }]);
    body.base = [snap((low[0] + high[0]) / 2.0), snap((low[1] + high[1]) / 2.0), 0.0];
    body
}

/// Adds, cuts or keeps what lies within, on one piece.
pub(super) fn apply(mode: Mode, body: &mut Body, index: usize, solid: Solid) -> Result<(), Invalid> {
    let action = match mode {
        Mode::Add => Action::Add(solid),
        Mode::Cut => Action::Cut(solid),
        Mode::Intersect => {
            shrink(body, &solid)?;
            Action::Intersect(solid)
        }
    };
    body.pieces[index].steps.push(Step { operation: String::new(), action });
    Ok(())
}

/// What lies within a tool is no larger than it.
fn shrink(body: &mut Body, tool: &Solid) -> Result<(), Invalid> {
    let Some(tool) = extent::extent(tool) else { return Ok(()) };
    let whole = body_extent(body);
    let low: [f64; 3] = std::array::from_fn(|i| whole[0][i].max(tool[0][i]));
    let high: [f64; 3] = std::array::from_fn(|i| whole[1][i].min(tool[1][i]));
    require((0..3).all(|i| high[i] - low[i] > 1e-3), "mode", || {
        "keeps what lies within it, and that is nothing of this body; move it".to_owned()
    })?;
    if [low, high] != whole {
        (body.round, body.side) = (false, Vec::new());
        body.size = std::array::from_fn(|i| snap(high[i] - low[i]));
        body.base = [snap((low[0] + high[0]) / 2.0), snap((low[1] + high[1]) / 2.0), snap(low[2])];
    }
    Ok(())
}

/// The box around the body, additions aside.
pub(super) fn body_extent(body: &Body) -> Extent {
    let ([l, w, h], [x, y, z]) = (body.size, body.base);
    [[x - l / 2.0, y - w / 2.0, z], [x + l / 2.0, y + w / 2.0, z + h]]
}

/// Intersecting at several places would leave nothing.
pub(super) fn one_place(mode: Mode, sites: &[Site]) -> Result<(), Invalid> {
    require(mode != Mode::Intersect || sites.len() == 1, "placement", || {
        format!("names {} places; what lies within all of them at once is nothing: name one", sites.len())
    })
}

/// A drawing's bounds must cover some of the face that it lies on.
pub(super) fn on_face(site: &Site, [low, high]: [Point2; 2]) -> Result<(), Invalid> {
    let Some(FlatFace { size, at, .. }) = site.face else { return Ok(()) };
    // A drawing is seen from outside, so on the back and on the left its x runs against the face's u.
    let x = site.drawing(0.0).x;
    let along = extent::dot(x, site.along).signum();
    let (a, b) = (at[0] + along * low[0], at[0] + along * high[0]);
    let touches = a.min(b) < size[0] / 2.0 - 1e-3
        && a.max(b) > -size[0] / 2.0 + 1e-3
        && at[1] + low[1] < size[1] / 2.0 - 1e-3
        && at[1] + high[1] > -size[1] / 2.0 + 1e-3;
    require(touches, "placement", || {
        format!("puts it beside a face of {} by {}; move it onto the face", mm(size[0]), mm(size[1]))
    })
}

/// How far an addition of this half width reaches below the place where it stands, so that all of its end is inside.
pub(super) fn sink(site: &Site, half: f64, body: &Body) -> f64 {
    let shallow = SUNK.min(site.thickness / 2.0);
    if site.face.is_some() {
        return shallow;
    }
    let radius = body.radius_at(site.point[2] - body.base[2]);
    radius - (radius * radius - half * half).max(0.0).sqrt() + shallow
}

/// A frame looking into the body from `before` above the surface, in which a drawing mirrored in x appears as drawn.
pub(super) fn into(site: &Site, before: f64) -> Frame {
    Frame { x: site.drawing(0.0).x, ..site.inward(before) }
}

/// How far a cutting tool starts above its place.
pub(super) fn before(site: &Site, body: &Body, half: f64) -> f64 {
    let tapered = site.face.is_none() && !body.side.is_empty();
    crate::families::kit::BEYOND + if tapered { half } else { 0.0 }
}

/// The regions of all sketches of an operation, for a loft.
pub(super) fn regions(operation: &Operation) -> Result<Vec<draw::Drawn>, Invalid> {
    let sketches = operation.sketches.iter().enumerate();
    sketches
        .map(|(i, sketch)| {
            let field = format!("sketches[{i}]");
            draw::region_of(draw::drawing(sketch, &field)?, &field)
        })
        .collect()
}
