//! Edits: the only way in which a part changes. Both conversation engines emit them; applying one either gives a new
//! part or says why not, and never touches a path that the edit does not name.

use serde::{Deserialize, Serialize};

use crate::{Colour, Fit, Material, Operation, OperationId, Part, Placement, Quantity, catalogue};

/// A change to a part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "edit")]
pub enum Edit {
    /// Appends an operation.
    Add {
        operation: Operation,
    },
    Remove {
        operation: OperationId,
    },
    SetParameter {
        operation: OperationId,
        parameter: String,
        value: Quantity,
    },
    /// Returns a parameter to its default.
    ClearParameter {
        operation: OperationId,
        parameter: String,
    },
    SetChoice {
        operation: OperationId,
        choice: String,
        value: String,
    },
    Place {
        operation: OperationId,
        placement: Placement,
    },
    SetMaterial {
        material: Option<Material>,
    },
    SetColour {
        colour: Option<Colour>,
    },
    SetQuantity {
        quantity: u32,
    },
    SetFit {
        fit: Option<Fit>,
    },
    /// Drops every operation and starts with an empty part.
    StartOver,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    #[error("there is no operation '{0}' in this part")]
    UnknownOperation(String),
    #[error("an operation '{0}' exists already")]
    DuplicateOperation(String),
    #[error("there is no kind of operation '{0}'")]
    UnknownKind(String),
    #[error("{kind} has no {what} '{name}'")]
    UnknownName { kind: String, what: &'static str, name: String },
    #[error("a part holds at most {MAX_OPERATIONS} operations")]
    TooManyOperations,
    #[error("the quantity is {0}, outside 1 to 1000")]
    QuantityOutOfRange(u32),
}

/// Bounds what one request can make the kernel do.
pub const MAX_OPERATIONS: usize = 200;

impl Part {
    pub fn apply(&self, edit: &Edit) -> Result<Part, EditError> {
        let mut part = self.clone();
        match edit {
            Edit::Add { operation } => {
                if part.features.len() >= MAX_OPERATIONS {
                    return Err(EditError::TooManyOperations);
                }
                if part.operation(&operation.id).is_some() {
                    return Err(EditError::DuplicateOperation(operation.id.clone()));
                }
                let kind = find_kind(&operation.kind)?;
                for name in operation.parameters.keys() {
                    known_parameter(kind, name)?;
                }
                for name in operation.choices.keys() {
                    known_choice(kind, name)?;
                }
                part.features.push(operation.clone());
            }
            Edit::Remove { operation } => {
                find_operation(&mut part, operation)?;
                part.features.retain(|o| o.id != *operation);
            }
            Edit::SetParameter { operation, parameter, value } => {
                let operation = find_operation(&mut part, operation)?;
                known_parameter(find_kind(&operation.kind)?, parameter)?;
                operation.parameters.insert(parameter.clone(), value.clone());
            }
            Edit::ClearParameter { operation, parameter } => {
                let operation = find_operation(&mut part, operation)?;
                known_parameter(find_kind(&operation.kind)?, parameter)?;
                operation.parameters.remove(parameter);
            }
            Edit::SetChoice { operation, choice, value } => {
                let operation = find_operation(&mut part, operation)?;
                known_choice(find_kind(&operation.kind)?, choice)?;
                operation.choices.insert(choice.clone(), value.clone());
            }
            Edit::Place { operation, placement } => {
                find_operation(&mut part, operation)?.placement = Some(placement.clone());
            }
            Edit::SetMaterial { material } => part.material = *material,
            Edit::SetColour { colour } => part.colour = colour.clone(),
            Edit::SetQuantity { quantity } => {
                if !(1..=1000).contains(quantity) {
                    return Err(EditError::QuantityOutOfRange(*quantity));
                }
                part.quantity = *quantity;
            }
            Edit::SetFit { fit } => part.fit = *fit,
            Edit::StartOver => part = Part::default(),
        }
        Ok(part)
    }

    pub fn apply_all(&self, edits: &[Edit]) -> Result<Part, EditError> {
        edits.iter().try_fold(self.clone(), |part, edit| part.apply(edit))
    }
}

fn find_operation<'a>(part: &'a mut Part, id: &str) -> Result<&'a mut Operation, EditError> {
    part.features.iter_mut().find(|o| o.id == id).ok_or_else(|| EditError::UnknownOperation(id.to_owned()))
}

fn find_kind(kind: &str) -> Result<&'static catalogue::Definition, EditError> {
    catalogue::find(kind).ok_or_else(|| EditError::UnknownKind(kind.to_owned()))
}

fn known_parameter(definition: &catalogue::Definition, name: &str) -> Result<(), EditError> {
    if definition.parameter(name).is_some() {
        return Ok(());
    }
    Err(EditError::UnknownName { kind: definition.kind.to_owned(), what: "parameter", name: name.to_owned() })
}

fn known_choice(definition: &catalogue::Definition, name: &str) -> Result<(), EditError> {
    if definition.choices.iter().any(|choice| choice.name == name) {
        return Ok(());
    }
    Err(EditError::UnknownName { kind: definition.kind.to_owned(), what: "choice", name: name.to_owned() })
}
