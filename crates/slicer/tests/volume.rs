//! At 100 % infill the program deposits the solid's volume, whatever the shape.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests stop at the first surprise")]

#[path = "support/parts.rs"]
mod support;

use mesh::TriMesh;
use slicer::Settings;
use support::*;

#[track_caller]
fn deposits_its_volume(name: &str, mesh: &TriMesh) {
    deposits_with(name, mesh, &solid_settings());
}

#[track_caller]
fn deposits_with(name: &str, mesh: &TriMesh, settings: &Settings) {
    let solid = mesh.mass_properties().volume_mm3;
    let start = std::time::Instant::now();
    let slice = run(mesh, settings).unwrap();
    let took = start.elapsed();
    let reading = read(&slice.gcode);
    // The program ends retracted.
    let deposited = volume(reading.filament + settings.retraction_length);
    let error = deposited / solid - 1.0;
    println!(
        "{name}: {solid:.1} mm3, {:+.3} %, {} layers, {} bytes, {took:?} {:?}",
        error * 100.0,
        slice.summary.layer_count,
        slice.gcode.len(),
        reading.by_type
    );
    assert!(error.abs() < 0.015, "{name}: {deposited:.1} of {solid:.1} mm3 ({:+.2} %)", error * 100.0);
    assert!((slice.summary.filament_mm3 / deposited - 1.0).abs() < 1e-4);
    for axis in 0..2 {
        assert!(reading.min[axis] >= 0.0 && reading.max[axis] <= settings.bed[axis], "{name} leaves the bed");
        assert!(reading.min[axis] >= slice.summary.bounds.min[axis] - 0.3, "{name} prints outside itself");
        assert!(reading.max[axis] <= slice.summary.bounds.max[axis] + 0.3, "{name} prints outside itself");
    }
    // The volume is right because the lines fit, not because a few of them are absurd.
    let odd = reading.widths.iter().filter(|w| !(0.2..=0.75).contains(&(**w / settings.line_width * 0.45))).count();
    let share = odd as f64 / reading.widths.len() as f64;
    println!("  {odd} of {} lines have odd widths", reading.widths.len());
    assert!(share < 0.02, "{name}: {:.2} % of the lines have odd widths", share * 100.0);
    assert!(reading.z.windows(2).all(|w| w[0] <= w[1]), "{name} goes down");
}

#[test]
fn cubes() {
    deposits_its_volume("cube 20", &to_mesh(&block([20.0; 3])));
    deposits_its_volume("cube 10.13", &to_mesh(&block([10.13; 3])));
    deposits_its_volume("thin plate", &to_mesh(&block([30.0, 30.0, 0.7])));
}

#[test]
fn pots_and_plates() {
    deposits_its_volume("pot", &pot());
    deposits_its_volume("plate", &plate());
}

#[test]
fn thin_walls() {
    for wall in [0.3, 0.45, 0.6, 0.8, 1.0, 1.2, 1.5, 1.7, 2.0, 2.3, 2.5, 3.0] {
        deposits_its_volume(&format!("box {wall}"), &open_box([40.0, 30.0, 15.0], wall));
    }
}

#[test]
fn rings_and_gears() {
    for wall in [0.6, 0.9, 1.3, 2.0] {
        deposits_its_volume(&format!("rings {wall}"), &rings(12, wall, 1.0, 4.0));
    }
    deposits_its_volume("gear", &gear(24, 20.0, 6.0));
    deposits_its_volume("fine gear", &gear(60, 20.0, 6.0));
}

#[test]
fn slopes_and_points() {
    deposits_its_volume("cone", &to_mesh(&cone([0.0; 3], 20.0, 15.0, 0.0, 128)));
    let sphere = manifold_rust::manifold::Manifold::sphere(15.0, 128);
    deposits_its_volume("sphere", &to_mesh(&sphere.translate(manifold_rust::linalg::Vec3::new(0.0, 0.0, 15.0))));
    deposits_its_volume("wedge", &wedge());
}

/// A blade that tapers from 6 mm to nothing.
fn wedge() -> TriMesh {
    let positions = [[0.0, 0.0], [60.0, 3.0], [0.0, 6.0]];
    let positions = [0.0, 5.0].iter().flat_map(|z| positions.map(|[x, y]| [x, y, *z])).collect();
    let triangles = vec![[0, 2, 1], [3, 4, 5], [0, 1, 4], [0, 4, 3], [1, 2, 5], [1, 5, 4], [2, 0, 3], [2, 3, 5]];
    TriMesh::new(positions, triangles)
}

#[test]
fn other_layers_walls_and_nozzles() {
    let part = plate();
    for settings in [
        Settings { layer_height: 0.28, first_layer_height: 0.3, ..solid_settings() },
        Settings { layer_height: 0.08, ..solid_settings() },
        Settings { perimeters: 0, ..solid_settings() },
        Settings { perimeters: 20, ..solid_settings() },
        Settings { nozzle_diameter: 0.8, line_width: 0.9, layer_height: 0.4, ..solid_settings() },
        Settings { relative_extrusion: false, ..solid_settings() },
    ] {
        deposits_with("plate", &part, &settings);
    }
}
