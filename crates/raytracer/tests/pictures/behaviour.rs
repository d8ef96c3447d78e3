//! Determinism, cancellation, progress and refusals.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use mesh::TriMesh;
use raytracer::{Preset, RenderError, Scene, Settings, render, trace};

use crate::settings;
use crate::shapes::{cuboid, pot};

fn scene() -> Scene {
    Scene::product_shot(pot(4, 32), [30, 120, 200], 1.5)
}

#[test]
fn threads_do_not_change_a_byte_and_seeds_do() {
    let scene = scene();
    let with_threads = |threads, seed| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let settings = Settings { seed, ..settings(60, 40, 4) };
        pool.install(|| render(&scene, &settings, &false.into(), &|_| ())).unwrap()
    };
    let one = with_threads(1, 42);
    assert_eq!(one, with_threads(2, 42));
    assert_ne!(one, with_threads(2, 43));
    assert_eq!(one.rgb.len(), 60 * 40 * 3);
}

#[test]
fn cancel_stops_before_and_during_the_work() {
    let scene = scene();
    assert_eq!(render(&scene, &settings(64, 64, 4), &true.into(), &|_| ()), Err(RenderError::Cancelled));
    let (cancel, reports) = (AtomicBool::new(false), AtomicUsize::new(0));
    // Hours of work if the flag were not read.
    let result = render(&scene, &settings(2048, 2048, 1024), &cancel, &|_| {
        reports.fetch_add(1, Ordering::Relaxed);
        cancel.store(true, Ordering::Relaxed);
    });
    assert_eq!(result, Err(RenderError::Cancelled));
    assert!(reports.load(Ordering::Relaxed) < 100);
}

#[test]
fn progress_never_decreases_and_ends_at_one() {
    let seen = Mutex::new(Vec::new());
    render(&scene(), &settings(100, 80, 1), &false.into(), &|share| seen.lock().unwrap().push(share)).unwrap();
    let seen = seen.into_inner().unwrap();
    assert!(seen.len() > 20 && seen.windows(2).all(|w| w[0] <= w[1]), "{seen:?}");
    assert!(seen[0] > 0.0 && seen.iter().filter(|s| **s >= 1.0).count() == 1 && seen.last() == Some(&1.0));
}

#[test]
fn a_part_far_from_the_origin_gives_the_same_picture() {
    let mesh = cuboid([0.0; 3], [20.0, 30.0, 10.0]);
    let picture = |mesh| {
        let scene = Scene::product_shot(mesh, [200, 200, 40], 1.0);
        trace(&scene, &settings(32, 32, 16), &false.into(), &|_| ()).unwrap()
    };
    let (here, there) = (picture(mesh.clone()), picture(mesh.translated([1e6, -2e6, 3e6])));
    for (a, b) in here.radiance.iter().zip(&there.radiance) {
        assert!((a[0] - b[0]).abs() < 0.05, "{a:?} {b:?}");
    }
}

fn refused(scene: &Scene, settings: &Settings) -> RenderError {
    render(scene, settings, &false.into(), &|_| ()).unwrap_err()
}

#[test]
fn sizes_samples_and_bounces_are_bounded() {
    let scene = scene();
    let good = settings(64, 64, 4);
    for (bad, name) in [
        (Settings { width: 15, ..good }, "width"),
        (Settings { height: 8193, ..good }, "height"),
        (Settings { samples_per_pixel: 0, ..good }, "samples_per_pixel"),
        (Settings { samples_per_pixel: 4097, ..good }, "samples_per_pixel"),
        (Settings { max_bounces: 0, ..good }, "max_bounces"),
    ] {
        assert!(matches!(refused(&scene, &bad), RenderError::OutOfBounds { field, .. } if field == name), "{name}");
    }
}

#[test]
fn meshes_that_cannot_be_drawn_are_refused_with_their_place() {
    let shot = |mesh| Scene::product_shot(mesh, [9; 3], 1.0);
    let small = settings(16, 16, 1);
    assert_eq!(refused(&shot(TriMesh::default()), &small), RenderError::NothingToDraw);
    let line = TriMesh::new(vec![[0.0; 3], [1.0; 3], [2.0; 3]], vec![[0, 1, 2]]);
    assert_eq!(refused(&shot(line), &small), RenderError::NothingToDraw);
    let mut scene = scene();
    scene.objects[0].mesh.positions[3][1] = f64::NAN;
    assert_eq!(refused(&scene, &small), RenderError::BadPosition { object: 0, corner: 3 });
    let mut scene = self::scene();
    scene.objects[0].mesh.triangles[5][2] = 1_000_000;
    assert!(matches!(refused(&scene, &small), RenderError::BadIndex { object: 0, triangle: 5, index: 1_000_000, .. }));
    let mut scene = self::scene();
    scene.camera.look_at = scene.camera.position;
    assert!(matches!(refused(&scene, &small), RenderError::BadScene { field: "camera.look_at", .. }));
    let mut scene = self::scene();
    scene.sky.zenith[1] = f32::INFINITY;
    assert!(matches!(refused(&scene, &small), RenderError::BadScene { .. }));
}

#[test]
fn presets_have_the_samples_that_people_know() {
    let samples = Preset::ALL.map(|p| Settings::new(640, 480, p, 0).samples_per_pixel);
    assert_eq!(samples, [32, 128, 256, 512, 1024]);
}
