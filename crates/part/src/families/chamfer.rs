//! Bevelled edges.

use super::{
    fillet::{EDGES, OF, before_text, selected, small_enough, turning_tools},
    kit::*,
};
use crate::{
    Invalid, Operation,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Action, Body},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "chamfer",
    role: Role::Modifier,
    meaning: "Bevels edges at 45 degrees: the vertical ones, an outline of the body, those along an axis, or those where an earlier operation meets the rest (of).",
    parameters: &[length("distance", Default::Value(1.0), (0.05, 500.0), "how far from the edge the bevel starts")],
    choices: &[Choice { name: "edges", options: EDGES, default: Some("top") }, OF],
    size_order: &["distance"],
    build: Build::Modifier(build),
};

fn build(v: &Values, operation: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let distance = v.get("distance");
    let edges = selected(v, operation, body)?;
    small_enough(&edges, distance, "distance", body)?;
    match turning_tools(body, &edges, distance, false) {
        Some(tools) => body.pieces[0].steps.extend(tools),
        None => before_text(body, Action::Chamfer { edges, distance }),
    }
    Ok(())
}
