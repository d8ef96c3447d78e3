//! Extrusions, revolutions, sweeps and lofts, with every figure.

use super::*;
use crate::{Face, Path, Position};

fn plate() -> Operation {
    op("plate", "plate", &[("length", 80.0), ("width", 60.0), ("thickness", 8.0)])
}

fn block() -> Operation {
    op("block", "block", &[("length", 60.0), ("width", 40.0), ("height", 30.0)])
}

fn extrude(height: f64) -> Operation {
    op("extrude", "extrude", &[("height", height)])
}

pub(super) fn examples() -> Vec<(&'static str, Part)> {
    let mut all = extrusions();
    all.extend(on_faces());
    all.extend(turned());
    all.extend(swept());
    all.extend(lofted());
    all
}

fn extrusions() -> Vec<(&'static str, Part)> {
    let arch = Figure::Path {
        start: at(-20.0, 0.0),
        segments: vec![to(20.0, 0.0), to(20.0, 15.0), bend([0.0, 35.0], [-20.0, 15.0]), to(-20.0, 0.0)],
    };
    let angle = polygon(&[[0.0, 0.0], [50.0, 0.0], [50.0, 10.0], [10.0, 10.0], [10.0, 40.0], [0.0, 40.0]]);
    // Clockwise and off the origin, as people draw.
    let clockwise = polygon(&[[10.0, 10.0], [10.0, 40.0], [30.0, 60.0], [60.0, 10.0]]);
    vec![
        ("extrude_rectangle", part([extrude(12.0).draw(sketch(rectangle(40.0, 25.0)))])),
        ("extrude_rounded_rectangle", part([extrude(12.0).draw(sketch(rounded(40.0, 25.0, 5.0)))])),
        (
            "extrude_rectangle_turned",
            part([extrude(10.0).draw(Sketch {
                outline: outline_at(rounded(40.0, 25.0, 4.0), 10.0, 5.0, 30.0),
                holes: Vec::new(),
                height: None,
            })]),
        ),
        (
            "extrude_disc_with_holes",
            part([extrude(6.0).draw(
                sketch(circle(50.0))
                    .hole(outline(circle(12.0)))
                    .hole(outline_at(circle(6.0), 17.0, 0.0, 0.0))
                    .hole(outline_at(slot(12.0, 5.0), -16.0, 0.0, 90.0))
                    .hole(outline_at(regular(6.0, 6.0, true), 0.0, 17.0, 15.0)),
            )]),
        ),
        ("extrude_ellipse", part([extrude(15.0).draw(sketch(ellipse(50.0, 30.0)))])),
        (
            "extrude_ellipse_turned",
            part([extrude(15.0).draw(Sketch {
                outline: outline_at(ellipse(50.0, 30.0), 0.0, 0.0, 25.0),
                holes: Vec::new(),
                height: None,
            })]),
        ),
        ("extrude_slot", part([extrude(8.0).draw(sketch(slot(60.0, 20.0)).hole(outline(slot(40.0, 8.0))))])),
        ("extrude_hexagon", part([extrude(10.0).draw(sketch(regular(6.0, 30.0, true)).hole(outline(circle(16.0))))])),
        ("extrude_pentagon_across_corners", part([extrude(10.0).draw(sketch(regular(5.0, 30.0, false)))])),
        ("extrude_polygon", part([extrude(20.0).draw(sketch(angle))])),
        ("extrude_polygon_clockwise", part([extrude(20.0).draw(sketch(clockwise))])),
        (
            "extrude_path_with_arc",
            part([extrude(14.0).draw(sketch(arch).hole(outline_at(circle(14.0), 0.0, 17.0, 0.0)))]),
        ),
        ("extrude_gear", part([extrude(8.0).draw(sketch(gear(18.0, 2.0)).hole(outline(circle(8.0))))])),
        (
            "extrude_gear_off_centre",
            part([extrude(8.0).draw(Sketch {
                outline: outline_at(gear(16.0, 1.5), 20.0, 10.0, 10.0),
                holes: vec![outline_at(circle(6.0), 20.0, 10.0, 0.0)],
                height: None,
            })]),
        ),
        ("extrude_internal_gear", part([extrude(8.0).draw(sketch(circle(60.0)).hole(outline(gear(20.0, 2.0))))])),
        (
            "extrude_draft",
            part([op("extrude", "extrude", &[("height", 25.0), ("draft", 10.0)]).draw(sketch(rectangle(40.0, 30.0)))]),
        ),
        (
            "extrude_draft_outwards",
            part([
                op("extrude", "extrude", &[("height", 20.0), ("draft", -8.0)]).draw(sketch(regular(6.0, 30.0, true)))
            ]),
        ),
        (
            "extrude_draft_round",
            part([op("extrude", "extrude", &[("height", 30.0), ("draft", 12.0)]).draw(sketch(circle(40.0)))]),
        ),
        (
            "extrude_draft_with_hole",
            part([op("extrude", "extrude", &[("height", 20.0), ("draft", 5.0)])
                .draw(sketch(rounded(50.0, 40.0, 8.0)).hole(outline(circle(16.0))))]),
        ),
        (
            "extrude_twist",
            part([op("extrude", "extrude", &[("height", 60.0), ("twist", 90.0)]).draw(sketch(rectangle(30.0, 30.0)))]),
        ),
        (
            "extrude_draft_and_twist",
            part([op("extrude", "extrude", &[("height", 60.0), ("draft", 5.0), ("twist", -60.0)])
                .draw(sketch(regular(6.0, 40.0, true)))]),
        ),
    ]
}

fn on_faces() -> Vec<(&'static str, Part)> {
    let star = polygon(&[
        [0.0, 12.0],
        [3.0, 4.0],
        [11.0, 4.0],
        [5.0, -1.5],
        [7.0, -10.0],
        [0.0, -5.0],
        [-7.0, -10.0],
        [-5.0, -1.5],
        [-11.0, 4.0],
        [-3.0, 4.0],
    ]);
    let through = || Operation::new("extrude", "extrude").choose("mode", "cut");
    vec![
        ("extrude_add_on_top", part([plate(), extrude(10.0).draw(sketch(regular(6.0, 20.0, true)))])),
        (
            "extrude_add_on_side",
            part([block(), extrude(7.0).draw(sketch(slot(16.0, 8.0))).place(Face::Left, Position::Centre)]),
        ),
        (
            "extrude_add_drafted",
            part([
                plate(),
                op("extrude", "extrude", &[("height", 12.0), ("draft", 6.0)])
                    .draw(sketch(rectangle(24.0, 16.0)))
                    .place(Face::Top, Position::Offset { u: q(10.0), v: q(5.0) }),
            ]),
        ),
        (
            "extrude_add_to_round_side",
            part([
                op("cylinder", "cylinder", &[("diameter", 40.0), ("height", 50.0)]),
                extrude(8.0)
                    .draw(sketch(rectangle(12.0, 20.0)))
                    .place(Face::Side, Position::Around { angle: q(90.0), height: q(25.0) }),
            ]),
        ),
        ("extrude_cut_through", part([plate(), through().draw(sketch(star))])),
        (
            "extrude_cut_blind_on_back",
            part([
                block(),
                extrude(5.0)
                    .choose("mode", "cut")
                    .draw(sketch(polygon(&[[-10.0, -8.0], [10.0, -8.0], [10.0, 2.0], [0.0, 8.0]])))
                    .place(Face::Back, Position::Centre),
            ]),
        ),
        (
            "extrude_cut_drafted",
            part([
                block(),
                op("extrude", "extrude", &[("height", 12.0), ("draft", 10.0)])
                    .choose("mode", "cut")
                    .draw(sketch(rectangle(30.0, 20.0))),
            ]),
        ),
        (
            "extrude_cut_at_points",
            part([
                plate(),
                through().draw(sketch(circle(5.0))).place(
                    Face::Top,
                    Position::Points { points: vec![at(-30.0, -20.0), at(-10.0, 12.0), at(25.0, 0.0)] },
                ),
            ]),
        ),
        (
            "extrude_intersect",
            part([
                block(),
                Operation::new("extrude", "extrude").choose("mode", "intersect").draw(sketch(ellipse(56.0, 36.0))),
            ]),
        ),
        (
            "extrude_text_raised",
            part([
                plate(),
                extrude(1.0).draw(Sketch {
                    outline: outline_at(text("Ana", 12.0), 0.0, -6.0, 0.0),
                    holes: Vec::new(),
                    height: None,
                }),
            ]),
        ),
        (
            "extrude_text_engraved_in_front",
            part([
                block(),
                extrude(0.8)
                    .choose("mode", "cut")
                    .draw(sketch(text("A1", 10.0)))
                    .place(Face::Front, Position::Offset { u: q(0.0), v: q(-5.0) }),
            ]),
        ),
    ]
}

fn turned() -> Vec<(&'static str, Part)> {
    let turn = || Operation::new("revolve", "revolve");
    let knob = polygon(&[[0.0, 0.0], [12.0, 0.0], [12.0, 10.0], [18.0, 16.0], [18.0, 24.0], [0.0, 28.0]]);
    let vase = Figure::Path {
        start: at(0.0, 0.0),
        segments: vec![
            to(20.0, 0.0),
            bend([30.0, 20.0], [22.0, 45.0]),
            to(19.0, 45.0),
            bend([27.0, 20.0], [18.0, 3.0]),
            to(0.0, 3.0),
            to(0.0, 0.0),
        ],
    };
    let ring = || Sketch { outline: outline_at(circle(8.0), 20.0, 0.0, 0.0), holes: Vec::new(), height: None };
    vec![
        ("revolve_knob", part([turn().draw(sketch(knob))])),
        ("revolve_vase", part([turn().draw(sketch(vase))])),
        ("revolve_ring", part([turn().draw(ring())])),
        ("revolve_hollow_ring", part([turn().draw(ring().hole(outline_at(circle(5.0), 20.0, 0.0, 0.0)))])),
        ("revolve_partial", part([op("revolve", "revolve", &[("angle", 135.0)]).draw(ring())])),
        (
            "revolve_add_dome",
            part([
                plate(),
                turn().draw(sketch(Figure::Path {
                    start: at(0.0, -1.0),
                    segments: vec![
                        to(10.0, -1.0),
                        to(10.0, 0.0),
                        bend([7.071068, 7.071068], [0.0, 10.0]),
                        to(0.0, -1.0),
                    ],
                })),
            ]),
        ),
        (
            "revolve_cut_groove",
            part([
                op("cylinder", "cylinder", &[("diameter", 40.0), ("height", 50.0)]),
                turn().choose("mode", "cut").draw(sketch(polygon(&[
                    [16.0, 20.0],
                    [25.0, 20.0],
                    [25.0, 26.0],
                    [16.0, 26.0],
                ]))),
            ]),
        ),
        (
            "revolve_cut_partial",
            part([
                plate(),
                op("revolve", "revolve", &[("angle", 90.0)]).choose("mode", "cut").draw(sketch(polygon(&[
                    [10.0, -1.0],
                    [14.0, -1.0],
                    [14.0, 3.0],
                    [10.0, 3.0],
                ]))),
            ]),
        ),
    ]
}

fn swept() -> Vec<(&'static str, Part)> {
    let sweep = || Operation::new("sweep", "sweep");
    let strokes = |start: [f64; 3], segments| Path::Strokes { start: in_space(start), segments };
    let handle = || {
        strokes(
            [-25.0, 0.0, 0.0],
            vec![
                go([-25.0, 0.0, 20.0]),
                curve([-20.606602, 0.0, 30.606602], [-10.0, 0.0, 35.0]),
                go([10.0, 0.0, 35.0]),
                curve([20.606602, 0.0, 30.606602], [25.0, 0.0, 20.0]),
                go([25.0, 0.0, 0.0]),
            ],
        )
    };
    let helix = |diameter: f64, pitch: f64, turns: f64, left_handed| Path::Helix {
        diameter: q(diameter),
        pitch: q(pitch),
        turns: q(turns),
        left_handed,
    };
    vec![
        (
            "sweep_pipe_bend",
            part([sweep().draw(sketch(circle(12.0)).hole(outline(circle(8.0)))).follow(strokes(
                [0.0, 0.0, 0.0],
                vec![go([0.0, 0.0, 30.0]), curve([5.857864, 0.0, 44.142136], [20.0, 0.0, 50.0]), go([50.0, 0.0, 50.0])],
            ))]),
        ),
        (
            "sweep_mitred_corner",
            part([sweep()
                .draw(sketch(rectangle(8.0, 6.0)))
                .follow(strokes([0.0; 3], vec![go([40.0, 0.0, 0.0]), go([40.0, 30.0, 0.0])]))]),
        ),
        ("sweep_spring", part([sweep().draw(sketch(circle(3.0))).follow(helix(30.0, 8.0, 4.0, false))])),
        (
            "sweep_spring_left_handed",
            part([sweep().draw(sketch(rectangle(3.0, 2.0))).follow(helix(24.0, 6.0, 3.0, true))]),
        ),
        ("sweep_add_handle", part([plate(), sweep().draw(sketch(circle(8.0))).follow(handle())])),
        (
            "sweep_cut_groove",
            part([
                plate(),
                sweep().choose("mode", "cut").draw(sketch(circle(4.0))).follow(strokes(
                    [-45.0, -10.0, 0.0],
                    vec![
                        go([0.0, -10.0, 0.0]),
                        curve([14.142136, -4.142136, 0.0], [20.0, 10.0, 0.0]),
                        go([20.0, 35.0, 0.0]),
                    ],
                )),
            ]),
        ),
        (
            "sweep_cut_spiral_groove",
            part([
                op("cylinder", "cylinder", &[("diameter", 40.0), ("height", 50.0)]),
                sweep().choose("mode", "cut").draw(sketch(circle(4.0))).follow(helix(40.0, 12.0, 3.0, false)),
            ]),
        ),
    ]
}

fn lofted() -> Vec<(&'static str, Part)> {
    let loft = || Operation::new("loft", "loft");
    vec![
        (
            "loft_square_to_circle",
            part([loft().draw(sketch(rectangle(40.0, 40.0))).draw(sketch(circle(24.0)).at_height(30.0))]),
        ),
        (
            "loft_three_circles",
            part([loft()
                .draw(sketch(circle(40.0)))
                .draw(sketch(circle(24.0)).at_height(20.0))
                .draw(sketch(circle(36.0)).at_height(45.0))]),
        ),
        (
            "loft_smooth",
            part([loft()
                .choose("surface", "smooth")
                .draw(sketch(ellipse(50.0, 30.0)))
                .draw(sketch(ellipse(30.0, 22.0)).at_height(20.0))
                .draw(sketch(ellipse(44.0, 36.0)).at_height(45.0))]),
        ),
        (
            "loft_hexagon_to_hexagon",
            part([loft().draw(sketch(regular(6.0, 40.0, true))).draw(
                Sketch {
                    outline: outline_at(regular(6.0, 26.0, true), 5.0, 0.0, 0.0),
                    holes: Vec::new(),
                    height: None,
                }
                .at_height(30.0),
            )]),
        ),
        (
            "loft_add_on_top",
            part([
                plate(),
                loft().draw(sketch(rectangle(30.0, 20.0))).draw(sketch(rectangle(14.0, 10.0)).at_height(16.0)),
            ]),
        ),
        (
            "loft_cut_funnel",
            part([
                block(),
                loft()
                    .choose("mode", "cut")
                    .draw(sketch(rectangle(30.0, 20.0)))
                    .draw(sketch(circle(10.0)).at_height(20.0)),
            ]),
        ),
    ]
}
