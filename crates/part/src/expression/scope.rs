//! What the names in a part's formulas stand for.

use std::collections::BTreeMap;

use super::{Expression, ExpressionError, MAX_CHAIN, Name, is_variable_name};
use crate::{
    Fit, Invalid, Operation, Part, Quantity, Variable,
    catalogue::{self, Default, Definition, Values},
};

/// The part with every parameter, and every value of a sketch, a path or a placement, that has an expression set to what
/// it comes to, derived by that expression. Refuses what cannot be evaluated, unused variables included.
pub fn evaluated(part: &Part) -> Result<Part, Invalid> {
    let mut evaluated = part.clone();
    if part.variables.is_empty() && part.features.iter().all(|operation| operation.expressions.is_empty()) {
        return Ok(evaluated);
    }
    let mut scope = Scope::new(part);
    for name in part.variables.keys() {
        scope
            .value(&Name::Variable(name.clone()))
            .map_err(|error| Invalid::new("part", format!("variables.{name}"), error.to_string()))?;
    }
    for operation in &mut evaluated.features {
        for (parameter, text) in operation.expressions.clone() {
            let invalid = |why: String| Invalid::new(&operation.id, &parameter, format!("'{text}' {why}"));
            let name = Name::Parameter { operation: operation.id.clone(), parameter: parameter.clone() };
            let value = scope.value(&name).map_err(|error| invalid(error.to_string()))?;
            let value = Quantity::derived(value, &text);
            let known = catalogue::find(&operation.kind).is_some_and(|kind| kind.parameter(&parameter).is_some());
            if known {
                operation.parameters.insert(parameter, value);
                continue;
            }
            match operation.value_mut(&parameter) {
                Some(place) => *place = value,
                None => {
                    return Err(Invalid::new(&operation.id, parameter, format!("'{text}' stands for no value here")));
                }
            }
        }
    }
    Ok(evaluated)
}

/// Why a name cannot be that of a variable.
pub(crate) fn name_error(name: &str) -> Option<String> {
    (!is_variable_name(name)).then(|| {
        format!("'{name}' is no name for a variable; use up to 40 letters, digits and _, not starting with a digit")
    })
}

/// Every formula of the part can be read, names what exists and does not go round in a circle. Returns where it does not.
pub(crate) fn check(part: &Part) -> Result<(), (String, ExpressionError)> {
    let mut scope = Scope::new(part);
    let variables = part.variables.iter().filter(|(_, v)| matches!(v, Variable::Expression(_)));
    let variables = variables.map(|(name, _)| Name::Variable(name.clone()));
    let parameters = part.features.iter().flat_map(|operation| {
        operation
            .expressions
            .keys()
            .map(|parameter| Name::Parameter { operation: operation.id.clone(), parameter: parameter.clone() })
    });
    for name in variables.chain(parameters) {
        match scope.value(&name) {
            // What a value comes to is checked when the part is lowered, like every other number.
            Ok(_)
            | Err(ExpressionError::DivisionByZero | ExpressionError::NotFinite | ExpressionError::NoValue { .. }) => {}
            Err(error) => return Err((name.to_string(), error)),
        }
        scope.visiting.clear();
    }
    Ok(())
}

struct Scope<'a> {
    part: &'a Part,
    done: BTreeMap<Name, f64>,
    visiting: Vec<Name>,
}

impl<'a> Scope<'a> {
    fn new(part: &'a Part) -> Scope<'a> {
        Scope { part, done: BTreeMap::new(), visiting: Vec::new() }
    }

    fn value(&mut self, name: &Name) -> Result<f64, ExpressionError> {
        if let Some(value) = self.done.get(name) {
            return Ok(*value);
        }
        if let Some(start) = self.visiting.iter().position(|visited| visited == name) {
            let circle = self.visiting[start..].iter().chain([name]).map(ToString::to_string);
            return Err(ExpressionError::Cycle(circle.collect::<Vec<_>>().join(" -> ")));
        }
        if self.visiting.len() >= MAX_CHAIN {
            return Err(ExpressionError::TooLongChain);
        }
        self.visiting.push(name.clone());
        let value = match name {
            Name::Variable(variable) => self.variable(variable),
            Name::Parameter { operation, parameter } => self.parameter(operation, parameter),
        }?;
        self.visiting.pop();
        if !value.is_finite() {
            return Err(ExpressionError::NotFinite);
        }
        self.done.insert(name.clone(), value);
        Ok(value)
    }

    fn formula(&mut self, text: &str) -> Result<f64, ExpressionError> {
        Expression::parse(text)?.evaluate(&mut |name| self.value(name))
    }

    fn variable(&mut self, name: &str) -> Result<f64, ExpressionError> {
        match self.part.variables.get(name) {
            None => Err(ExpressionError::UnknownVariable(name.to_owned())),
            Some(Variable::Value(quantity)) => Ok(quantity.value),
            Some(Variable::Expression(text)) => self.formula(text),
        }
    }

    fn parameter(&mut self, id: &str, name: &str) -> Result<f64, ExpressionError> {
        let part = self.part;
        let operation = part.operation(id).ok_or_else(|| ExpressionError::UnknownOperation(id.to_owned()))?;
        let unknown = || ExpressionError::UnknownParameter {
            operation: id.to_owned(),
            parameter: name.to_owned(),
            kind: operation.kind.clone(),
        };
        // A formula may stand for a value of a sketch or of the placement, which no definition lists.
        if let Some(text) = operation.expressions.get(name) {
            return self.formula(text);
        }
        let definition = catalogue::find(&operation.kind).ok_or_else(unknown)?;
        let parameter = definition.parameter(name).ok_or_else(unknown)?;
        if let Some(said) = operation.parameters.get(name) {
            return Ok(said.value);
        }
        let no_value = |why: &str| ExpressionError::NoValue { name: format!("{id}.{name}"), why: why.to_owned() };
        match &parameter.default {
            Default::Value(value) => Ok(*value),
            // Rules follow from the choices and from the parameters listed before.
            Default::Rule(_, derive) => Ok(derive(&self.before(definition, operation, name)?)),
            Default::EssentialUnless(_, derive) => derive(&self.before(definition, operation, name)?)
                .ok_or_else(|| no_value("is essential and was not given")),
            Default::Essential => Err(no_value("is essential and was not given")),
            Default::Absent => Err(no_value("was not given")),
        }
    }

    /// An operation's choices, and the values of the parameters listed before the one called `name`.
    fn before(
        &mut self,
        definition: &Definition,
        operation: &Operation,
        name: &str,
    ) -> Result<Values, ExpressionError> {
        let mut values = choices(definition, operation, self.part.fit);
        for earlier in definition.parameters.iter().take_while(|p| p.name != name) {
            let given =
                operation.parameters.contains_key(earlier.name) || operation.expressions.contains_key(earlier.name);
            match earlier.default {
                Default::Absent if !given => continue,
                Default::Essential if !given => {
                    let name = format!("{}.{name}", operation.id);
                    return Err(ExpressionError::NoValue {
                        name,
                        why: "follows from a value that is missing".to_owned(),
                    });
                }
                _ => {}
            }
            let name = Name::Parameter { operation: operation.id.clone(), parameter: earlier.name.to_owned() };
            let value = self.value(&name)?;
            values.quantities.insert(earlier.name, Quantity::derived(value, ""));
        }
        Ok(values)
    }
}

fn choices(definition: &Definition, operation: &Operation, fit: Option<Fit>) -> Values {
    Values {
        choices: definition.said(operation).choices,
        clearance: fit.unwrap_or(Fit::Normal).clearance(),
        ..Values::default()
    }
}
