//! What goes out comes back the same, and what does not fit is refused by the name of its field.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

use part::{
    Anchor, AnchorFrom, Face, FaceEdge, Figure, Operation, Outline, Part, Path, Placement, Point, Position, Quantity,
    Sketch, Source, SpacePoint, SpaceStroke, Stroke, Variable, examples::examples,
};
use part_proto::{part_from_proto, part_to_proto};
use proptest::prelude::*;
use proto::pot::part::v1 as pb;

fn quantity() -> impl Strategy<Value = Quantity> {
    let source = prop_oneof![
        (any::<u32>(), any::<u32>(), any::<u32>()).prop_map(|(turn, start, end)| Source::User { turn, start, end }),
        "[a-z ]{0,20}".prop_map(|rule| Source::Default { rule }),
        "[a-z ]{0,20}".prop_map(|rule| Source::Derived { rule }),
    ];
    (-1e6..1e6, "\\PC{0,20}", source).prop_map(|(value, words, source)| Quantity { value, words, source })
}

fn point() -> impl Strategy<Value = Point> {
    (quantity(), quantity()).prop_map(|(x, y)| Point { x, y })
}

fn space_point() -> impl Strategy<Value = SpacePoint> {
    (quantity(), quantity(), quantity()).prop_map(|(x, y, z)| SpacePoint { x, y, z })
}

fn maybe() -> impl Strategy<Value = Option<Quantity>> {
    prop::option::of(quantity())
}

fn figure() -> impl Strategy<Value = Figure> {
    let stroke = prop_oneof![
        point().prop_map(|to| Stroke::Line { to }),
        (point(), point()).prop_map(|(via, to)| Stroke::Arc { via, to }),
    ];
    prop_oneof![
        (quantity(), quantity(), maybe()).prop_map(|(length, width, corner_radius)| Figure::Rectangle {
            length,
            width,
            corner_radius
        }),
        quantity().prop_map(|diameter| Figure::Circle { diameter }),
        (quantity(), quantity()).prop_map(|(length, width)| Figure::Ellipse { length, width }),
        (quantity(), quantity()).prop_map(|(length, width)| Figure::Slot { length, width }),
        (quantity(), quantity(), any::<bool>()).prop_map(|(sides, size, across_flats)| Figure::RegularPolygon {
            sides,
            size,
            across_flats
        }),
        prop::collection::vec(point(), 0..6).prop_map(|points| Figure::Polygon { points }),
        (point(), prop::collection::vec(stroke, 0..6)).prop_map(|(start, segments)| Figure::Path { start, segments }),
        (quantity(), quantity(), maybe()).prop_map(|(teeth, module, pressure_angle)| Figure::Gear {
            teeth,
            module,
            pressure_angle
        }),
        ("\\PC{0,60}", quantity()).prop_map(|(text, height)| Figure::Text { text, height }),
    ]
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let outline = || {
        (figure(), prop::option::of(point()), maybe()).prop_map(|(shape, centre, rotation)| Outline {
            shape,
            centre,
            rotation,
        })
    };
    (outline(), prop::collection::vec(outline(), 0..3), maybe()).prop_map(|(outline, holes, height)| Sketch {
        outline,
        holes,
        height,
    })
}

fn path() -> impl Strategy<Value = Path> {
    let stroke = prop_oneof![
        space_point().prop_map(|to| SpaceStroke::Line { to }),
        (space_point(), space_point()).prop_map(|(via, to)| SpaceStroke::Arc { via, to }),
    ];
    prop_oneof![
        (space_point(), prop::collection::vec(stroke, 0..6))
            .prop_map(|(start, segments)| Path::Strokes { start, segments }),
        (quantity(), quantity(), quantity(), any::<bool>())
            .prop_map(|(diameter, pitch, turns, left_handed)| Path::Helix { diameter, pitch, turns, left_handed }),
    ]
}

fn placement() -> impl Strategy<Value = Placement> {
    let anchor = || {
        let from = prop_oneof![Just(AnchorFrom::Low), Just(AnchorFrom::High), Just(AnchorFrom::Centre)];
        (from, quantity()).prop_map(|(from, distance)| Anchor { from, distance })
    };
    let edge = prop_oneof![Just(FaceEdge::LowU), Just(FaceEdge::HighU), Just(FaceEdge::LowV), Just(FaceEdge::HighV)];
    let position =
        prop_oneof![
            Just(Position::Centre),
            (quantity(), quantity()).prop_map(|(u, v)| Position::Offset { u, v }),
            (quantity(), quantity()).prop_map(|(u, v)| Position::FromCorner { u, v }),
            quantity().prop_map(|inset| Position::Corners { inset }),
            (quantity(), quantity(), quantity(), quantity())
                .prop_map(|(columns, rows, pitch_u, pitch_v)| Position::Grid { columns, rows, pitch_u, pitch_v }),
            (quantity(), quantity(), quantity()).prop_map(|(count, diameter, start)| Position::Circle {
                count,
                diameter,
                start
            }),
            (quantity(), quantity()).prop_map(|(count, pitch)| Position::Row { count, pitch }),
            (quantity(), quantity()).prop_map(|(angle, height)| Position::Around { angle, height }),
            (anchor(), anchor()).prop_map(|(u, v)| Position::Anchored { u, v }),
            prop::collection::vec(point(), 0..5).prop_map(|points| Position::Points { points }),
            (edge, quantity(), quantity()).prop_map(|(edge, along, inset)| Position::Edge { edge, along, inset }),
        ];
    let face = prop_oneof![
        Just(Face::Top),
        Just(Face::Bottom),
        Just(Face::Left),
        Just(Face::Right),
        Just(Face::Front),
        Just(Face::Back),
        Just(Face::Side)
    ];
    (face, position, prop::option::of("[a-z]{1,10}(-[0-9])?")).prop_map(|(face, position, on)| Placement {
        face,
        position,
        on,
    })
}

/// Operations of a kind that holds what is tried: a loft takes sketches, a sweep a path, a hole neither.
fn operation(index: usize) -> impl Strategy<Value = Operation> {
    let placed = || prop::option::of(placement());
    prop_oneof![
        (quantity(), quantity(), placed()).prop_map(|(diameter, depth, placement)| Operation {
            kind: "hole".into(),
            parameters: [("diameter".into(), diameter), ("depth".into(), depth)].into(),
            choices: [("kind".into(), "blind".into())].into(),
            placement,
            ..Operation::default()
        }),
        (prop::collection::vec(sketch(), 0..4), placed()).prop_map(|(sketches, placement)| Operation {
            kind: "loft".into(),
            sketches,
            placement,
            ..Operation::default()
        }),
        (prop::option::of(sketch()), prop::option::of(path()), placed()).prop_map(|(sketch, path, placement)| {
            Operation {
                kind: "sweep".into(),
                sketches: sketch.into_iter().collect(),
                path,
                placement,
                ..Operation::default()
            }
        }),
        prop_oneof![Just("gap * 2"), Just("max(gap, 3) - 1.5")].prop_map(|text| Operation {
            kind: "extrude".into(),
            expressions: [("height".into(), text.into())].into(),
            ..Operation::default()
        }),
    ]
    .prop_map(move |operation| Operation { id: format!("op-{index}"), ..operation })
}

fn any_part() -> impl Strategy<Value = Part> {
    let features = (0..4usize).prop_flat_map(|n| (0..n).map(operation).collect::<Vec<_>>());
    let variables = (quantity(), any::<bool>()).prop_map(|(gap, more)| {
        let mut variables = std::collections::BTreeMap::from([("gap".to_owned(), Variable::Value(gap))]);
        if more {
            variables.insert("wide".into(), Variable::Expression("gap + 4".into()));
        }
        variables
    });
    (features, variables, 1..=1000u32).prop_map(|(features, variables, quantity)| Part {
        features,
        variables,
        quantity,
        material: "PETG".parse().ok(),
        colour: "#102030".parse().ok(),
        fit: "tight".parse().ok(),
        ..Part::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_part_survives(part in any_part()) {
        let back = part_from_proto(part_to_proto(&part));
        prop_assert_eq!(back, Ok(part));
    }
}

#[test]
fn every_example_survives() {
    for (name, part) in examples() {
        assert_eq!(part_from_proto(part_to_proto(&part)).as_ref(), Ok(&part), "{name}");
    }
}

fn example(name: &str) -> pb::Part {
    let found = examples().into_iter().find(|(n, _)| *n == name);
    part_to_proto(&found.expect("an example of that name").1)
}

fn refused(change: impl FnOnce(&mut pb::Part), name: &str) -> String {
    let mut message = example(name);
    change(&mut message);
    part_from_proto(message).expect_err("a refusal").field
}

#[test]
fn a_refusal_names_the_field() {
    let radius = |m: &mut pb::Part| {
        if let Some(pb::outline::Shape::Rectangle(r)) =
            m.features[0].sketches[0].outline.as_mut().and_then(|o| o.shape.as_mut())
        {
            r.corner_radius.as_mut().unwrap().value = f64::NAN;
        }
    };
    assert_eq!(
        refused(radius, "extrude_rounded_rectangle"),
        "part.features[0].sketches[0].outline.rectangle.corner_radius"
    );
    assert_eq!(
        refused(|m| m.features[0].sketches[0].outline = None, "extrude_rectangle"),
        "part.features[0].sketches[0].outline"
    );
    let many = |m: &mut pb::Part| {
        let hole = m.features[0].sketches[0].holes[0].clone();
        m.features[0].sketches[0].holes = vec![hole; 401];
    };
    assert_eq!(refused(many, "extrude_hexagon"), "part.features[0].sketches[0].holes");
    let unknown = |m: &mut pb::Part| {
        if let Some(pb::placement::Position::Edge(edge)) =
            m.features[1].placement.as_mut().and_then(|p| p.position.as_mut())
        {
            edge.side = 9;
        }
    };
    assert_eq!(refused(unknown, "place_by_an_edge"), "part.features[1].placement.edge.side");
    let no_path = |m: &mut pb::Part| m.features[0].path = Some(pb::Path { path: None });
    assert_eq!(refused(no_path, "sweep_spring"), "part.features[0].path");
}

#[test]
fn names_kinds_and_formulas_are_checked() {
    let why = |change: fn(&mut pb::Part)| {
        let mut message = example("formulas");
        change(&mut message);
        part_from_proto(message).expect_err("a refusal")
    };
    let cycle = why(|m| {
        m.features[0].expressions.insert("length".into(), "block.width".into());
    });
    assert!(cycle.why.contains("circle") && cycle.why.contains("block.width -> block.length"), "{cycle}");
    let unknown = why(|m| {
        m.features[0].expressions.insert("teeth".into(), "1".into());
    });
    assert_eq!(unknown.field, "part.features[0]");
    let lost = why(|m| {
        m.variables.remove("wall");
    });
    assert!(lost.why.contains("'wall'"), "{lost}");
    let twice = why(|m| m.features[1].id = "block".into());
    assert_eq!(twice.field, "part.features[1]");
    let material = why(|m| m.material = "uranium".into());
    assert_eq!(material.field, "part.material");
    let number = why(|m| m.features[1].parameters.get_mut("diameter").unwrap().value = f64::INFINITY);
    assert_eq!(number.field, "part.features[1].parameters[diameter]");
}
