//! Where a modifier acts: a placement turned into points on the body's surface with their axes.

use super::{
    ends,
    kit::{mm, require, snap},
};
use crate::{
    Anchor, AnchorFrom, Face, FaceEdge, Invalid, MAX_PLACES, Operation, Placement, Position, Quantity,
    solid::{Body, Frame, Piece},
};

/// One place on the surface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site {
    pub(crate) point: [f64; 3],
    /// Unit vector out of the body.
    pub(crate) outward: [f64; 3],
    /// Unit vector along the face's width.
    pub(crate) along: [f64; 3],
    /// Unit vector along the face's height: up on an upright face, towards the back on a level one.
    pub(crate) up: [f64; 3],
    /// How much material lies behind the place: a wall or the floor of a hollow body.
    pub(crate) thickness: f64,
    /// How far a tool must go inwards to pass through that with its whole width.
    pub(crate) through: f64,
    /// The flat face that the place lies on; `None` on the side of a round body.
    pub(crate) face: Option<FlatFace>,
}

/// A flat face's size along u and v, and where on it a place lies, from its middle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FlatFace {
    pub(crate) size: [f64; 2],
    pub(crate) at: [f64; 2],
}

impl Site {
    /// A frame whose z points into the body, starting `before` above the surface.
    pub(crate) fn inward(&self, before: f64) -> Frame {
        let origin = std::array::from_fn(|i| snap(self.point[i] + before * self.outward[i]));
        Frame { origin, x: self.along, z: self.outward.map(|c| 0.0 - c) }
    }

    /// A frame whose z points out of the body, starting `below` under the surface.
    pub(crate) fn outward(&self, below: f64) -> Frame {
        let origin = std::array::from_fn(|i| snap(self.point[i] - below * self.outward[i]));
        Frame { origin, x: self.along, z: self.outward }
    }

    /// The plane in which a sketch is drawn as seen from outside, its y along `up`, `below` under the surface.
    pub(crate) fn drawing(&self, below: f64) -> Frame {
        Frame { x: cross(self.up, self.outward), ..self.outward(below) }
    }
}

pub(crate) fn cross([ax, ay, az]: [f64; 3], [bx, by, bz]: [f64; 3]) -> [f64; 3] {
    [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx].map(|c| c + 0.0)
}

/// The piece that a modifier acts on: the one named by its choice `piece`, else that of the operation that it is placed on,
/// else the lid where the placement says the top of a box with a lid, else the first.
pub(crate) fn piece_index(choice: &str, operation: &Operation, body: &Body) -> Result<usize, Invalid> {
    match choice {
        "lid" => body
            .pieces
            .iter()
            .position(|p| p.name == "lid")
            .ok_or_else(|| Invalid::new("", "piece", "is the lid, and this part has none")),
        "body" => Ok(0),
        _ => {
            let placement = operation.placement.as_ref();
            if let Some(on) = placement.and_then(|p| p.on.as_ref()) {
                let holds = |piece: &Piece| piece.steps.iter().any(|step| step.operation == *on);
                return Ok(body.pieces.iter().position(holds).unwrap_or(0));
            }
            let on_top = placement.is_some_and(|p| p.face == Face::Top);
            Ok(if on_top { body.pieces.iter().position(|p| p.name == "lid").unwrap_or(0) } else { 0 })
        }
    }
}

/// Every place on piece `index` that the operation names; `reach` is how far its shape extends from the place, along u and v.
pub(crate) fn sites(operation: &Operation, body: &Body, index: usize, reach: [f64; 2]) -> Result<Vec<Site>, Invalid> {
    find(operation, body, index, Some(reach))
}

/// Like [`sites`], for shapes that may reach past the edge of the face.
pub(crate) fn planes(operation: &Operation, body: &Body, index: usize) -> Result<Vec<Site>, Invalid> {
    find(operation, body, index, None)
}

fn find(operation: &Operation, body: &Body, index: usize, reach: Option<[f64; 2]>) -> Result<Vec<Site>, Invalid> {
    let centred = Placement::new(Face::Top, Position::Centre);
    let placement = operation.placement.as_ref().unwrap_or(&centred);
    if let Some(on) = placement.on.as_ref().filter(|on| !is_first(on, body)) {
        return finite(ends::sites(on, placement, body, index, reach)?);
    }
    require(body.size.iter().all(|side| *side > 0.0), "placement", || {
        "names a face of an imported body whose size is not known; give its length, width and height".to_owned()
    })?;
    let side = !matches!(placement.face, Face::Top | Face::Bottom);
    let around = matches!(placement.position, Position::Around { .. });
    if body.round && (side || around) {
        return finite(round_side(placement, body, reach.unwrap_or_default())?);
    }
    require(!around, "placement", || "goes around a round body, and this one is not round; name a face".to_owned())?;
    finite(flat(placement, body, index, reach)?)
}

fn is_first(operation: &str, body: &Body) -> bool {
    body.pieces[0].steps.first().is_some_and(|step| step.operation == operation)
}

/// Numbers that are none come from bad input only; a kernel must never see them.
fn finite(sites: Vec<Site>) -> Result<Vec<Site>, Invalid> {
    let numbers = |site: &Site| site.point.iter().chain(&site.outward).all(|c| c.is_finite());
    require(sites.iter().all(numbers), "placement", || "is not a finite number".to_owned())?;
    Ok(sites)
}

fn flat(placement: &Placement, body: &Body, index: usize, reach: Option<[f64; 2]>) -> Result<Vec<Site>, Invalid> {
    let [l, w, h] = body.size;
    let (x, y, z) = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]);
    let negative = |v: [f64; 3]| v.map(|c: f64| 0.0 - c);
    let depth = |d: f64| body.hollow.map_or(d, |hollow| hollow.wall);
    // The top of what is open above is the floor inside; of what is open at both ends it is the rim.
    let floor = body.hollow.map(|hollow| hollow.floor).filter(|floor| *floor > 0.0);
    let roof = Some(body.roof).filter(|roof| body.hollow.is_some() && *roof > 0.0);
    let (level, below) = match (body.hollow, roof) {
        (Some(hollow), _) if index > 0 => (h, hollow.lid),
        (_, Some(roof)) => (h, roof),
        _ => floor.map_or((h, h), |floor| (floor, floor)),
    };
    // And the bottom of what is open below and closed above is its roof, from inside.
    let (under, above) = match (floor, roof) {
        (None, Some(roof)) => (h - roof, roof),
        _ => (0.0, floor.unwrap_or(h)),
    };
    let (centre, outward, u, v, face, thickness) = match placement.face {
        Face::Top => ([0.0, 0.0, level], z, x, y, [l, w], below),
        Face::Bottom => ([0.0, 0.0, under], negative(z), x, y, [l, w], above),
        Face::Front | Face::Side => ([0.0, -w / 2.0, h / 2.0], negative(y), x, z, [l, h], depth(w)),
        Face::Back => ([0.0, w / 2.0, h / 2.0], y, x, z, [l, h], depth(w)),
        Face::Left => ([-l / 2.0, 0.0, h / 2.0], negative(x), y, z, [w, h], depth(l)),
        Face::Right => ([l / 2.0, 0.0, h / 2.0], x, y, z, [w, h], depth(l)),
    };
    let middle = std::array::from_fn(|i| centre[i] + body.base[i]);
    let plane = Plane { middle, outward, u, v, size: face, round: body.round, thickness };
    plane.sites(&placement.position, reach)
}

/// A flat face and what lies behind it.
pub(super) struct Plane {
    pub(super) middle: [f64; 3],
    pub(super) outward: [f64; 3],
    pub(super) u: [f64; 3],
    pub(super) v: [f64; 3],
    pub(super) size: [f64; 2],
    pub(super) round: bool,
    pub(super) thickness: f64,
}

impl Plane {
    pub(super) fn sites(&self, position: &Position, reach: Option<[f64; 2]>) -> Result<Vec<Site>, Invalid> {
        let (face, thickness) = (self.size, self.thickness);
        let mut sites = Vec::new();
        for [a, b] in pattern(position, face, self.round)? {
            if let Some(reach) = reach {
                let inside = if self.round {
                    a.hypot(b) + reach[0].hypot(reach[1]) / std::f64::consts::SQRT_2 <= face[0] / 2.0 + 1e-6
                } else {
                    a.abs() + reach[0] <= face[0] / 2.0 + 1e-6 && b.abs() + reach[1] <= face[1] / 2.0 + 1e-6
                };
                require(inside, "placement", || {
                    let (w, h) = (mm(face[0]), mm(face[1]));
                    format!(
                        "puts it at {} and {} from the middle, past the edge of a face of {w} by {h}; move it inwards or make it smaller",
                        mm(a),
                        mm(b)
                    )
                })?;
            }
            let point = std::array::from_fn(|i| snap(self.middle[i] + a * self.u[i] + b * self.v[i]));
            sites.push(Site {
                point,
                outward: self.outward,
                along: self.u,
                up: self.v,
                thickness,
                through: thickness,
                face: Some(FlatFace { size: face, at: [a, b] }),
            });
        }
        Ok(sites)
    }
}

/// Offsets from the face's centre.
fn pattern(position: &Position, face: [f64; 2], disc: bool) -> Result<Vec<[f64; 2]>, Invalid> {
    let [w, h] = face;
    let row = |n: usize, pitch: f64, i: usize| pitch * (i as f64 - (n as f64 - 1.0) / 2.0);
    let no_corners =
        || require(!disc, "placement", || "names corners, and a round face has none; use a circle".to_owned());
    Ok(match position {
        Position::Centre => vec![[0.0, 0.0]],
        Position::Offset { u, v } => vec![[u.value, v.value]],
        Position::FromCorner { u, v } => {
            no_corners()?;
            vec![[u.value - w / 2.0, v.value - h / 2.0]]
        }
        Position::Corners { inset } => {
            no_corners()?;
            let (a, b) = (w / 2.0 - inset.value, h / 2.0 - inset.value);
            require(inset.value > 0.0 && a > 0.0 && b > 0.0, "placement", || {
                format!(
                    "has an inset of {}, more than half the face; use less than {}",
                    mm(inset.value),
                    mm(w.min(h) / 2.0)
                )
            })?;
            vec![[-a, -b], [a, -b], [a, b], [-a, b]]
        }
        Position::Grid { columns, rows, pitch_u, pitch_v } => {
            let (c, r) = (copies(columns, "columns")?, copies(rows, "rows")?);
            require(c * r <= 400, "placement", || format!("asks for {} places; at most 400", c * r))?;
            (0..c * r).map(|i| [row(c, pitch_u.value, i % c), row(r, pitch_v.value, i / c)]).collect()
        }
        Position::Circle { count, diameter, start } => {
            super::kit::on_circle(copies(count, "count")?, diameter.value, start.value)
        }
        Position::Row { count, pitch } => {
            let n = copies(count, "count")?;
            (0..n).map(|i| [row(n, pitch.value, i), 0.0]).collect()
        }
        Position::Anchored { u, v } => {
            for anchor in [u, v].into_iter().filter(|anchor| anchor.from != AnchorFrom::Centre) {
                require(!disc, "placement", || {
                    format!(
                        "measures {} from an edge, and a round face has none; measure from its middle",
                        mm(anchor.distance.value)
                    )
                })?;
            }
            vec![[anchored(u, w), anchored(v, h)]]
        }
        Position::Points { points } => {
            require((1..=MAX_PLACES).contains(&points.len()), "placement", || {
                format!("names {} points; use 1 to {MAX_PLACES}", points.len())
            })?;
            points.iter().map(|point| [point.x.value, point.y.value]).collect()
        }
        Position::Edge { edge, along, inset } => {
            require(!disc, "placement", || "names an edge, and a round face has no straight one".to_owned())?;
            require(inset.value >= 0.0, "placement", || {
                format!("has an inset of {}, outside the face; use 0 or more", mm(inset.value))
            })?;
            vec![match edge {
                FaceEdge::LowU => [inset.value - w / 2.0, along.value],
                FaceEdge::HighU => [w / 2.0 - inset.value, along.value],
                FaceEdge::LowV => [along.value, inset.value - h / 2.0],
                FaceEdge::HighV => [along.value, h / 2.0 - inset.value],
            }]
        }
        Position::Around { .. } => return Err(Invalid::new("", "placement", "goes around a round body; name a face")),
    })
}

/// Offset from the middle of an axis of this length.
fn anchored(anchor: &Anchor, length: f64) -> f64 {
    match anchor.from {
        AnchorFrom::Low => anchor.distance.value - length / 2.0,
        AnchorFrom::High => length / 2.0 - anchor.distance.value,
        AnchorFrom::Centre => anchor.distance.value,
    }
}

/// Places on the curved side, as angles and heights. Offsets along the side are arc lengths.
fn round_side(placement: &Placement, body: &Body, reach: [f64; 2]) -> Result<Vec<Site>, Invalid> {
    let height = body.size[2];
    let middle = height / 2.0;
    let facing: f64 = match placement.face {
        Face::Back => 90.0,
        Face::Left => 180.0,
        Face::Right => 0.0,
        _ => 270.0,
    };
    let turned = |arc: f64, z: f64| facing + (arc / body.radius_at(z)).to_degrees();
    let places: Vec<(f64, f64)> = match &placement.position {
        Position::Centre => vec![(facing, middle)],
        Position::Around { angle, height } => vec![(angle.value, height.value)],
        Position::Offset { u, v } => vec![(turned(u.value, middle + v.value), middle + v.value)],
        Position::FromCorner { v, .. } => vec![(facing, v.value)],
        Position::Corners { .. } => {
            return Err(Invalid::new(
                "",
                "placement",
                "names corners, and a round side has none; say at which height and angle",
            ));
        }
        // Offsets along the side are arc lengths; up it, heights.
        Position::Anchored { u, v } => {
            require(u.from == AnchorFrom::Centre, "placement", || {
                "measures from an edge along a round side, which has none there; say at which angle".to_owned()
            })?;
            let z = middle + anchored(v, height);
            vec![(turned(u.distance.value, z), z)]
        }
        Position::Points { points } => {
            require((1..=MAX_PLACES).contains(&points.len()), "placement", || {
                format!("names {} points; use 1 to {MAX_PLACES}", points.len())
            })?;
            points.iter().map(|p| (turned(p.x.value, middle + p.y.value), middle + p.y.value)).collect()
        }
        Position::Edge { edge, along, inset } => {
            let z = match edge {
                FaceEdge::LowV => inset.value,
                FaceEdge::HighV => height - inset.value,
                _ => {
                    return Err(Invalid::new(
                        "",
                        "placement",
                        "names an upright edge of a round side, which has none; name its top or bottom edge",
                    ));
                }
            };
            vec![(turned(along.value, z), z)]
        }
        Position::Circle { count, start, .. } => {
            let n = copies(count, "count")?;
            (0..n).map(|i| (start.value + 360.0 * i as f64 / n as f64, middle)).collect()
        }
        Position::Row { count, pitch } => {
            let n = copies(count, "count")?;
            (0..n).map(|i| (turned(pitch.value * (i as f64 - (n as f64 - 1.0) / 2.0), middle), middle)).collect()
        }
        Position::Grid { columns, rows, pitch_u, pitch_v } => {
            let (c, r) = (copies(columns, "columns")?, copies(rows, "rows")?);
            require(c * r <= 400, "placement", || format!("asks for {} places; at most 400", c * r))?;
            let at = |n: usize, pitch: f64, i: usize| pitch * (i as f64 - (n as f64 - 1.0) / 2.0);
            (0..c * r)
                .map(|i| (at(c, pitch_u.value, i % c), middle + at(r, pitch_v.value, i / c)))
                .map(|(arc, z)| (turned(arc, z), z))
                .collect()
        }
    };
    let mut sites = Vec::new();
    for (angle, z) in places {
        require(z - reach[1] >= -1e-6 && z + reach[1] <= height + 1e-6, "placement", || {
            format!(
                "puts it {} above the base, past the end of a body {} high; keep it at least {} from both ends",
                mm(z),
                mm(height),
                mm(reach[1])
            )
        })?;
        let radius = body.radius_at(z);
        require(reach[0] < radius, "diameter", || format!("is wider than the body there, {}", mm(2.0 * radius)))?;
        let (sin, cos) = angle.to_radians().sin_cos();
        let outward = [clean(cos), clean(sin), 0.0];
        let thickness = body.hollow.map_or(2.0 * radius, |hollow| hollow.wall);
        let through = body.hollow.map_or(2.0 * radius, |hollow| {
            // Level thickness of a sloping wall, the slope across the shape, and the inside's curvature.
            let slope = body.slope_at(z).abs();
            let inside = (radius - hollow.wall).max(0.1);
            let curve = inside - (inside * inside - reach[0] * reach[0]).max(0.0).sqrt();
            (1.2 * (hollow.wall * slope.hypot(1.0) + slope * reach[1] + curve) + 0.5).min(radius)
        });
        sites.push(Site {
            point: [
                snap(body.base[0] + radius * outward[0]),
                snap(body.base[1] + radius * outward[1]),
                snap(body.base[2] + z),
            ],
            outward,
            along: [0.0 - outward[1], outward[0], 0.0],
            up: [0.0, 0.0, 1.0],
            thickness,
            through,
            face: None,
        });
    }
    Ok(sites)
}

/// Exact zeros for the four main directions.
fn clean(value: f64) -> f64 {
    if value.abs() < 1e-12 { 0.0 } else { value }
}

fn copies(count: &Quantity, what: &str) -> Result<usize, Invalid> {
    let n = count.value;
    require(n.fract() == 0.0 && (1.0..=400.0).contains(&n), "placement", || {
        format!("has {n} {what}; use a whole number from 1 to 400")
    })?;
    Ok(n as usize)
}
