//! Edits of a history: what they touch, what they leave alone, and what they refuse.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

use part::{
    Beside, Edit, EditError, Face, Figure, Operation, Outline, Part, Path, Placement, Point, Position, Quantity,
    Sketch, Variable, examples::examples, lower,
};

fn said(value: f64) -> Quantity {
    Quantity::said(value, value.to_string(), 0, 0..1)
}

fn example(name: &str) -> Part {
    examples().into_iter().find(|(n, _)| *n == name).expect("an example").1
}

fn circle(diameter: f64) -> Sketch {
    let outline = Outline { shape: Figure::Circle { diameter: said(diameter) }, centre: None, rotation: None };
    Sketch { outline, holes: Vec::new(), height: None }
}

fn kinds(part: &Part) -> Vec<&str> {
    part.features.iter().map(|operation| operation.id.as_str()).collect()
}

/// Every leaf of a value's JSON with its path.
fn leaves(value: &serde_json::Value, path: String, out: &mut Vec<(String, String)>) {
    match value {
        serde_json::Value::Object(map) => {
            map.iter().for_each(|(name, inner)| leaves(inner, format!("{path}/{name}"), out));
        }
        serde_json::Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, inner)| leaves(inner, format!("{path}/{i}"), out));
        }
        leaf => out.push((path, leaf.to_string())),
    }
}

/// Paths at which two parts differ.
fn changed(before: &Part, after: &Part) -> Vec<String> {
    let read = |part: &Part| {
        let mut out = Vec::new();
        leaves(&serde_json::to_value(part).unwrap(), String::new(), &mut out);
        out
    };
    let (before, after) = (read(before), read(after));
    let mut paths: Vec<_> = before.iter().filter(|leaf| !after.contains(leaf)).map(|leaf| leaf.0.clone()).collect();
    paths.extend(after.iter().filter(|leaf| !before.contains(leaf)).map(|leaf| leaf.0.clone()));
    paths.sort();
    paths.dedup();
    paths
}

#[test]
fn an_edit_touches_only_the_path_that_it_names() {
    let part = example("formulas");
    let lofted = example("loft_three_circles");
    let id = |id: &str| id.to_owned();
    let cases = [
        (
            &part,
            Edit::SetParameter { operation: id("block"), parameter: id("length"), value: said(55.0) },
            "/features/0/parameters/length",
        ),
        (
            &part,
            Edit::SetExpression { operation: id("hole"), parameter: id("depth"), expression: id("wall") },
            "/features/1/expressions/depth",
        ),
        (
            &part,
            Edit::ClearExpression { operation: id("block"), parameter: id("width") },
            "/features/0/expressions/width",
        ),
        (&part, Edit::SetVariable { name: id("gap"), variable: Variable::Value(said(1.0)) }, "/variables/gap"),
        (&part, Edit::ClearVariable { name: id("gap") }, "/variables/gap"),
        (
            &part,
            Edit::Place { operation: id("hole"), placement: Placement::new(Face::Front, Position::Centre) },
            "/features/1/placement",
        ),
        (
            &part,
            Edit::SetChoice { operation: id("hole"), choice: id("kind"), value: id("blind") },
            "/features/1/choices/kind",
        ),
        (&lofted, Edit::SetSketch { operation: id("loft"), index: 1, sketch: circle(30.0) }, "/features/0/sketches/1"),
        (&lofted, Edit::SetSketch { operation: id("loft"), index: 3, sketch: circle(30.0) }, "/features/0/sketches/3"),
    ];
    for (part, edit, path) in cases {
        let after = part.apply(&edit).unwrap_or_else(|error| panic!("{path}: {error}"));
        let paths = changed(part, &after);
        assert!(!paths.is_empty(), "{path}: nothing changed");
        assert!(paths.iter().all(|changed| changed.starts_with(path)), "{path}: {paths:?}");
    }
}

#[test]
fn a_refused_edit_changes_nothing_and_an_applied_one_leaves_the_old_part_alone() {
    let part = example("formulas");
    let before = part.clone();
    let edit = Edit::SetVariable { name: "wall".into(), variable: Variable::Value(said(5.0)) };
    let after = part.apply(&edit).unwrap();
    assert_eq!(part, before);
    // Undo is the old part; the way back by an edit gives the same one.
    let back = Edit::SetVariable { name: "wall".into(), variable: before.variables["wall"].clone() };
    assert_eq!(after.apply(&back).unwrap(), before);
}

#[test]
fn an_operation_goes_before_or_after_another() {
    let part = example("pattern_row_of_holes");
    let insert = |id: &str, side, of: &str| Edit::Insert {
        operation: Operation { parameters: [("radius".to_owned(), said(2.0))].into(), ..Operation::new(id, "fillet") },
        side,
        of: of.to_owned(),
    };
    let before = part.apply(&insert("fillet", Beside::Before, "hole")).unwrap();
    assert_eq!(kinds(&before), ["plate", "fillet", "hole", "pattern"]);
    let after = part.apply(&insert("fillet", Beside::After, "pattern")).unwrap();
    assert_eq!(kinds(&after), ["plate", "hole", "pattern", "fillet"]);
    assert!(lower(&before).is_ok() && lower(&after).is_ok());
    let lost = part.apply(&insert("fillet", Beside::After, "boss"));
    assert_eq!(lost, Err(EditError::UnknownOperation("boss".into())));
    assert_eq!(part.apply(&insert("hole", Beside::After, "hole")), Err(EditError::DuplicateOperation("hole".into())));
}

#[test]
fn what_others_need_stays() {
    let remove = |part: &Part, id: &str| part.apply(&Edit::Remove { operation: id.to_owned() });
    let needed =
        |by: &str, operation: &str| Err(EditError::StillNeeded { operation: operation.to_owned(), by: by.to_owned() });
    assert_eq!(remove(&example("pattern_row_of_holes"), "hole"), needed("pattern", "hole"));
    assert_eq!(remove(&example("place_on_a_boss"), "boss"), needed("hole", "boss"));
    assert_eq!(remove(&example("chamfer_at_the_rim_of_a_hole"), "hole"), needed("chamfer", "hole"));
    assert_eq!(remove(&example("formulas"), "block"), needed("hole", "block"));
    assert!(remove(&example("pattern_row_of_holes"), "pattern").is_ok());
    assert!(remove(&example("formulas"), "hole").is_ok());
}

#[test]
fn sketches_and_paths_go_where_they_belong() {
    let hole = example("hole_through");
    let loft = example("loft_three_circles");
    let sweep = example("sweep_spring");
    let set = |part: &Part, operation: &str, index, sketch| {
        part.apply(&Edit::SetSketch { operation: operation.to_owned(), index, sketch })
    };
    assert!(matches!(set(&hole, "hole", 0, circle(3.0)), Err(EditError::Sketches { given: 1, .. })));
    assert!(matches!(set(&loft, "loft", 7, circle(3.0)), Err(EditError::NoSuchSketch { count: 3, .. })));
    assert!(matches!(set(&sweep, "sweep", 1, circle(3.0)), Err(EditError::Sketches { given: 2, .. })));
    let path = sweep.features[0].path.clone();
    let on_loft = loft.apply(&Edit::SetPath { operation: "loft".into(), path: path.clone() });
    assert_eq!(on_loft, Err(EditError::NoPath { kind: "loft".into() }));
    let without = sweep.apply(&Edit::SetPath { operation: "sweep".into(), path: None }).unwrap();
    assert_eq!(lower(&without).unwrap_err().parameter, "path");
    assert_eq!(without.apply(&Edit::SetPath { operation: "sweep".into(), path }).unwrap(), sweep);
    let emptied = loft.apply(&Edit::SetSketches { operation: "loft".into(), sketches: vec![circle(4.0)] }).unwrap();
    assert_eq!(lower(&emptied).unwrap_err().parameter, "sketches");
}

#[test]
fn what_is_too_much_is_refused_before_it_is_kept() {
    let part = example("extrude_rectangle");
    let many: Vec<Point> = (0..501).map(|i| Point { x: said(f64::from(i)), y: said(0.0) }).collect();
    let mut sketch = circle(3.0);
    sketch.outline.shape = Figure::Polygon { points: many.clone() };
    let edit = Edit::SetSketch { operation: "extrude".into(), index: 0, sketch };
    assert!(matches!(part.apply(&edit), Err(EditError::TooMuch { count: 501, most: 500, .. })));
    let mut sketch = circle(300.0);
    sketch.holes = vec![circle(0.1).outline; 401];
    let edit = Edit::SetSketch { operation: "extrude".into(), index: 0, sketch };
    assert!(matches!(part.apply(&edit), Err(EditError::TooMuch { count: 401, .. })));
    let placement = Placement::new(Face::Top, Position::Points { points: many });
    let edit = Edit::Place { operation: "extrude".into(), placement };
    assert!(matches!(part.apply(&edit), Err(EditError::TooMuch { most: 400, .. })));
    let helix = Path::Helix { diameter: said(1.0), pitch: said(1.0), turns: said(1.0), left_handed: false };
    let edit = Edit::SetPath { operation: "extrude".into(), path: Some(helix) };
    assert!(matches!(part.apply(&edit), Err(EditError::NoPath { .. })));
}

#[test]
fn a_part_from_elsewhere_is_checked_as_a_whole() {
    for (name, part) in examples() {
        assert_eq!(part.clone().checked().as_ref(), Ok(&part), "{name}");
    }
    let mut twice = example("hole_through");
    twice.features.push(twice.features[1].clone());
    assert!(matches!(twice.checked(), Err(EditError::DuplicateOperation(_))));
    let mut none = example("hole_through");
    none.quantity = 0;
    assert!(matches!(none.checked(), Err(EditError::QuantityOutOfRange(0))));
    let mut odd = example("hole_through");
    odd.variables.insert("2x".into(), Variable::Value(said(1.0)));
    assert!(matches!(odd.checked(), Err(EditError::VariableName(_))));
}

#[test]
fn edits_survive_json() {
    let edits = [
        Edit::Insert { operation: Operation::new("a", "hole"), side: Beside::Before, of: "b".into() },
        Edit::SetSketch { operation: "a".into(), index: 2, sketch: circle(4.0) },
        Edit::SetPath { operation: "a".into(), path: None },
        Edit::SetVariable { name: "a".into(), variable: Variable::Expression("b + 1".into()) },
        Edit::SetExpression { operation: "a".into(), parameter: "b".into(), expression: "1".into() },
    ];
    for edit in edits {
        let json = serde_json::to_string(&edit).unwrap();
        assert_eq!(serde_json::from_str::<Edit>(&json).unwrap(), edit);
    }
}
