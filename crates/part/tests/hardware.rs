//! Standard hardware: the tables against figures from their standards, sizes as people write them, and what operations make
//! of them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use part::{
    Face, Fit, Operation, Part, Placement, Position, Quantity, catalogue,
    solid::{Action, Contour, Shape, Solid},
    standards::{self, ClearanceFit, Series, Size, SizeError},
};
use proptest::prelude::*;

const METRIC: [f64; 31] = [
    1.6, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0, 20.0, 22.0, 24.0, 27.0, 30.0,
    33.0, 36.0, 39.0, 42.0, 45.0, 48.0, 52.0, 56.0, 60.0, 64.0,
];
const INCH: [&str; 18] = [
    "#2", "#3", "#4", "#5", "#6", "#8", "#10", "#12", "1/4", "5/16", "3/8", "7/16", "1/2", "9/16", "5/8", "3/4", "7/8",
    "1\"",
];

fn size(text: &str) -> Size {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn near(actual: f64, expected: f64) {
    assert!((actual - expected).abs() < 1e-6, "{actual} is not {expected}");
}

#[test]
fn sizes_are_read_as_people_write_them() {
    for (text, diameter, pitch, length) in [
        ("M6", 6.0, 1.0, None),
        ("m6x0.75", 6.0, 0.75, None),
        ("M8 x 1", 8.0, 1.0, None),
        ("M10 × 1,25", 10.0, 1.25, None),
        ("M2,5", 2.5, 0.45, None),
        ("M6x20", 6.0, 1.0, Some(20.0)),
        ("M6 x 1 x 16", 6.0, 1.0, Some(16.0)),
        ("M8-1.25", 8.0, 1.25, None),
        ("1/4-20", 6.35, 1.27, None),
        ("1/4-20 UNC", 6.35, 1.27, None),
        ("1/4\"-28", 6.35, 25.4 / 28.0, None),
        ("1/4 UNF", 6.35, 25.4 / 28.0, None),
        ("#8-32", 4.1656, 0.79375, None),
        ("8-32", 4.1656, 0.79375, None),
        ("No. 10-24", 4.826, 25.4 / 24.0, None),
        ("1-8", 25.4, 3.175, None),
    ] {
        let size = size(text);
        near(size.diameter(), diameter);
        near((size.pitch() * 1e6).round() / 1e6, (pitch * 1e6_f64).round() / 1e6);
        assert_eq!(size.length(), length, "{text}");
    }
    assert_eq!(size("1/4-28").series(), Series::Unf);
    for text in
        ["", "M", "M-6", "six", "M6.5", "M6x0.9", "M8x1.5", "6", "8", "1/0", "1/4-21", "1/4-20 UNF", "#7", "Mx8", "M6x"]
    {
        assert!(text.parse::<Size>().is_err(), "{text} was read");
    }
    assert!(matches!("M8x1.5".parse::<Size>(), Err(SizeError::Pitch { .. })));
    assert!(matches!("M".repeat(50).parse::<Size>(), Err(SizeError::TooLong)));
}

#[test]
fn figures_are_those_of_the_standards() {
    let holes = |text: &str| {
        [ClearanceFit::Close, ClearanceFit::Normal, ClearanceFit::Loose]
            .map(|fit| standards::clearance(&size(text), fit))
    };
    assert_eq!(holes("M3"), [3.2, 3.4, 3.6].map(Some));
    assert_eq!(holes("M6"), [6.4, 6.6, 7.0].map(Some));
    assert_eq!(holes("M12"), [13.0, 13.5, 14.5].map(Some));
    assert_eq!(holes("#12"), [None; 3]);
    for (text, flats, height) in [("#3", 0.1875, 0.066), ("#5", 0.3125, 0.114), ("#12", 0.4375, 0.161)] {
        let nut = standards::hex_nut(&size(text)).unwrap();
        near(nut.across_flats, flats * 25.4);
        near(nut.height, height * 25.4);
    }
    near(standards::countersunk_head(&size("#12")).unwrap().diameter, 0.45 * 25.4);
    near(holes("1/4-20")[1].unwrap(), 0.281 * 25.4);
    assert_eq!(standards::thread(&size("M10")).tap_drill, 8.5);
    near(standards::thread(&size("1/4-20")).tap_drill, 0.201 * 25.4);
    let cap = standards::cap_head(&size("M6")).unwrap();
    assert_eq!(
        [cap.diameter, cap.height, cap.socket, cap.counterbore_diameter, cap.counterbore_depth],
        [10.0, 6.0, 5.0, 11.0, 6.4]
    );
    assert_eq!(standards::countersunk_head(&size("M4")).unwrap().diameter, 8.96);
    assert_eq!(standards::countersunk_head(&size("#8-32")).unwrap().angle, 82.0);
    let (nut, bolt) = (standards::hex_nut(&size("M8")).unwrap(), standards::hex_head(&size("M8")).unwrap());
    assert_eq!([nut.across_flats, nut.height, bolt.height], [13.0, 6.8, 5.3]);
    let washer = standards::washer(&size("M5")).unwrap();
    assert_eq!([washer.inner_diameter, washer.outer_diameter, washer.thickness], [5.3, 10.0, 1.0]);
    assert_eq!(standards::keyway(20.0).map(|key| (key.width, key.depth)), Some((6.0, 2.8)));
    assert_eq!((standards::keyway(6.0), standards::keyway(131.0)), (None, None));
    assert_eq!(standards::insert(&size("M3")).unwrap().bore, 4.0);
    assert_eq!([1.0, 3.2, 8.0, 100.0].map(standards::coarse_pitch), [0.35, 0.5, 1.25, 6.0]);
}

/// What must hold between the columns of every row; a mistyped figure breaks one of them.
#[test]
fn tables_rise_and_agree_with_each_other() {
    let metric = METRIC.map(|d| size(&format!("M{d}")));
    let inch = INCH.map(|text| size(&format!("{text} UNC").replace("\" UNC", " UNC")));
    for list in [&metric[..], &inch[..]] {
        let mut last = [0.0; 8];
        for size in list {
            let (d, thread) = (size.diameter(), standards::thread(size));
            assert!(thread.tap_drill < d - 0.7 * thread.pitch && thread.tap_drill > d - 1.25 * thread.pitch, "{size}");
            let fits = [ClearanceFit::Close, ClearanceFit::Normal, ClearanceFit::Loose];
            let holes = fits.map(|fit| standards::clearance(size, fit));
            if let [Some(close), Some(normal), Some(loose)] = holes {
                assert!(d < close && close < normal && normal < loose && loose < d * 1.36 + 0.1, "{size}");
            }
            let cap = standards::cap_head(size);
            if let Some(cap) = cap {
                assert!(cap.diameter > 1.45 * d && cap.diameter < 2.0 * d && cap.height == d, "{size}");
                assert!(cap.counterbore_diameter > cap.diameter + 0.1 && cap.counterbore_depth >= cap.height, "{size}");
                assert!(cap.socket / 0.866 < cap.diameter && cap.socket_depth < cap.height, "{size}");
                assert!(cap.counterbore_diameter > holes[2].unwrap_or(d), "{size}");
            }
            let countersunk = standards::countersunk_head(size);
            assert!(countersunk.is_none_or(|head| head.diameter > 1.8 * d && head.diameter < 2.4 * d), "{size}");
            let (nut, head) = (standards::hex_nut(size), standards::hex_head(size));
            for hexagon in [nut, head].into_iter().flatten() {
                assert!(hexagon.across_flats > 1.4 * d && hexagon.across_flats < 2.6 * d, "{size}");
                assert!(hexagon.height > 0.55 * d && hexagon.height < 0.95 * d, "{size}");
            }
            let washer = standards::washer(size);
            assert!(washer.is_none_or(|w| w.inner_diameter > d && w.outer_diameter > 1.7 * d), "{size}");
            let row = [
                holes[0],
                holes[2],
                cap.map(|cap| cap.diameter),
                cap.map(|cap| cap.counterbore_diameter),
                countersunk.map(|head| head.diameter),
                nut.map(|nut| nut.height),
                head.map(|head| head.height),
                washer.map(|washer| washer.outer_diameter),
            ];
            for (value, last) in row.into_iter().zip(&mut last) {
                if let Some(value) = value {
                    assert!(value >= *last, "{size}: {value} after {last}");
                    *last = value;
                }
            }
        }
    }
}

#[test]
fn a_hole_for_a_named_screw_follows_from_it() {
    let definition = catalogue::find("hole").unwrap();
    for (choices, diameter) in [
        (&[("screw", "M6")][..], 6.6),
        (&[("screw", "M6"), ("fit", "close")], 6.4),
        (&[("screw", "M6"), ("kind", "threaded")], 6.0),
        (&[("screw", "M3"), ("kind", "insert")], 4.0),
        (&[("screw", "1/4-20")], 0.281 * 25.4),
    ] {
        let hole = operation("hole", &[], choices);
        assert!(definition.missing(&hole).is_empty(), "{choices:?}");
        near(definition.resolve(&hole, None).unwrap().get("diameter"), diameter);
    }
    let said = operation("hole", &[("diameter", 7.0)], &[("screw", "M6")]);
    assert_eq!(definition.resolve(&said, None).unwrap().get("diameter"), 7.0);
    // Nothing to follow from: no screw, one that is none, one without a hole in the standard.
    for choices in [&[][..], &[("screw", "six")], &[("screw", "#12-24")]] {
        let hole = operation("hole", &[], choices);
        assert_eq!(definition.missing(&hole), ["diameter"], "{choices:?}");
        let error = definition.resolve(&hole, None).unwrap_err();
        assert_eq!(error.parameter, "diameter");
        assert!(error.why.contains("essential") && error.why.contains("screw"), "{error}");
    }
    // In a part, and where a formula asks for it.
    let plate = operation("plate", &[("length", 60.0), ("width", 40.0), ("thickness", 5.0)], &[]);
    let mut second = operation("hole", &[], &[]);
    let corner = Quantity::said(8.0, "8 mm", 0, 0..4);
    let corner = Position::FromCorner { u: corner.clone(), v: corner };
    (second.id, second.placement) = ("second".to_owned(), Some(Placement::new(Face::Top, corner)));
    second.expressions.insert("diameter".to_owned(), "hole.diameter / 2".to_owned());
    let part = Part { features: vec![plate, operation("hole", &[], &[("screw", "M6")]), second], ..Part::default() };
    let body = part::lower(&part).unwrap();
    let cut: Vec<f64> = body.pieces[0]
        .steps
        .iter()
        .filter_map(|step| match &step.action {
            Action::Cut(Solid { shape: Shape::Cylinder { diameter, .. }, .. }) => Some(*diameter),
            _ => None,
        })
        .collect();
    assert_eq!(cut, [6.6, 3.3]);
}

fn operation(kind: &str, parameters: &[(&str, f64)], choices: &[(&str, &str)]) -> Operation {
    let mut operation = Operation::new(kind, kind);
    for (name, value) in parameters {
        operation.parameters.insert((*name).to_owned(), Quantity::said(*value, value.to_string(), 0, 0..1));
    }
    for (name, value) in choices {
        operation.choices.insert((*name).to_owned(), (*value).to_owned());
    }
    operation
}

/// The tools that a hole in a block of 40 x 40 x 30 cuts with.
fn tools(parameters: &[(&str, f64)], choices: &[(&str, &str)]) -> Result<Vec<Solid>, part::Invalid> {
    let block = operation("block", &[("length", 40.0), ("width", 40.0), ("height", 30.0)], &[]);
    let part = Part { features: vec![block, operation("hole", parameters, choices)], ..Part::default() };
    let body = part::lower(&part)?;
    let cuts = body.pieces[0].steps.iter().filter_map(|step| match &step.action {
        Action::Cut(solid) => Some(solid.clone()),
        _ => None,
    });
    Ok(cuts.collect())
}

fn outline(solid: &Solid) -> Vec<[f64; 2]> {
    match &solid.shape {
        Shape::Revolution { profile, .. } => match &profile.outer {
            Contour::Polygon { points } => points.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_screw_gives_its_head_unless_it_is_said() {
    let m6 = |kind| [("kind", kind), ("screw", "M6")];
    let bored = outline(&tools(&[("diameter", 6.6)], &m6("counterbore")).unwrap()[0]);
    assert!(bored.contains(&[5.5, 6.4]) && bored.contains(&[3.3, 6.4]), "{bored:?}");
    let wider = outline(&tools(&[("diameter", 6.6), ("head_diameter", 14.0)], &m6("counterbore")).unwrap()[0]);
    assert!(wider.contains(&[7.0, 6.4]), "{wider:?}");
    let sunk = outline(&tools(&[("diameter", 6.6)], &m6("countersink")).unwrap()[0]);
    assert!(sunk.contains(&[6.72, 0.0]) && sunk.contains(&[3.3, 3.42]), "{sunk:?}");
    let nut = tools(&[("diameter", 6.6)], &m6("nut")).unwrap();
    // ISO 4032: 10 across flats, 5.2 high; 0.2 on every side.
    let Shape::Extrusion { profile, height } = &nut[0].shape else { panic!("{nut:?}") };
    let Contour::Polygon { points } = &profile.outer else { panic!("{nut:?}") };
    let flats = 2.0 * points.iter().map(|p| p[1]).fold(0.0, f64::max);
    assert!((flats - 10.4).abs() < 1e-5 && *height == 6.2, "{flats} {height}");
    let inch = outline(&tools(&[("diameter", 7.0)], &[("kind", "countersink"), ("screw", "1/4-20")]).unwrap()[0]);
    let cone = (0.531 * 25.4 - 7.0) / 2.0 / 41_f64.to_radians().tan();
    assert!(inch.iter().any(|p| p[0] == 3.5 && (p[1] - cone).abs() < 1e-5), "{inch:?}");
    let steep = [("kind", "countersink")];
    let cone =
        outline(&tools(&[("diameter", 4.0), ("head_diameter", 8.0), ("countersink_angle", 60.0)], &steep).unwrap()[0]);
    assert!(cone.iter().any(|p| p[0] == 2.0 && (p[1] - 2.0 * 3_f64.sqrt()).abs() < 1e-5), "{cone:?}");
}

#[test]
fn a_hole_without_a_screw_is_what_it_was() {
    let plain = outline(&tools(&[("diameter", 5.0)], &[("kind", "counterbore")]).unwrap()[0]);
    assert!(plain.contains(&[5.0, 5.0]), "{plain:?}");
    let blind = tools(&[("diameter", 5.0)], &[("kind", "blind")]).unwrap();
    assert!(matches!(blind[0].shape, Shape::Cylinder { diameter: 5.0, height } if height == 11.0));
    let pointed =
        outline(&tools(&[("diameter", 5.0), ("depth", 8.0)], &[("kind", "blind"), ("bottom", "conical")]).unwrap()[0]);
    let tip = 8.0 + 2.5 / 59_f64.to_radians().tan();
    assert!(pointed.iter().any(|p| p[0] == 0.0 && (p[1] - tip).abs() < 1e-5), "{pointed:?}");
}

#[test]
fn a_threaded_hole_is_drilled_for_the_tap_or_has_its_thread() {
    let tapped = [("kind", "threaded"), ("screw", "M6")];
    let drilled = tools(&[("diameter", 6.0)], &tapped).unwrap();
    assert!(
        matches!(drilled[..], [Solid { shape: Shape::Cylinder { diameter: 5.0, height: 32.0 }, .. }]),
        "{drilled:?}"
    );
    let modelled: Vec<_> = tapped.into_iter().chain([("representation", "modelled")]).collect();
    let through = tools(&[("diameter", 6.0)], &modelled).unwrap();
    let [Solid { shape: Shape::Thread { diameter, pitch, length, internal, clearance, .. }, .. }] = through[..] else {
        panic!("{through:?}")
    };
    assert_eq!((diameter, pitch, length, internal, clearance), (6.0, 1.0, 32.0, true, 0.1));
    let deep = tools(&[("diameter", 8.0), ("thread_depth", 12.0)], &modelled).unwrap();
    // Without a size of its own the pitch is the screw's; the drill runs three pitches out.
    assert!(matches!(deep[0].shape, Shape::Thread { length: 13.0, .. }), "{deep:?}");
    assert!(matches!(deep[1].shape, Shape::Cylinder { diameter: 7.0, height: 16.0 }), "{deep:?}");
    let blind = tools(&[("diameter", 6.0), ("depth", 10.0)], &tapped).unwrap();
    assert!(matches!(blind[0].shape, Shape::Cylinder { diameter: 5.0, height: 11.0 }), "{blind:?}");
    let fine = tools(&[("diameter", 6.0)], &[("kind", "threaded"), ("screw", "M6x0.75")]).unwrap();
    assert!(matches!(fine[0].shape, Shape::Cylinder { diameter: 5.25, .. }), "{fine:?}");
    let insert = tools(&[("diameter", 4.0)], &[("kind", "insert"), ("screw", "M3")]).unwrap();
    assert!(
        matches!(insert[0].shape, Shape::Cylinder { diameter: 4.0, height } if (height - 7.7).abs() < 1e-9),
        "{insert:?}"
    );
}

#[test]
fn refusals_of_holes_name_the_parameter() {
    let refused = |parameters: &[(&str, f64)], choices: &[(&str, &str)]| tools(parameters, choices).unwrap_err();
    assert_eq!(refused(&[("diameter", 6.0)], &[("screw", "six")]).parameter, "screw");
    // ISO 4762 has no M18.
    let none = refused(&[("diameter", 20.0)], &[("screw", "M18"), ("kind", "counterbore")]);
    assert!(none.parameter == "screw" && none.why.contains("M18"), "{none}");
    let coarse = refused(&[("diameter", 4.0), ("pitch", 3.0)], &[("kind", "threaded")]);
    assert_eq!(coarse.parameter, "pitch");
    let point = refused(&[("diameter", 10.0), ("depth", 28.0)], &[("kind", "blind"), ("bottom", "conical")]);
    assert_eq!(point.parameter, "depth");
    let thread = refused(&[("diameter", 6.0), ("depth", 8.0), ("thread_depth", 9.0)], &[("kind", "threaded")]);
    assert_eq!(thread.parameter, "thread_depth");
}

#[test]
fn fasteners_take_their_sizes_from_the_standards() {
    let values = |kind: &str, parameters: &[(&str, f64)], choices: &[(&str, &str)]| {
        catalogue::find(kind).unwrap().resolve(&operation(kind, parameters, choices), Some(Fit::Normal)).unwrap()
    };
    let bolt = values("bolt", &[], &[("size", "M10x60"), ("head", "socket")]);
    assert_eq!(
        ["diameter", "pitch", "length", "head_width", "head_height", "socket"].map(|n| bolt.get(n)),
        [10.0, 1.5, 60.0, 16.0, 10.0, 8.0]
    );
    // A diameter that was said wins over the size that was not.
    let nut = values("hex_nut", &[("diameter", 20.0)], &[]);
    assert_eq!(["pitch", "across_flats", "height"].map(|n| nut.get(n)), [2.5, 30.0, 18.0]);
    let odd = values("hex_nut", &[("diameter", 11.0)], &[]);
    assert_eq!(["pitch", "across_flats"].map(|n| odd.get(n)), [1.5, 17.6]);
    let gear = values("gear", &[("teeth", 30.0), ("bore", 12.0)], &[("keyway", "standard")]);
    assert_eq!(["keyway_width", "keyway_depth"].map(|n| gear.get(n)), [4.0, 1.8]);
    let lower = |operation: Operation| part::lower(&Part { features: vec![operation], ..Part::default() });
    assert_eq!(lower(operation("bolt", &[], &[("size", "big")])).unwrap_err().parameter, "size");
    let endless = operation("bolt", &[("length", 2000.0), ("pitch", 0.5)], &[]);
    assert_eq!(lower(endless).unwrap_err().parameter, "pitch");
    let keyed = operation("gear", &[("teeth", 30.0), ("bore", 5.0)], &[("keyway", "standard")]);
    assert_eq!(lower(keyed).unwrap_err().parameter, "keyway");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_a_size_or_refused(text in ".{0,60}") {
        if let Ok(size) = text.parse::<Size>() {
            prop_assert!(size.diameter() >= 1.6 && size.diameter() <= 64.0);
        }
    }

    #[test]
    fn almost_sizes_never_panic(text in "[mM#]?[0-9]{0,3}([./,x×-][0-9]{0,4}){0,3} ?(unc|UNF|\"|in)?") {
        if let Ok(size) = text.parse::<Size>() {
            prop_assert!(size.pitch() > 0.1 && size.pitch() < size.diameter() / 2.0);
            // Written out, it reads the same.
            let again: Size = size.to_string().parse().unwrap();
            prop_assert_eq!(again.diameter(), size.diameter());
            prop_assert_eq!(again.pitch(), size.pitch());
        }
    }
}
