//! Explanations and their catalogues.

use part::{Expression, Face, Material, Placement, Position, catalogue::Default as Rule};

use super::*;
use crate::domain::{Engine, State};

fn said(turns: &[&str]) -> State {
    let engine = Engine::new();
    turns.iter().fold(State::default(), |state, turn| engine.turn(&state, turn).unwrap().state)
}

fn told<'a>(told: &'a [Explanation], path: &str) -> &'a Explanation {
    told.iter().find(|t| t.path == path).unwrap_or_else(|| panic!("no {path} in {told:#?}"))
}

#[test]
fn a_said_a_usual_and_a_derived_value_are_told_in_the_language_that_was_spoken() {
    let text = "um vaso de 120 mm de diâmetro em PETG";
    let state = said(&[text, "deixa 20 mm mais largo"]);
    let explained = Explainer::new().explain(Language::Pt, state.part());
    let material = told(&explained, "material");
    assert_eq!((material.origin, material.value.as_str()), (Origin::Said, "PETG"));
    let body = &state.part().features[0].id;
    let diameter = told(&explained, &format!("features.{body}.parameters.diameter"));
    assert_eq!((diameter.origin, diameter.value.as_str()), (Origin::Derived, "140 mm"));
    assert!(diameter.text.contains("mensagem 2") && diameter.text.contains("120 + 20"), "{}", diameter.text);
    assert!(!diameter.text.contains("turn"), "{}", diameter.text);
    let unsaid = explained.iter().find(|t| t.origin == Origin::Default && t.rule.contains('.')).unwrap();
    assert!(unsaid.text.contains("valor usual"), "{}", unsaid.text);
    // A value with a span points at its own words.
    let state = said(&[text]);
    let explained = Explainer::new().explain(Language::Pt, state.part());
    let diameter = told(&explained, &format!("features.{body}.parameters.diameter"));
    let (turn, start, end) = diameter.span.unwrap();
    assert_eq!((turn, &text[start as usize..end as usize]), (0, diameter.words.as_str()));
    assert!(diameter.text.contains("“120 mm”") && diameter.text.contains("mensagem 1"), "{}", diameter.text);
}

#[test]
fn every_size_of_every_kind_is_told_in_every_language() {
    let explainer = Explainer::new();
    for definition in catalogue::definitions() {
        let mut operation = Operation::new("it", definition.kind);
        for parameter in definition.parameters.iter().filter(|p| matches!(p.default, Rule::Essential)) {
            let value = parameter.range.0.max(1.0).min(parameter.range.1).ceil();
            operation.parameters.insert(parameter.name.to_owned(), Quantity::said(value, "", 0, 0..1));
        }
        let part = Part { features: vec![operation], ..Part::default() };
        let counts = Language::ALL.map(|language| {
            let told = explainer.explain(language, &part);
            assert!(told.iter().all(|t| !t.text.is_empty() && !t.label.is_empty()), "{told:#?}");
            told.len()
        });
        assert!(counts[0] == counts[1] && counts[1] == counts[2] && counts[0] >= 4, "{}: {counts:?}", definition.kind);
    }
}

#[test]
fn every_rule_of_the_catalogue_and_of_the_engine_is_translated() {
    let explainer = Explainer::new();
    let catalogue = catalogue::definitions().iter().flat_map(|d| d.parameters).filter_map(|p| match p.default {
        Rule::Rule(rule, _) => Some(rule),
        _ => None,
    });
    let engine = [
        "height 40 + 20, turn 2",
        "top_diameter 40 - 1.5, turn 0",
        "length 80 x 0.5, turn 3",
        "equal to top_diameter",
        "10 mm from the left edge, then every 20 mm",
        "1.5 mm from the far edge",
        "at 3 o'clock",
        "what a plate of this name has",
        "80 mm inside and two walls of 2 mm",
        "80 mm inside, a floor of 2 mm and a lid of 1.5 mm",
        "ISO 273 medium clearance hole for M4",
        "tap drill of the coarse thread M8",
        "nominal diameter of the thread M8, ISO 261",
        "twice the radius of 10 mm",
        "none wanted, turn 4",
        "number 2 of 3, 20 mm apart",
        "holds 300 ml",
        "holds meio litro at 120 % of the diameter in height",
        "centred on an assumed face",
        "so that it prints",
        "every 20 mm from the far side",
        "half a row of 3 before the middle",
        "8 mm from the edge to its side",
    ];
    for rule in catalogue.chain(engine) {
        let [pt, en, es] = Language::ALL.map(|language| explainer.rule(language, rule));
        assert!(pt != rule && es != rule, "{rule:?} is not translated: {pt:?} {es:?}");
        for text in [&pt, &en, &es] {
            assert!(!text.contains(['{', '_']) && !text.is_empty(), "{rule:?}: {text:?}");
        }
    }
    assert_eq!(explainer.rule(Language::Pt, "1.5 mm from the left edge"), "1,5 mm da borda esquerda");
    assert_eq!(explainer.rule(Language::Es, "height 40 + 20, turn 2"), "altura 40 + 20 (mensaje 3)");
}

#[test]
fn catalogues_have_the_same_messages() {
    let ids = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| line.split_once(" = ").map(|(id, _)| id.to_owned())).collect()
    };
    let en = ids(include_str!("../../../locales/en/explain.ftl"));
    assert!(en.len() > 40);
    assert_eq!(en, ids(include_str!("../../../locales/pt/explain.ftl")));
    assert_eq!(en, ids(include_str!("../../../locales/es/explain.ftl")));
    let pt = include_str!("../../../locales/pt/rules.ftl");
    assert_eq!(ids(pt), ids(include_str!("../../../locales/es/rules.ftl")));
}

#[test]
fn places_formulas_and_second_operations_have_names() {
    let hole = |id: &str| {
        let inset = Quantity::said(8.0, "8 mm", 1, 3..7);
        let placement = Some(Placement::new(Face::Top, Position::Corners { inset }));
        Operation { placement, ..Operation::new(id, "hole") }
    };
    let mut plate = Operation::new("plate", "plate");
    plate.parameters.insert("length".into(), Quantity::said(80.0, "80", 0, 0..2));
    plate.expressions.insert("width".into(), "plate.length / 2".into());
    assert!(Expression::parse("plate.length / 2").is_ok());
    let part = Part { features: vec![plate, hole("hole"), hole("hole-2")], ..Part::default() };
    let explained = Explainer::new().explain(Language::Es, &part);
    let inset = told(&explained, "features.hole-2.placement.position.inset");
    assert_eq!(inset.label, "distancia a los bordes (agujero 2)");
    assert_eq!((inset.value.as_str(), inset.span), ("8 mm", Some((1, 3, 7))));
    let width = told(&explained, "features.plate.parameters.width");
    assert_eq!((width.value.as_str(), width.origin), ("40 mm", Origin::Derived));
    assert_eq!(width.rule, "plate.length / 2");
}

#[test]
fn changes_are_told_with_what_was_and_what_is() {
    let before = said(&["a plate 80 x 60 x 3 mm"]).part().clone();
    let state = said(&["a plate 80 x 60 x 3 mm", "make it 5 mm thick, in PETG"]);
    let after = state.part().clone();
    let explainer = Explainer::new();
    let told = |before: &Part, after: &Part| -> Vec<String> {
        let changes = crate::domain::diff::diff(before, after);
        changes.iter().map(|change| explainer.change(Language::En, before, after, change)).collect()
    };
    assert_eq!(told(&before, &after), ["material: PETG", "thickness (plate): 3 mm → 5 mm"]);
    assert_eq!(told(&after, &before), ["material: no longer PETG", "thickness (plate): 5 mm → 3 mm"]);
    assert_eq!(told(&Part::default(), &before), ["added: plate"]);
    assert_eq!(told(&before, &Part::default()), ["removed: plate"]);
    let petg = Part { material: Some(Material::Petg), ..Part::default() };
    assert_eq!(told(&Part::default(), &petg), ["material: PETG"]);
}
