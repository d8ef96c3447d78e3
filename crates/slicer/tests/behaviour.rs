//! Skins, sparse infill, determinism, cancelling, progress, estimate and refusals.

#[path = "support/parts.rs"]
mod support;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use mesh::TriMesh;
use slicer::{Settings, SliceError, Warning};
use support::*;

fn cube(side: f64) -> TriMesh {
    to_mesh(&block([side; 3]))
}

#[test]
fn top_and_bottom_are_solid_and_the_middle_is_sparse() {
    let settings = Settings { infill_density: 0.15, ..Settings::default() };
    let reading = read(&run(&cube(20.0), &settings).unwrap().gcode);
    assert_eq!(reading.by_layer.len(), 100);
    for (index, layer) in reading.by_layer.iter().enumerate() {
        let amount = |kind: &str| layer.get(kind).copied().unwrap_or(0.0);
        if !(4..96).contains(&index) {
            assert!(amount("SKIN") > 20.0 && amount("FILL") <= 0.0, "layer {index}: {layer:?}");
        } else {
            assert!(amount("SKIN") <= 0.0 && amount("FILL") > 2.0, "layer {index}: {layer:?}");
        }
    }
    assert!(reading.by_layer[0].contains_key("SKIRT") && !reading.by_layer[1].contains_key("SKIRT"));
}

#[test]
fn a_step_gets_its_own_roof() {
    let part = to_mesh(&block([30.0, 30.0, 6.0]).union(&block_at([0.0, 0.0, 3.0], [15.0, 30.0, 9.0])));
    let reading = read(&run(&part, &Settings { infill_density: 0.15, ..Settings::default() }).unwrap().gcode);
    let skin = |layer: usize| reading.by_layer[layer].get("SKIN").copied().unwrap_or(0.0);
    // The step is at 6 mm: layers 26 to 29 close it.
    assert!(skin(20) <= 0.0 && skin(27) > 5.0 && skin(29) > 5.0 && skin(31) <= 0.0);
}

#[test]
fn sparse_infill_uses_clearly_less_at_the_stated_density() {
    let filament = |infill_density| {
        let settings =
            Settings { infill_density, skirt_loops: 0, top_layers: 0, bottom_layers: 0, ..Settings::default() };
        run(&cube(30.0), &settings).unwrap().summary.filament_mm3
    };
    let (none, fifth, full) = (filament(0.0), filament(0.2), filament(1.0));
    let share = (fifth - none) / (full - none);
    assert!((share - 0.2).abs() < 0.02, "{share}");
    let whole = |infill_density| run(&cube(30.0), &Settings { infill_density, ..Settings::default() }).unwrap().summary;
    assert!(whole(0.2).mass_g < 0.5 * whole(1.0).mass_g);
    assert!(whole(0.2).seconds < 0.6 * whole(1.0).seconds);
}

#[test]
fn the_bytes_do_not_depend_on_the_threads() {
    let part = gear(16, 15.0, 5.0);
    let bytes = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&part, &Settings::default()).unwrap())
    };
    let (one, two) = (bytes(1), bytes(2));
    assert_eq!(one.summary, two.summary);
    assert!(one.gcode == two.gcode, "the programs differ");
    let other = run(&part, &Settings { layer_height: 0.21, ..Settings::default() }).unwrap();
    assert!(other.gcode != one.gcode);
}

#[test]
fn the_estimate_is_what_the_executor_says() {
    let settings =
        Settings { header: vec![("trail.mesh".to_owned(), "00ff".to_owned())], z_hop: 0.4, ..Settings::default() };
    let slice = run(&plate(), &settings).unwrap();
    let totals = gcode::totals(&slice.gcode[..], &settings.limits).unwrap();
    assert!((totals.seconds - slice.summary.seconds).abs() < 1e-6, "{} {}", totals.seconds, slice.summary.seconds);
    assert_eq!(totals.layers, slice.summary.layer_count);
    assert!((totals.filament_mm + settings.retraction_length - slice.summary.filament_mm).abs() < 0.01);
    let header = gcode::Header::read(&slice.gcode);
    assert_eq!(header.layer_count(), Some(slice.summary.layer_count));
    assert_eq!(header.get("trail.mesh"), Some("00ff"));
    assert!((header.estimated_seconds().unwrap() - totals.seconds).abs() < 0.01);
    assert!(slice.summary.retractions > 0);
    // Every bit of the print is at a height that was announced, and the hop is above it.
    let json = serde_json::to_string(&slice.summary).unwrap();
    assert_eq!(serde_json::from_str::<slicer::Summary>(&json).unwrap().layer_count, 20);
}

#[test]
fn cancelling_stops_at_once_and_progress_reaches_the_end() {
    let calls = AtomicUsize::new(0);
    let cancel = AtomicBool::new(false);
    let stop_early = |_: f32| {
        if calls.fetch_add(1, Ordering::Relaxed) == 20 {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    assert_eq!(slicer::slice(&pot(), &Settings::default(), &cancel, &stop_early), Err(SliceError::Cancelled));
    assert!(calls.load(Ordering::Relaxed) < 40);
    let seen = Mutex::new(Vec::new());
    let record = |p: f32| seen.lock().unwrap().push(p);
    slicer::slice(&cube(5.0), &Settings::default(), &AtomicBool::new(false), &record).unwrap();
    let seen = seen.into_inner().unwrap();
    assert!(seen.iter().all(|p| (0.0..=1.0).contains(p)) && seen.last() == Some(&1.0) && seen.len() > 20);
}

#[test]
fn parts_that_cannot_be_printed_are_refused_with_the_reason() {
    let refusal = |mesh: &TriMesh| run(mesh, &Settings::default()).unwrap_err();
    assert_eq!(refusal(&TriMesh::default()), SliceError::Empty);
    let too_tall = to_mesh(&block([10.0, 10.0, 251.0]));
    assert_eq!(refusal(&too_tall), SliceError::TooLarge { axis: 'Z', size: 251.0, limit: 250.0 });
    assert!(refusal(&to_mesh(&block([230.0, 10.0, 5.0]))).to_string().contains("230.00 mm along X"));
    let mut open = cube(10.0);
    open.triangles.pop();
    assert!(matches!(refusal(&open), SliceError::NotClosed { edges: 3, .. }));
    let mut inside_out = cube(10.0);
    inside_out.triangles.iter_mut().for_each(|t| t.swap(0, 1));
    assert_eq!(refusal(&inside_out), SliceError::InsideOut);
    assert!(matches!(refusal(&cube(10.0).translated([0.0, 0.0, 2.0])), SliceError::NotOnBed { .. }));
    let mut bad = cube(10.0);
    bad.positions[0][1] = f64::NAN;
    assert_eq!(refusal(&bad), SliceError::Malformed);
    bad = cube(10.0);
    bad.triangles[0][0] = 999;
    assert_eq!(refusal(&bad), SliceError::Malformed);
    let away = Settings { centre: false, ..Settings::default() };
    assert!(matches!(
        run(&cube(10.0).translated([215.0, 0.0, 0.0]), &away),
        Err(SliceError::OutsideBed { axis: 'X', .. })
    ));
}

#[test]
fn absurd_settings_name_the_field() {
    let field = |settings: Settings| match run(&cube(10.0), &settings).unwrap_err() {
        SliceError::Setting { field, .. } | SliceError::Script { field, .. } => field,
        other => panic!("{other}"),
    };
    let d = Settings::default;
    assert_eq!(field(Settings { layer_height: 0.0, ..d() }), "layer_height");
    assert_eq!(field(Settings { layer_height: 0.5, ..d() }), "layer_height");
    assert_eq!(field(Settings { infill_density: 20.0, ..d() }), "infill_density");
    assert_eq!(field(Settings { print_speed: f64::NAN, ..d() }), "print_speed");
    assert_eq!(field(Settings { perimeters: 1000, ..d() }), "perimeters");
    assert_eq!(field(Settings { start_script: "M104 S{heat}".into(), ..d() }), "start_script");
    let smuggled = Settings { header: vec![("a".into(), "b\nM112".into())], ..d() };
    assert!(matches!(run(&cube(10.0), &smuggled), Err(SliceError::Header(_))));
}

#[test]
fn a_part_as_large_as_the_bed_prints_without_its_skirt() {
    let settings = Settings { bed: [40.0, 40.0, 40.0], ..Settings::default() };
    let slice = run(&to_mesh(&block([40.0, 40.0, 1.0])), &settings).unwrap();
    assert_eq!(slice.summary.warnings, [Warning::SkirtOmitted]);
    assert!(!read(&slice.gcode).by_type.contains_key("SKIRT"));
}

#[test]
fn overlapping_and_separate_solids_are_one_program() {
    let mut two = cube(10.0);
    two.append(&cube(10.0).translated([5.0, 5.0, 0.0]));
    two.append(&cube(10.0).translated([40.0, 0.0, 0.0]));
    let slice = run(&two, &solid_settings()).unwrap();
    let volume = slice.summary.filament_mm3;
    assert!((volume / 2750.0 - 1.0).abs() < 0.01, "{volume}");
}
