//! The boxes, brackets, clamps, signs and standard parts of the catalogue: what they refuse, and why; what follows from what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::type_complexity, reason = "a test fails by panicking")]

use part::{
    Fit, Invalid, Operation, Part, Quantity,
    catalogue::{self, Default as Rule, Role},
    solid::{Action, Body, Shape},
};

const KINDS: [&str; 18] = [
    "hinged_box",
    "sliding_box",
    "screw_box",
    "enclosure",
    "drawer_divider",
    "shelf_bracket",
    "gusset",
    "handle",
    "cable_clip",
    "clamp",
    "foot",
    "saucer",
    "sign",
    "hinge",
    "gridfinity_bin",
    "test_coupon",
    "cable_grommet",
    "wall_plate",
];

fn specified(kind: &str, numbers: &[(&str, f64)], words: &[(&str, &str)], fit: Option<Fit>) -> Result<Body, Invalid> {
    let mut operation = Operation::new(kind, kind);
    for (name, value) in numbers {
        operation.parameters.insert((*name).to_owned(), Quantity::said(*value, value.to_string(), 0, 0..1));
    }
    for (name, word) in words {
        operation.choices.insert((*name).to_owned(), (*word).to_owned());
    }
    part::lower(&Part { features: vec![operation], fit, ..Part::default() })
}

const BOX: [(&str, f64); 3] = [("length", 80.0), ("width", 60.0), ("height", 40.0)];

fn boxed(more: &[(&str, f64)]) -> Vec<(&'static str, f64)> {
    // Later numbers win.
    let named = |name: &str| more.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
    let mut all: Vec<(&'static str, f64)> = BOX.iter().map(|(n, v)| (*n, named(n).unwrap_or(*v))).collect();
    for (name, value) in more {
        if !BOX.iter().any(|(n, _)| n == name) {
            all.push((Box::leak((*name).to_owned().into_boxed_str()), *value));
        }
    }
    all
}

#[test]
fn every_kind_is_in_the_catalogue_and_explains_itself() {
    for kind in KINDS {
        let definition = catalogue::find(kind).unwrap_or_else(|| panic!("{kind}"));
        assert!(
            definition.role == Role::Body && definition.meaning.ends_with('.') && !definition.size_order.is_empty()
        );
        for parameter in definition.parameters {
            if let Rule::Rule(text, _) = parameter.default {
                assert!(text.len() > 8, "{kind}.{}", parameter.name);
            }
            // A word that names a number and a choice at once cannot be understood.
            assert!(definition.choices.iter().all(|choice| choice.name != parameter.name), "{kind}.{}", parameter.name);
        }
    }
}

#[test]
fn refusals_name_the_parameter_and_the_reason() {
    let cases: &[(&str, Vec<(&str, f64)>, &[(&str, &str)], &str, &str)] = &[
        ("hinged_box", boxed(&[("knuckles", 4.0)]), &[], "knuckles", "odd"),
        ("hinged_box", boxed(&[("lid_height", 4.0)]), &[], "lid_height", "or more"),
        ("hinged_box", boxed(&[("height", 9.0)]), &[], "height", "leaves no box"),
        ("hinged_box", boxed(&[("knuckles", 51.0)]), &[], "knuckles", "fewer"),
        ("sliding_box", boxed(&[("wall", 0.8)]), &[], "wall", "groove"),
        ("sliding_box", boxed(&[("lid_thickness", 39.0)]), &[], "lid_thickness", "fill the height"),
        ("sliding_box", boxed(&[("width", 7.0)]), &[], "width", "grooves"),
        ("screw_box", boxed(&[("width", 14.0)]), &[], "width", "two screws"),
        ("screw_box", boxed(&[("screw_depth", 39.0)]), &[], "screw_depth", "floor"),
        ("screw_box", boxed(&[("corner_radius", 25.0)]), &[], "corner_radius", "bosses"),
        (
            "screw_box",
            boxed(&[("lid_thickness", 1.0)]),
            &[("screw_head", "countersunk")],
            "lid_thickness",
            "countersunk",
        ),
        ("enclosure", boxed(&[("board_hole_length", 40.0)]), &[], "board_hole_width", "missing"),
        (
            "enclosure",
            boxed(&[("board_hole_length", 75.0), ("board_hole_width", 30.0)]),
            &[],
            "board_hole_length",
            "walls",
        ),
        (
            "enclosure",
            boxed(&[("board_hole_length", 66.0), ("board_hole_width", 46.0)]),
            &[],
            "board_hole_length",
            "bosses",
        ),
        ("enclosure", boxed(&[("vent_count", 40.0)]), &[], "vent_count", "at most"),
        ("enclosure", boxed(&[("cable_hole_diameter", 45.0)]), &[], "cable_hole_diameter", "back wall"),
        ("drawer_divider", boxed(&[("columns", 10.0), ("wall", 8.0)]), &[], "columns", "cells"),
        ("drawer_divider", boxed(&[("columns", 1.0), ("rows", 1.0)]), &[("style", "comb")], "columns", "no divider"),
        ("drawer_divider", boxed(&[("corner_radius", 20.0)]), &[], "corner_radius", "corners"),
        ("shelf_bracket", vec![("length", 30.0), ("thickness", 10.0)], &[], "thickness", "legs"),
        ("shelf_bracket", vec![("length", 100.0), ("hole_count", 20.0)], &[], "length", "no room"),
        (
            "gusset",
            vec![("length", 30.0), ("hole_count", 3.0), ("hole_diameter", 12.0)],
            &[],
            "hole_count",
            "does not fit",
        ),
        ("gusset", vec![("length", 30.0), ("nose", 30.0)], &[], "nose", "slope"),
        ("handle", vec![("hole_spacing", 96.0), ("length", 98.0)], &[], "hole_spacing", "posts"),
        ("handle", vec![("hole_depth", 45.0)], &[], "hole_depth", "goes through"),
        ("cable_clip", vec![("diameter", 10.0), ("opening", 12.0)], &[], "opening", "does not hold"),
        ("clamp", vec![("diameter", 20.0), ("gap", 15.0)], &[], "gap", "ring"),
        ("clamp", vec![("diameter", 20.0), ("bolt_diameter", 12.0)], &[], "bolt_diameter", "wider clamp"),
        ("foot", vec![("head_diameter", 29.0)], &[], "head_diameter", "no wall"),
        ("foot", vec![("head_depth", 15.0)], &[], "head_depth", "under the head"),
        ("sign", vec![("text_height", 50.0)], &[("text", "Oficina")], "text_height", "at most"),
        ("sign", vec![("text_depth", 4.0)], &[("text", "Ana"), ("style", "engraved")], "text_depth", "through"),
        ("sign", vec![("hole_count", 3.0)], &[("text", "Ana")], "hole_count", "1, 2 or 4"),
        ("sign", vec![], &[], "text", "essential"),
        ("hinge", vec![("length", 60.0), ("knuckles", 6.0)], &[], "knuckles", "odd"),
        ("hinge", vec![("length", 60.0), ("width", 10.0)], &[], "width", "no leaf"),
        ("gridfinity_bin", vec![("compartments_x", 12.0)], &[], "compartments_x", "fewer"),
        ("gridfinity_bin", vec![("columns", 7.0)], &[], "columns", "outside 1 to 6"),
        ("test_coupon", vec![("step", 2.0), ("hole_count", 20.0)], &[("type", "tolerance")], "step", "twice as wide"),
        ("cable_grommet", vec![("diameter", 60.0), ("opening", 50.0)], &[], "opening", "too wide"),
        ("wall_plate", vec![("opening_length", 70.0), ("opening_width", 20.0)], &[], "opening_length", "screws"),
    ];
    let mut problems = Vec::new();
    for (kind, numbers, words, parameter, reason) in cases {
        match specified(kind, numbers, words, None) {
            Ok(_) => problems.push(format!("{kind} {numbers:?} {words:?} is accepted")),
            Err(invalid) => {
                let named = (invalid.operation.as_str(), invalid.parameter.as_str());
                if named != (*kind, *parameter) || !invalid.why.contains(reason) {
                    problems.push(format!("{invalid}; expected {parameter} and '{reason}'"));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn what_a_refusal_proposes_is_accepted() {
    // The last number of each reason, put in its place.
    let cases: &[(&str, Vec<(&str, f64)>, &str)] = &[
        ("hinged_box", boxed(&[("lid_height", 4.0)]), "lid_height"),
        ("hinge", vec![("length", 60.0), ("width", 10.0), ("hole_count", 0.0)], "width"),
        ("screw_box", boxed(&[("width", 14.0)]), "width"),
        ("sliding_box", boxed(&[("width", 7.0)]), "width"),
        ("foot", vec![("head_depth", 15.0)], "head_depth"),
    ];
    for (kind, numbers, parameter) in cases {
        let Err(invalid) = specified(kind, numbers, &[], None) else { panic!("{kind} {numbers:?} is accepted") };
        let numbers_in_it: Vec<f64> = invalid.why.split([' ', ',', ';']).filter_map(|word| word.parse().ok()).collect();
        let more = invalid.why.contains("more");
        let proposed = numbers_in_it.last().unwrap() + if more { 0.1 } else { -0.1 };
        let mut mended = numbers.clone();
        mended.iter_mut().filter(|(name, _)| name == parameter).for_each(|(_, value)| *value = proposed);
        if mended.iter().all(|(name, _)| name != parameter) {
            mended.push((parameter, proposed));
        }
        specified(kind, &mended, &[], None).unwrap_or_else(|again| panic!("{invalid}\n{again}"));
    }
}

#[test]
fn the_fit_is_the_play_between_mating_pieces() {
    // The pin's bore in the lid: two gaps wider than the pin.
    for (fit, bore) in [(Fit::Tight, 3.2), (Fit::Normal, 3.4), (Fit::Loose, 3.7)] {
        let body = specified("hinged_box", &boxed(&[("lid_height", 14.0)]), &[], Some(fit)).unwrap();
        let bores = body.pieces[1].steps.iter().filter_map(|step| match &step.action {
            Action::Cut(solid) => match solid.shape {
                Shape::Cylinder { diameter, .. } => Some(diameter),
                _ => None,
            },
            _ => None,
        });
        assert_eq!(bores.collect::<Vec<_>>(), [bore], "{fit:?}");
    }
}

#[test]
fn pieces_lie_as_they_print() {
    let turns = |kind: &str, numbers: &[(&str, f64)]| -> Vec<(String, [u8; 2])> {
        let body = specified(kind, numbers, &[], None).unwrap();
        body.pieces.into_iter().map(|piece| (piece.name, piece.print_turns)).collect()
    };
    let named = |pieces: &[(&str, [u8; 2])]| pieces.iter().map(|(n, t)| ((*n).to_owned(), *t)).collect::<Vec<_>>();
    assert_eq!(turns("hinged_box", &BOX), named(&[("box", [0, 0]), ("lid", [2, 0]), ("pin", [0, 0])]));
    assert_eq!(turns("sliding_box", &BOX), named(&[("box", [0, 0]), ("lid", [0, 0])]));
    assert_eq!(turns("enclosure", &BOX), named(&[("enclosure", [0, 0]), ("lid", [2, 0])]));
    assert_eq!(turns("clamp", &[("diameter", 20.0)]), named(&[("lower", [1, 0]), ("upper", [1, 0])]));
    assert_eq!(turns("foot", &[]), named(&[("foot", [2, 0])]));
}

#[test]
fn rules_follow_what_was_said() {
    let size = |kind: &str, numbers: &[(&str, f64)]| specified(kind, numbers, &[], None).unwrap().size;
    assert_eq!(size("handle", &[]), [108.0, 12.0, 40.0]);
    assert_eq!(size("handle", &[("hole_spacing", 128.0)]), [140.0, 12.0, 40.0]);
    assert_eq!(size("gridfinity_bin", &[("columns", 2.0), ("rows", 3.0)]), [83.5, 125.5, 24.8]);
    assert_eq!(size("gusset", &[("length", 50.0)]), [50.0, 50.0, 4.0]);
    assert_eq!(size("shelf_bracket", &[("length", 200.0)]), [200.0, 40.0, 200.0]);
    assert_eq!(size("clamp", &[("diameter", 24.0)]), [56.0, 12.0, 32.0]);
    assert_eq!(size("foot", &[("diameter", 40.0)]), [40.0, 40.0, 20.0]);
    let inner = specified("enclosure", &boxed(&[]), &[("measured", "inner")], None).unwrap();
    assert_eq!(inner.size, [84.0, 64.0, 44.0]);
}
