//! Bevelled edges.

use super::{
    fillet::{before_text, edges, small_enough, turning_tools},
    kit::*,
};
use crate::{
    Invalid, Operation,
    catalogue::{Build, Choice, Default, Definition, Role, Values},
    solid::{Action, Body, Edges},
};

pub(crate) static DEFINITION: Definition = Definition {
    kind: "chamfer",
    role: Role::Modifier,
    meaning: "Bevels the vertical, top, bottom or all outer edges at 45 degrees.",
    parameters: &[length("distance", Default::Value(1.0), (0.05, 500.0), "how far from the edge the bevel starts")],
    choices: &[Choice { name: "edges", options: &["vertical", "top", "bottom", "all"], default: Some("top") }],
    size_order: &["distance"],
    build: Build::Modifier(build),
};

fn build(v: &Values, _: &Operation, body: &mut Body) -> Result<(), Invalid> {
    let distance = v.get("distance");
    let edges = edges(v.choice("edges"));
    small_enough(&edges, distance, "distance", body)?;
    require(!(edges == Edges::Vertical && body.round), "edges", || {
        "names vertical edges, and a round body has none; use top or bottom".to_owned()
    })?;
    match turning_tools(body, &edges, distance, false) {
        Some(tools) => body.pieces[0].steps.extend(tools),
        None => before_text(body, Action::Chamfer { edges, distance }),
    }
    Ok(())
}
