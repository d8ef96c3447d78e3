//! The catalogue: every kind of operation, its parameters and their rules. One file a family under `families/`, one line
//! here.

use std::collections::BTreeMap;

use crate::{Dimension, Fit, Operation, Quantity, families, lower::Invalid, operations, solid};

/// A kind of operation.
pub struct Definition {
    /// The name used in [`Operation::kind`] and in every file about it.
    pub kind: &'static str,
    pub role: Role,
    /// One English sentence for people who read the API's documentation.
    pub meaning: &'static str,
    pub parameters: &'static [Parameter],
    pub choices: &'static [Choice],
    /// What the words "A x B x C" name for this kind, in order.
    pub size_order: &'static [&'static str],
    /// Turns resolved numbers into pieces (for a body) or steps (for a modifier).
    pub build: Build,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Makes the body: a family or a primitive.
    Body,
    /// Changes the body made so far.
    Modifier,
    /// Makes the body when it comes first, changes it afterwards.
    Either,
}

pub struct Parameter {
    pub name: &'static str,
    pub dimension: Dimension,
    pub default: Default,
    /// Least and greatest sensible value, inclusive.
    pub range: (f64, f64),
    pub meaning: &'static str,
}

/// What happens when nobody said the value.
pub enum Default {
    /// The dialogue asks for it; a part without it is invalid.
    Essential,
    /// Follows from the choices and the parameters listed before this one where it can, by the rule whose text is given;
    /// essential where it cannot.
    EssentialUnless(&'static str, fn(&Values) -> Option<f64>),
    /// This value.
    Value(f64),
    /// Follows from the parameters listed before this one; the text is the rule as people read it.
    Rule(&'static str, fn(&Values) -> f64),
    /// Stays absent.
    Absent,
}

pub struct Choice {
    pub name: &'static str,
    /// Accepted words; empty means free text of at most 60 characters.
    pub options: &'static [&'static str],
    /// `None` makes the choice essential.
    pub default: Option<&'static str>,
}

impl Choice {
    /// Most characters of free words: 100 for the names of operations and files, 60 for what is read on a part.
    pub fn longest(&self) -> usize {
        if matches!(self.name, "of" | "hash") { 100 } else { 60 }
    }
}

/// Resolved numbers of one operation: said, default or derived, all within range.
#[derive(Clone, Debug, std::default::Default)]
pub struct Values {
    pub quantities: BTreeMap<&'static str, Quantity>,
    pub choices: BTreeMap<&'static str, String>,
    /// Gap per side between mating pieces, millimetres.
    pub clearance: f64,
}

impl Values {
    /// The value of a parameter that the definition gives a default or makes essential; 0 for an absent one.
    pub fn get(&self, name: &str) -> f64 {
        self.quantities.get(name).map_or(0.0, |q| q.value)
    }

    pub fn find(&self, name: &str) -> Option<f64> {
        self.quantities.get(name).map(|q| q.value)
    }

    pub fn choice(&self, name: &str) -> &str {
        self.choices.get(name).map_or("", String::as_str)
    }
}

pub enum Build {
    Body(fn(&Values) -> Result<solid::Body, Invalid>),
    /// Gets the body so far, for its size and shape, and where to act.
    Modifier(fn(&Values, &Operation, &mut solid::Body) -> Result<(), Invalid>),
    /// Makes a body when there is none and returns it; else changes the one there is and returns none.
    Either(MakeOrChange),
}

/// The build of a kind that can be either: the body so far, if any, in; a new body out when there was none.
pub type MakeOrChange = fn(&Values, &Operation, Option<&mut solid::Body>) -> Result<Option<solid::Body>, Invalid>;

/// All definitions, in the order in which people are shown them: families and features, then operations on sketches and
/// on whole bodies.
pub fn definitions() -> &'static [&'static Definition] {
    static ALL: std::sync::LazyLock<Vec<&'static Definition>> =
        std::sync::LazyLock::new(|| [families::ALL, operations::ALL].concat());
    &ALL
}

pub fn find(kind: &str) -> Option<&'static Definition> {
    definitions().iter().copied().find(|definition| definition.kind == kind)
}

impl Definition {
    /// Least and greatest number of sketches that an operation of this kind holds; 0 and 0 where it takes none.
    pub fn sketches(&self) -> (usize, usize) {
        operations::sketches(self.kind)
    }

    /// Whether an operation of this kind follows a path.
    pub fn takes_path(&self) -> bool {
        self.kind == "sweep"
    }

    pub fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// Essential parameters and choices that the operation does not give, in the order to ask for them.
    pub fn missing(&self, operation: &Operation) -> Vec<&'static str> {
        let said = |p: &&Parameter| operation.parameters.contains_key(p.name);
        let parameters = self.parameters.iter().filter(|p| match p.default {
            Default::Essential => !said(p),
            Default::EssentialUnless(_, derive) => !said(p) && derive(&self.said(operation)).is_none(),
            _ => false,
        });
        let choices = self.choices.iter().filter(|c| c.default.is_none() && !operation.choices.contains_key(c.name));
        parameters.map(|p| p.name).chain(choices.map(|c| c.name)).collect()
    }

    /// What an operation says, with the choices that it leaves to their defaults.
    pub(crate) fn said(&self, operation: &Operation) -> Values {
        let choice = |choice: &Choice| {
            operation
                .choices
                .get(choice.name)
                .map(String::as_str)
                .or(choice.default)
                .map(|c| (choice.name, c.to_owned()))
        };
        let quantity = |p: &Parameter| operation.parameters.get(p.name).map(|quantity| (p.name, quantity.clone()));
        Values {
            choices: self.choices.iter().filter_map(choice).collect(),
            quantities: self.parameters.iter().filter_map(quantity).collect(),
            ..Values::default()
        }
    }

    /// Resolves an operation's parameters: said values checked against their ranges, the rest filled in by rule.
    pub fn resolve(&self, operation: &Operation, fit: Option<Fit>) -> Result<Values, Invalid> {
        let mut values = Values { clearance: fit.unwrap_or(Fit::Normal).clearance(), ..Values::default() };
        let invalid = |name: &str, why: String| Invalid::new(&operation.id, name, why);
        if let Some(name) = operation.parameters.keys().find(|name| self.parameter(name).is_none()) {
            let known: Vec<_> = self.parameters.iter().map(|p| p.name).collect();
            return Err(invalid(name, format!("{} has no such parameter; it has {}", self.kind, known.join(", "))));
        }
        for choice in self.choices {
            let value = match operation.choices.get(choice.name) {
                Some(said) if choice.options.is_empty() && said.chars().count() > choice.longest() => {
                    return Err(invalid(choice.name, format!("is longer than {} characters", choice.longest())));
                }
                Some(said) if !choice.options.is_empty() && !choice.options.contains(&said.as_str()) => {
                    return Err(invalid(choice.name, format!("'{said}' is not one of {}", choice.options.join(", "))));
                }
                Some(said) => said.clone(),
                None => match choice.default {
                    Some(default) => default.to_owned(),
                    None => return Err(invalid(choice.name, "is essential and was not given".to_owned())),
                },
            };
            values.choices.insert(choice.name, value);
        }
        for parameter in self.parameters {
            let quantity = match (operation.parameters.get(parameter.name), &parameter.default) {
                (Some(said), _) => said.clone(),
                (None, Default::Value(value)) => Quantity::default(*value, format!("{}.{}", self.kind, parameter.name)),
                (None, Default::Rule(rule, derive)) => Quantity::derived(derive(&values), *rule),
                (None, Default::Absent) => continue,
                (None, Default::EssentialUnless(rule, derive)) => match derive(&values) {
                    Some(value) => Quantity::derived(value, *rule),
                    None => {
                        let why = format!("is essential and was not given, and there is no '{rule}'");
                        return Err(invalid(parameter.name, why));
                    }
                },
                (None, Default::Essential) => {
                    return Err(invalid(parameter.name, "is essential and was not given".to_owned()));
                }
            };
            let (least, greatest) = parameter.range;
            if !(quantity.value >= least && quantity.value <= greatest) {
                let unit = parameter.dimension.unit();
                return Err(invalid(
                    parameter.name,
                    format!("is {}{unit}, outside {least} to {greatest}{unit}", quantity.value),
                ));
            }
            if parameter.dimension == Dimension::Count && quantity.value.fract() != 0.0 {
                return Err(invalid(parameter.name, format!("is {}, not a whole number", quantity.value)));
            }
            values.quantities.insert(parameter.name, quantity);
        }
        Ok(values)
    }
}

impl Dimension {
    /// The unit as it is written after a number.
    pub fn unit(self) -> &'static str {
        match self {
            Dimension::Length => " mm",
            Dimension::Angle => "°",
            Dimension::Count | Dimension::Ratio => "",
        }
    }
}
