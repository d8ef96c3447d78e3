//! The catalogue's own rules, and that no numbers make lowering panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::type_complexity)]

use std::collections::BTreeSet;

use part::{
    Dimension, Edit, EditError, Face, Operation, Part, Placement, Position, Quantity, Source,
    catalogue::{self, Default as Rule, Role},
};
use proptest::prelude::*;

fn quantity(value: f64) -> Quantity {
    Quantity::said(value, value.to_string(), 0, 0..1)
}

fn operation(kind: &str, parameters: &[(&str, f64)]) -> Operation {
    Operation {
        id: kind.to_owned(),
        kind: kind.to_owned(),
        parameters: parameters.iter().map(|(name, value)| ((*name).to_owned(), quantity(*value))).collect(),
        choices: Default::default(),
        ..Operation::default()
    }
}

#[test]
fn names_are_unique_and_sizes_name_parameters() {
    let kinds: BTreeSet<_> = catalogue::definitions().iter().map(|d| d.kind).collect();
    assert_eq!(kinds.len(), catalogue::definitions().len());
    for definition in catalogue::definitions() {
        let names: BTreeSet<_> = definition.parameters.iter().map(|p| p.name).collect();
        assert_eq!(names.len(), definition.parameters.len(), "{}", definition.kind);
        for name in definition.size_order {
            assert!(names.contains(name), "{} has no {name}", definition.kind);
        }
        for parameter in definition.parameters {
            assert!(parameter.range.0 <= parameter.range.1 && !parameter.meaning.is_empty(), "{}", parameter.name);
            if let Rule::Value(value) = parameter.default {
                assert!(
                    (parameter.range.0..=parameter.range.1).contains(&value),
                    "{} {}",
                    definition.kind,
                    parameter.name
                );
            }
        }
        for choice in definition.choices {
            let default = choice.default.filter(|_| !choice.options.is_empty());
            assert!(default.is_none_or(|default| choice.options.contains(&default)), "{}", choice.name);
        }
    }
}

#[test]
fn every_body_that_needs_nothing_lowers_by_its_defaults() {
    for definition in catalogue::definitions().iter().filter(|d| d.role == Role::Body) {
        let operation = operation(definition.kind, &[]);
        if definition.missing(&operation).is_empty() {
            let part = Part { features: vec![operation], ..Part::default() };
            let body = part::lower(&part).unwrap_or_else(|invalid| panic!("{invalid}"));
            assert!(body.pieces.iter().all(|piece| !piece.steps.is_empty()));
            assert!(body.pieces.iter().flat_map(|p| &p.steps).all(|step| step.operation == definition.kind));
        }
    }
}

#[test]
fn defaults_and_derived_values_say_their_rule() {
    let definition = catalogue::find("plant_pot").unwrap();
    let values = definition.resolve(&operation("plant_pot", &[("diameter", 120.0)]), None).unwrap();
    assert_eq!(values.get("height"), 102.0);
    assert!(matches!(&values.quantities["height"].source, Source::Derived { rule } if rule.contains("85 %")));
    assert!(matches!(&values.quantities["wall"].source, Source::Default { rule } if rule == "plant_pot.wall"));
    assert!(values.quantities["diameter"].is_said());
}

#[test]
fn a_part_has_one_body_and_modifiers_follow_it() {
    let block = operation("block", &[("length", 20.0)]);
    let hole = operation("hole", &[("diameter", 4.0)]);
    let lower = |features: Vec<Operation>| part::lower(&Part { features, ..Part::default() });
    assert!(lower(vec![block.clone(), hole.clone()]).is_ok());
    assert_eq!(lower(vec![hole.clone(), block.clone()]).unwrap_err().operation, "hole");
    assert!(lower(vec![block.clone(), block.clone()]).is_err());
    assert!(lower(vec![]).is_err());
    let unknown = Operation { kind: "banana".into(), ..block };
    assert!(lower(vec![unknown]).unwrap_err().why.contains("banana"));
}

#[test]
fn edits_touch_only_what_they_name() {
    let part = Part::default().apply(&Edit::Add { operation: operation("box", &[("length", 80.0)]) }).unwrap();
    let set = |parameter: &str| Edit::SetParameter {
        operation: "box".into(),
        parameter: parameter.into(),
        value: quantity(30.0),
    };
    let taller = part.apply(&set("height")).unwrap();
    assert_eq!(taller.features[0].parameters["length"], part.features[0].parameters["length"]);
    assert!(matches!(part.apply(&set("teeth")), Err(EditError::UnknownName { .. })));
    assert_eq!(part.apply(&Edit::SetQuantity { quantity: 0 }), Err(EditError::QuantityOutOfRange(0)));
    let json = serde_json::to_string(&taller).unwrap();
    assert_eq!(serde_json::from_str::<Part>(&json).unwrap(), taller);
}

#[test]
fn a_pot_knows_its_radius_by_height() {
    let pot =
        Part { features: vec![operation("plant_pot", &[("diameter", 120.0), ("height", 100.0)])], ..Part::default() };
    let body = part::lower(&pot).unwrap();
    assert_eq!((body.radius_at(0.0), body.radius_at(50.0), body.radius_at(100.0)), (45.0, 52.5, 60.0));
    assert!((body.slope_at(50.0) - 0.15).abs() < 1e-12);
}

/// Any number for any parameter, and any placement.
fn wild() -> impl Strategy<Value = Part> {
    let number = prop_oneof![0.1..300.0, Just(0.0), -50.0..2500.0, (1..40).prop_map(f64::from), Just(f64::NAN)];
    let body = 0..catalogue::definitions().len();
    let face = prop_oneof![Just(Face::Top), Just(Face::Bottom), Just(Face::Left), Just(Face::Front), Just(Face::Side)];
    (body.clone(), body, prop::collection::vec(number, 40), any::<u64>(), face).prop_map(
        |(first, second, numbers, bits, face)| {
            let mut numbers = numbers.into_iter().cycle();
            let mut next = || quantity(numbers.next().unwrap_or(1.0));
            let mut features = Vec::new();
            for (i, index) in [first, second].into_iter().enumerate() {
                let definition = catalogue::definitions()[index];
                let mut operation = operation(definition.kind, &[]);
                operation.id = format!("{}-{i}", definition.kind);
                for (k, parameter) in definition.parameters.iter().enumerate() {
                    if matches!(parameter.default, Rule::Essential) || bits >> (k + 8 * i) & 1 == 1 {
                        let mut value = next();
                        if parameter.dimension == Dimension::Count {
                            value.value = value.value.round();
                        }
                        operation.parameters.insert(parameter.name.to_owned(), value);
                    }
                }
                for choice in definition.choices {
                    let word =
                        choice.options.get(bits as usize % choice.options.len().max(1)).copied().unwrap_or("Ana");
                    operation.choices.insert(choice.name.to_owned(), word.to_owned());
                }
                let position = match bits % 8 {
                    0 => Position::Centre,
                    1 => Position::Offset { u: next(), v: next() },
                    2 => Position::FromCorner { u: next(), v: next() },
                    3 => Position::Corners { inset: next() },
                    4 => Position::Grid { columns: next(), rows: next(), pitch_u: next(), pitch_v: next() },
                    5 => Position::Circle { count: next(), diameter: next(), start: next() },
                    6 => Position::Row { count: next(), pitch: next() },
                    _ => Position::Around { angle: next(), height: next() },
                };
                operation.placement = (i == 1).then_some(Placement { face, position, on: None });
                features.push(operation);
            }
            Part { features, ..Part::default() }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn lowering_never_panics_and_names_what_is_wrong(part in wild()) {
        match part::lower(&part) {
            Ok(body) => {
                prop_assert!(body.size.iter().all(|s| s.is_finite() && *s > 0.0));
                prop_assert!(!body.pieces.is_empty());
            }
            Err(invalid) => {
                prop_assert!(!invalid.operation.is_empty() && !invalid.parameter.is_empty() && !invalid.why.is_empty());
            }
        }
    }

    #[test]
    fn a_spec_of_any_bytes_is_read_or_refused(text in ".{0,200}") {
        let object = text.trim_start().starts_with("{");
        prop_assert!(object || serde_json::from_str::<Part>(&text).is_err());
    }
}
