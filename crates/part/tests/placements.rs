//! Where operations act: anchors, points, edges, circles, clock positions and the ends of other operations.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

use part::{
    Anchor, AnchorFrom, Face, FaceEdge, Operation, Part, Placement, Point, Position, Quantity, clock_angle,
    examples::examples,
    lower,
    solid::{Action, Body, Shape},
};

fn said(value: f64) -> Quantity {
    Quantity::said(value, value.to_string(), 0, 0..1)
}

fn example(name: &str) -> Part {
    examples().into_iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("no example {name}")).1
}

/// Where the tools of an operation start.
fn origins(body: &Body, operation: &str) -> Vec<[f64; 3]> {
    let steps = body.pieces.iter().flat_map(|p| &p.steps).filter(|step| step.operation == operation);
    steps
        .map(|step| match &step.action {
            Action::Add(solid) | Action::Cut(solid) => solid.frame.origin,
            other => panic!("{other:?}"),
        })
        .collect()
}

/// A hole of 4 in a plate of 80 x 60 x 8.
fn drilled(face: Face, position: Position) -> Result<Vec<[f64; 3]>, String> {
    let mut part = example("place_corners");
    part.features[1].placement = Some(Placement::new(face, position));
    lower(&part).map(|body| origins(&body, "hole")).map_err(|invalid| {
        assert_eq!((invalid.operation.as_str(), invalid.parameter.as_str()), ("hole", "placement"), "{invalid}");
        invalid.why
    })
}

fn anchored(u: (AnchorFrom, f64), v: (AnchorFrom, f64)) -> Position {
    let anchor = |(from, distance): (AnchorFrom, f64)| Anchor { from, distance: said(distance) };
    Position::Anchored { u: anchor(u), v: anchor(v) }
}

#[test]
fn anchors_measure_from_the_edge_that_they_name() {
    use AnchorFrom::{Centre, High, Low};
    for (face, position, expected) in [
        (Face::Top, anchored((High, 8.0), (High, 5.0)), [32.0, 25.0]),
        (Face::Top, anchored((Low, 8.0), (Low, 5.0)), [-32.0, -25.0]),
        (Face::Top, anchored((Centre, 8.0), (Centre, -5.0)), [8.0, -5.0]),
        (Face::Bottom, anchored((High, 8.0), (Low, 5.0)), [32.0, -25.0]),
    ] {
        let at = drilled(face, position).unwrap();
        assert_eq!([at[0][0], at[0][1]], expected);
    }
    // On an upright face v runs up: 3 below the top of a plate of 8.
    let at = drilled(Face::Front, anchored((Low, 10.0), (High, 3.0))).unwrap();
    assert_eq!([at[0][0], at[0][2]], [-30.0, 5.0]);
    assert!(drilled(Face::Top, anchored((High, -8.0), (Centre, 0.0))).unwrap_err().contains("past the edge"));
    assert!(drilled(Face::Top, anchored((High, f64::NAN), (Centre, 0.0))).is_err());
}

#[test]
fn points_edges_and_circles_lie_on_any_flat_face() {
    let points = |n: usize| Position::Points {
        points: (0..n).map(|i| Point { x: said(-30.0 + 5.0 * i as f64), y: said(2.0) }).collect(),
    };
    assert_eq!(drilled(Face::Top, points(3)).unwrap().len(), 3);
    assert!(drilled(Face::Top, points(0)).unwrap_err().contains("use 1 to 400"));
    assert!(drilled(Face::Top, points(401)).unwrap_err().contains("names 401 points"));
    for (edge, expected) in [
        (FaceEdge::LowU, [-34.0, 10.0]),
        (FaceEdge::HighU, [34.0, 10.0]),
        (FaceEdge::LowV, [10.0, -24.0]),
        (FaceEdge::HighV, [10.0, 24.0]),
    ] {
        let at = drilled(Face::Top, Position::Edge { edge, along: said(10.0), inset: said(6.0) }).unwrap();
        assert_eq!([at[0][0], at[0][1]], expected, "{edge:?}");
    }
    let out = Position::Edge { edge: FaceEdge::LowU, along: said(0.0), inset: said(-6.0) };
    assert!(drilled(Face::Top, out).unwrap_err().contains("outside the face"));
    // Around a circle on the right side of a block.
    let mut block = example("fillet_top");
    block.features[1] = Operation {
        parameters: [("diameter".to_owned(), said(2.0))].into(),
        placement: Some(Placement::new(
            Face::Right,
            Position::Circle { count: said(4.0), diameter: said(20.0), start: said(0.0) },
        )),
        ..Operation::new("hole", "hole")
    };
    let at = origins(&lower(&block).unwrap(), "hole");
    let flat: Vec<[f64; 2]> = at.iter().map(|p| [p[1], p[2]]).collect();
    assert_eq!(flat, [[10.0, 15.0], [0.0, 25.0], [-10.0, 15.0], [0.0, 5.0]]);
}

#[test]
fn a_round_face_has_no_edges_to_measure_from() {
    let mut part = example("pattern_round_the_middle");
    part.features.truncate(2);
    let mut place = |position| {
        part.features[1].placement = Some(Placement::new(Face::Top, position));
        lower(&part).map(|body| origins(&body, "hole"))
    };
    let edge = Position::Edge { edge: FaceEdge::LowU, along: said(0.0), inset: said(5.0) };
    assert!(place(edge).unwrap_err().why.contains("no straight one"));
    assert!(
        place(anchored((AnchorFrom::Low, 5.0), (AnchorFrom::Centre, 0.0))).unwrap_err().why.contains("from an edge")
    );
    assert_eq!(place(anchored((AnchorFrom::Centre, 5.0), (AnchorFrom::Centre, 3.0))).unwrap()[0][..2], [5.0, 3.0]);
}

#[test]
fn the_side_of_a_round_body_is_measured_along_its_arc_and_up() {
    let mut part = example("place_around");
    let mut place = |position| {
        part.features[1].placement = Some(Placement::new(Face::Right, position));
        lower(&part).map(|body| origins(&body, "hole")[0])
    };
    // 30 below the rim of a cup of 96 and nothing along: the hole's axis lies at 66.
    let at = place(anchored((AnchorFrom::Centre, 0.0), (AnchorFrom::High, 30.0))).unwrap();
    assert!((at[2] - 66.0).abs() < 1e-6 && at[1].abs() < 1e-6 && at[0] > 40.0, "{at:?}");
    let at = place(Position::Edge { edge: FaceEdge::LowV, along: said(0.0), inset: said(20.0) }).unwrap();
    assert!((at[2] - 20.0).abs() < 1e-6, "{at:?}");
    assert!(place(anchored((AnchorFrom::Low, 1.0), (AnchorFrom::Low, 20.0))).unwrap_err().why.contains("angle"));
}

#[test]
fn clocks_are_read_from_above() {
    for (hour, angle) in [(3.0, 0.0), (12.0, 90.0), (9.0, 180.0), (6.0, 270.0), (1.5, 45.0), (0.0, 90.0)] {
        assert_eq!(clock_angle(hour), angle, "{hour} o'clock");
    }
}

#[test]
fn what_stands_on_a_boss_stands_on_its_end() {
    let body = lower(&example("place_on_a_boss")).unwrap();
    let hole = origins(&body, "hole")[0];
    // The boss ends at 8 + 10; a through hole goes from above it to below the plate.
    assert!(hole[2] >= 18.0, "{hole:?}");
    let step = body.pieces[0].steps.iter().find(|step| step.operation == "hole").unwrap();
    let Action::Cut(solid) = &step.action else { panic!("a cut") };
    let Shape::Cylinder { height, .. } = solid.shape else { panic!("a cylinder") };
    assert!(hole[2] - height < 0.0, "it ends at {}", hole[2] - height);
    assert_eq!(origins(&lower(&example("place_on_every_boss")).unwrap(), "hole").len(), 4);
    let bosses = origins(&lower(&example("place_on_an_extrusion")).unwrap(), "boss-2");
    // At the corners of 40 x 30, 6 in, standing on 8 + 10 and sunk a quarter.
    assert_eq!(bosses.len(), 4);
    assert_eq!(bosses[0], [-14.0, -9.0, 17.75]);
}

#[test]
fn only_ends_of_what_was_added_can_be_built_on() {
    let refused = |change: &dyn Fn(&mut Part)| {
        let mut part = example("place_on_a_boss");
        change(&mut part);
        let invalid = lower(&part).expect_err("a refusal");
        assert_eq!((invalid.operation.as_str(), invalid.parameter.as_str()), ("hole", "placement"), "{invalid}");
        invalid.why
    };
    let on =
        |id: &'static str| move |part: &mut Part| part.features[2].placement.as_mut().unwrap().on = Some(id.to_owned());
    assert!(refused(&on("rib")).contains("no operation before this one"));
    assert!(refused(&on("hole")).contains("no operation before this one"));
    let side = |part: &mut Part| part.features[2].placement.as_mut().unwrap().face = Face::Left;
    assert!(refused(&side).contains("only the end face"));
    let cut = |part: &mut Part| {
        part.features[1] = Operation {
            parameters: [("length", 20.0), ("depth", 3.0)].map(|(n, v)| (n.to_owned(), said(v))).into(),
            ..Operation::new("boss", "pocket")
        };
    };
    assert!(refused(&cut).contains("adds nothing with a flat end"));
    let wide = |part: &mut Part| {
        part.features[2].parameters.insert("diameter".to_owned(), said(18.0));
    };
    assert!(refused(&wide).contains("past the edge"));
    // The body itself may be named too, and then has all its faces.
    let mut part = example("place_on_a_boss");
    part.features[2].placement =
        Some(Placement { on: Some("plate".into()), ..Placement::new(Face::Front, Position::Centre) });
    assert!(lower(&part).is_ok());
}

#[test]
fn faces_of_a_body_that_was_drawn_elsewhere_are_where_it_is() {
    let mut part = example("extrude_polygon");
    part.features.push(Operation {
        parameters: [("diameter".to_owned(), said(3.0))].into(),
        placement: Some(Placement::new(Face::Top, Position::FromCorner { u: said(5.0), v: said(5.0) })),
        ..Operation::new("hole", "hole")
    });
    assert_eq!(origins(&lower(&part).unwrap(), "hole")[0][..2], [5.0, 5.0]);
    part.features[1].placement = Some(Placement::new(Face::Right, Position::Centre));
    let at = origins(&lower(&part).unwrap(), "hole")[0];
    assert_eq!([at[0], at[1], at[2]], [51.0, 20.0, 10.0]);
}
