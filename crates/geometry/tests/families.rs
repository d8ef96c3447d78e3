//! Every family of the catalogue: closed, exact, with the volume, the size and the holes that its numbers say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::type_complexity)]

mod common;

use std::f64::consts::PI;

use common::{evaluated, near, part, typical, with};
use part::catalogue::{self, Role};

fn holes(evaluated: &geometry::Evaluated) -> Vec<i64> {
    evaluated.pieces.iter().map(|piece| piece.mesh.topology().through_holes()).collect()
}

#[test]
fn every_family_is_closed_exact_and_as_large_as_it_says() {
    let mut problems = Vec::new();
    for definition in catalogue::definitions().iter().filter(|d| d.role == Role::Body) {
        let part = typical(definition.kind);
        let lowered = part::lower(&part).expect(definition.kind);
        let evaluated = match geometry::evaluate(&lowered, &Default::default(), &Default::default()) {
            Ok(evaluated) => evaluated,
            Err(error) => {
                problems.push(format!("{}: {error}", definition.kind));
                continue;
            }
        };
        // Neither threads nor coils of many turns are made of exact surfaces.
        if let Some(reason) = &evaluated.inexact_reason
            && !reason.starts_with("thread modelled")
            && !reason.starts_with("spring: a coil of 5 turns")
        {
            problems.push(format!("{}: {reason}", definition.kind));
        }
        for piece in &evaluated.pieces {
            let topology = piece.mesh.topology();
            if !topology.is_watertight() || topology.components != 1 {
                problems.push(format!("{} {}: {topology:?}", definition.kind, piece.name));
            }
            let off = piece.mesh.mass_properties().volume_mm3 / piece.mass.volume_mm3 - 1.0;
            if off.abs() > 0.001 {
                problems.push(format!(
                    "{} {}: the mesh's volume is {:.3} % off",
                    definition.kind,
                    piece.name,
                    off * 100.0
                ));
            }
        }
        if evaluated.pieces.len() == 1 && definition.kind != "cup" {
            let mut said = lowered.size;
            let mut is = evaluated.bounds.size();
            said.sort_by(f64::total_cmp);
            is.sort_by(f64::total_cmp);
            if (0..3).any(|i| (said[i] - is[i]).abs() > 0.02) {
                problems.push(format!("{}: measures {is:?}, said {said:?}", definition.kind));
            }
        }
        if evaluated.bounds.min[2] != 0.0 {
            problems.push(format!("{}: rests at {}", definition.kind, evaluated.bounds.min[2]));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_plant_pot_of_the_readme() {
    let sizes = [("diameter", 120.0), ("height", 100.0), ("wall", 3.0), ("hole_count", 5.0), ("hole_diameter", 8.0)];
    let pot = evaluated(&part("plant_pot", &sizes));
    assert!(pot.exact);
    assert_eq!(holes(&pot), [5]);
    let size = pot.bounds.size();
    for (axis, said) in [120.0, 120.0, 100.0].into_iter().enumerate() {
        near(size[axis], said, 0.02);
    }
    // Frustum of the outside less frustum of the cavity less five holes through the floor.
    let frustum = |a: f64, b: f64, h: f64| PI * h / 3.0 * (a * a + a * b + b * b);
    let slope: f64 = 15.0 / 100.0;
    let level = 3.0 * slope.hypot(1.0);
    let volume =
        frustum(45.0, 60.0, 100.0) - frustum(45.0 + slope * 3.0 - level, 60.0 - level, 97.0) - 5.0 * PI * 16.0 * 3.0;
    near(pot.volume_mm3 / volume, 1.0, 1e-6);
    near(pot.mesh.mass_properties().volume_mm3 / volume, 1.0, 0.001);
}

#[test]
fn drainage_holes_are_as_many_as_asked_and_distinct() {
    for count in [0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 7.0, 9.0, 12.0] {
        let pot = evaluated(&part("plant_pot", &[("diameter", 120.0), ("hole_count", count), ("hole_diameter", 6.0)]));
        assert_eq!(holes(&pot), [count as i64]);
    }
}

#[test]
fn closed_forms() {
    near(evaluated(&part("block", &[("length", 30.0), ("width", 20.0), ("height", 10.0)])).volume_mm3, 6000.0, 1e-6);
    let tube = evaluated(&part("tube", &[("outer_diameter", 30.0), ("wall", 2.5), ("height", 50.0)]));
    near(tube.volume_mm3, PI * (225.0 - 156.25) * 50.0, 1e-4);
    assert_eq!(holes(&tube), [1]);
    let open = evaluated(&part("box", &[("length", 80.0), ("width", 60.0), ("height", 40.0)]));
    near(open.volume_mm3, 80.0 * 60.0 * 40.0 - 76.0 * 56.0 * 38.0, 1e-6);
    near(evaluated(&part("sphere", &[("diameter", 50.0)])).volume_mm3, PI * 50_f64.powi(3) / 6.0, 1e-3);
    near(evaluated(&part("cone", &[("diameter", 30.0), ("height", 40.0)])).volume_mm3, PI * 225.0 * 40.0 / 3.0, 1e-3);
    let torus = evaluated(&part("torus", &[("outer_diameter", 50.0), ("thickness", 10.0)]));
    near(torus.volume_mm3, 2.0 * PI * PI * 20.0 * 25.0, 1e-3);
    assert_eq!(holes(&torus), [1]);
}

#[test]
fn four_holes_sit_at_the_corners_of_a_plate() {
    let plate = [("length", 100.0), ("width", 60.0), ("hole_count", 4.0), ("hole_diameter", 5.0), ("hole_inset", 8.0)];
    let plate = evaluated(&part("plate", &plate));
    assert_eq!(holes(&plate), [4]);
    near(plate.volume_mm3, (6000.0 - 4.0 * PI * 6.25) * 3.0, 1e-4);
    let rim = plate.mesh.positions.iter().any(|p| (p[0] - 42.0).hypot(p[1] - 22.0) < 2.51);
    assert!(rim, "a hole is centred 8 mm from both edges");
    for (count, length) in [(1.0, 100.0), (2.0, 100.0), (3.0, 100.0), (6.0, 100.0), (9.0, 60.0), (12.0, 100.0)] {
        let plate = part("plate", &[("length", length), ("width", 60.0), ("hole_count", count)]);
        assert_eq!(holes(&evaluated(&plate)), [count as i64]);
    }
}

#[test]
fn a_box_and_its_lid_assemble_to_the_height_said() {
    let part = part("box_with_lid", &[("length", 80.0), ("width", 60.0), ("height", 40.0)]);
    let lowered = part::lower(&part).unwrap();
    assert_eq!(lowered.size, [80.0, 60.0, 40.0]);
    let both = evaluated(&part);
    assert_eq!(both.pieces.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["box", "lid"]);
    let [body, lid] = [0, 1].map(|i| both.pieces[i].mesh.bounds().unwrap());
    // The lid lies upside down: plate 2, rim 5 (an eighth of 40).
    near(body.size()[2], 38.0, 1e-9);
    near(lid.size()[2], 7.0, 1e-9);
    assert_eq!((body.min[2], lid.min[2]), (0.0, 0.0));
    near(lid.min[0] - body.max[0], 10.0, 1e-9);
    near(both.bounds.centre()[1], 0.0, 1e-9);
    // The rim's outer size: the cavity less 0.2 mm on each side.
    let rim = both.pieces[1].mesh.positions.iter().filter(|p| p[2] > 6.9).map(|p| p[1]).fold(f64::MIN, f64::max);
    near(rim, 28.0 - 0.2, 1e-9);
}

#[test]
fn a_gear_measures_module_times_teeth_plus_two() {
    let gear = evaluated(&part("gear", &[("teeth", 24.0), ("module", 1.5), ("thickness", 8.0), ("bore", 6.0)]));
    assert!(gear.exact);
    near(gear.bounds.size()[0], 39.0, 0.01);
    assert_eq!(holes(&gear), [1]);
    let same = part::lower(&part("gear", &[("teeth", 24.0), ("outer_diameter", 39.0)])).unwrap();
    near(same.size[0], 39.0, 1e-9);
    // Between the root circle's and the tip circle's disc, nearer to the pitch circle's.
    let area = (gear.volume_mm3 / 8.0 + PI * 9.0) / (PI * 18.0 * 18.0);
    near(area, 0.97, 0.05);
}

#[test]
fn a_name_plate_has_the_holes_of_its_letters() {
    let mut plate = part("name_plate", &[]);
    plate.features[0].choices.insert("text".into(), "ABO8".into());
    let plate = evaluated(&plate);
    // Letters' counters are no through holes: the plate stays below.
    assert_eq!(holes(&plate), [0]);
    assert!(plate.volume_mm3 > 80.0 * 30.0 * 3.0);
    near(plate.bounds.size()[2], 4.0, 1e-9);
}

#[test]
fn copies_of_an_evaluation_are_equal_to_the_last_bit() {
    for kind in ["plant_pot", "gear", "cup"] {
        assert_eq!(evaluated(&typical(kind)).mesh, evaluated(&typical(kind)).mesh, "{kind}");
    }
}

#[test]
fn refusals_name_the_parameter_and_what_would_do() {
    let cases: &[(&str, &[(&str, f64)], &str)] = &[
        ("box", &[("length", 10.0), ("width", 50.0), ("height", 20.0), ("wall", 6.0)], "wall"),
        ("tube", &[("outer_diameter", 20.0), ("inner_diameter", 25.0), ("height", 10.0)], "inner_diameter"),
        ("tube", &[("outer_diameter", 20.0), ("inner_diameter", 10.0), ("wall", 2.0), ("height", 10.0)], "wall"),
        ("plant_pot", &[("diameter", 60.0), ("hole_count", 60.0), ("hole_diameter", 8.0)], "hole_count"),
        ("gear", &[("teeth", 10.0), ("module", 1.0), ("bore", 9.0)], "bore"),
        ("gear", &[("teeth", 10.0), ("module", 1.0), ("outer_diameter", 30.0)], "outer_diameter"),
        ("block", &[("length", 3_000_000.0)], "length"),
        ("block", &[("length", 0.0)], "length"),
        ("plate", &[("length", 50.0), ("width", 20.0), ("hole_count", 4.0), ("hole_inset", 1.0)], "hole_inset"),
    ];
    for (kind, parameters, parameter) in cases {
        let invalid = part::lower(&part(kind, parameters)).expect_err(kind);
        assert_eq!((invalid.operation.as_str(), invalid.parameter.as_str()), (*kind, *parameter), "{invalid}");
    }
    let outside = with(typical("block"), "hole", &[("diameter", 90.0)], &[], None);
    assert_eq!(part::lower(&outside).unwrap_err().parameter, "placement");
}
