//! The four kinds that are a ring of rectangular section: tube, spacer, washer and ring differ in names and defaults.

use super::kit::*;
use crate::{
    Invalid,
    solid::{Body, Hollow},
};

/// An upright ring; `bore` names the parameter that a refusal talks about.
pub(crate) fn ring_body(name: &str, outer: f64, inner: f64, height: f64, bore: &str) -> Result<Body, Invalid> {
    require(inner < outer - 0.2, bore, || {
        format!("of {} does not fit in the outer diameter of {}; use less", mm(inner), mm(outer))
    })?;
    let steps = vec![add(extrude(circle([0.0; 2], outer), vec![circle([0.0; 2], inner)], 0.0, height))];
    let mut body = Body::single(name, [outer, outer, height], steps);
    body.round = true;
    body.hollow = Some(Hollow { wall: (outer - inner) / 2.0, floor: 0.0, lid: 0.0 });
    Ok(body)
}
