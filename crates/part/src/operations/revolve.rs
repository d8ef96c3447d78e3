//! A sketch turned about an axis: its x is the radius, its y runs along the axis.

use super::{
    MODE, PIECE, draw, extent,
    sketched::{self, Mode},
};
use crate::{
    Invalid, Operation,
    catalogue::{Build, Default, Definition, Role, Values},
    families::{
        kit::{angle, mm, require, snap},
        place,
    },
    region::{self, Point2},
    solid::{Body, Frame, Profile, Shape, Solid},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "revolve",
    role: Role::Either,
    meaning: "Turns a sketch about an axis, x being the radius and y the height: about Z when it comes first, else about the axis square to a face, y outwards (add) or inwards (cut).",
    parameters: &[angle("angle", Default::Value(360.0), (1.0, 360.0), "how far it is turned; 360 is all round")],
    choices: &[MODE, PIECE],
    size_order: &[],
    build: Build::Either(build),
};

fn build(v: &Values, operation: &Operation, body: Option<&mut Body>) -> Result<Option<Body>, Invalid> {
    let profile = draw::unmoved(draw::only_region(operation)?, "sketches[0]")?;
    let angle = v.get("angle");
    let [low, high] = region::bounds(&profile.outer);
    require(low[0] > -1e-6, "sketches[0].outline", || {
        format!("reaches {} across the axis it turns about; keep x at 0 or more", mm(-low[0]))
    })?;
    let shape = Shape::Revolution { profile: profile.clone(), angle };
    let Some(body) = body else {
        sketched::comes_first(v, operation)?;
        let [from, to] = extent::turned([low[0].max(0.0), high[0]], angle);
        let solid = Solid { shape, frame: Frame::WORLD };
        let mut body = sketched::body_of("revolve", solid, [[from[0], from[1], low[1]], [to[0], to[1], high[1]]]);
        if angle == 360.0 {
            (body.round, body.side) = (true, side(&profile, low[1], high[1]));
        }
        return Ok(Some(body));
    };
    let mode = sketched::mode(v);
    let index = place::piece_index(v.choice("piece"), operation, body)?;
    let sites = place::planes(operation, body, index)?;
    sketched::one_place(mode, &sites)?;
    for site in &sites {
        sketched::on_face(site, extent::turned([low[0].max(0.0), high[0]], angle))?;
        let frame = match mode {
            Mode::Add => site.drawing(0.0),
            // Seen from outside it turns counter-clockwise from +x all the same.
            _ => sketched::into(site, 0.0),
        };
        let frame = if mode == Mode::Add { frame } else { draw::moved(frame, [0.0; 2], 0.0 - angle) };
        sketched::apply(mode, body, index, Solid { shape: shape.clone(), frame })?;
    }
    Ok(None)
}

/// Outer radius by height above the lowest point: at every corner of the outline and 32 levels between.
fn side(profile: &Profile, low: f64, high: f64) -> Vec<Point2> {
    let ring = region::flatten(&profile.outer);
    let mut levels: Vec<f64> = ring.iter().map(|p| p[1]).collect();
    levels.extend((0..=32).map(|i| low + (high - low) * f64::from(i) / 32.0));
    levels.sort_by(f64::total_cmp);
    levels.dedup_by(|a, b| (*a - *b).abs() < 1e-6);
    let radius = |z: f64| {
        let next = ring.iter().cycle().skip(1);
        let crossings = ring.iter().zip(next).filter_map(|(a, b)| {
            let (low, high) = (a[1].min(b[1]), a[1].max(b[1]));
            let level = high - low < 1e-9;
            (z >= low - 1e-9 && z <= high + 1e-9)
                .then(|| if level { a[0].max(b[0]) } else { a[0] + (b[0] - a[0]) * (z - a[1]) / (b[1] - a[1]) })
        });
        crossings.fold(0.0, f64::max)
    };
    let side: Vec<_> = levels.into_iter().map(|z| [snap(radius(z)), snap(z - low)]).collect();
    // A plain cylinder needs none.
    if side.iter().all(|p| (p[0] - side[0][0]).abs() < 1e-6) { Vec::new() } else { side }
}
