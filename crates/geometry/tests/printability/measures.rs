//! Every kind of finding where its figure is known, and silence where nothing is wrong.

use std::{f64::consts::PI, sync::atomic::AtomicBool};

use geometry::printability::{Finding, Kind, Profile, Report, Severity, check_meshes};
use mesh::TriMesh;
use part::Material;
use proptest::prelude::*;

use crate::{
    common::near,
    shapes::{cuboid, cylinder, inside_out, lathe, prism, speckled, sphere, subdivided, together, turned},
};

fn checked_with(mesh: &TriMesh, profile: &Profile) -> Report {
    check_meshes(&[mesh], profile, &AtomicBool::new(false)).unwrap()
}

fn checked(mesh: &TriMesh) -> Report {
    checked_with(mesh, &Profile::default())
}

fn found(report: &Report, kind: Kind) -> &Finding {
    report.find(kind).unwrap_or_else(|| panic!("no {kind:?} among {:#?}", report.findings))
}

/// An open box with walls of `wall` and a floor of `floor`.
fn tray(wall: f64, floor: f64) -> TriMesh {
    // Two prisms would touch; a lathe of four sides is a square box.
    let (outer, inner) = (20.0, 20.0 - wall * 2.0_f64.sqrt());
    lathe(&[[0.0, 0.0], [outer, 0.0], [outer, 15.0], [inner, 15.0], [inner, floor], [0.0, floor]], 4)
}

#[test]
fn a_plain_block_has_nothing_wrong() {
    for mesh in [cuboid([0.0; 3], [30.0, 20.0, 10.0]), cylinder(20.0, 15.0, 96), tray(2.0, 2.0)] {
        for mesh in [mesh.clone(), subdivided(&mesh), speckled(&mesh, 0.3)] {
            let report = checked(&mesh);
            assert_eq!(report.findings, [], "a sound shape");
            assert!(report.printable && report.watertight);
            assert_eq!((report.overhang_area_mm2, report.support_mm3, report.voids), (0.0, 0.0, 0));
        }
    }
    near(checked(&cuboid([0.0; 3], [30.0, 20.0, 10.0])).base_area_mm2, 600.0, 1e-9);
    near(checked(&cuboid([0.0; 3], [30.0, 20.0, 10.0])).min_wall_estimate.unwrap(), 10.0, 1e-9);
}

#[test]
fn a_wall_is_as_thick_as_the_distance_between_its_faces() {
    for wall in [0.3, 0.5, 0.6, 0.75] {
        let report = checked(&tray(wall, 2.0));
        let finding = found(&report, Kind::ThinWall);
        near(finding.measured, wall, 1e-6);
        assert_eq!(finding.limit, 0.8);
        assert_eq!(finding.severity, if wall < 0.4 { Severity::Error } else { Severity::Warning });
        // Four walls 13 mm high above the floor, on the inside.
        assert_eq!(finding.count, 4);
        let inside = 4.0 * 13.0 * (20.0 * 2.0_f64.sqrt() - 2.0 * wall);
        near(finding.area_mm2.unwrap() / inside, 1.0, 0.12);
        near(report.min_wall_estimate.unwrap(), wall, 1e-6);
    }
    assert!(!checked(&tray(0.8, 2.0)).has(Kind::ThinWall));
    near(checked(&tray(0.8, 2.0)).min_wall_estimate.unwrap(), 0.8, 1e-6);
}

#[test]
fn a_floor_may_be_thinner_than_a_wall() {
    assert!(!checked(&tray(2.0, 0.65)).has(Kind::ThinWall));
    let report = checked(&tray(2.0, 0.4));
    near(found(&report, Kind::ThinWall).measured, 0.4, 1e-6);
    near(found(&report, Kind::ThinWall).limit, 0.6, 1e-9);
}

#[test]
fn two_walls_of_different_thickness_are_two_findings() {
    let report = checked(&tray(0.5, 0.3));
    let measures: Vec<f64> = report.findings.iter().filter(|f| f.kind == Kind::ThinWall).map(|f| f.measured).collect();
    assert_eq!(measures.len(), 2);
    near(measures.iter().copied().fold(f64::MAX, f64::min), 0.3, 1e-6);
}

/// A wall that is 0.6 mm thick at one end and 3 mm at the other.
fn taper() -> TriMesh {
    prism(&[[0.0, 0.0], [3.0, 0.0], [1.8, 40.0], [1.2, 40.0]], 30.0)
}

#[test]
fn a_tapering_wall_is_as_thick_as_its_thin_end() {
    let report = checked(&taper());
    // The inscribed sphere at the very end: within a part in a thousand of the end's width.
    near(found(&report, Kind::ThinWall).measured / 0.6, 1.0, 2e-3);
    assert!(found(&report, Kind::ThinWall).location.unwrap()[2] > 35.0);
}

#[test]
fn a_knife_edge_is_no_wall() {
    // A wedge of 20 degrees that runs out to nothing.
    let run = 10.0 / 20.0_f64.to_radians().tan();
    let wedge = prism(&[[0.0, 0.0], [run, 0.0], [0.0, 10.0]], 20.0);
    for mesh in [wedge.clone(), subdivided(&subdivided(&wedge)), speckled(&wedge, 0.7)] {
        let report = checked(&mesh);
        assert!(!report.has(Kind::ThinWall), "{:?}", report.findings);
        let knife = found(&report, Kind::KnifeEdge);
        near(knife.measured, 20.0, 1e-6);
        assert_eq!(knife.severity, Severity::Info);
        assert!(report.printable);
    }
    let slender = prism(&[[0.0, 0.0], [80.0, 0.0], [0.0, 10.0]], 20.0);
    assert!(!checked(&subdivided(&slender)).has(Kind::ThinWall));
    // 45 degrees is a chamfer.
    assert!(!checked(&prism(&[[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]], 20.0)).has(Kind::KnifeEdge));
}

#[test]
fn a_thin_pin_measures_its_diameter_and_a_thick_one_is_fine() {
    let with_pin = |d: f64| {
        let r = d / 2.0;
        lathe(&[[0.0, 0.0], [8.0, 0.0], [8.0, 3.0], [r, 3.0], [r, 8.0], [0.0, 8.0]], 64)
    };
    for d in [0.7, 0.9, 1.1] {
        let report = checked(&with_pin(d));
        near(found(&report, Kind::ThinPin).measured / d, 1.0, 0.01);
        assert!(!report.has(Kind::ThinWall), "{:?}", report.findings);
    }
    assert!(!checked(&with_pin(1.3)).has(Kind::ThinPin));
    // As wide as high: a dot.
    let dot = lathe(&[[0.0, 0.0], [8.0, 0.0], [8.0, 3.0], [0.5, 3.0], [0.5, 3.4], [0.0, 3.4]], 64);
    assert!(!checked(&dot).has(Kind::ThinPin));
}

#[test]
fn a_small_hole_measures_its_diameter_and_a_slot_its_width() {
    let ring = |d: f64| lathe(&[[d / 2.0, 0.0], [8.0, 0.0], [8.0, 4.0], [d / 2.0, 4.0]], 64);
    for d in [0.4, 0.7] {
        let report = checked(&ring(d));
        near(found(&report, Kind::SmallHole).measured / d, 1.0, 0.01);
        assert_eq!(found(&report, Kind::SmallHole).limit, 0.8);
        assert!(!report.has(Kind::NarrowGap));
    }
    assert!(!checked(&ring(0.8)).has(Kind::SmallHole));
    let slotted = |w: f64| {
        let (a, b) = (10.0 - w / 2.0, 10.0 + w / 2.0);
        prism(&[[0.0, 0.0], [20.0, 0.0], [20.0, 8.0], [b, 8.0], [b, 3.0], [a, 3.0], [a, 8.0], [0.0, 8.0]], 15.0)
    };
    for w in [0.15, 0.3] {
        let report = checked(&slotted(w));
        near(found(&report, Kind::NarrowGap).measured, w, 1e-6);
        near(found(&report, Kind::NarrowGap).area_mm2.unwrap() / 75.0, 1.0, 0.05);
        near(report.min_gap_estimate.unwrap(), w, 1e-6);
    }
    assert!(!checked(&slotted(0.5)).has(Kind::NarrowGap));
    // A groove that closes to a line is no gap.
    let groove = prism(&[[0.0, 0.0], [20.0, 0.0], [20.0, 8.0], [10.5, 8.0], [10.0, 3.0], [9.5, 8.0], [0.0, 8.0]], 15.0);
    assert!(!checked(&groove).has(Kind::NarrowGap), "{:?}", checked(&groove).findings);
}

#[test]
fn an_open_or_inconsistent_mesh_is_an_error() {
    let mut open = cuboid([0.0; 3], [10.0; 3]);
    open.triangles.pop();
    let report = checked(&open);
    assert_eq!(found(&report, Kind::NotWatertight).measured, 3.0);
    assert!(!report.printable && !report.watertight);
    let mut flipped = cuboid([0.0; 3], [10.0; 3]);
    flipped.triangles[0].swap(0, 1);
    assert_eq!(found(&checked(&flipped), Kind::NonManifold).measured, 3.0);
    // Two boxes that share one edge.
    let pair = together(&[cuboid([0.0; 3], [5.0; 3]), cuboid([5.0, 5.0, 0.0], [10.0, 10.0, 5.0])]).welded();
    assert_eq!(found(&checked(&pair), Kind::NonManifold).measured, 1.0);
}

#[test]
fn triangles_that_pass_through_each_other_are_found_and_touching_ones_are_not() {
    let block = cuboid([0.0; 3], [10.0; 3]);
    let crossing = together(&[block.clone(), cuboid([5.0, 5.0, 5.0], [15.0, 15.0, 15.0])]);
    let report = checked(&crossing);
    assert_eq!(found(&report, Kind::SelfIntersecting).severity, Severity::Error);
    let place = found(&report, Kind::SelfIntersecting).location.unwrap();
    assert!((0..3).all(|i| (0.0..=15.0).contains(&place[i])));
    let apart = together(&[block.clone(), cuboid([11.0, 0.0, 0.0], [20.0, 10.0, 10.0])]);
    assert!(!checked(&apart).has(Kind::SelfIntersecting));
    // An edge of one in the middle of a face of the other.
    let leaning = together(&[block.clone(), prism(&[[10.0, 5.0], [15.0, 0.0], [15.0, 10.0]], 10.0)]);
    assert!(!checked(&leaning).has(Kind::SelfIntersecting));
    // The same body twice.
    let twice = together(&[block.clone(), cuboid([0.0; 3], [10.0, 10.0, 9.0])]);
    assert!(checked(&twice).has(Kind::SelfIntersecting));
    for mesh in [subdivided(&subdivided(&sphere(20.0, 48))), speckled(&cylinder(9.0, 20.0, 200), 0.2)] {
        assert!(!checked(&mesh).has(Kind::SelfIntersecting));
    }
}

/// A slab 2 mm thick on a pillar at one side, so that `reach` hangs free over 20 mm of air; 15 mm deep.
fn shelf(reach: f64) -> TriMesh {
    prism(
        &[
            [0.0, 0.0],
            [40.0, 0.0],
            [40.0, 5.0],
            [20.0, 5.0],
            [20.0, 25.0],
            [20.0 + reach, 25.0],
            [20.0 + reach, 27.0],
            [0.0, 27.0],
        ],
        15.0,
    )
}

#[test]
fn an_overhang_has_its_area_its_angle_and_its_support() {
    let report = checked(&shelf(12.0));
    let finding = found(&report, Kind::Overhang);
    near(finding.measured, 90.0, 1e-9);
    near(finding.area_mm2.unwrap(), 12.0 * 15.0, 1e-9);
    near(report.overhang_area_mm2, 180.0, 1e-9);
    // Down to the foot below, 20 mm.
    near(report.support_mm3 / (180.0 * 20.0), 1.0, 1e-6);
    let place = finding.location.unwrap();
    near(place[2], 25.0, 1e-9);
    assert!((20.0..=32.0).contains(&place[0]));
    assert!(!checked(&shelf(0.6)).has(Kind::Overhang), "a ledge of a line and a half holds");
}

#[test]
fn a_slope_hangs_from_its_limit_on() {
    let leaning = |degrees: f64| {
        let out = 20.0 * degrees.to_radians().tan();
        prism(&[[0.0, 0.0], [30.0, 0.0], [30.0 + out, 20.0], [0.0, 20.0]], 15.0)
    };
    for degrees in [30.0, 44.0, 45.0] {
        assert!(!checked(&leaning(degrees)).has(Kind::Overhang), "{degrees}");
    }
    let report = checked(&leaning(55.0));
    near(found(&report, Kind::Overhang).measured, 55.0, 1e-6);
    near(report.overhang_area_mm2, 15.0 * 20.0 / 55.0_f64.to_radians().cos(), 1e-6);
    let out = 20.0 * 55.0_f64.to_radians().tan();
    near(report.support_mm3 / (15.0 * out * 10.0), 1.0, 0.02);
    // Another material leans less.
    let tpu = Profile::for_material(Material::Tpu, 0.4);
    assert!(checked_with(&leaning(43.0), &tpu).has(Kind::Overhang));
}

/// Two pillars with a slab over them.
fn gate(span: f64) -> TriMesh {
    prism(
        &[
            [0.0, 0.0],
            [10.0, 0.0],
            [10.0, 15.0],
            [10.0 + span, 15.0],
            [10.0 + span, 0.0],
            [20.0 + span, 0.0],
            [20.0 + span, 20.0],
            [0.0, 20.0],
        ],
        30.0,
    )
}

#[test]
fn a_bridge_prints_up_to_its_limit() {
    let report = checked(&gate(9.5));
    assert_eq!(report.findings, []);
    near(report.bridge_area_mm2, 9.5 * 30.0, 1e-9);
    let report = checked(&gate(24.0));
    near(found(&report, Kind::Bridge).measured, 24.0, 1e-6);
    near(found(&report, Kind::Bridge).area_mm2.unwrap(), 24.0 * 30.0, 1e-9);
    assert!(!report.has(Kind::Overhang));
    near(report.support_mm3, 24.0 * 30.0 * 15.0, 1.0);
    for mesh in [subdivided(&gate(24.0)), speckled(&gate(24.0), 0.1)] {
        near(found(&checked(&mesh), Kind::Bridge).measured, 24.0, 1e-6);
    }
}

#[test]
fn the_roof_of_a_level_hole_is_an_arch() {
    let pipe =
        |inner: f64| turned(&lathe(&[[inner / 2.0, 0.0], [20.0, 0.0], [20.0, 30.0], [inner / 2.0, 30.0]], 96), 1);
    let kinds = |mesh: &TriMesh| checked(mesh).findings.iter().filter(|f| f.location.unwrap()[2] > 10.0).count();
    assert_eq!(kinds(&pipe(10.0)), 0);
    assert!(kinds(&pipe(30.0)) > 0);
}

#[test]
fn size_is_measured_against_the_bed_in_any_turn() {
    let long = checked(&cuboid([0.0; 3], [400.0, 50.0, 20.0]));
    let finding = found(&long, Kind::TooLarge);
    assert_eq!((finding.severity, finding.measured, finding.limit), (Severity::Error, 400.0, 220.0));
    assert_eq!(long.splits.len(), 1);
    near(long.splits[0].origin[0], 200.0, 1e-9);
    assert_eq!(long.splits[0].normal, [1.0, 0.0, 0.0]);
    // The diagonal of 220 mm is 311 mm.
    let diagonal = checked(&cuboid([0.0; 3], [280.0, 15.0, 10.0]));
    let finding = found(&diagonal, Kind::TooLarge);
    assert_eq!(finding.severity, Severity::Info);
    assert!(diagonal.printable && diagonal.splits.is_empty());
    assert!(!checked(&cuboid([0.0; 3], [220.0, 220.0, 20.0])).has(Kind::TooLarge));
    let narrow = Profile { bed: [100.0, 200.0, 100.0], ..Profile::default() };
    assert!(!checked_with(&cuboid([0.0; 3], [190.0, 90.0, 20.0]), &narrow).has(Kind::TooLarge));
    assert_eq!(found(&checked_with(&cuboid([0.0; 3], [50.0, 50.0, 120.0]), &narrow), Kind::TooLarge).measured, 120.0);
    assert!(checked(&cuboid([0.0; 3], [10.0, 10.0, 0.05])).has(Kind::TooSmall));
    assert!(checked(&cuboid([0.0; 3], [0.9, 0.9, 0.9])).has(Kind::TooSmall));
}

#[test]
fn the_first_layer_must_hold_and_the_part_must_stand() {
    let report = checked(&sphere(30.0, 96));
    // The section of a ball at half a layer is pi (2 r h - h2); its mesh cuts a little off.
    near(report.base_area_mm2 / (PI * (30.0 * 0.1 - 0.01)), 0.93, 0.02);
    let foot = checked(&lathe(&[[0.0, 0.0], [3.0, 0.0], [13.0, 20.0], [0.0, 20.0]], 128));
    near(foot.base_area_mm2 / (PI * 3.05_f64.powi(2)), 1.0, 1e-3);
    assert_eq!(found(&report, Kind::SmallBase).limit, 20.0);
    assert!(!checked(&cylinder(6.0, 20.0, 64)).has(Kind::SmallBase));
    // A slab that leans over its foot by more than the foot is wide.
    let leaning = prism(&[[0.0, 0.0], [10.0, 0.0], [40.0, 40.0], [30.0, 40.0]], 20.0);
    let tip = found(&checked(&leaning), Kind::TipOver).clone();
    // The centre of mass of a parallelogram is its middle, 20 mm out: 10 mm past the foot, at half a layer's height.
    near(tip.measured, -10.0, 0.1);
    let rod = checked(&cylinder(5.0, 100.0, 64));
    near(found(&rod, Kind::TipOver).measured, 20.0, 0.05);
    assert!(!checked(&cylinder(5.0, 50.0, 64)).has(Kind::TipOver));
}

#[test]
fn closed_voids_are_counted_and_measured() {
    let hollow = together(&[
        cuboid([0.0; 3], [40.0, 20.0, 20.0]),
        inside_out(cuboid([5.0; 3], [15.0; 3])),
        inside_out(cuboid([25.0, 5.0, 5.0], [30.0, 15.0, 15.0])),
    ]);
    let report = checked(&hollow);
    assert_eq!(report.voids, 2);
    near(report.trapped_mm3, 1500.0, 1e-9);
    assert_eq!(found(&report, Kind::TrappedVolume).severity, Severity::Warning);
    let resin = checked_with(&hollow, &Profile::for_material(Material::Resin, 0.1));
    assert_eq!(found(&resin, Kind::TrappedVolume).severity, Severity::Error);
    assert_eq!(checked(&tray(2.0, 2.0)).voids, 0);
}

#[test]
fn sharp_corners_warp_in_a_material_that_shrinks() {
    let abs = Profile::for_material(Material::Abs, 0.4);
    let plate = cuboid([0.0; 3], [120.0, 80.0, 5.0]);
    let report = checked_with(&plate, &abs);
    assert_eq!(found(&report, Kind::Warping).count, 4);
    near(found(&report, Kind::Warping).measured, 120.0_f64.hypot(80.0), 1e-6);
    assert!(!checked(&plate).has(Kind::Warping));
    assert!(!checked_with(&cylinder(130.0, 5.0, 96), &abs).has(Kind::Warping));
    assert!(!checked_with(&cuboid([0.0; 3], [60.0, 40.0, 5.0]), &abs).has(Kind::Warping));
}

#[test]
fn a_ball_is_better_printed_as_two_halves() {
    let report = checked(&sphere(60.0, 64));
    let split = &report.splits[0];
    let along = split.normal.iter().position(|c| *c == 1.0).unwrap();
    near(split.origin[along], [0.0, 0.0, 30.0][along], 4.0);
}

#[test]
fn a_check_can_be_stopped() {
    let stop = AtomicBool::new(true);
    assert!(check_meshes(&[&sphere(60.0, 64)], &Profile::default(), &stop).is_err());
}

/// Shapes with one thin wall or narrow gap, and its measure.
fn thin_shapes() -> Vec<(&'static str, TriMesh, bool, f64)> {
    let tube = |wall: f64| lathe(&[[10.0 - wall, 0.0], [10.0, 0.0], [10.0, 20.0], [10.0 - wall, 20.0]], 48);
    vec![
        ("tray", tray(0.6, 2.0), true, 0.6),
        ("taper", taper(), true, 0.6),
        ("tube", tube(0.5), true, 0.5 * (PI / 48.0).cos()),
        ("ring", lathe(&[[0.3, 0.0], [8.0, 0.0], [8.0, 4.0], [0.3, 4.0]], 48), false, 0.6 * (PI / 48.0).cos()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_triangles_do_not_matter(seed in 0.0..1.0_f64, times in 0..3_usize, speckles in 0..3_usize) {
        for (name, mesh, wall, known) in thin_shapes() {
            let mut mesh = mesh;
            for k in 0..speckles {
                mesh = speckled(&mesh, seed + 0.37 * k as f64);
            }
            for _ in 0..times {
                mesh = subdivided(&mesh);
            }
            let report = checked(&mesh);
            let measured = if wall { report.min_wall_estimate } else { report.min_gap_estimate };
            let measured = measured.unwrap();
            prop_assert!((measured / known - 1.0).abs() < 0.01, "{name}: {measured}, not {known}");
        }
    }
}

/// Processor time of this thread.
pub(crate) fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse::<f64>().unwrap() * 1e-9
}

/// Run by hand: how long a check takes.
#[test]
#[ignore = "measures time"]
#[allow(clippy::disallowed_methods, clippy::print_stderr, reason = "run by hand, for its figures")]
fn speed() {
    let vase = |n: usize| {
        let k = n / 2;
        let outer = (0..=k).map(|i| {
            let z = 150.0 * i as f64 / k as f64;
            [40.0 + 10.0 * (z / 30.0).sin(), z]
        });
        let inner = (0..=k).rev().map(|i| {
            let z = (150.0 * i as f64 / k as f64).max(2.0);
            [38.8 + 10.0 * (z / 30.0).sin(), z]
        });
        let mut profile: Vec<[f64; 2]> = vec![[0.0, 0.0]];
        profile.extend(outer);
        profile.extend(inner);
        profile.push([0.0, 2.0]);
        profile.dedup();
        lathe(&profile, n)
    };
    for (name, mesh) in [
        ("ball 100 mm", sphere(100.0, 316)),
        ("ball 1 mm", sphere(1.0, 316)),
        ("vase, wall 1.2", vase(224)),
        (
            "tray, wall 0.6",
            subdivided(&subdivided(&subdivided(&subdivided(&subdivided(&subdivided(&tray(0.6, 2.0))))))),
        ),
        (
            "ring of 0.6 mm",
            subdivided(&subdivided(&subdivided(&subdivided(&lathe(
                &[[9.4, 0.0], [10.0, 0.0], [10.0, 20.0], [9.4, 20.0]],
                50,
            ))))),
        ),
    ] {
        let begun = cpu_seconds();
        let report = checked(&mesh);
        let check = cpu_seconds() - begun;
        let begun = cpu_seconds();
        let poses = geometry::printability::orient(&mesh, &Profile::default(), &AtomicBool::new(false));
        let orient = cpu_seconds() - begun;
        eprintln!(
            "{name}: {} triangles, check {:.0} ms, {} poses {:.0} ms; wall {:?}, {} findings",
            mesh.triangles.len(),
            check * 1e3,
            poses.len(),
            orient * 1e3,
            report.min_wall_estimate,
            report.findings.len()
        );
    }
}
