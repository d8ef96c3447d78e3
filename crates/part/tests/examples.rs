//! Every example lowers, and together they show everything that the catalogue can do.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

use std::collections::BTreeSet;

use part::{catalogue, examples::examples};

#[test]
fn every_example_lowers_and_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    let mut failed = Vec::new();
    for (name, part) in examples() {
        assert!(names.insert(name), "{name} is there twice");
        if let Err(invalid) = part::lower(&part) {
            failed.push(format!("{name}: {invalid}"));
        }
        if let Err(error) = part.clone().checked() {
            failed.push(format!("{name}: {error}"));
        }
        let json = serde_json::to_string(&part).unwrap();
        assert_eq!(serde_json::from_str::<part::Part>(&json).unwrap(), part);
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_operation_has_an_example() {
    let shown: BTreeSet<String> =
        examples().into_iter().flat_map(|(_, part)| part.features).map(|operation| operation.kind).collect();
    let operations = catalogue::definitions().iter().filter(|d| d.role != catalogue::Role::Body);
    for definition in operations {
        assert!(shown.contains(definition.kind), "{} has no example", definition.kind);
    }
}
