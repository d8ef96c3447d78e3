//! Features on faces, shells, mirrors, patterns, threads, imported bodies, blends, placements and formulas.

use super::*;
use crate::{Anchor, AnchorFrom, Face, FaceEdge, Position, Variable};

/// The hash that stands for a body somebody uploaded; tests store theirs under it.
pub const IMPORTED: &str = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

fn plate() -> Operation {
    op("plate", "plate", &[("length", 80.0), ("width", 60.0), ("thickness", 8.0)])
}

fn block() -> Operation {
    op("block", "block", &[("length", 60.0), ("width", 40.0), ("height", 30.0)])
}

fn cylinder(diameter: f64, height: f64) -> Operation {
    op("cylinder", "cylinder", &[("diameter", diameter), ("height", height)])
}

fn hole(diameter: f64) -> Operation {
    op("hole", "hole", &[("diameter", diameter)])
}

pub(super) fn examples() -> Vec<(&'static str, Part)> {
    let mut all = features();
    all.extend(bodies());
    all.extend(patterns());
    all.extend(blends());
    all.extend(placements());
    all.extend(formulas());
    all
}

fn features() -> Vec<(&'static str, Part)> {
    let rib = || op("rib", "rib", &[("length", 50.0), ("thickness", 3.0), ("height", 10.0)]);
    let channel = || op("channel", "channel", &[("width", 10.0), ("depth", 4.0)]);
    let pocket = |l: f64, w: f64| op("pocket", "pocket", &[("length", l), ("width", w), ("depth", 4.0)]);
    vec![
        ("rib", part([plate(), rib()])),
        (
            "rib_across",
            part([
                plate(),
                rib().choose("direction", "across").place(Face::Top, Position::Offset { u: q(20.0), v: q(0.0) }),
            ]),
        ),
        ("channel", part([block(), channel()])),
        (
            "channel_across_front",
            part([block(), channel().choose("direction", "across").place(Face::Front, Position::Centre)]),
        ),
        (
            "channel_offset",
            part([plate(), op("channel", "channel", &[("width", 6.0), ("depth", 3.0), ("offset", 15.0)])]),
        ),
        (
            "pocket_rectangular",
            part([
                plate(),
                op("pocket", "pocket", &[("length", 30.0), ("width", 20.0), ("depth", 5.0), ("corner_radius", 4.0)]),
            ]),
        ),
        ("pocket_round", part([plate(), pocket(24.0, 24.0).choose("shape", "round")])),
        ("pocket_slot", part([plate(), pocket(12.0, 36.0).choose("shape", "slot")])),
        ("pad", part([block(), op("pad", "pad", &[("length", 24.0), ("width", 16.0), ("height", 8.0)])])),
        ("notch", part([block(), op("notch", "notch", &[("width", 12.0), ("length", 18.0)])])),
        ("slot_overall", part([plate(), op("slot", "slot", &[("length", 30.0), ("width", 8.0)])])),
        (
            "slot_between_centres",
            part([plate(), op("slot", "slot", &[("length", 30.0), ("width", 8.0)]).choose("measured", "centres")]),
        ),
        ("boss_with_bore", part([plate(), op("boss", "boss", &[("diameter", 14.0), ("height", 12.0), ("bore", 5.0)])])),
        ("hole_through", part([plate(), hole(6.0)])),
        (
            "thread_on_cylinder",
            part([cylinder(8.0, 30.0), op("thread", "thread", &[("length", 20.0)]).choose("size", "M8")]),
        ),
        (
            "thread_whole_left_handed",
            part([
                cylinder(12.0, 16.0),
                op("thread", "thread", &[("diameter", 12.0), ("pitch", 1.5)]).choose("hand", "left"),
            ]),
        ),
        (
            "thread_cosmetic",
            part([cylinder(10.0, 30.0), op("thread", "thread", &[]).choose("representation", "cosmetic")]),
        ),
        (
            "thread_on_boss",
            part([
                plate(),
                op("boss", "boss", &[("diameter", 10.0), ("height", 16.0)]),
                Operation {
                    placement: Some(Placement::on("boss", Position::Centre)),
                    ..op("thread", "thread", &[("length", 12.0)]).choose("size", "M10")
                },
            ]),
        ),
    ]
}

fn bodies() -> Vec<(&'static str, Part)> {
    let shell = || op("shell", "shell", &[("thickness", 2.0)]);
    let mirror = || Operation::new("mirror", "mirror");
    let boss = || {
        op("boss", "boss", &[("diameter", 10.0), ("height", 8.0)])
            .place(Face::Top, Position::Offset { u: q(18.0), v: q(8.0) })
    };
    let measured =
        || op("import", "import", &[("length", 30.0), ("width", 20.0), ("height", 10.0)]).choose("hash", IMPORTED);
    let combine = || op("combine", "combine", &[("z", 25.0)]).choose("hash", IMPORTED);
    vec![
        ("shell_open_top", part([block(), shell()])),
        ("shell_open_bottom", part([block(), shell().choose("open", "bottom")])),
        ("shell_open_both", part([cylinder(40.0, 30.0), shell().choose("open", "both")])),
        ("shell_closed", part([block(), shell().choose("open", "none")])),
        ("shell_open_front", part([block(), shell().choose("open", "front")])),
        ("shell_with_hole_in_the_wall", part([block(), shell(), hole(6.0).place(Face::Front, Position::Centre)])),
        ("mirror_about_the_middle", part([block(), boss(), mirror()])),
        ("mirror_about_a_side", part([block(), boss(), mirror().choose("about", "right")])),
        ("mirror_upwards", part([block(), boss(), mirror().choose("plane", "z").choose("about", "bottom")])),
        ("mirror_image_only", part([block(), boss(), mirror().choose("keep", "no")])),
        ("import", part([measured()])),
        ("import_unmeasured", part([Operation::new("import", "import").choose("hash", IMPORTED)])),
        (
            "import_scaled_with_hole",
            part([
                op("import", "import", &[("length", 3.0), ("width", 2.0), ("height", 1.0), ("scale", 10.0)])
                    .choose("hash", IMPORTED),
                hole(5.0),
            ]),
        ),
        ("combine_add", part([block(), combine()])),
        ("combine_cut", part([block(), combine().choose("mode", "cut")])),
        ("combine_intersect", part([block(), combine().choose("mode", "intersect")])),
    ]
}

fn patterns() -> Vec<(&'static str, Part)> {
    let off_centre = |u: f64, v: f64| Position::Offset { u: q(u), v: q(v) };
    let pattern = |parameters: &[(&str, f64)], of: &str| op("pattern", "pattern", parameters).choose("of", of);
    vec![
        (
            "pattern_row_of_holes",
            part([
                plate(),
                hole(5.0).place(Face::Top, off_centre(-30.0, 0.0)),
                pattern(&[("count", 5.0), ("pitch", 15.0)], "hole"),
            ]),
        ),
        (
            "pattern_grid_of_holes",
            part([
                plate(),
                hole(3.0).place(Face::Top, off_centre(-32.0, -20.0)),
                pattern(&[("count", 9.0), ("pitch", 8.0), ("count_2", 6.0)], "hole").choose("kind", "grid"),
            ]),
        ),
        (
            "pattern_round_the_middle",
            part([
                cylinder(50.0, 10.0),
                hole(5.0).place(Face::Top, off_centre(18.0, 0.0)),
                pattern(&[("count", 6.0)], "hole").choose("kind", "circular"),
            ]),
        ),
        (
            "pattern_half_round_of_bosses",
            part([
                cylinder(50.0, 6.0),
                op("boss", "boss", &[("diameter", 6.0), ("height", 6.0), ("bore", 2.5)])
                    .place(Face::Top, off_centre(18.0, 0.0)),
                pattern(&[("count", 4.0), ("angle", 180.0)], "boss").choose("kind", "circular"),
            ]),
        ),
        (
            "pattern_of_ribs",
            part([
                plate(),
                op("rib", "rib", &[("length", 60.0), ("height", 6.0)]).place(Face::Top, off_centre(0.0, -24.0)),
                pattern(&[("count", 4.0), ("pitch", 16.0)], "rib").choose("direction", "y"),
            ]),
        ),
        (
            "pattern_of_cut_sketches",
            part([
                plate(),
                Operation::new("extrude", "extrude")
                    .choose("mode", "cut")
                    .draw(sketch(regular(6.0, 8.0, true)))
                    .place(Face::Top, off_centre(-30.0, -18.0)),
                pattern(&[("count", 6.0), ("pitch", 12.0), ("count_2", 4.0), ("pitch_2", 12.0)], "extrude")
                    .choose("kind", "grid"),
            ]),
        ),
    ]
}

fn blends() -> Vec<(&'static str, Part)> {
    let fillet = |edges: &str| op("fillet", "fillet", &[("radius", 3.0)]).choose("edges", edges);
    let chamfer = |edges: &str| op("chamfer", "chamfer", &[("distance", 2.0)]).choose("edges", edges);
    vec![
        ("fillet_vertical", part([block(), fillet("vertical")])),
        ("fillet_top", part([block(), fillet("top")])),
        ("fillet_all", part([block(), fillet("all")])),
        ("fillet_along_x", part([block(), fillet("along_x")])),
        ("fillet_along_y", part([block(), fillet("along_y")])),
        ("fillet_front", part([block(), fillet("front")])),
        ("chamfer_bottom", part([block(), chamfer("bottom")])),
        ("chamfer_along_z", part([block(), chamfer("along_z")])),
        ("chamfer_left", part([block(), chamfer("left")])),
        ("chamfer_right", part([block(), chamfer("right")])),
        ("chamfer_back", part([block(), chamfer("back")])),
        (
            "fillet_at_the_foot_of_a_boss",
            part([
                plate(),
                op("boss", "boss", &[("diameter", 20.0), ("height", 15.0)]),
                op("fillet", "fillet", &[("radius", 2.0)]).choose("of", "boss"),
            ]),
        ),
        (
            "chamfer_at_the_rim_of_a_hole",
            part([plate(), hole(12.0), op("chamfer", "chamfer", &[("distance", 1.0)]).choose("of", "hole")]),
        ),
    ]
}

fn placements() -> Vec<(&'static str, Part)> {
    let anchor = |from, distance: f64| Anchor { from, distance: q(distance) };
    let top = |position| part([plate(), hole(4.0).place(Face::Top, position)]);
    let boss = || op("boss", "boss", &[("diameter", 16.0), ("height", 10.0)]);
    vec![
        ("place_offset", top(Position::Offset { u: q(12.0), v: q(-8.0) })),
        ("place_from_corner", top(Position::FromCorner { u: q(10.0), v: q(10.0) })),
        ("place_corners", top(Position::Corners { inset: q(8.0) })),
        ("place_grid", top(Position::Grid { columns: q(4.0), rows: q(3.0), pitch_u: q(15.0), pitch_v: q(15.0) })),
        ("place_circle", top(Position::Circle { count: q(6.0), diameter: q(40.0), start: q(30.0) })),
        ("place_row", top(Position::Row { count: q(3.0), pitch: q(20.0) })),
        (
            "place_anchored",
            top(Position::Anchored { u: anchor(AnchorFrom::High, 8.0), v: anchor(AnchorFrom::Low, 5.0) }),
        ),
        (
            "place_anchored_to_the_middle",
            top(Position::Anchored { u: anchor(AnchorFrom::Centre, -10.0), v: anchor(AnchorFrom::High, 12.0) }),
        ),
        ("place_points", top(Position::Points { points: vec![at(0.0, 0.0), at(20.0, 10.0), at(-20.0, 15.0)] })),
        ("place_by_an_edge", top(Position::Edge { edge: FaceEdge::HighU, along: q(10.0), inset: q(6.0) })),
        (
            "place_around",
            part([
                op("cup", "cup", &[]).choose("handle", "no"),
                hole(6.0).place(Face::Side, Position::Around { angle: q(crate::clock_angle(3.0)), height: q(60.0) }),
            ]),
        ),
        ("place_on_a_boss", part([plate(), boss(), hole(5.0).stand("boss", Position::Centre)])),
        (
            "place_on_every_boss",
            part([
                plate(),
                op("boss", "boss", &[("diameter", 10.0), ("height", 6.0)])
                    .place(Face::Top, Position::Corners { inset: q(8.0) }),
                op("hole", "hole", &[("diameter", 3.0), ("depth", 5.0)])
                    .choose("kind", "blind")
                    .stand("boss", Position::Centre),
            ]),
        ),
        (
            "place_on_an_extrusion",
            part([
                plate(),
                op("extrude", "extrude", &[("height", 10.0)]).draw(sketch(rectangle(40.0, 30.0))),
                op("boss-2", "boss", &[("diameter", 6.0)]).stand("extrude", Position::Corners { inset: q(6.0) }),
            ]),
        ),
    ]
}

fn formulas() -> Vec<(&'static str, Part)> {
    let mut block = block();
    block.expressions.insert("width".to_owned(), "block.length / 2 + wall".to_owned());
    block.expressions.insert("height".to_owned(), "max(wall * 4, 3 * (wall - 1))".to_owned());
    let mut hole = hole(1.0);
    hole.expressions.insert("diameter".to_owned(), "min(block.width, block.height) - 2 * wall".to_owned());
    let variables =
        [("wall".to_owned(), Variable::Value(q(4.0))), ("gap".to_owned(), Variable::Expression("wall / 8".to_owned()))];
    let mut drawn = op("extrude", "extrude", &[("height", 8.0)])
        .draw(sketch(rounded(40.0, 20.0, 2.0)).hole(outline_at(circle(5.0), 10.0, 0.0, 0.0)));
    for (path, text) in [
        ("sketches[0].outline.corner_radius", "gap * 8"),
        ("sketches[0].holes[0].diameter", "2 * gap + 6"),
        ("sketches[0].holes[0].centre.x", "-extrude.height"),
    ] {
        drawn.expressions.insert(path.to_owned(), text.to_owned());
    }
    let variables = std::collections::BTreeMap::from(variables);
    vec![
        ("formulas", Part { variables: variables.clone(), ..part([block, hole]) }),
        ("formulas_in_a_sketch", Part { variables, ..part([drawn]) }),
    ]
}
