//! No sketch, path, placement or number makes lowering panic, run on, or hand a kernel what is no number.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

use part::{
    Figure, MAX_DRAWN, Operation, Outline, Part, Path, Placement, Point, Quantity, Sketch, SpacePoint, SpaceStroke,
    Stroke, catalogue, examples::examples, lower, solid::Action,
};
use proptest::prelude::*;

fn said(value: f64) -> Quantity {
    Quantity::said(value, "", 0, 0..1)
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => -60.0..60.0,
        3 => (-12..12i32).prop_map(f64::from),
        1 => Just(0.0),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, -1e300, 1e300, 1e-300, 2000.0]),
    ]
}

fn quantity() -> impl Strategy<Value = Quantity> {
    number().prop_map(said)
}

fn size() -> impl Strategy<Value = Quantity> {
    prop_oneof![8 => 0.5..80.0, 1 => number()].prop_map(said)
}

fn point() -> impl Strategy<Value = Point> {
    (quantity(), quantity()).prop_map(|(x, y)| Point { x, y })
}

fn figure() -> impl Strategy<Value = Figure> {
    let stroke = prop_oneof![
        point().prop_map(|to| Stroke::Line { to }),
        (point(), point()).prop_map(|(via, to)| Stroke::Arc { via, to }),
    ];
    let closed = (point(), prop::collection::vec(stroke, 1..6)).prop_map(|(start, mut segments)| {
        segments.push(Stroke::Line { to: start.clone() });
        Figure::Path { start, segments }
    });
    prop_oneof![
        (size(), size(), prop::option::of(size())).prop_map(|(length, width, corner_radius)| Figure::Rectangle {
            length,
            width,
            corner_radius
        }),
        size().prop_map(|diameter| Figure::Circle { diameter }),
        (size(), size()).prop_map(|(length, width)| Figure::Ellipse { length, width }),
        (size(), size()).prop_map(|(length, width)| Figure::Slot { length, width }),
        ((1..70i32).prop_map(f64::from), size(), any::<bool>())
            .prop_map(|(sides, size, across_flats)| Figure::RegularPolygon { sides: said(sides), size, across_flats }),
        prop::collection::vec(point(), 2..7).prop_map(|points| Figure::Polygon { points }),
        closed,
        ((4..40i32).prop_map(f64::from), 0.1..4.0).prop_map(|(teeth, module)| Figure::Gear {
            teeth: said(teeth),
            module: said(module),
            pressure_angle: None
        }),
        ("\\PC{0,8}", size()).prop_map(|(text, height)| Figure::Text { text, height }),
    ]
}

fn outline() -> impl Strategy<Value = Outline> {
    (figure(), prop::option::of(point()), prop::option::of(quantity())).prop_map(|(shape, centre, rotation)| Outline {
        shape,
        centre,
        rotation,
    })
}

fn sketch() -> impl Strategy<Value = Sketch> {
    (outline(), prop::collection::vec(outline(), 0..3), prop::option::of(quantity()))
        .prop_map(|(outline, holes, height)| Sketch { outline, holes, height })
}

fn path() -> impl Strategy<Value = Path> {
    let point = || (quantity(), quantity(), quantity()).prop_map(|(x, y, z)| SpacePoint { x, y, z });
    let stroke = prop_oneof![
        point().prop_map(|to| SpaceStroke::Line { to }),
        (point(), point()).prop_map(|(via, to)| SpaceStroke::Arc { via, to }),
    ];
    prop_oneof![
        (point(), prop::collection::vec(stroke, 0..5)).prop_map(|(start, segments)| Path::Strokes { start, segments }),
        (size(), size(), size(), any::<bool>()).prop_map(|(diameter, pitch, turns, left_handed)| Path::Helix {
            diameter,
            pitch,
            turns,
            left_handed
        }),
    ]
}

/// An operation on sketches with what it takes and some numbers, placed like one of the examples.
fn operation() -> impl Strategy<Value = Operation> {
    let placements: Vec<Option<Placement>> =
        examples().into_iter().flat_map(|(_, part)| part.features).map(|operation| operation.placement).collect();
    (
        prop::sample::select(vec!["extrude", "revolve", "sweep", "loft"]),
        prop::collection::vec(sketch(), 1..4),
        path(),
        prop::collection::vec(size(), 3),
        any::<u32>(),
        prop::sample::select(placements),
    )
        .prop_map(|(kind, sketches, path, sizes, bits, placement)| {
            let definition = catalogue::find(kind).unwrap();
            let (_, most) = definition.sketches();
            let parameters = definition.parameters.iter().zip(sizes).map(|(p, value)| (p.name.to_owned(), value));
            let choices = definition.choices.iter().enumerate().map(|(i, choice)| {
                (choice.name.to_owned(), choice.options[(bits >> (4 * i)) as usize % choice.options.len()].to_owned())
            });
            Operation {
                parameters: parameters.collect(),
                choices: choices.collect(),
                sketches: sketches.into_iter().take(most).collect(),
                path: (kind == "sweep").then_some(path),
                placement,
                ..Operation::new("drawn", kind)
            }
        })
}

fn sound(part: &Part) -> Result<(), TestCaseError> {
    match lower(part) {
        Ok(body) => {
            prop_assert!(body.size.iter().all(|s| s.is_finite() && *s > 0.0), "{:?}", body.size);
            prop_assert!(body.base.iter().all(|s| s.is_finite()));
            for step in body.pieces.iter().flat_map(|piece| &piece.steps) {
                prop_assert!(!step.operation.is_empty());
                if let Action::Add(solid) | Action::Cut(solid) | Action::Intersect(solid) = &step.action {
                    let frame = solid.frame;
                    let length = |v: [f64; 3]| v.iter().map(|c| c * c).sum::<f64>().sqrt();
                    let square: f64 = (0..3).map(|i| frame.x[i] * frame.z[i]).sum();
                    prop_assert!(frame.origin.iter().all(|c| c.is_finite()), "{:?}", frame);
                    prop_assert!((length(frame.x) - 1.0).abs() < 1e-9 && (length(frame.z) - 1.0).abs() < 1e-9);
                    prop_assert!(square.abs() < 1e-9, "{:?}", frame);
                    // JSON writes what is no number as null.
                    prop_assert!(!serde_json::to_string(&solid.shape).unwrap().contains("null"), "{:?}", solid.shape);
                }
            }
        }
        Err(invalid) => {
            prop_assert!(!invalid.operation.is_empty() && !invalid.parameter.is_empty() && !invalid.why.is_empty());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn drawn_bodies_and_drawn_changes_lower_or_are_refused(operation in operation(), bare in any::<bool>()) {
        let first = Operation { placement: None, choices: Default::default(), ..operation.clone() };
        sound(&Part { features: vec![first], ..Part::default() })?;
        let mut on = examples().into_iter().find(|(name, _)| *name == "place_on_a_boss").unwrap().1;
        if bare {
            on.features.truncate(1);
        }
        on.features.push(operation);
        sound(&on)?;
    }

    /// Any example with one of its numbers changed.
    #[test]
    fn an_example_with_another_number_lowers_or_is_refused(
        which in any::<prop::sample::Index>(),
        operation in any::<prop::sample::Index>(),
        parameter in any::<prop::sample::Index>(),
        value in prop_oneof![-10.0..120.0, (0..30i32).prop_map(f64::from), number()],
    ) {
        let all = examples();
        let mut part = which.get(&all).1.clone();
        let operation = operation.index(part.features.len());
        let operation = &mut part.features[operation];
        let definition = catalogue::find(&operation.kind).unwrap();
        if !definition.parameters.is_empty() {
            let name = definition.parameters[parameter.index(definition.parameters.len())].name;
            operation.parameters.insert(name.to_owned(), said(value));
        }
        if !part.features.iter().any(|operation| operation.kind == "import") {
            sound(&part)?;
        }
    }
}

#[test]
fn a_sketch_of_the_largest_size_is_checked_in_little_time() {
    // A comb of arcs that all overlap in x: the worst for a sweep over sorted sides.
    let n = MAX_DRAWN / 4;
    let mut segments = Vec::new();
    let at = |x: f64, y: f64| Point { x: said(x), y: said(y) };
    for i in 0..n {
        let y = i as f64;
        let (near, far) = if i % 2 == 0 { (0.0, 300.0) } else { (300.0, 0.0) };
        segments.push(Stroke::Line { to: at(far, y) });
        segments
            .push(Stroke::Arc { via: at(far + if far > near { 0.5 } else { -0.5 }, y + 0.5), to: at(far, y + 1.0) });
    }
    segments.push(Stroke::Line { to: at(-900.0, n as f64) });
    segments.push(Stroke::Line { to: at(-900.0, 0.0) });
    segments.push(Stroke::Line { to: at(0.0, 0.0) });
    segments.truncate(500);
    let outline = Outline { shape: Figure::Path { start: at(0.0, 0.0), segments }, centre: None, rotation: None };
    let mut operation = Operation::new("extrude", "extrude");
    operation.parameters.insert("height".into(), said(20.0));
    operation.parameters.insert("draft".into(), said(5.0));
    operation.sketches.push(Sketch { outline, holes: Vec::new(), height: None });
    let begun = std::time::Instant::now();
    let invalid = lower(&Part { features: vec![operation], ..Part::default() }).unwrap_err();
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    assert!(invalid.parameter.starts_with("sketches[0].outline.segments"), "{invalid}");
}
