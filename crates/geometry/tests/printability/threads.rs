//! The flanks of modelled threads overhang and print; everything else about them is looked at as ever.

use std::sync::atomic::AtomicBool;

use geometry::{
    Evaluated, Options, evaluate,
    printability::{Kind, Profile, Report, check, check_meshes},
};
use part::{Face, Part, Placement, Position};

use crate::common::{part, typical, with};

fn evaluated(part: &Part) -> Evaluated {
    evaluate(&part::lower(part).unwrap(), &Options::default(), &AtomicBool::new(false)).unwrap()
}

fn hangs(report: &Report) -> bool {
    report.has(Kind::Overhang) || report.has(Kind::Bridge)
}

/// With the knowledge of where threads are, and from the meshes alone.
fn both(part: &Part) -> [bool; 2] {
    let (evaluated, cancel) = (evaluated(part), AtomicBool::new(false));
    let meshes: Vec<_> = evaluated.pieces.iter().map(|piece| &piece.mesh).collect();
    let profile = Profile::default();
    let known = check(&evaluated, &profile, &cancel).unwrap();
    assert!(known.overhang_area_mm2 < 1.0 || hangs(&known));
    [hangs(&known), hangs(&check_meshes(&meshes, &profile, &cancel).unwrap())]
}

fn rod(diameter: f64, pitch: f64) -> Part {
    let rod = part("cylinder", &[("diameter", diameter), ("height", 40.0)]);
    with(rod, "thread", &[("diameter", diameter), ("pitch", pitch)], &[], None)
}

#[test]
fn the_flanks_of_an_upright_thread_are_no_overhang() {
    assert_eq!(both(&rod(30.0, 3.5)), [false, true]);
    for kind in ["jar", "threaded_cap", "bolt", "hex_nut"] {
        assert!(!both(&typical(kind))[0], "{kind}");
    }
}

#[test]
fn a_very_coarse_thread_is_looked_at() {
    assert_eq!(both(&rod(40.0, 6.0)), [true, true]);
}

#[test]
fn what_hangs_beside_a_thread_is_found() {
    // A table on one leg, upside up.
    let top = part("block", &[("length", 60.0), ("width", 60.0), ("height", 5.0)]);
    let below = Some(Placement::new(Face::Bottom, Position::Centre));
    let table = with(top, "boss", &[("diameter", 20.0), ("height", 25.0)], &[], below);
    assert!(both(&table)[0], "the top hangs");
    let on_the_leg = Some(Placement::on("boss", Position::Centre));
    let threaded = with(table, "thread", &[("pitch", 2.5), ("length", 20.0)], &[], on_the_leg);
    assert!(both(&threaded)[0], "and still does");
}
