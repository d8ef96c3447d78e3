//! From a feature history to solid-modelling steps: resolve each operation's numbers, let its definition build.

use crate::{Part, catalogue, catalogue::Build, expression, solid::Body};

/// Why a part cannot be built as specified: which operation, which parameter, what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {parameter} {why}")]
pub struct Invalid {
    pub operation: String,
    pub parameter: String,
    pub why: String,
}

impl Invalid {
    pub fn new(operation: impl Into<String>, parameter: impl Into<String>, why: impl Into<String>) -> Self {
        Invalid { operation: operation.into(), parameter: parameter.into(), why: why.into() }
    }
}

/// Lowers the whole history, its expressions evaluated. The first operation makes the body, the rest change it.
pub fn lower(part: &Part) -> Result<Body, Invalid> {
    let mut body: Option<Body> = None;
    let part = &expression::evaluated(part)?;
    for operation in &part.features {
        let definition = catalogue::find(&operation.kind).ok_or_else(|| {
            Invalid::new(&operation.id, "kind", format!("'{}' is not in the catalogue", operation.kind))
        })?;
        let values = definition.resolve(operation, part.fit)?;
        if definition.sketches() == (0, 0) && !operation.sketches.is_empty() {
            return Err(Invalid::new(&operation.id, "sketches", format!("do not go with {}", operation.kind)));
        }
        if !definition.takes_path() && operation.path.is_some() {
            return Err(Invalid::new(&operation.id, "path", format!("does not go with {}", operation.kind)));
        }
        let named = |invalid: Invalid| Invalid { operation: operation.id.clone(), ..invalid };
        match (&definition.build, &mut body) {
            (Build::Body(build), None) => body = Some(build(&values).map_err(named)?),
            (Build::Body(_), Some(_)) => {
                return Err(Invalid::new(&operation.id, "kind", "makes a second body; a part has one"));
            }
            (Build::Modifier(build), Some(body)) => build(&values, operation, body).map_err(named)?,
            (Build::Either(build), body) => {
                if let Some(made) = build(&values, operation, body.as_mut()).map_err(named)? {
                    *body = Some(made);
                }
            }
            (Build::Modifier(_), None) => {
                return Err(Invalid::new(&operation.id, "kind", "changes a body, and there is none before it"));
            }
        }
        // Definitions do not know the id that they are built under.
        let steps = body.iter_mut().flat_map(|body| &mut body.pieces).flat_map(|piece| &mut piece.steps);
        for step in steps.filter(|step| step.operation.is_empty()) {
            step.operation.clone_from(&operation.id);
        }
    }
    body.ok_or_else(|| Invalid::new("part", "features", "is empty: say what to make"))
}
