//! What each operation lowers to, figure by figure, and what it refuses, by operation and value.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

use part::{
    Figure, Operation, Outline, Part, Path, Point, Quantity, Sketch, SpacePoint, SpaceStroke, Stroke,
    examples::examples,
    lower,
    solid::{Action, Body, Contour, Edges, Segment, Shape, Side, Solid, Step},
};

fn said(value: f64) -> Quantity {
    Quantity::said(value, value.to_string(), 0, 0..1)
}

fn example(name: &str) -> Part {
    examples().into_iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("no example {name}")).1
}

fn body(name: &str) -> Body {
    lower(&example(name)).unwrap_or_else(|invalid| panic!("{name}: {invalid}"))
}

/// Steps that the named operation made.
fn steps(body: &Body, operation: &str) -> Vec<Step> {
    body.pieces.iter().flat_map(|p| &p.steps).filter(|step| step.operation == operation).cloned().collect()
}

fn solid(step: &Step) -> &Solid {
    match &step.action {
        Action::Add(solid) | Action::Cut(solid) | Action::Intersect(solid) => solid,
        other => panic!("{other:?} is no tool"),
    }
}

/// Changes an example's operation and returns why it is then refused.
fn refused(name: &str, operation: &str, change: impl FnOnce(&mut Operation)) -> (String, String, String) {
    let mut part = example(name);
    change(part.features.iter_mut().find(|o| o.id == operation).expect("an operation"));
    let invalid = lower(&part).expect_err("a refusal");
    (invalid.operation, invalid.parameter, invalid.why)
}

fn set(name: &'static str, value: f64) -> impl FnOnce(&mut Operation) {
    move |operation| {
        operation.parameters.insert(name.to_owned(), said(value));
    }
}

fn choose(name: &'static str, value: &'static str) -> impl FnOnce(&mut Operation) {
    move |operation| {
        operation.choices.insert(name.to_owned(), value.to_owned());
    }
}

fn draw(shape: Figure) -> impl FnOnce(&mut Operation) {
    move |operation| {
        operation.sketches = vec![Sketch { outline: outline(shape), holes: vec![], height: None }];
    }
}

fn outline(shape: Figure) -> Outline {
    Outline { shape, centre: None, rotation: None }
}

fn at(x: f64, y: f64) -> Point {
    Point { x: said(x), y: said(y) }
}

fn polygon(points: &[[f64; 2]]) -> Figure {
    Figure::Polygon { points: points.iter().map(|p| at(p[0], p[1])).collect() }
}

fn rectangle(length: f64, width: f64) -> Figure {
    Figure::Rectangle { length: said(length), width: said(width), corner_radius: None }
}

fn check(case: (String, String, String), operation: &str, parameter: &str, why: &str) {
    assert_eq!((case.0.as_str(), case.1.as_str()), (operation, parameter), "{}", case.2);
    assert!(case.2.contains(why), "'{}' does not say '{why}'", case.2);
}

#[test]
fn bodies_know_their_size_and_where_they_stand() {
    for (name, size, base) in [
        ("extrude_rectangle", [40.0, 25.0, 12.0], [0.0, 0.0]),
        ("extrude_polygon", [50.0, 40.0, 20.0], [25.0, 20.0]),
        ("extrude_polygon_clockwise", [50.0, 50.0, 20.0], [35.0, 35.0]),
        ("extrude_hexagon", [34.641016, 30.0, 10.0], [0.0, 0.0]),
        // The arch's crown is a circle through (-20, 15), (0, 35), (20, 15).
        ("extrude_path_with_arc", [40.0, 35.0, 14.0], [0.0, 17.5]),
        ("extrude_gear", [40.0, 40.0, 8.0], [0.0, 0.0]),
        ("extrude_gear_off_centre", [27.0, 27.0, 8.0], [20.0, 10.0]),
        ("extrude_draft_round", [40.0, 40.0, 30.0], [0.0, 0.0]),
        ("revolve_knob", [36.0, 36.0, 28.0], [0.0, 0.0]),
        ("revolve_ring", [48.0, 48.0, 8.0], [0.0, 0.0]),
        ("sweep_mitred_corner", [44.0, 34.0, 6.0], [22.0, 13.0]),
        ("sweep_pipe_bend", [56.0, 12.0, 56.0], [22.0, 0.0]),
        ("sweep_spring", [33.0, 33.0, 35.0], [0.0, 0.0]),
        ("loft_square_to_circle", [40.0, 40.0, 30.0], [0.0, 0.0]),
    ] {
        let body = body(name);
        for i in 0..3 {
            assert!((body.size[i] - size[i]).abs() < 2e-2, "{name}: {:?} is not {size:?}", body.size);
        }
        assert!((0..2).all(|i| (body.base[i] - base[i]).abs() < 2e-2), "{name}: {:?} is not {base:?}", body.base);
    }
    let lean = body("extrude_draft_outwards");
    let out = 2.0 * 20.0 * 8f64.to_radians().tan();
    assert!((lean.size[1] - 30.0 - out).abs() < 1e-6, "{:?}", lean.size);
    let quarter = body("revolve_partial");
    // From 0 to 135 degrees: x from -24 cos 45 to 24, y from 0 to 24.
    assert!((quarter.size[0] - 24.0 - 24.0 * 0.5f64.sqrt()).abs() < 1e-5, "{:?}", quarter.size);
    assert!((quarter.size[1] - 24.0).abs() < 1e-9);
}

#[test]
fn round_bodies_know_their_side() {
    let knob = body("revolve_knob");
    assert!(knob.round);
    assert_eq!((knob.radius_at(5.0), knob.radius_at(13.0), knob.radius_at(20.0)), (12.0, 15.0, 18.0));
    let cone = body("extrude_draft_round");
    assert!(cone.round && (cone.radius_at(15.0) - (20.0 - 15.0 * 12f64.to_radians().tan())).abs() < 1e-6);
    let loft = body("loft_three_circles");
    assert_eq!((loft.radius_at(0.0), loft.radius_at(10.0), loft.radius_at(45.0)), (20.0, 16.0, 18.0));
    assert!(!body("revolve_partial").round && !body("extrude_hexagon").round);
}

#[test]
fn contours_go_counter_clockwise_whatever_was_drawn() {
    let Shape::Extrusion { profile, .. } =
        solid(&steps(&body("extrude_polygon_clockwise"), "extrude")[0]).shape.clone()
    else {
        panic!("an extrusion")
    };
    let Contour::Polygon { points } = profile.outer else { panic!("a polygon") };
    let area: f64 =
        points.iter().zip(points.iter().cycle().skip(1)).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0;
    assert!(area > 0.0);
    // A path drawn clockwise is walked the other way round, its arcs through the same points.
    let mut part = example("extrude_path_with_arc");
    part.features[0].sketches[0].holes.clear();
    part.features[0].sketches[0].outline.shape = Figure::Path {
        start: at(0.0, 0.0),
        segments: vec![
            Stroke::Line { to: at(0.0, 10.0) },
            Stroke::Arc { via: at(10.0, 20.0), to: at(20.0, 10.0) },
            Stroke::Line { to: at(20.0, 0.0) },
            Stroke::Line { to: at(0.0, 0.0) },
        ],
    };
    let body = lower(&part).unwrap();
    let Shape::Extrusion { profile, .. } = solid(&steps(&body, "extrude")[0]).shape.clone() else {
        panic!("an extrusion")
    };
    let Contour::Path { start, segments } = profile.outer else { panic!("a path") };
    assert_eq!(start, [0.0, 0.0]);
    assert_eq!(segments[0], Segment::Line { to: [20.0, 0.0] });
    assert_eq!(segments[2], Segment::Arc { via: [10.0, 20.0], to: [0.0, 10.0] });
}

#[test]
fn cuts_go_inwards_and_additions_outwards_overlapping_the_body() {
    // Through a plate of 8: from 1 above the top to 1 below the bottom.
    let cut = body("extrude_cut_through");
    let tool = solid(&steps(&cut, "extrude")[0]).clone();
    let Shape::Extrusion { height, .. } = tool.shape else { panic!("an extrusion") };
    assert_eq!((tool.frame.origin[2], tool.frame.z, height), (-1.0, [0.0, 0.0, 1.0], 10.0));
    // 5 deep into the back, seen from outside: x to the left of who looks along +Y.
    let back = body("extrude_cut_blind_on_back");
    let tool = solid(&steps(&back, "extrude")[0]).clone();
    assert_eq!((tool.frame.origin, tool.frame.x, tool.frame.z), ([0.0, 15.0, 15.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]));
    let added = body("extrude_add_on_side");
    let tool = solid(&steps(&added, "extrude")[0]).clone();
    assert!(matches!(tool.shape, Shape::Extrusion { height, .. } if height == 7.25));
    assert_eq!((tool.frame.origin, tool.frame.x), ([-29.75, 0.0, 15.0], [0.0, -1.0, 0.0]));
    // A leaning pocket is as drawn at the face: wider above it.
    let lean = body("extrude_cut_drafted");
    let tool = solid(&steps(&lean, "extrude")[0]).clone();
    let Shape::Drafted { profile, height, draft, .. } = tool.shape else { panic!("a drafted tool") };
    let Contour::Rectangle { size, .. } = profile.outer else { panic!("a rectangle") };
    assert_eq!((height, draft, tool.frame.z, tool.frame.origin[2]), (13.0, 10.0, [0.0, 0.0, -1.0], 31.0));
    assert!((size[0] - 30.0 - 2.0 * 10f64.to_radians().tan()).abs() < 1e-5);
    assert_eq!(steps(&body("extrude_cut_at_points"), "extrude").len(), 3);
    let kept = body("extrude_intersect");
    assert!(matches!(steps(&kept, "extrude")[0].action, Action::Intersect(_)));
    assert_eq!(kept.size, [56.0, 36.0, 30.0]);
}

#[test]
fn gears_stay_in_their_own_axes() {
    let off = body("extrude_gear_off_centre");
    let tool = solid(&steps(&off, "extrude")[0]).clone();
    let Shape::Extrusion { profile, .. } = &tool.shape else { panic!("an extrusion") };
    assert!(matches!(profile.outer, Contour::Gear { teeth: 16, .. }));
    assert_eq!(profile.holes, [Contour::Circle { centre: [0.0, 0.0], diameter: 6.0 }]);
    assert_eq!(tool.frame.origin, [20.0, 10.0, 0.0]);
    assert!((tool.frame.x[0] - 10f64.to_radians().cos()).abs() < 1e-12);
}

#[test]
fn sketches_that_make_no_sense_are_refused() {
    let bow = polygon(&[[0.0, 0.0], [10.0, 10.0], [10.0, 0.0], [0.0, 10.0]]);
    let folded = polygon(&[[0.0, 0.0], [10.0, 0.0], [5.0, 0.0], [5.0, 8.0]]);
    let flat = polygon(&[[0.0, 0.0], [10.0, 0.0], [20.0, 0.0]]);
    let open = Figure::Path {
        start: at(0.0, 0.0),
        segments: vec![Stroke::Line { to: at(9.0, 0.0) }, Stroke::Line { to: at(9.0, 9.0) }],
    };
    let straight_arc = Figure::Path {
        start: at(0.0, 0.0),
        segments: vec![Stroke::Arc { via: at(5.0, 0.0), to: at(10.0, 0.0) }, Stroke::Line { to: at(0.0, 0.0) }],
    };
    let gear = |teeth: f64| Figure::Gear { teeth: said(teeth), module: said(2.0), pressure_angle: None };
    let cases = [
        (bow, "points", "cross themselves"),
        (folded, "points", "cross themselves"),
        (flat, "points", ""),
        (polygon(&[[0.0, 0.0], [1.0, 0.0]]), "points", "use 3 to 500"),
        (polygon(&[[0.0, 0.0], [9.0, 0.0], [9.0, 0.0], [0.0, 9.0]]), "points[2]", "lies on the one before"),
        (polygon(&[[0.0, 0.0], [f64::NAN, 0.0], [9.0, 9.0]]), "points[1].x", "outside"),
        (open, "segments", "close it"),
        (straight_arc, "segments[0]", "in a line"),
        (gear(5.0), "teeth", "outside 6 to 300"),
        (gear(8.5), "teeth", "whole number"),
        (Figure::Circle { diameter: said(0.0) }, "diameter", "outside"),
        (Figure::Slot { length: said(5.0), width: said(8.0) }, "length", "a circle would do"),
        (Figure::Ellipse { length: said(200.0), width: said(2.0) }, "width", "50 times"),
        (
            Figure::Rectangle { length: said(20.0), width: said(10.0), corner_radius: Some(said(5.0)) },
            "corner_radius",
            "or a slot",
        ),
        (Figure::RegularPolygon { sides: said(2.0), size: said(10.0), across_flats: true }, "sides", "outside 3 to 64"),
        (Figure::Text { text: "Ana".into(), height: said(10.0) }, "", "hold together"),
    ];
    for (figure, name, why) in cases {
        let parameter =
            if name.is_empty() { "sketches[0].outline".to_owned() } else { format!("sketches[0].outline.{name}") };
        check(refused("extrude_rectangle", "extrude", draw(figure)), "extrude", &parameter, why);
    }
    let hole = |x: f64, diameter: f64| {
        move |operation: &mut Operation| {
            let shape = Figure::Circle { diameter: said(diameter) };
            operation.sketches[0].holes.push(Outline { centre: Some(at(x, 0.0)), ..outline(shape) });
        }
    };
    check(
        refused("extrude_rectangle", "extrude", hole(18.0, 8.0)),
        "extrude",
        "sketches[0].holes[0]",
        "inside the outline",
    );
    check(
        refused("extrude_rectangle", "extrude", hole(50.0, 8.0)),
        "extrude",
        "sketches[0].holes[0]",
        "inside the outline",
    );
    check(
        refused("extrude_rectangle", "extrude", hole(0.0, 90.0)),
        "extrude",
        "sketches[0].holes[0]",
        "inside the outline",
    );
    check(refused("extrude_hexagon", "extrude", hole(9.0, 4.0)), "extrude", "sketches[0].holes[1]", "runs into hole 1");
    check(refused("extrude_hexagon", "extrude", hole(1.0, 4.0)), "extrude", "sketches[0].holes[1]", "runs into hole 1");
    check(refused("extrude_gear", "extrude", hole(15.0, 4.0)), "extrude", "sketches[0].holes[1]", "inside the outline");
    let none = |operation: &mut Operation| operation.sketches.clear();
    check(refused("extrude_rectangle", "extrude", none), "extrude", "sketches", "are none");
    check(refused("hole_through", "hole", draw(rectangle(3.0, 3.0))), "hole", "sketches", "do not go with hole");
}

#[test]
fn extrusions_are_refused_where_walls_meet_or_wind() {
    check(refused("extrude_draft", "extrude", set("draft", 40.0)), "extrude", "draft", "use at most 30.9°");
    check(refused("extrude_draft_with_hole", "extrude", set("draft", 30.0)), "extrude", "draft", "walls meet");
    check(refused("extrude_draft_with_hole", "extrude", set("draft", -30.0)), "extrude", "draft", "walls meet");
    check(refused("extrude_draft_round", "extrude", set("draft", 44.0)), "extrude", "draft", "walls meet");
    check(refused("extrude_draft", "extrude", set("draft", 60.0)), "extrude", "draft", "outside -45 to 45°");
    check(refused("extrude_twist", "extrude", set("twist", 700.0)), "extrude", "twist", "too steeply");
    let no_height = |operation: &mut Operation| {
        operation.parameters.clear();
    };
    check(refused("extrude_rectangle", "extrude", no_height), "extrude", "height", "essential");
    check(refused("extrude_add_on_top", "extrude", no_height), "extrude", "height", "essential");
    check(refused("extrude_rectangle", "extrude", choose("mode", "cut")), "extrude", "mode", "no body before it");
    check(refused("extrude_text_raised", "extrude", set("draft", 5.0)), "extrude", "draft", "text");
    let aside = |operation: &mut Operation| {
        operation.sketches[0].outline.centre = Some(at(200.0, 0.0));
    };
    check(refused("extrude_cut_through", "extrude", aside), "extrude", "placement", "beside a face");
}

#[test]
fn revolutions_stay_on_one_side_of_the_axis() {
    check(
        refused("revolve_knob", "revolve", draw(rectangle(10.0, 10.0))),
        "revolve",
        "sketches[0].outline",
        "5 mm across the axis",
    );
    check(refused("revolve_partial", "revolve", set("angle", 0.5)), "revolve", "angle", "outside 1 to 360°");
    // Cut from the top of a cylinder of 50 inwards: the groove's frame looks down.
    let groove = body("revolve_cut_groove");
    let tool = solid(&steps(&groove, "revolve")[0]).clone();
    assert_eq!((tool.frame.origin, tool.frame.z), ([0.0, 0.0, 50.0], [0.0, 0.0, -1.0]));
    // A quarter cut, seen from outside from +x to +y: about the downward axis from +y to +x.
    let quarter = body("revolve_cut_partial");
    let tool = solid(&steps(&quarter, "revolve")[0]).clone();
    assert!((tool.frame.x[1] - 1.0).abs() < 1e-12 && tool.frame.z == [0.0, 0.0, -1.0], "{:?}", tool.frame);
}

#[test]
fn sweeps_fit_their_corners_bends_and_turns() {
    let line = |x: f64, y: f64, z: f64| SpaceStroke::Line { to: SpacePoint { x: said(x), y: said(y), z: said(z) } };
    let follow = |segments: Vec<SpaceStroke>| {
        move |operation: &mut Operation| {
            let start = SpacePoint { x: said(0.0), y: said(0.0), z: said(0.0) };
            operation.path = Some(Path::Strokes { start, segments });
        }
    };
    let name = "sweep_mitred_corner";
    check(refused(name, "sweep", follow(vec![])), "sweep", "path.segments", "use 1 to 100");
    check(
        refused(name, "sweep", follow(vec![line(40.0, 0.0, 0.0), line(1.0, 3.0, 0.0)])),
        "sweep",
        "path.segments[1]",
        "turns back",
    );
    check(
        refused(name, "sweep", follow(vec![line(40.0, 0.0, 0.0), line(40.0, 4.0, 0.0)])),
        "sweep",
        "path.segments[1]",
        "corners need 5 mm",
    );
    check(
        refused(name, "sweep", follow(vec![line(0.0, 0.0, 0.0)])),
        "sweep",
        "path.segments[0]",
        "ends where it begins",
    );
    let arc = |via: [f64; 3], to: [f64; 3]| {
        let point = |p: [f64; 3]| SpacePoint { x: said(p[0]), y: said(p[1]), z: said(p[2]) };
        SpaceStroke::Arc { via: point(via), to: point(to) }
    };
    check(
        refused(name, "sweep", follow(vec![arc([2.0, 2.0, 0.0], [4.0, 0.0, 0.0])])),
        "sweep",
        "path.segments[0]",
        "radius of 2 mm",
    );
    check(
        refused(name, "sweep", follow(vec![line(30.0, 0.0, 0.0), arc([40.0, 20.0, 0.0], [50.0, 0.0, 0.0])])),
        "sweep",
        "path.segments[1]",
        "go on smoothly",
    );
    // Rounded to a hundredth of a millimetre it is still meant to be smooth, and made so.
    let rounded =
        follow(vec![line(30.0, 0.0, 0.0), arc([51.213, 8.787, 0.0], [60.0, 30.0, 0.0]), line(60.0, 50.0, 0.0)]);
    let mut part = example(name);
    rounded(&mut part.features[0]);
    let body = lower(&part).unwrap();
    let Shape::Sweep { path, .. } = solid(&steps(&body, "sweep")[0]).shape.clone() else { panic!("a sweep") };
    let part::solid::SpaceSegment::Arc { via, .. } = path.segments[1] else { panic!("an arc") };
    assert!((via[0] - 51.213203).abs() < 2e-6 && (via[1] - 8.786797).abs() < 2e-6, "{via:?}");

    let helix = |diameter: f64, pitch: f64| {
        move |operation: &mut Operation| {
            operation.path = Some(Path::Helix {
                diameter: said(diameter),
                pitch: said(pitch),
                turns: said(4.0),
                left_handed: false,
            });
        }
    };
    check(refused("sweep_spring", "sweep", helix(30.0, 2.5)), "sweep", "path.pitch", "run into each other");
    check(refused("sweep_spring", "sweep", helix(2.0, 8.0)), "sweep", "path.diameter", "across the axis");
    check(refused("sweep_spring", "sweep", |o| o.path = None), "sweep", "path", "is missing");
}

#[test]
fn lofts_rise() {
    let height = |index: usize, height: Option<f64>| {
        move |operation: &mut Operation| operation.sketches[index].height = height.map(said)
    };
    let name = "loft_three_circles";
    check(refused(name, "loft", height(2, Some(20.0))), "loft", "sketches[2].height", "not above the one before it");
    check(refused(name, "loft", height(2, None)), "loft", "sketches[2].height", "is missing");
    check(refused(name, "loft", height(0, Some(3.0))), "loft", "sketches[0].height", "first lies at 0");
    check(refused(name, "loft", |o| o.sketches.truncate(1)), "loft", "sketches", "joins 2 to 50");
    let hollow = |o: &mut Operation| {
        o.sketches[0].holes.push(outline(Figure::Circle { diameter: said(3.0) }));
    };
    check(refused(name, "loft", hollow), "loft", "sketches[0].holes", "do not go into a loft");
    // A ruled one goes straight on through the face that it stands on.
    let added = body("loft_add_on_top");
    let Shape::Loft { sections, ruled: true } = solid(&steps(&added, "loft")[0]).shape.clone() else {
        panic!("a loft")
    };
    assert_eq!(sections.iter().map(|s| s.z).collect::<Vec<_>>(), [-0.25, 0.0, 16.0]);
}

#[test]
fn shells_leave_walls_and_change_what_a_hole_goes_through() {
    for (name, open, floor, roof) in [
        ("shell_open_top", vec![Side::Top], 2.0, 0.0),
        ("shell_open_bottom", vec![Side::Bottom], 0.0, 2.0),
        ("shell_open_both", vec![Side::Top, Side::Bottom], 0.0, 0.0),
        ("shell_closed", vec![], 2.0, 2.0),
        ("shell_open_front", vec![Side::Front], 2.0, 2.0),
    ] {
        let body = body(name);
        assert_eq!(steps(&body, "shell")[0].action, Action::Shell { open, thickness: 2.0 }, "{name}");
        let hollow = body.hollow.unwrap();
        assert_eq!((hollow.wall, hollow.floor, body.roof), (2.0, floor, roof), "{name}");
    }
    // Through one wall of 2 only, with 1 to spare on both sides.
    let walled = body("shell_with_hole_in_the_wall");
    let Shape::Cylinder { height, .. } = solid(&steps(&walled, "hole")[0]).shape else { panic!("a cylinder") };
    assert_eq!(height, 4.0);
    check(refused("shell_open_top", "shell", set("thickness", 20.0)), "shell", "thickness", "less than 20 mm");
    check(refused("shell_open_both", "shell", choose("open", "front")), "shell", "open", "round body");
    let mut twice = example("shell_open_top");
    twice.features.push(Operation::new("shell-2", "shell"));
    let invalid = lower(&twice).unwrap_err();
    assert_eq!((invalid.operation.as_str(), invalid.parameter.as_str()), ("shell-2", "kind"));
}

#[test]
fn mirrors_know_what_the_body_becomes() {
    let middle = body("mirror_about_the_middle");
    assert_eq!((middle.size, middle.base), ([60.0, 40.0, 30.0], [0.0; 3]));
    let side = body("mirror_about_a_side");
    assert_eq!((side.size, side.base), ([120.0, 40.0, 30.0], [30.0, 0.0, 0.0]));
    let mirror = steps(&side, "mirror")[0].action.clone();
    assert_eq!(mirror, Action::Mirror { origin: [30.0, 0.0, 0.0], normal: [1.0, 0.0, 0.0], replace: false });
    let down = body("mirror_upwards");
    assert_eq!((down.size, down.base), ([60.0, 40.0, 60.0], [0.0, 0.0, -30.0]));
    assert!(matches!(steps(&body("mirror_image_only"), "mirror")[0].action, Action::Mirror { replace: true, .. }));
    check(refused("mirror_about_a_side", "mirror", choose("about", "top")), "mirror", "about", "square to x");
}

#[test]
fn patterns_repeat_as_often_as_they_say() {
    for (name, copies) in [
        ("pattern_row_of_holes", 4),
        ("pattern_grid_of_holes", 53),
        ("pattern_round_the_middle", 5),
        // A boss and its bore.
        ("pattern_half_round_of_bosses", 6),
        ("pattern_of_ribs", 3),
        ("pattern_of_cut_sketches", 23),
    ] {
        assert_eq!(steps(&body(name), "pattern").len(), copies, "{name}");
    }
    let row = body("pattern_row_of_holes");
    let xs: Vec<f64> = steps(&row, "pattern").iter().map(|step| solid(step).frame.origin[0]).collect();
    assert_eq!(xs, [-15.0, 0.0, 15.0, 30.0]);
    let ring = body("pattern_round_the_middle");
    let third = solid(&steps(&ring, "pattern")[2]).frame.origin;
    assert!((third[0] + 18.0).abs() < 1e-6 && third[1].abs() < 1e-6, "{third:?}");
    let half = body("pattern_half_round_of_bosses");
    let last = solid(&steps(&half, "pattern")[2]).frame.origin;
    assert!((last[0] + 18.0).abs() < 1e-6 && last[1].abs() < 1e-6, "the last stands at 180 degrees: {last:?}");

    let name = "pattern_row_of_holes";
    check(refused(name, "pattern", choose("of", "boss")), "pattern", "of", "no operation before this one");
    check(refused(name, "pattern", choose("of", "plate")), "pattern", "of", "makes the body itself");
    check(refused(name, "pattern", set("count", 9.0)), "pattern", "count", "copy 6 of 'hole' beside the body");
    check(refused(name, "pattern", set("count", 2.5)), "pattern", "count", "whole number");
    check(refused(name, "pattern", set("pitch", 0.0)), "pattern", "pitch", "lie on each other");
    check(refused("pattern_grid_of_holes", "pattern", set("count_2", 60.0)), "pattern", "count_2", "at most 400");
    let mut of_fillet = example("fillet_top");
    let mut pattern = Operation::new("pattern", "pattern");
    pattern.parameters.insert("count".into(), said(2.0));
    pattern.choices.insert("of".into(), "fillet".into());
    of_fillet.features.push(pattern);
    assert!(lower(&of_fillet).unwrap_err().why.contains("shapes the whole body"));
}

#[test]
fn threads_take_the_place_of_the_shank() {
    let part = body("thread_on_cylinder");
    let thread = solid(&steps(&part, "thread")[0]).clone();
    let Shape::Thread { diameter, pitch, length, internal, left_handed, clearance } = thread.shape else {
        panic!("a thread")
    };
    assert_eq!((diameter, pitch, length, internal, left_handed, clearance), (8.0, 1.25, 20.25, false, false, 0.2));
    assert_eq!(thread.frame.origin[2], 9.75);
    let plain = solid(&steps(&part, "cylinder")[0]).clone();
    assert!(matches!(plain.shape, Shape::Cylinder { height, .. } if height == 10.0));
    let whole = body("thread_whole_left_handed");
    assert!(
        matches!(solid(&whole.pieces[0].steps[0]).shape, Shape::Thread { left_handed: true, length, .. } if length == 16.0)
    );
    assert!(steps(&body("thread_cosmetic"), "thread").is_empty());
    // The boss is 16 high, sunk by 0.25; the thread ends where the boss does.
    let boss = body("thread_on_boss");
    let thread = solid(&steps(&boss, "thread")[0]).clone();
    assert_eq!(thread.frame.origin[2], 8.0 + 16.0 - 12.0 - 0.25);
    let name = "thread_on_cylinder";
    check(refused(name, "thread", choose("size", "M10")), "thread", "diameter", "make the shank 10 mm");
    check(refused(name, "thread", choose("size", "em ten")), "thread", "size", "");
    check(refused(name, "thread", set("length", 31.0)), "thread", "length", "more than the shank's 30 mm");
    check(refused(name, "thread", set("pitch", 5.0)), "thread", "pitch", "too coarse");
    check(refused(name, "thread", set("diameter", 9.0)), "thread", "diameter", "contradicts");
    let mut plate = example("hole_through");
    plate.features.push(Operation::new("thread", "thread"));
    assert!(lower(&plate).unwrap_err().why.contains("no round shank"));
}

#[test]
fn imported_bodies_are_named_by_their_hash() {
    let import = body("import_scaled_with_hole");
    assert_eq!(import.size, [30.0, 20.0, 10.0]);
    check(refused("import", "import", choose("hash", "ABC")), "import", "hash", "64 lower-case hexadecimal digits");
    check(refused("combine_cut", "combine", choose("hash", "../etc")), "combine", "hash", "hexadecimal");
    check(refused("import", "import", set("scale", 0.0)), "import", "scale", "outside");
    let part_size = |o: &mut Operation| {
        o.parameters.remove("height");
    };
    check(refused("import", "import", part_size), "import", "length", "all three or none");
    let mut unknown = example("import_unmeasured");
    let mut hole = Operation::new("hole", "hole");
    hole.parameters.insert("diameter".into(), said(3.0));
    unknown.features.push(hole);
    assert!(lower(&unknown).unwrap_err().why.contains("size is not known"));
    let mut second = example("hole_through");
    second.features.push(example("import").features[0].clone());
    assert!(lower(&second).unwrap_err().why.contains("combine it instead"));
    assert!(matches!(steps(&body("combine_cut"), "combine")[0].action, Action::Cut(_)));
}

#[test]
fn blends_name_edges_that_exist() {
    for (name, operation, edges) in [
        ("fillet_along_x", "fillet", Edges::Parallel(0)),
        ("chamfer_along_z", "chamfer", Edges::Parallel(2)),
        ("fillet_front", "fillet", Edges::Outline(Side::Front)),
        ("chamfer_back", "chamfer", Edges::Outline(Side::Back)),
        ("fillet_at_the_foot_of_a_boss", "fillet", Edges::Seam("boss".into())),
        ("chamfer_at_the_rim_of_a_hole", "chamfer", Edges::Seam("hole".into())),
    ] {
        let found = match &steps(&body(name), operation)[0].action {
            Action::Fillet { edges, .. } | Action::Chamfer { edges, .. } => edges.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(found, edges, "{name}");
    }
    let name = "chamfer_at_the_rim_of_a_hole";
    check(refused(name, "chamfer", choose("of", "boss")), "chamfer", "of", "no operation before this one");
    check(refused(name, "chamfer", choose("edges", "top")), "chamfer", "edges", "drop one");
    check(refused("fillet_top", "fillet", set("radius", 25.0)), "fillet", "radius", "too large");
    let mut round = example("thread_cosmetic");
    let mut fillet = Operation::new("fillet", "fillet");
    fillet.choices.insert("edges".into(), "along_x".into());
    round.features.push(fillet);
    assert!(lower(&round).unwrap_err().why.contains("a round body has none"));
}

#[test]
fn ribs_channels_pockets_and_slots() {
    let rib = solid(&steps(&body("rib_across"), "rib")[0]).clone();
    assert_eq!((rib.frame.x, rib.frame.origin), ([0.0, 1.0, 0.0], [20.0, 0.0, 7.75]));
    assert!(matches!(rib.shape, Shape::Box { size: [50.0, 3.0, 10.25] }));
    let channel = solid(&steps(&body("channel_across_front"), "channel")[0]).clone();
    // Up the whole front of 30, 1 beyond at both ends.
    assert!(matches!(channel.shape, Shape::Box { size: [32.0, 10.0, 5.0] }));
    assert_eq!((channel.frame.x, channel.frame.origin), ([0.0, 0.0, 1.0], [0.0, -16.0, 15.0]));
    let offset = solid(&steps(&body("channel_offset"), "channel")[0]).clone();
    assert_eq!(offset.frame.origin, [0.0, 15.0, 5.0]);
    check(refused("channel", "channel", set("depth", 30.0)), "channel", "depth", "goes through");
    check(refused("channel", "channel", set("offset", 18.0)), "channel", "offset", "past the edge");
    check(refused("rib", "rib", set("thickness", 60.0)), "rib", "thickness", "more than the length");
    check(refused("rib", "rib", set("length", 100.0)), "rib", "placement", "past the edge");
    let outer = |name: &str, operation: &str| {
        let Shape::Extrusion { profile, .. } = solid(&steps(&body(name), operation)[0]).shape.clone() else {
            panic!("an extrusion")
        };
        profile.outer
    };
    assert_eq!(outer("pocket_round", "pocket"), Contour::Circle { centre: [0.0; 2], diameter: 24.0 });
    // Upright, so not the plain slot along x.
    assert!(matches!(outer("pocket_slot", "pocket"), Contour::Path { .. }));
    check(refused("pocket_round", "pocket", set("width", 20.0)), "pocket", "width", "one diameter");
    assert_eq!(outer("slot_overall", "slot"), Contour::Slot { centre: [0.0; 2], length: 30.0, width: 8.0 });
    assert_eq!(outer("slot_between_centres", "slot"), Contour::Slot { centre: [0.0; 2], length: 38.0, width: 8.0 });
}
