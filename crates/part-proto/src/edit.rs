//! From an edit to its protobuf form; cannot fail.

use part::{Beside, Edit};
use proto::pot::part::v1::{self as pb, edit::Edit as E};

use crate::{
    sketch::{path_to_proto, sketch_to_proto},
    to_proto::{operation, placement, quantity, variable},
};

pub fn edit_to_proto(edit: &Edit) -> pb::Edit {
    let path = |operation: &String, parameter: &String| pb::ParameterPath {
        operation: operation.clone(),
        parameter: parameter.clone(),
    };
    let edit = match edit {
        Edit::Add { operation: added } => E::Add(operation(added)),
        Edit::Insert { operation: added, side, of } => {
            E::Insert(pb::Insert { operation: Some(operation(added)), of: of.clone(), after: *side == Beside::After })
        }
        Edit::Remove { operation } => E::Remove(operation.clone()),
        Edit::SetParameter { operation, parameter, value } => E::SetParameter(pb::SetParameter {
            operation: operation.clone(),
            parameter: parameter.clone(),
            value: Some(quantity(value)),
        }),
        Edit::ClearParameter { operation, parameter } => E::ClearParameter(path(operation, parameter)),
        Edit::SetChoice { operation, choice, value } => {
            E::SetChoice(pb::SetChoice { operation: operation.clone(), choice: choice.clone(), value: value.clone() })
        }
        Edit::Place { operation, placement: place } => {
            E::Place(pb::Place { operation: operation.clone(), placement: Some(placement(place)) })
        }
        Edit::SetExpression { operation, parameter, expression } => E::SetExpression(pb::SetExpression {
            operation: operation.clone(),
            parameter: parameter.clone(),
            expression: expression.clone(),
        }),
        Edit::ClearExpression { operation, parameter } => E::ClearExpression(path(operation, parameter)),
        Edit::SetSketch { operation, index, sketch } => E::SetSketch(pb::SetSketch {
            operation: operation.clone(),
            index: *index as u32,
            sketch: Some(sketch_to_proto(sketch)),
        }),
        Edit::SetSketches { operation, sketches } => E::SetSketches(pb::SetSketches {
            operation: operation.clone(),
            sketches: sketches.iter().map(sketch_to_proto).collect(),
        }),
        Edit::SetPath { operation, path } => {
            E::SetPath(pb::SetPath { operation: operation.clone(), path: path.as_ref().map(path_to_proto) })
        }
        Edit::SetVariable { name, variable: value } => {
            E::SetVariable(pb::SetVariable { name: name.clone(), variable: Some(variable(value)) })
        }
        Edit::ClearVariable { name } => E::ClearVariable(name.clone()),
        Edit::SetMaterial { material } => E::SetMaterial(material.map(|m| m.to_string()).unwrap_or_default()),
        Edit::SetColour { colour } => E::SetColour(colour.as_ref().map(|c| c.as_str().to_owned()).unwrap_or_default()),
        Edit::SetQuantity { quantity } => E::SetQuantity(*quantity),
        Edit::SetFit { fit } => E::SetFit(fit.map(|f| f.to_string()).unwrap_or_default()),
        Edit::StartOver => E::StartOver(pb::StartOver {}),
    };
    pb::Edit { edit: Some(edit) }
}
