//! Parts for tests, written as the dialogue would say them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::type_complexity)]
#![allow(dead_code)]

use std::sync::atomic::AtomicBool;

use geometry::{Evaluated, Options, evaluate};
use part::{Operation, Part, Placement, Quantity, catalogue};

pub(crate) fn quantity(value: f64) -> Quantity {
    Quantity::said(value, value.to_string(), 0, 0..1)
}

pub(crate) fn operation(id: &str, kind: &str, parameters: &[(&str, f64)]) -> Operation {
    Operation {
        id: id.to_owned(),
        kind: kind.to_owned(),
        parameters: parameters.iter().map(|(name, value)| ((*name).to_owned(), quantity(*value))).collect(),
        choices: Default::default(),
        ..Operation::default()
    }
}

pub(crate) fn part(kind: &str, parameters: &[(&str, f64)]) -> Part {
    Part { features: vec![operation(kind, kind, parameters)], ..Part::default() }
}

pub(crate) fn with(
    mut part: Part,
    kind: &str,
    parameters: &[(&str, f64)],
    choices: &[(&str, &str)],
    placement: Option<Placement>,
) -> Part {
    let mut added = operation(&part.fresh_id(kind), kind, parameters);
    added.choices = choices.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    added.placement = placement;
    part.features.push(added);
    part
}

/// Every body of the catalogue with typical values for what it does not default.
pub(crate) fn typical(kind: &str) -> Part {
    let definition = catalogue::find(kind).expect("a kind of the catalogue");
    let value = |name: &str| match name {
        "length" => 80.0,
        "width" => 60.0,
        "height" => 40.0,
        "diameter" => 120.0,
        "outer_diameter" => 30.0,
        "inner_diameter" => 8.0,
        "top_diameter" => 60.0,
        "teeth" => 20.0,
        "thickness" => 4.0,
        "bottom_length" => 60.0,
        "top_length" => 40.0,
        "leg_1" => 60.0,
        "wire" => 3.0,
        "pitch" => 8.0,
        "turns" => 5.0,
        other => panic!("{kind} has the essential parameter {other}"),
    };
    let mut operation = operation(kind, kind, &[]);
    for name in definition.missing(&operation) {
        if definition.parameter(name).is_some() {
            operation.parameters.insert(name.to_owned(), quantity(value(name)));
        } else {
            operation.choices.insert(name.to_owned(), "3D Pot".to_owned());
        }
    }
    Part { features: vec![operation], ..Part::default() }
}

pub(crate) fn evaluated(part: &Part) -> Evaluated {
    let body = part::lower(part).expect("a valid part");
    evaluate(&body, &Options::default(), &AtomicBool::new(false)).expect("a part that builds")
}

pub(crate) fn near(actual: f64, expected: f64, tolerance: f64) {
    assert!((actual - expected).abs() <= tolerance, "{actual} is not {expected} +- {tolerance}");
}
