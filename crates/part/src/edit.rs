//! Edits: the only way in which a part changes. Both conversation engines emit them; applying one either gives a new
//! part or says why not, and never touches a path that the edit does not name.

use serde::{Deserialize, Serialize};

use crate::{
    Colour, Expression, ExpressionError, Fit, Material, Operation, OperationId, Part, Path, Placement, Quantity,
    Sketch, Variable, catalogue, expression,
};

/// A change to a part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "edit")]
pub enum Edit {
    /// Appends an operation.
    Add {
        operation: Operation,
    },
    /// Puts an operation next to another one.
    Insert {
        operation: Operation,
        side: Beside,
        of: OperationId,
    },
    /// Refused while another operation stands on it, repeats it or takes a value from it.
    Remove {
        operation: OperationId,
    },
    /// A said value takes the place of an expression for the same parameter.
    SetParameter {
        operation: OperationId,
        parameter: String,
        value: Quantity,
    },
    /// Returns a parameter to its default; an expression for it goes too.
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
    /// Lets a parameter follow from a formula, which wins over a value said for it before. It may also be the path of a value
    /// of a sketch, a path or the placement that is there, such as `sketches[0].outline.width` or `placement.u`.
    SetExpression {
        operation: OperationId,
        parameter: String,
        expression: String,
    },
    /// Returns a parameter to the value said before, or to its default.
    ClearExpression {
        operation: OperationId,
        parameter: String,
    },
    /// Replaces one sketch, or appends one when `index` is their number.
    SetSketch {
        operation: OperationId,
        index: usize,
        sketch: Sketch,
    },
    SetSketches {
        operation: OperationId,
        sketches: Vec<Sketch>,
    },
    SetPath {
        operation: OperationId,
        path: Option<Path>,
    },
    SetVariable {
        name: String,
        variable: Variable,
    },
    /// Refused while a formula uses it.
    ClearVariable {
        name: String,
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

/// Which side of another operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beside {
    Before,
    After,
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
    /// `at` is the variable or `operation.parameter` that the formula is for.
    #[error("the formula for {at} {error}")]
    Expression { at: String, error: ExpressionError },
    #[error("'{operation}' is still needed by '{by}'; change or remove that first")]
    StillNeeded { operation: String, by: String },
    #[error("there is no variable '{0}' in this part")]
    UnknownVariable(String),
    #[error("{0}")]
    VariableName(String),
    #[error("a part holds at most {MAX_VARIABLES} variables")]
    TooManyVariables,
    #[error("{kind} takes {takes}, not {given} sketches")]
    Sketches { kind: String, takes: String, given: usize },
    #[error("{operation} has {count} sketches; there is no sketch {index}")]
    NoSuchSketch { operation: String, index: usize, count: usize },
    #[error("{kind} follows no path")]
    NoPath { kind: String },
    #[error("{operation}: {what} {count}, more than {most}")]
    TooMuch { operation: String, what: &'static str, count: usize, most: usize },
}

/// Bounds what one request can make the kernel do.
pub const MAX_OPERATIONS: usize = 200;
/// Most variables of a part.
pub const MAX_VARIABLES: usize = 100;

impl Part {
    pub fn apply(&self, edit: &Edit) -> Result<Part, EditError> {
        let mut part = self.clone();
        match edit {
            Edit::Add { operation } => {
                part.room_for(operation)?;
                part.features.push(operation.clone());
                part.check_formulas()?;
            }
            Edit::Insert { operation, side, of } => {
                part.room_for(operation)?;
                let at = part.features.iter().position(|o| o.id == *of);
                let at = at.ok_or_else(|| EditError::UnknownOperation(of.clone()))?;
                part.features.insert(at + usize::from(*side == Beside::After), operation.clone());
                part.check_formulas()?;
            }
            Edit::Remove { operation } => {
                find_operation(&mut part, operation)?;
                if let Some(by) = part.needs(operation) {
                    return Err(EditError::StillNeeded { operation: operation.clone(), by });
                }
                part.features.retain(|o| o.id != *operation);
            }
            Edit::SetParameter { operation, parameter, value } => {
                let operation = find_operation(&mut part, operation)?;
                known_parameter(find_kind(&operation.kind)?, parameter)?;
                operation.parameters.insert(parameter.clone(), value.clone());
                operation.expressions.remove(parameter);
            }
            Edit::ClearParameter { operation, parameter } => {
                let operation = find_operation(&mut part, operation)?;
                known_parameter(find_kind(&operation.kind)?, parameter)?;
                operation.parameters.remove(parameter);
                operation.expressions.remove(parameter);
            }
            Edit::SetExpression { operation, parameter, expression } => {
                let operation = find_operation(&mut part, operation)?;
                operation.expressions.insert(parameter.clone(), expression.clone());
                operation.check()?;
                part.check_formulas()?;
            }
            Edit::ClearExpression { operation, parameter } => {
                let operation = find_operation(&mut part, operation)?;
                if operation.expressions.remove(parameter).is_none() {
                    known_parameter(find_kind(&operation.kind)?, parameter)?;
                }
                part.check_formulas()?;
            }
            Edit::SetSketch { operation, index, sketch } => {
                let operation = find_operation(&mut part, operation)?;
                let count = operation.sketches.len();
                match operation.sketches.get_mut(*index) {
                    Some(place) => *place = sketch.clone(),
                    None if *index == count => operation.sketches.push(sketch.clone()),
                    None => {
                        return Err(EditError::NoSuchSketch { operation: operation.id.clone(), index: *index, count });
                    }
                }
                operation.check()?;
            }
            Edit::SetSketches { operation, sketches } => {
                let operation = find_operation(&mut part, operation)?;
                operation.sketches.clone_from(sketches);
                operation.check()?;
            }
            Edit::SetPath { operation, path } => {
                let operation = find_operation(&mut part, operation)?;
                operation.path.clone_from(path);
                operation.check()?;
            }
            Edit::SetVariable { name, variable } => {
                if let Some(why) = expression::name_error(name) {
                    return Err(EditError::VariableName(why));
                }
                part.variables.insert(name.clone(), variable.clone());
                if part.variables.len() > MAX_VARIABLES {
                    return Err(EditError::TooManyVariables);
                }
                part.check_formulas()?;
            }
            Edit::ClearVariable { name } => {
                if part.variables.remove(name).is_none() {
                    return Err(EditError::UnknownVariable(name.clone()));
                }
                part.check_formulas()?;
            }
            Edit::SetChoice { operation, choice, value } => {
                let operation = find_operation(&mut part, operation)?;
                known_choice(find_kind(&operation.kind)?, choice)?;
                operation.choices.insert(choice.clone(), value.clone());
            }
            Edit::Place { operation, placement } => {
                let operation = find_operation(&mut part, operation)?;
                operation.placement = Some(placement.clone());
                operation.check()?;
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

    /// A part that somebody else put together, checked as if edit by edit.
    pub fn checked(self) -> Result<Part, EditError> {
        let whole = Part { features: Vec::with_capacity(self.features.len()), ..self };
        if whole.variables.len() > MAX_VARIABLES {
            return Err(EditError::TooManyVariables);
        }
        if let Some(why) = whole.variables.keys().find_map(|name| expression::name_error(name)) {
            return Err(EditError::VariableName(why));
        }
        let whole = self.features.into_iter().try_fold(whole, |mut whole, operation| {
            whole.room_for(&operation)?;
            whole.features.push(operation);
            Ok(whole)
        })?;
        let whole = whole.apply(&Edit::SetQuantity { quantity: whole.quantity })?;
        whole.check_formulas()?;
        Ok(whole)
    }

    fn room_for(&self, operation: &Operation) -> Result<(), EditError> {
        if self.features.len() >= MAX_OPERATIONS {
            return Err(EditError::TooManyOperations);
        }
        if self.operation(&operation.id).is_some() {
            return Err(EditError::DuplicateOperation(operation.id.clone()));
        }
        operation.check()
    }

    fn check_formulas(&self) -> Result<(), EditError> {
        expression::check(self).map_err(|(at, error)| EditError::Expression { at, error })
    }

    /// Who needs this operation: what stands on it, repeats it, blends its seam or computes with its values.
    fn needs(&self, id: &str) -> Option<String> {
        let uses = |text: &str| {
            let names = Expression::parse(text).ok();
            let names = names.iter().flat_map(Expression::names);
            names
                .into_iter()
                .any(|name| matches!(name, expression::Name::Parameter { operation, .. } if operation == id))
        };
        let operations = self.features.iter().filter(|operation| operation.id != id);
        let by = operations
            .filter(|operation| {
                let on = operation.placement.as_ref().and_then(|placement| placement.on.as_deref());
                on == Some(id)
                    || operation.choices.get("of").is_some_and(|of| of == id)
                    || operation.expressions.values().any(|text| uses(text))
            })
            .map(|operation| operation.id.clone());
        let variables = self.variables.iter().filter(|(_, variable)| match variable {
            Variable::Expression(text) => uses(text),
            Variable::Value(_) => false,
        });
        by.chain(variables.map(|(name, _)| name.clone())).next()
    }
}

impl Operation {
    /// Its kind, its names and how much it holds; values are checked when the part is lowered.
    pub fn check(&self) -> Result<(), EditError> {
        let kind = find_kind(&self.kind)?;
        for name in self.parameters.keys() {
            known_parameter(kind, name)?;
        }
        for name in self.expressions.keys().filter(|name| !self.has_value(name)) {
            known_parameter(kind, name)?;
        }
        for name in self.choices.keys() {
            known_choice(kind, name)?;
        }
        let (least, most) = kind.sketches();
        let given = self.sketches.len();
        if given > most {
            let takes = if least == most { least.to_string() } else { format!("{least} to {most}") };
            return Err(EditError::Sketches { kind: self.kind.clone(), takes, given });
        }
        if self.path.is_some() && !kind.takes_path() {
            return Err(EditError::NoPath { kind: self.kind.clone() });
        }
        let held = self.sketches.iter().filter_map(Sketch::too_much);
        let held = held.chain(self.path.as_ref().and_then(Path::too_much));
        let points = self.placement.as_ref().and_then(Placement::too_much);
        match held.chain(points).next() {
            Some((what, count, most)) => Err(EditError::TooMuch { operation: self.id.clone(), what, count, most }),
            None => Ok(()),
        }
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
