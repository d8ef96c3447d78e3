//! Holes, pockets, slots, bosses and blends on a block and on a pot.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::type_complexity)]

mod common;

use std::{f64::consts::PI, sync::atomic::AtomicBool};

use common::{evaluated, near, part, quantity, typical, with};
use geometry::{GeometryError, Kernels, Options, evaluate};
use part::{Face, Part, Placement, Position};

fn block() -> Part {
    part("block", &[("length", 60.0), ("width", 40.0), ("height", 20.0)])
}

fn on(face: Face, position: Position) -> Option<Placement> {
    Some(Placement { face, position, on: None })
}

fn holes(part: &Part) -> i64 {
    let evaluated = evaluated(part);
    assert!(evaluated.exact, "{:?} {:?}", evaluated.inexact_reason, part.features.last());
    evaluated.pieces[0].mesh.topology().through_holes()
}

fn removed(part: &Part) -> f64 {
    let evaluated = evaluated(part);
    assert!(evaluated.exact, "{:?}", evaluated.inexact_reason);
    48_000.0 - evaluated.volume_mm3
}

#[test]
fn holes_of_each_kind() {
    let hole = |parameters: &[(&str, f64)], kind| removed(&with(block(), "hole", parameters, &[("kind", kind)], None));
    near(hole(&[("diameter", 8.0)], "through"), PI * 16.0 * 20.0, 1e-3);
    near(hole(&[("diameter", 8.0), ("depth", 5.0)], "blind"), PI * 16.0 * 5.0, 1e-3);
    let counterbore = hole(&[("diameter", 5.0), ("head_diameter", 10.0), ("head_depth", 4.0)], "counterbore");
    near(counterbore, PI * (25.0 * 4.0 + 6.25 * 16.0), 1e-3);
    // 90 degrees from 10 to 5 mm across: 2.5 mm deep.
    let cone = PI * 2.5 / 3.0 * (25.0 + 12.5 + 6.25);
    near(hole(&[("diameter", 5.0), ("head_diameter", 10.0)], "countersink"), cone + PI * 6.25 * 17.5, 1e-3);
}

#[test]
fn patterns_make_as_many_holes_as_they_say() {
    let hole = |placement| holes(&with(block(), "hole", &[("diameter", 4.0)], &[], placement));
    assert_eq!(hole(None), 1);
    assert_eq!(hole(on(Face::Top, Position::Corners { inset: quantity(5.0) })), 4);
    let grid = Position::Grid {
        columns: quantity(4.0),
        rows: quantity(3.0),
        pitch_u: quantity(12.0),
        pitch_v: quantity(10.0),
    };
    assert_eq!(hole(on(Face::Bottom, grid)), 12);
    let circle = Position::Circle { count: quantity(6.0), diameter: quantity(24.0), start: quantity(0.0) };
    assert_eq!(hole(on(Face::Top, circle)), 6);
    assert_eq!(hole(on(Face::Front, Position::Row { count: quantity(3.0), pitch: quantity(15.0) })), 3);
    assert_eq!(hole(on(Face::Left, Position::FromCorner { u: quantity(10.0), v: quantity(10.0) })), 1);
    assert_eq!(hole(on(Face::Back, Position::Offset { u: quantity(-12.0), v: quantity(3.0) })), 1);
}

#[test]
fn overlapping_holes_and_holes_past_the_edge_are_refused() {
    let row = Position::Row { count: quantity(5.0), pitch: quantity(3.0) };
    let part = with(block(), "hole", &[("diameter", 4.0)], &[], on(Face::Top, row));
    assert!(part::lower(&part).unwrap_err().why.contains("overlap"));
    let edge = Position::FromCorner { u: quantity(1.0), v: quantity(10.0) };
    let part = with(block(), "hole", &[("diameter", 4.0)], &[], on(Face::Top, edge));
    assert_eq!(part::lower(&part).unwrap_err().parameter, "placement");
}

#[test]
fn a_hole_in_the_side_of_a_pot_goes_through_one_wall() {
    let pot = part("plant_pot", &[("diameter", 120.0), ("height", 100.0), ("hole_count", 0.0)]);
    let around = Position::Around { angle: quantity(90.0), height: quantity(60.0) };
    let one = with(pot.clone(), "hole", &[("diameter", 10.0)], &[], on(Face::Side, around));
    assert_eq!(holes(&one), 1);
    let centre = with(pot.clone(), "hole", &[("diameter", 10.0)], &[], on(Face::Side, Position::Centre));
    assert_eq!(holes(&centre), 1);
    let ring = Position::Circle { count: quantity(4.0), diameter: quantity(0.1), start: quantity(45.0) };
    assert_eq!(holes(&with(pot.clone(), "hole", &[("diameter", 10.0)], &[], on(Face::Side, ring))), 4);
    // Through a solid cylinder it goes all the way.
    let cylinder = part("cylinder", &[("diameter", 30.0), ("height", 40.0)]);
    assert_eq!(holes(&with(cylinder, "hole", &[("diameter", 6.0)], &[], on(Face::Side, Position::Centre))), 1);
}

#[test]
fn a_hole_in_the_top_of_a_box_with_a_lid_is_in_the_lid() {
    let both = typical("box_with_lid");
    let top = with(both.clone(), "hole", &[("diameter", 10.0)], &[], on(Face::Top, Position::Centre));
    let genus =
        |part: &Part| evaluated(part).pieces.iter().map(|p| p.mesh.topology().through_holes()).collect::<Vec<_>>();
    assert_eq!(genus(&top), [0, 1]);
    assert_eq!(genus(&with(both.clone(), "hole", &[("diameter", 10.0)], &[], None)), [1, 0]);
    assert_eq!(genus(&with(both, "hole", &[("diameter", 10.0)], &[("piece", "lid")], None)), [0, 1]);
}

#[test]
fn pockets_and_slots() {
    let pocket = with(block(), "pocket", &[("length", 20.0), ("width", 10.0), ("depth", 5.0)], &[], None);
    near(removed(&pocket), 1000.0, 1e-6);
    let rounded = with(
        block(),
        "pocket",
        &[("length", 20.0), ("width", 10.0), ("depth", 5.0), ("corner_radius", 2.0)],
        &[],
        None,
    );
    near(removed(&rounded), 1000.0 - 5.0 * (16.0 - PI * 4.0), 1e-3);
    let slot = with(block(), "slot", &[("length", 30.0), ("width", 6.0)], &[], None);
    near(removed(&slot), (24.0 * 6.0 + PI * 9.0) * 20.0, 1e-3);
    let across =
        with(block(), "slot", &[("length", 30.0), ("width", 6.0), ("depth", 4.0)], &[("direction", "across")], None);
    near(removed(&across), (24.0 * 6.0 + PI * 9.0) * 4.0, 1e-3);
}

#[test]
fn bosses_stand_on_faces() {
    let boss = with(block(), "boss", &[("diameter", 10.0), ("height", 6.0), ("bore", 4.0)], &[], None);
    near(removed(&boss), -PI * (25.0 - 4.0) * 6.0, 1e-3);
    near(evaluated(&boss).bounds.size()[2], 26.0, 1e-9);
    let pot = part("plant_pot", &[("diameter", 120.0), ("height", 100.0), ("hole_count", 0.0)]);
    let around = Position::Around { angle: quantity(0.0), height: quantity(50.0) };
    let lug = evaluated(&with(pot, "boss", &[("diameter", 12.0), ("height", 8.0)], &[], on(Face::Side, around)));
    assert_eq!((lug.exact, lug.pieces[0].mesh.topology().components), (true, 1));
}

#[test]
fn fillets_and_chamfers_of_a_block() {
    let fillet = |edges, radius| removed(&with(block(), "fillet", &[("radius", radius)], &[("edges", edges)], None));
    near(fillet("vertical", 5.0), (4.0 - PI) * 25.0 * 20.0, 1e-3);
    let top = fillet("top", 2.0);
    // Four edges less their mitred corners: a little under the sum of the edges.
    let edge = (1.0 - PI / 4.0) * 4.0;
    assert!(top < edge * 200.0 && top > edge * 185.0, "{top}");
    near(fillet("bottom", 2.0), top, 1e-6);
    assert!(fillet("all", 2.0) > 2.0 * top);
    let chamfer = |edges| removed(&with(block(), "chamfer", &[("distance", 1.0)], &[("edges", edges)], None));
    near(chamfer("vertical"), 4.0 * 0.5 * 20.0, 1e-6);
    let top = chamfer("top");
    assert!(top < 100.0 && top > 95.0, "{top}");
}

#[test]
fn walls_stay_even_under_vertical_fillets() {
    let hollow = part("box", &[("length", 80.0), ("width", 60.0), ("height", 40.0), ("wall", 2.0)]);
    let rounded = evaluated(&with(hollow, "fillet", &[("radius", 10.0)], &[], None));
    let area = |l: f64, w: f64, r: f64| l * w - (4.0 - PI) * r * r;
    near(rounded.volume_mm3, area(80.0, 60.0, 10.0) * 40.0 - area(76.0, 56.0, 8.0) * 38.0, 1e-3);
}

#[test]
fn a_pot_takes_a_rounded_rim_and_base() {
    let pot = part("plant_pot", &[("diameter", 120.0), ("height", 100.0), ("hole_count", 5.0)]);
    let plain = evaluated(&pot).volume_mm3;
    for kind in ["fillet", "chamfer"] {
        for edges in ["top", "bottom", "all"] {
            let blended = evaluated(&with(pot.clone(), kind, &[], &[("edges", edges)], None));
            assert!(blended.exact, "{kind} {edges}: {:?}", blended.inexact_reason);
            assert!(blended.volume_mm3 < plain && blended.volume_mm3 > plain * 0.97, "{kind} {edges}");
            assert_eq!(blended.pieces[0].mesh.topology().through_holes(), 5);
        }
    }
}

#[test]
fn fillets_follow_holes() {
    let mut part =
        with(block(), "hole", &[("diameter", 4.0)], &[], on(Face::Top, Position::Corners { inset: quantity(8.0) }));
    part = with(part, "fillet", &[("radius", 3.0)], &[("edges", "vertical")], None);
    part = with(part, "fillet", &[("radius", 1.0)], &[("edges", "top")], None);
    assert_eq!(holes(&part), 4);
}

#[test]
fn the_mesh_kernel_agrees_with_the_exact_one() {
    let options = Options { kernels: Kernels::MeshOnly, ..Options::default() };
    for kind in [
        "plant_pot",
        "gear",
        "cup",
        "knob",
        "name_plate",
        "vase",
        "funnel",
        "l_bracket",
        "hook",
        "box_with_lid",
        "sphere",
    ] {
        let part = typical(kind);
        let meshed = evaluate(&part::lower(&part).unwrap(), &options, &AtomicBool::new(false)).unwrap();
        assert!(!meshed.exact && meshed.inexact_reason.is_some());
        near(meshed.volume_mm3 / evaluated(&part).volume_mm3, 1.0, 0.001);
        let topology =
            |e: &geometry::Evaluated| e.pieces.iter().map(|p| p.mesh.topology().through_holes()).collect::<Vec<_>>();
        assert_eq!(topology(&meshed), topology(&evaluated(&part)), "{kind}");
    }
}

#[test]
fn a_blend_that_does_not_fit_is_refused_by_name() {
    let spacer = part("spacer", &[("height", 10.0), ("outer_diameter", 8.0), ("inner_diameter", 6.0)]);
    let part = with(spacer, "fillet", &[("radius", 3.0)], &[("edges", "top")], None);
    let result = evaluate(&part::lower(&part).unwrap(), &Options::default(), &AtomicBool::new(false));
    match result {
        Err(GeometryError::Refused { operation, .. }) => assert_eq!(operation, "fillet"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("a fillet of 3 mm cannot fit on a wall of 1 mm"),
    }
}

#[test]
fn cancelled_before_it_starts() {
    let body = part::lower(&typical("cup")).unwrap();
    let result = evaluate(&body, &Options::default(), &AtomicBool::new(true));
    assert!(matches!(result, Err(GeometryError::Cancelled)));
}

#[test]
fn rims_of_gears_and_knobs_are_turned() {
    for kind in ["gear", "knob"] {
        let plain = evaluated(&typical(kind));
        for modifier in ["fillet", "chamfer"] {
            let part = with(typical(kind), modifier, &[], &[("edges", "all")], None);
            let turned = evaluated(&part);
            assert!(
                turned.volume_mm3 < plain.volume_mm3 && turned.volume_mm3 > plain.volume_mm3 * 0.85,
                "{kind} {modifier}"
            );
            near(turned.bounds.size()[2], plain.bounds.size()[2], 1e-6);
        }
    }
}

#[test]
fn a_name_plate_is_rounded_under_its_letters() {
    let plain = evaluated(&typical("name_plate"));
    let part = with(typical("name_plate"), "fillet", &[("radius", 1.0)], &[("edges", "top")], None);
    let rounded = evaluated(&part);
    assert!(rounded.exact && rounded.volume_mm3 < plain.volume_mm3);
    near(rounded.bounds.size()[2], plain.bounds.size()[2], 1e-6);
    let vertical = with(typical("tray"), "fillet", &[("radius", 15.0)], &[("edges", "vertical")], None);
    assert!(evaluated(&vertical).volume_mm3 < evaluated(&typical("tray")).volume_mm3);
}

#[test]
fn what_floats_beside_the_body_is_refused() {
    let part = with(typical("l_bracket"), "boss", &[("diameter", 6.0)], &[], on(Face::Right, Position::Centre));
    let result = evaluate(&part::lower(&part).unwrap(), &Options::default(), &AtomicBool::new(false));
    assert!(matches!(result, Err(GeometryError::Refused { operation, .. }) if operation == "boss"));
}

#[test]
fn a_ring_of_holes_through_a_solid_cylinder() {
    let ring = Position::Circle { count: quantity(4.0), diameter: quantity(20.0), start: quantity(0.0) };
    let part = with(typical("cylinder"), "hole", &[("diameter", 5.0)], &[], on(Face::Side, ring));
    // Two crossing holes: four mouths, genus three.
    assert_eq!(evaluated(&part).pieces[0].mesh.topology().through_holes(), 3);
}
