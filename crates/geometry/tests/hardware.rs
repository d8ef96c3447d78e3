//! Hardware on both kernels: nuts, screws, jars, pipes and racks over their ranges, with the volumes of their formulas.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::{f64::consts::PI, sync::atomic::AtomicBool};

use common::{near, operation, part, with};
use geometry::{Evaluated, Kernels, Options, evaluate};
use part::{
    Part, catalogue,
    solid::{Action, Frame, Shape, Solid, Step},
};

type Case = (&'static [(&'static str, f64)], &'static [(&'static str, &'static str)]);

/// Ten parameter sets of every kind; threads are cosmetic, as the exact kernel has no other.
const CASES: &[(&str, &[Case])] = &[
    (
        "hex_nut",
        &[
            (&[], &[("size", "M1.6")]),
            (&[], &[("size", "M3")]),
            (&[], &[("size", "M6x0.75")]),
            (&[], &[("size", "M24")]),
            (&[], &[("size", "M64")]),
            (&[], &[("size", "1/4-20")]),
            (&[], &[("size", "#8-32")]),
            (&[("diameter", 50.0), ("pitch", 4.0)], &[]),
            (&[("height", 3.0)], &[("size", "M10")]),
            (&[("across_flats", 40.0), ("height", 30.0)], &[("size", "M16x1.5")]),
        ],
    ),
    (
        "bolt",
        &[
            (&[], &[("size", "M3x8")]),
            (&[], &[("size", "M8x40"), ("head", "socket")]),
            (&[], &[("size", "M6"), ("head", "countersunk")]),
            (&[], &[("size", "M20"), ("head", "none")]),
            (&[], &[("size", "M64x200")]),
            (&[], &[("size", "1/4-20"), ("head", "socket")]),
            (&[], &[("size", "#8-32"), ("head", "countersunk")]),
            (&[("diameter", 100.0), ("length", 80.0)], &[]),
            (&[("socket", 6.0)], &[("size", "M12")]),
            (&[("length", 60.0), ("thread_length", 20.0)], &[("size", "M10"), ("head", "countersunk")]),
        ],
    ),
    (
        "standoff",
        &[
            (&[("height", 5.0)], &[]),
            (&[("height", 10.0)], &[("bottom", "male")]),
            (&[("height", 10.0)], &[("top", "male")]),
            (&[("height", 25.0)], &[("top", "male"), ("bottom", "male")]),
            (&[("height", 12.0)], &[("shape", "round"), ("size", "M4")]),
            (&[("height", 40.0)], &[("shape", "round"), ("bottom", "male"), ("size", "M8")]),
            (&[("height", 30.0)], &[("bottom", "none")]),
            (&[("height", 30.0)], &[("top", "none"), ("bottom", "none")]),
            (&[("height", 18.0), ("across_flats", 12.0)], &[("size", "1/4-20"), ("bottom", "male")]),
            (&[("height", 100.0), ("thread_depth", 30.0)], &[("size", "M12")]),
        ],
    ),
    (
        "threaded_cap",
        &[
            (&[("diameter", 10.0)], &[]),
            (&[("diameter", 28.0), ("pitch", 2.7)], &[]),
            (&[("diameter", 45.0), ("pitch", 4.0)], &[]),
            (&[("diameter", 28.0), ("flutes", 0.0)], &[]),
            (&[("diameter", 28.0), ("flutes", 60.0), ("wall", 3.0)], &[]),
            (&[("diameter", 100.0), ("height", 15.0)], &[]),
            (&[("diameter", 300.0)], &[]),
            (&[("diameter", 20.0), ("height", 40.0)], &[]),
            (&[("diameter", 60.0), ("floor", 5.0)], &[]),
            (&[("diameter", 63.0), ("flutes", 8.0)], &[]),
        ],
    ),
    (
        "jar",
        &[
            (&[("diameter", 30.0), ("height", 40.0)], &[]),
            (&[("diameter", 50.0), ("height", 50.0)], &[]),
            (&[("diameter", 60.0), ("height", 80.0), ("wall", 3.0)], &[]),
            (&[("diameter", 80.0), ("height", 100.0), ("wall", 1.6)], &[]),
            (&[("diameter", 100.0), ("height", 60.0), ("flutes", 0.0)], &[]),
            (&[("diameter", 150.0), ("height", 200.0)], &[]),
            (&[("diameter", 40.0), ("height", 120.0), ("floor", 4.0)], &[]),
            (&[("diameter", 60.0), ("height", 70.0), ("pitch", 2.0)], &[]),
            (&[("diameter", 60.0), ("height", 70.0), ("neck_height", 20.0)], &[]),
            (&[("diameter", 70.0), ("height", 70.0), ("lid_thickness", 6.0), ("flutes", 24.0)], &[]),
        ],
    ),
    (
        "bushing",
        &[
            (&[("inner_diameter", 3.0)], &[]),
            (&[("inner_diameter", 5.0), ("flange_diameter", 0.0)], &[]),
            (&[("inner_diameter", 12.0), ("outer_diameter", 16.0)], &[]),
            (&[("inner_diameter", 20.0), ("height", 10.0)], &[]),
            (&[("inner_diameter", 50.0), ("flange_thickness", 8.0)], &[]),
            (&[("inner_diameter", 100.0)], &[]),
            (&[("inner_diameter", 6.0), ("flange_diameter", 40.0)], &[]),
            (&[("inner_diameter", 1.0)], &[]),
            (&[("inner_diameter", 8.0), ("height", 100.0)], &[]),
            (&[("inner_diameter", 200.0), ("outer_diameter", 205.0)], &[]),
        ],
    ),
    (
        "gear_rack",
        &[
            (&[("length", 50.0)], &[]),
            (&[("teeth", 5.0)], &[]),
            (&[("teeth", 30.0), ("module", 1.0)], &[]),
            (&[("length", 200.0), ("module", 3.0)], &[]),
            (&[("length", 100.0), ("teeth", 10.0)], &[]),
            (&[("length", 80.0), ("pressure_angle", 14.5)], &[]),
            (&[("length", 80.0), ("pressure_angle", 30.0)], &[]),
            (&[("teeth", 1.0), ("module", 10.0)], &[]),
            (&[("length", 60.0), ("height", 30.0), ("thickness", 4.0)], &[]),
            (&[("teeth", 40.0), ("module", 0.5)], &[]),
        ],
    ),
    (
        "timing_pulley",
        &[
            (&[("teeth", 10.0)], &[]),
            (&[("teeth", 16.0)], &[]),
            (&[("teeth", 20.0), ("bore", 8.0)], &[]),
            (&[("teeth", 36.0)], &[]),
            (&[("teeth", 60.0), ("belt_width", 10.0)], &[]),
            (&[("teeth", 20.0), ("hub_height", 6.0)], &[]),
            (&[("teeth", 40.0), ("hub_height", 8.0), ("hub_diameter", 18.0)], &[]),
            (&[("teeth", 24.0), ("bore", 0.0)], &[]),
            (&[("teeth", 30.0), ("flange_diameter", 40.0), ("flange_height", 2.0)], &[]),
            (&[("teeth", 80.0), ("bore", 20.0)], &[]),
        ],
    ),
    (
        "pipe",
        &[
            (&[("outer_diameter", 20.0), ("length", 100.0)], &[("ends", "plain")]),
            (&[("outer_diameter", 30.0), ("length", 60.0)], &[("ends", "flange")]),
            (&[("outer_diameter", 50.0), ("length", 120.0), ("wall", 4.0)], &[]),
            (&[("outer_diameter", 32.0), ("length", 80.0)], &[("ends", "socket")]),
            (&[("outer_diameter", 100.0), ("length", 200.0), ("hole_count", 8.0)], &[]),
            (&[("outer_diameter", 40.0), ("length", 80.0), ("hole_count", 0.0)], &[]),
            (&[("outer_diameter", 10.0), ("length", 30.0), ("inner_diameter", 5.0)], &[]),
            (&[("outer_diameter", 75.0), ("length", 150.0), ("socket_depth", 30.0)], &[("ends", "socket")]),
            (&[("outer_diameter", 60.0), ("length", 40.0), ("flange_thickness", 6.0)], &[("ends", "flange")]),
            (&[("outer_diameter", 200.0), ("length", 300.0), ("wall", 5.0), ("hole_count", 1.0)], &[]),
        ],
    ),
    (
        "elbow",
        &[
            (&[("outer_diameter", 20.0)], &[]),
            (&[("outer_diameter", 32.0), ("angle", 45.0)], &[]),
            (&[("outer_diameter", 32.0), ("angle", 180.0)], &[]),
            (&[("outer_diameter", 50.0), ("wall", 4.0), ("bend_radius", 30.0)], &[]),
            (&[("outer_diameter", 25.0), ("angle", 30.0), ("bend_radius", 100.0)], &[]),
            (&[("outer_diameter", 40.0), ("angle", 120.0)], &[]),
            (&[("outer_diameter", 100.0), ("inner_diameter", 90.0)], &[]),
            (&[("outer_diameter", 30.0), ("leg_length", 20.0)], &[]),
            (&[("outer_diameter", 30.0), ("leg_length", 15.0), ("angle", 45.0)], &[]),
            (&[("outer_diameter", 30.0), ("leg_length", 40.0), ("angle", 135.0)], &[]),
        ],
    ),
    (
        "tee",
        &[
            (&[("outer_diameter", 20.0)], &[]),
            (&[("outer_diameter", 32.0), ("branch_diameter", 20.0)], &[]),
            (&[("outer_diameter", 32.0), ("branch_diameter", 32.0)], &[]),
            (&[("outer_diameter", 50.0), ("wall", 4.0)], &[]),
            (&[("outer_diameter", 50.0), ("length", 200.0)], &[]),
            (&[("outer_diameter", 100.0), ("branch_diameter", 30.0)], &[]),
            (&[("outer_diameter", 40.0), ("branch_length", 80.0)], &[]),
            (&[("outer_diameter", 25.0), ("wall", 1.2)], &[]),
            (&[("outer_diameter", 60.0), ("branch_diameter", 60.0), ("wall", 5.0)], &[]),
            (&[("outer_diameter", 15.0), ("wall", 3.0)], &[]),
        ],
    ),
    (
        "gear",
        &[
            (&[("teeth", 20.0), ("hub_height", 8.0)], &[]),
            (&[("teeth", 32.0), ("bore", 12.0)], &[("keyway", "standard")]),
            (&[("teeth", 28.0), ("bore", 12.0), ("hub_height", 10.0)], &[("keyway", "standard")]),
            (&[("teeth", 40.0), ("module", 1.0), ("bore", 8.0), ("keyway_width", 3.0)], &[]),
            (&[("teeth", 24.0), ("bore", 0.0), ("hub_height", 5.0)], &[]),
            (&[("teeth", 12.0), ("module", 3.0), ("hub_height", 12.0), ("hub_diameter", 20.0)], &[]),
            (&[("teeth", 60.0), ("bore", 20.0), ("hub_height", 20.0)], &[("keyway", "standard")]),
            (&[("teeth", 16.0), ("module", 2.5), ("hub_height", 4.0)], &[]),
            (&[("teeth", 48.0), ("module", 1.5), ("bore", 10.0), ("keyway_width", 4.0), ("keyway_depth", 2.0)], &[]),
            (&[("teeth", 20.0), ("module", 4.0), ("bore", 30.0), ("hub_height", 15.0)], &[("keyway", "standard")]),
        ],
    ),
];

fn fastener(kind: &str, parameters: &[(&str, f64)], choices: &[(&str, &str)]) -> Part {
    let mut operation = operation(kind, kind, parameters);
    for (name, value) in choices {
        operation.choices.insert((*name).to_owned(), (*value).to_owned());
    }
    Part { features: vec![operation], ..Part::default() }
}

fn cosmetic(kind: &str, parameters: &[(&str, f64)], choices: &[(&str, &str)]) -> Part {
    let mut part = fastener(kind, parameters, choices);
    if catalogue::find(kind).unwrap().choices.iter().any(|choice| choice.name == "representation") {
        part.features[0].choices.insert("representation".into(), "cosmetic".into());
    }
    part
}

fn built(part: &Part) -> Result<Evaluated, String> {
    let body = part::lower(part).map_err(|invalid| invalid.to_string())?;
    evaluate(&body, &Options::default(), &AtomicBool::new(false)).map_err(|error| error.to_string())
}

/// What is wrong with a part that must be exact, closed, in one lump a piece and as large as it says.
fn problems(part: &Part) -> Vec<String> {
    let evaluated = match built(part) {
        Ok(evaluated) => evaluated,
        Err(error) => return vec![error],
    };
    let mut problems: Vec<String> = evaluated.inexact_reason.iter().cloned().collect();
    for piece in &evaluated.pieces {
        let topology = piece.mesh.topology();
        if !topology.is_watertight() || topology.components != 1 {
            problems.push(format!("{}: {topology:?}", piece.name));
        }
        let off = piece.mesh.mass_properties().volume_mm3 / piece.mass.volume_mm3 - 1.0;
        if off.abs() > 0.001 {
            problems.push(format!("{}: the mesh's volume is {:.3} % off", piece.name, off * 100.0));
        }
    }
    let said = part::lower(part).unwrap().size;
    let mut is = evaluated.pieces[0].mesh.bounds().unwrap().size();
    let mut said = said;
    if evaluated.pieces.len() == 1 {
        said.sort_by(f64::total_cmp);
        is.sort_by(f64::total_cmp);
        if (0..3).any(|i| (said[i] - is[i]).abs() > 0.03_f64.max(said[2] * 2e-4)) {
            problems.push(format!("measures {is:?}, said {said:?}"));
        }
    }
    problems
}

fn over_the_ranges_of(kinds: &[&str]) {
    let mut wrong = Vec::new();
    for (kind, cases) in CASES.iter().filter(|(kind, _)| kinds.contains(kind)) {
        assert!(cases.len() >= 10, "{kind}");
        for (parameters, choices) in *cases {
            let found = problems(&cosmetic(kind, parameters, choices));
            wrong.extend(found.into_iter().map(|what| format!("{kind} {parameters:?} {choices:?}: {what}")));
        }
    }
    assert!(wrong.is_empty(), "{} problems\n{}", wrong.len(), wrong.join("\n"));
}

const FASTENERS: &[&str] = &["hex_nut", "bolt", "standoff", "bushing"];
const VESSELS: &[&str] = &["threaded_cap", "jar"];
const PIPES: &[&str] = &["pipe", "elbow", "tee"];
const TOOTHED: &[&str] = &["gear_rack", "timing_pulley", "gear"];

#[test]
fn every_case_is_run() {
    let run = [FASTENERS, VESSELS, PIPES, TOOTHED].concat();
    assert!(CASES.iter().all(|(kind, _)| run.contains(kind)) && run.len() == CASES.len());
}

#[test]
fn fasteners_are_exact_and_as_large_as_they_say() {
    over_the_ranges_of(FASTENERS);
}

#[test]
fn jars_and_caps_are_exact_and_as_large_as_they_say() {
    over_the_ranges_of(VESSELS);
}

#[test]
fn pipes_are_exact_and_as_large_as_they_say() {
    over_the_ranges_of(PIPES);
}

#[test]
fn gears_racks_and_timing_pulleys_are_exact_and_as_large_as_they_say() {
    over_the_ranges_of(TOOTHED);
}

fn volume(part: &Part) -> f64 {
    built(part).unwrap().volume_mm3
}

/// What a 45 degree chamfer takes off a rod's rim, from its radius down to the core's.
fn rim(radius: f64, core: f64) -> f64 {
    let height = radius - core;
    PI * height * (radius * radius - (radius * radius + radius * core + core * core) / 3.0)
}

/// What a 45 degree mouth takes out beside a hole.
fn mouth(radius: f64, hole: f64) -> f64 {
    let height = radius - hole;
    PI * height * ((radius * radius + radius * hole + hole * hole) / 3.0 - hole * hole)
}

fn hexagon(across_flats: f64) -> f64 {
    across_flats * across_flats * 3_f64.sqrt() / 2.0
}

#[test]
fn volumes_are_those_of_the_formulas() {
    // M10: 16 across flats, 8.4 high, drilled 8.5; the mouths open to 10 mm, 0.2 and 0.1 mm more on the radius.
    let nut = hexagon(16.0) * 8.4 - PI * 4.25 * 4.25 * 8.4 - 2.0 * mouth(5.0 + 0.15 + 0.1, 4.25);
    near(volume(&cosmetic("hex_nut", &[], &[("size", "M10")])) / nut, 1.0, 1e-4);
    let bolt = hexagon(16.0) * 6.4 + PI * 25.0 * 60.0 - rim(5.0, 5.0 - 0.613_434_5 * 1.5);
    near(volume(&cosmetic("bolt", &[], &[("size", "M10x60")])) / bolt, 1.0, 1e-5);
    let bushing = part("bushing", &[("inner_diameter", 10.0), ("outer_diameter", 16.0), ("height", 20.0)]);
    near(volume(&bushing), PI * ((64.0 - 25.0) * 20.0 + (10.5_f64.powi(2) - 64.0) * 3.0), 1e-3);
    let pipe = cosmetic("pipe", &[("outer_diameter", 40.0), ("wall", 3.0), ("length", 90.0)], &[]);
    let flange = PI * (32.0_f64.powi(2) - 400.0) * 6.0 - 4.0 * PI * 2.0 * 2.0 * 6.0;
    near(volume(&pipe), PI * (400.0 - 289.0) * 90.0 + 2.0 * flange, 0.02);
    let tee = |branch: f64| {
        volume(&part("tee", &[("outer_diameter", 40.0), ("branch_diameter", branch), ("branch_length", 60.0)]))
    };
    let longer = part("tee", &[("outer_diameter", 40.0), ("branch_diameter", 30.0), ("branch_length", 70.0)]);
    near(volume(&longer) - tee(30.0), PI * (15.0_f64.powi(2) - 13.0_f64.powi(2)) * 10.0, 0.01);
    // Pappus: the area times the way of its middle.
    let ring = PI * (225.0 - 169.0);
    let elbow = |extra: &[(&str, f64)]| {
        let sizes: Vec<_> =
            [("outer_diameter", 30.0), ("bend_radius", 40.0)].into_iter().chain(extra.iter().copied()).collect();
        volume(&part("elbow", &sizes))
    };
    near(elbow(&[]) / (ring * 40.0 * PI / 2.0), 1.0, 1e-6);
    near(elbow(&[("angle", 60.0)]) / (ring * 40.0 * PI / 3.0), 1.0, 1e-6);
    near(elbow(&[("leg_length", 25.0)]) / (ring * (40.0 * PI / 2.0 + 50.0)), 1.0, 1e-5);
    // A rack's teeth: on the pitch line half of every pitch is tooth.
    let rack = part("gear_rack", &[("module", 2.0), ("teeth", 12.0), ("thickness", 10.0), ("height", 14.0)]);
    let pitch = 2.0 * PI;
    let lean = 20_f64.to_radians().tan();
    let tooth = 2.25 * 2.0 * (2.0 * (pitch / 4.0) + lean * (1.25 * 2.0 - 2.0));
    near(volume(&rack) / ((12.0 * pitch * (14.0 - 4.5) + 12.0 * tooth) * 10.0), 1.0, 1e-6);
}

#[test]
fn a_hub_and_a_keyway_add_and_take_their_own_volume() {
    let gear = |extra: &[(&str, f64)], choices: &[(&str, &str)]| {
        let base = [("teeth", 30.0), ("module", 2.0), ("thickness", 10.0), ("bore", 12.0)];
        let sizes: Vec<_> = base.into_iter().chain(extra.iter().copied()).collect();
        volume(&fastener("gear", &sizes, choices))
    };
    let plain = gear(&[], &[]);
    let hub = gear(&[("hub_height", 15.0), ("hub_diameter", 30.0)], &[]);
    near(hub - plain, PI * (225.0 - 36.0) * 15.0, 0.05);
    // DIN 6885 for a bore of 12: 4 wide, 1.8 deep. The slot less the bore's own segment.
    let keyed = gear(&[], &[("keyway", "standard")]);
    let half = (2.0_f64 / 6.0).asin();
    let segment = 36.0 * half - 2.0 * 6.0 * half.cos();
    let slot = 4.0 * (7.8 - 6.0 * half.cos()) - segment;
    near((plain - keyed) / (slot * 10.0), 1.0, 1e-4);
}

#[test]
fn a_timing_pulley_has_its_grooves() {
    for teeth in [16_u32, 20, 36, 60] {
        let pulley = built(&part("timing_pulley", &[("teeth", f64::from(teeth))])).unwrap();
        let outer = f64::from(teeth) * 2.0 / PI - 0.508;
        // Points at the bottoms, counted by the angle of their cluster.
        let tips = (outer * outer / 4.0 - 0.740_2_f64.powi(2)).sqrt();
        let mut bottoms: Vec<i64> = pulley
            .mesh
            .positions
            .iter()
            .filter(|p| (p[0].hypot(p[1]) - (tips - 0.75)).abs() < 0.01)
            .map(|p| {
                (p[1].atan2(p[0]) / (2.0 * PI) * f64::from(teeth) - 0.5).round().rem_euclid(f64::from(teeth)) as i64
            })
            .collect();
        bottoms.sort_unstable();
        bottoms.dedup();
        assert_eq!(bottoms.len(), teeth as usize);
    }
}

#[test]
fn a_screw_sinks_its_hole() {
    let block = || part("block", &[("length", 40.0), ("width", 40.0), ("height", 20.0)]);
    let removed = |sizes: &[(&str, f64)], choices: &[(&str, &str)]| {
        let evaluated = built(&with(block(), "hole", sizes, choices, None)).unwrap();
        assert!(evaluated.exact, "{:?}", evaluated.inexact_reason);
        32_000.0 - evaluated.volume_mm3
    };
    let bored = removed(&[("diameter", 6.6)], &[("kind", "counterbore"), ("screw", "M6")]);
    near(bored, PI * (5.5 * 5.5 * 6.4 + 3.3 * 3.3 * 13.6), 1e-3);
    let sunk = removed(&[("diameter", 6.6)], &[("kind", "countersink"), ("screw", "M6")]);
    let cone = PI / 3.0 * 3.42 * (6.72 * 6.72 + 6.72 * 3.3 + 3.3 * 3.3);
    near(sunk, cone + PI * 3.3 * 3.3 * (20.0 - 3.42), 1e-3);
    let pointed = removed(&[("diameter", 8.0), ("depth", 12.0)], &[("kind", "blind"), ("bottom", "conical")]);
    near(pointed, PI * 16.0 * (12.0 + 4.0 / 59_f64.to_radians().tan() / 3.0), 1e-3);
    let tapped = removed(&[("diameter", 6.0), ("thread_depth", 10.0)], &[("kind", "threaded"), ("screw", "M6")]);
    near(tapped, PI * 6.25 * 13.0, 1e-3);
    let seat = removed(&[("diameter", 6.6)], &[("kind", "spotface"), ("screw", "M6")]);
    near(seat, PI * (42.25 * 0.5 + 3.3 * 3.3 * 19.5), 1e-3);
    let nut = removed(&[("diameter", 6.6)], &[("kind", "nut"), ("screw", "M6")]);
    near(nut, hexagon(10.4) * 5.2 + PI * 3.3 * 3.3 * 14.8, 1e-3);
}

/// Mean area of a section through an ISO 68-1 thread: along one turn its radius goes once through the profile, a quarter
/// of the pitch at the root, an eighth at the crest and the flanks between.
fn section(diameter: f64, pitch: f64, moved: f64) -> f64 {
    let crest = diameter / 2.0 + moved;
    let root = crest - 0.625 * pitch * 3_f64.sqrt() / 2.0;
    PI * (root * root / 4.0 + crest * crest / 8.0 + (root * root + root * crest + crest * crest) / 3.0 * 0.625)
}

#[test]
fn a_modelled_thread_is_printed_and_not_called_exact() {
    // A rod without lead-ins has the volume of its section; with them it lacks less than two rims.
    for (size, d, pitch) in [("M6x40", 6.0, 1.0), ("M12x1.5x30", 12.0, 1.5), ("M30x60", 30.0, 3.5)] {
        let rod = built(&fastener("bolt", &[], &[("size", size), ("head", "none")])).unwrap();
        assert!(!rod.exact && rod.inexact_reason.is_some(), "{size}");
        let length = rod.bounds.size()[2];
        let whole = section(d, pitch, -(pitch / 10.0).min(0.2)) * length;
        let rims = 2.0 * rim(d / 2.0, d / 2.0 - 0.613_434_5 * pitch);
        assert!(rod.volume_mm3 < whole * 1.001 && rod.volume_mm3 > (whole - rims) * 0.998, "{size}");
        assert!(rod.pieces.iter().all(|piece| piece.mesh.topology().is_watertight()));
    }
    let nut = built(&fastener("hex_nut", &[], &[("size", "M10")])).unwrap();
    assert_eq!(nut.pieces[0].mesh.topology().through_holes(), 1);
    let bare = (hexagon(16.0) - section(10.0, 1.5, 0.15)) * 8.4;
    let mouths = 2.0 * mouth(5.25, 5.15 - 0.541_266 * 1.5);
    assert!(nut.volume_mm3 < bare && nut.volume_mm3 > bare - mouths, "{} {bare} {mouths}", nut.volume_mm3);
}

/// The volume in which a mate's thread that begins at `z` cuts into the last piece of a part.
fn interference(part: &Part, mate: Shape, z: f64) -> f64 {
    let mut body = part::lower(part).unwrap();
    let mut piece = body.pieces.pop().unwrap();
    let solid = Solid { shape: mate, frame: Frame::at([0.0, 0.0, z]) };
    piece.steps.push(Step { operation: "mate".into(), action: Action::Intersect(solid) });
    piece.print_turns = [0, 0];
    body.pieces = vec![piece];
    let options = Options { kernels: Kernels::MeshOnly, ..Options::default() };
    evaluate(&body, &options, &AtomicBool::new(false)).map_or(0.0, |evaluated| evaluated.volume_mm3)
}

#[test]
fn threads_that_belong_together_go_together() {
    // Short enough to end below the lid's plate.
    let mate = |diameter: f64, pitch: f64, clearance: f64| Shape::Thread {
        diameter,
        pitch,
        length: 11.0,
        internal: false,
        left_handed: false,
        clearance,
    };
    // The nut's thread begins 1 mm below it. A screw of the standard's size, and one that is printed as loose.
    let nut = fastener("hex_nut", &[("height", 12.0)], &[("size", "M16")]);
    for clearance in [0.0, 0.2] {
        assert_eq!(interference(&nut, mate(16.0, 2.0, clearance), -1.0 - 4.0), 0.0);
        assert!(interference(&nut, mate(16.0, 2.0, clearance), -1.0 - 5.0) > 10.0, "a thread holds");
    }
    // The lid of a jar and the jar's neck.
    let jar = fastener("jar", &[("diameter", 60.0), ("height", 70.0)], &[]);
    let body = part::lower(&jar).unwrap();
    let threads: Vec<(f64, f64, f64, f64)> = body
        .pieces
        .iter()
        .flat_map(|piece| &piece.steps)
        .filter_map(|step| match &step.action {
            Action::Add(solid) | Action::Cut(solid) => match solid.shape {
                Shape::Thread { diameter, pitch, clearance, .. } => {
                    Some((diameter, pitch, clearance, solid.frame.origin[2]))
                }
                _ => None,
            },
            _ => None,
        })
        .collect();
    let [(d, pitch, clearance, _), (lid_d, lid_pitch, _, from)] = threads[..] else { panic!("{threads:?}") };
    assert_eq!((d, pitch), (lid_d, lid_pitch));
    assert_eq!(interference(&jar, mate(d, pitch, clearance), from), 0.0);
    assert!(interference(&jar, mate(d, pitch, clearance), from + pitch / 2.0) > 50.0, "a lid holds");
}
