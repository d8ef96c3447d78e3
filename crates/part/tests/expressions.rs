//! Formulas: what they come to, what is refused, and that no text makes reading them panic or run on.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

use part::{
    Edit, EditError, Expression, ExpressionError, Name, Operation, Part, Quantity, Source, Variable, evaluated, lower,
};
use proptest::prelude::*;

fn said(value: f64) -> Quantity {
    Quantity::said(value, value.to_string(), 0, 0..1)
}

fn value(text: &str) -> Result<f64, ExpressionError> {
    Expression::parse(text)?.evaluate(&mut |name: &Name| match name.to_string().as_str() {
        "a" => Ok(3.0),
        "b" => Ok(0.0),
        "diâmetro" => Ok(50.0),
        "hole-2.diameter" => Ok(7.0),
        "box.height" => Ok(20.0),
        "left hole.depth" => Ok(9.0),
        other => Err(ExpressionError::UnknownVariable(other.to_owned())),
    })
}

#[test]
fn formulas_come_to_their_values() {
    for (text, expected) in [
        ("1", 1.0),
        (".5", 0.5),
        ("2 + 3 * 4", 14.0),
        ("(2 + 3) * 4", 20.0),
        ("10 - 3 - 2", 5.0),
        ("12 / 3 / 2", 2.0),
        ("-a", -3.0),
        ("--a", 3.0),
        ("2 * -a", -6.0),
        ("min(4, a, 9)", 3.0),
        ("max(4; a)", 4.0),
        ("max(1)", 1.0),
        ("min(max(1, 2), 3) * 2.5", 5.0),
        ("a-2", 1.0),
        ("a-2.5", 0.5),
        ("hole-2.diameter - 2", 5.0),
        ("a-hole-2.diameter", -4.0),
        ("box.height / 2", 10.0),
        ("'left hole'.depth + 1", 10.0),
        ("diâmetro × 2", 100.0),
        ("a − 1", 2.0),
    ] {
        assert_eq!(value(text), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_no_formula_is_refused_with_the_place() {
    assert_eq!(value(""), Err(ExpressionError::Ends));
    assert_eq!(value("1 +"), Err(ExpressionError::Ends));
    assert_eq!(value("a / b"), Err(ExpressionError::DivisionByZero));
    assert_eq!(value("sqrt(4)"), Err(ExpressionError::UnknownFunction("sqrt".into())));
    assert!(matches!(value("1 2"), Err(ExpressionError::Unexpected { at: 3, .. })));
    assert!(matches!(value("1..2"), Err(ExpressionError::Unexpected { at: 1, .. })));
    assert!(matches!(value("2 * ?"), Err(ExpressionError::Unexpected { at: 5, .. })));
    assert!(matches!(value("(1"), Err(ExpressionError::Ends)));
    assert!(matches!(value("box.2"), Err(ExpressionError::Unexpected { .. })));
    assert_eq!(value(&"1+".repeat(101)), Err(ExpressionError::TooLong));
    assert_eq!(value(&format!("{}1{}", "(".repeat(40), ")".repeat(40))), Err(ExpressionError::TooDeep));
    assert_eq!(value(&format!("{}1", "-".repeat(100))), Err(ExpressionError::TooDeep));
    let huge = "9".repeat(190);
    assert_eq!(value(&format!("{huge}*{}", "9")), Ok(9.0 * huge.parse::<f64>().unwrap()));
    assert_eq!(value(&format!("{}*a*a*{}", "9".repeat(90), "9".repeat(90))).map(f64::is_finite), Ok(true));
}

fn block() -> Operation {
    let sizes = [("length", 40.0), ("width", 30.0), ("height", 20.0)];
    Operation {
        parameters: sizes.map(|(name, size)| (name.to_owned(), said(size))).into(),
        ..Operation::new("block", "block")
    }
}

fn part(expressions: &[(&str, &str)], variables: &[(&str, Variable)]) -> Part {
    let expressions = expressions.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Part {
        features: vec![Operation { expressions, ..block() }],
        variables: variables.iter().map(|(name, v)| ((*name).to_owned(), v.clone())).collect(),
        ..Part::default()
    }
}

fn formula(text: &str) -> Variable {
    Variable::Expression(text.to_owned())
}

#[test]
fn a_parameter_follows_from_its_formula_and_says_so() {
    let part = part(&[("width", "block.length / 2 + gap")], &[("gap", Variable::Value(said(2.0)))]);
    let width = evaluated(&part).unwrap().features[0].parameters["width"].clone();
    assert_eq!(width.value, 22.0);
    assert_eq!(width.source, Source::Derived { rule: "block.length / 2 + gap".into() });
    assert_eq!(lower(&part).unwrap().size, [40.0, 22.0, 20.0]);
}

#[test]
fn a_formula_can_use_defaults_and_rules_of_other_operations() {
    let pot = Operation {
        parameters: [("diameter".to_owned(), said(120.0))].into(),
        ..Operation::new("plant_pot", "plant_pot")
    };
    let hole = Operation {
        // The pot's height follows from its diameter (102), its wall is 3 by default.
        expressions: [("diameter".to_owned(), "plant_pot.height / 17 + plant_pot.wall".to_owned())].into(),
        ..Operation::new("hole", "hole")
    };
    let part = Part { features: vec![pot, hole], ..Part::default() };
    assert_eq!(evaluated(&part).unwrap().features[1].parameters["diameter"].value, 9.0);
}

#[test]
fn a_rule_sees_the_formulas_before_it() {
    let mut pot = Operation::new("plant_pot", "plant_pot");
    pot.expressions.insert("diameter".to_owned(), "2 * 50".to_owned());
    let mut hole = Operation::new("hole", "hole");
    hole.expressions.insert("diameter".to_owned(), "plant_pot.height / 10".to_owned());
    let part = Part { features: vec![pot, hole], ..Part::default() };
    assert_eq!(evaluated(&part).unwrap().features[1].parameters["diameter"].value, 8.5);
}

#[test]
fn a_refusal_says_which_operation_which_value_and_why() {
    let cases = [
        (part(&[("width", "1 / (2 - 2)")], &[]), "block", "width", "divides by zero"),
        (part(&[("width", "gap")], &[]), "block", "width", "'gap', which is no variable"),
        (part(&[("width", "lid.height")], &[]), "block", "width", "'lid'"),
        (part(&[("width", "block.teeth")], &[]), "block", "width", "no such parameter"),
        (part(&[("width", "block.length * 100")], &[]), "block", "width", "outside"),
        (part(&[], &[("a", formula("1 +"))]), "part", "variables.a", "ends"),
        (
            part(
                &[("width", "a")],
                &[("a", formula("b * 2")), ("b", formula("block.height + c")), ("c", formula("a"))],
            ),
            "part",
            "variables.a",
            "a -> b -> c -> a",
        ),
        (part(&[("width", "block.height"), ("height", "block.width")], &[]), "block", "height", "circle"),
        (part(&[("width", "block.width")], &[]), "block", "width", "block.width -> block.width"),
    ];
    for (part, operation, parameter, why) in cases {
        let invalid = lower(&part).expect_err(why);
        assert_eq!((invalid.operation.as_str(), invalid.parameter.as_str()), (operation, parameter), "{invalid}");
        assert!(invalid.why.contains(why), "{invalid}");
    }
}

#[test]
fn a_formula_can_stand_for_a_value_of_a_sketch_or_of_a_placement() {
    let part = part::examples::examples().into_iter().find(|(name, _)| *name == "formulas_in_a_sketch").unwrap().1;
    let mut drawn = evaluated(&part).unwrap().features.remove(0);
    for (path, value) in [
        ("sketches[0].outline.corner_radius", 4.0),
        ("sketches[0].holes[0].diameter", 7.0),
        ("sketches[0].holes[0].centre.x", -8.0),
        ("sketches[0].outline.length", 40.0),
    ] {
        assert_eq!(drawn.value_mut(path).map(|q| q.value), Some(value), "{path}");
    }
    for path in ["sketches[1].outline.length", "sketches[0].height", "sketches[0]", "sketches[-1].x", "path.pitch", ""]
    {
        assert_eq!(drawn.value_mut(path), None, "{path}");
    }
    let express = |parameter: &str, expression: &str| Edit::SetExpression {
        operation: "extrude".into(),
        parameter: parameter.into(),
        expression: expression.into(),
    };
    let wider = part.apply(&express("sketches[0].outline.width", "gap * 50")).unwrap();
    assert_eq!(lower(&wider).unwrap().size[1], 25.0);
    assert!(matches!(part.apply(&express("sketches[0].outline.teeth", "1")), Err(EditError::UnknownName { .. })));
    // What a formula stands for stays while the formula does.
    let other = Edit::SetSketches { operation: "extrude".into(), sketches: vec![] };
    assert!(matches!(part.apply(&other), Err(EditError::UnknownName { .. })));
    let refused = lower(&part.apply(&express("sketches[0].outline.width", "gap * 9999")).unwrap()).unwrap_err();
    assert_eq!(refused.parameter, "sketches[0].outline.width");
}

#[test]
fn a_count_from_a_formula_has_to_be_whole() {
    let mut hole = Operation::new("pattern", "pattern");
    hole.expressions.insert("count".to_owned(), "5 / 2".to_owned());
    hole.choices.insert("of".to_owned(), "hole".to_owned());
    let mut drilled = Operation::new("hole", "hole");
    drilled.parameters.insert("diameter".to_owned(), said(3.0));
    let part = Part { features: vec![block(), drilled, hole], ..Part::default() };
    assert!(lower(&part).unwrap_err().why.contains("whole number"));
}

#[test]
fn a_long_chain_is_refused_rather_than_run_through() {
    let mut variables: Vec<(String, Variable)> =
        (0..99).map(|i| (format!("v{i}"), formula(&format!("v{}", i + 1)))).collect();
    variables.push(("v99".to_owned(), Variable::Value(said(1.0))));
    let part = Part { variables: variables.into_iter().collect(), ..part(&[], &[]) };
    let invalid = lower(&part).unwrap_err();
    assert!(invalid.why.contains("chain"), "{invalid}");
}

#[test]
fn edits_keep_formulas_sound() {
    let start = Part { features: vec![block()], ..Part::default() };
    let set = |name: &str, variable: Variable| Edit::SetVariable { name: name.to_owned(), variable };
    let express = |parameter: &str, expression: &str| Edit::SetExpression {
        operation: "block".to_owned(),
        parameter: parameter.to_owned(),
        expression: expression.to_owned(),
    };
    let part = start.apply_all(&[set("wall", Variable::Value(said(4.0))), express("height", "wall * 5")]).unwrap();
    assert_eq!(lower(&part).unwrap().size[2], 20.0);

    let refused = |edit: Edit| part.apply(&edit).expect_err("a refusal");
    assert!(matches!(refused(express("teeth", "1")), EditError::UnknownName { .. }));
    assert!(matches!(
        refused(express("width", "lid.wall")),
        EditError::Expression { error: ExpressionError::UnknownOperation(_), .. }
    ));
    assert!(matches!(
        refused(set("wall", formula("block.height"))),
        EditError::Expression { error: ExpressionError::Cycle(_), .. }
    ));
    assert!(matches!(
        refused(Edit::ClearVariable { name: "wall".into() }),
        EditError::Expression { error: ExpressionError::UnknownVariable(_), .. }
    ));
    assert_eq!(refused(Edit::ClearVariable { name: "gap".into() }), EditError::UnknownVariable("gap".into()));
    for name in ["", "2a", "a b", "min", "a.b", "a-b"] {
        assert!(matches!(refused(set(name, formula("1"))), EditError::VariableName(_)), "{name}");
    }

    // A said value takes the formula's place; a cleared formula gives the said value back.
    let cleared = Edit::ClearExpression { operation: "block".into(), parameter: "height".into() };
    assert_eq!(part.apply(&cleared).unwrap().features, start.features);
    let said = Edit::SetParameter { operation: "block".into(), parameter: "height".into(), value: said(33.0) };
    let part = part.apply(&said).unwrap();
    assert!(part.features[0].expressions.is_empty());
    assert!(part.apply(&Edit::ClearVariable { name: "wall".into() }).is_ok());
}

/// Text that is nearly a formula.
fn nearly() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        "[0-9]{1,4}(\\.[0-9]{0,3})?",
        "[a-c]",
        "(box|hole|hole-2)\\.(height|diameter)",
        Just("min(".to_owned()),
        Just("max(".to_owned()),
        prop::sample::select(vec!["+", "-", "*", "/", "(", ")", ",", ";", " ", ".", "'", "−"]).prop_map(str::to_owned),
    ];
    prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

/// A formula and what it comes to.
fn sound() -> impl Strategy<Value = (String, f64)> {
    let leaf = prop_oneof![
        (0..1000u32).prop_map(|n| (n.to_string(), f64::from(n))),
        (0..1000u32).prop_map(|n| (format!("{}.5", n), f64::from(n) + 0.5)),
        Just(("a".to_owned(), 3.0)),
    ];
    leaf.prop_recursive(4, 20, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|((a, x), (b, y))| (format!("({a} + {b})"), x + y)),
            (inner.clone(), inner.clone()).prop_map(|((a, x), (b, y))| (format!("({a}-({b}))"), x - y)),
            (inner.clone(), inner.clone()).prop_map(|((a, x), (b, y))| (format!("{a} * ({b})"), {
                // The left side is a leaf or in parentheses, or a product.
                x * y
            })),
            inner.clone().prop_map(|(a, x)| (format!("(-({a}))"), -x)),
            (inner.clone(), inner).prop_map(|((a, x), (b, y))| (format!("max({a}, {b})"), x.max(y))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_makes_reading_panic(text in prop_oneof![nearly(), "\\PC{0,250}"]) {
        if let Ok(expression) = Expression::parse(&text) {
            prop_assert!(text.chars().count() <= 200);
            let result = expression.evaluate(&mut |_: &Name| Ok::<_, ExpressionError>(2.0));
            prop_assert!(result.is_err() || result.is_ok_and(f64::is_finite));
            prop_assert!(expression.names().len() <= 200);
        }
    }

    #[test]
    fn a_sound_formula_comes_to_its_value((text, expected) in sound()) {
        match value(&text) {
            Ok(value) => prop_assert!((value - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{} {}", text, value),
            Err(error) => prop_assert_eq!(error, ExpressionError::TooLong),
        }
    }
}
