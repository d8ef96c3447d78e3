//! Radiance: furnaces, a lit sphere, a lit ground, closed rooms.

use raytracer::{AreaLight, Ground, Linear, Material, Sky, trace};

use crate::shapes::{cuboid, pot, sphere};
use crate::{bare, settings};

const WHITE: Material = Material::Diffuse { albedo: [1.0; 3] };

fn traced(scene: &raytracer::Scene, settings: &raytracer::Settings) -> Linear {
    trace(scene, settings, &false.into(), &|_| ()).unwrap()
}

fn pixel(image: &Linear, x: u32, y: u32) -> [f32; 3] {
    image.radiance[(y * image.width + x) as usize]
}

#[test]
fn a_white_convex_body_vanishes_in_a_uniform_sky() {
    let sky = Sky::uniform([0.5, 1.0, 2.0]);
    let plastic = Material::Plastic { albedo: [1.0; 3], roughness: 0.4, ior: 1.5 };
    for (material, samples, tolerance) in [(WHITE, 4, 1e-4), (plastic, 256, 0.03)] {
        for mesh in [cuboid([-10.0; 3], [10.0; 3]), sphere([0.0; 3], 12.0, 48)] {
            let image = traced(&bare(mesh, material, sky, [60.0, -80.0, 40.0]), &settings(24, 24, samples));
            assert!(image.coverage[12 * 24 + 12] == 1.0);
            for (at, c) in image.radiance.iter().enumerate() {
                for (value, expected) in c.iter().zip(sky.zenith) {
                    assert!((value / expected - 1.0).abs() < tolerance, "{material:?} pixel {at}: {c:?}");
                }
            }
        }
    }
}

/// Inside a pot light bounces many times; with white walls none of it may be lost but what the bounce limit cuts off.
#[test]
fn a_white_concave_body_nearly_vanishes_too() {
    let mut scene = bare(pot(2, 48), WHITE, Sky::uniform([1.0; 3]), [200.0, -100.0, 320.0]);
    scene.camera.look_at = [0.0, 0.0, 60.0];
    let image = traced(&scene, &raytracer::Settings { max_bounces: 64, ..settings(32, 32, 16) });
    let covered: Vec<f32> =
        image.radiance.iter().zip(&image.coverage).filter(|(_, c)| **c == 1.0).map(|(r, _)| r[0]).collect();
    let mean = covered.iter().sum::<f32>() / covered.len() as f32;
    assert!(covered.len() > 100 && (mean - 1.0).abs() < 0.01, "{mean} over {}", covered.len());
}

/// A small distant light is a point light: radiance = albedo / pi * intensity * cos / distance^2 at each normal.
#[test]
fn a_lit_sphere_follows_the_cosine_law() {
    let (distance, side, emitted, albedo) = (1000.0_f64, 20.0_f64, 3000.0_f32, 0.6_f32);
    let mut scene = bare(
        sphere([0.0; 3], 10.0, 64),
        Material::Diffuse { albedo: [albedo; 3] },
        Sky::uniform([0.0; 3]),
        [0.0, -500.0, 0.0],
    );
    scene.camera.vertical_fov_deg = 2.0;
    // Behind the camera, facing +y: z cross x is y.
    scene.light = AreaLight {
        corner: [-side / 2.0, -distance, -side / 2.0],
        edge_u: [0.0, 0.0, side],
        edge_v: [side, 0.0, 0.0],
        radiance: [emitted; 3],
    };
    let size = 65;
    let image = traced(&scene, &settings(size, size, 64));
    let half_height = 500.0 * 1.0_f64.to_radians().tan();
    for x in [20, 26, 32, 40, 45] {
        let offset = (f64::from(x) + 0.5 - f64::from(size) / 2.0) / (f64::from(size) / 2.0) * half_height;
        let cos = (1.0 - (offset / 10.0).powi(2)).sqrt();
        let to_light = distance - 10.0 * cos;
        let irradiance = f64::from(emitted) * side * side * cos / (to_light * to_light);
        let expected = f64::from(albedo) / std::f64::consts::PI * irradiance;
        let measured = f64::from(pixel(&image, x, 32)[0]);
        assert!((measured / expected - 1.0).abs() < 0.02, "x {x}: {measured} instead of {expected}");
    }
}

/// A square light of side 2a at height a above the ground: the form factor from below its centre is known.
#[test]
fn the_ground_below_a_square_light_has_the_analytic_radiance() {
    let a = 50.0_f64;
    let mut scene =
        bare(cuboid([400.0, 400.0, 0.0], [401.0, 401.0, 1.0]), WHITE, Sky::uniform([0.0; 3]), [0.0, -40.0, 20.0]);
    scene.camera.vertical_fov_deg = 1.0;
    scene.ground = Some(Ground { z: 0.0, albedo: [0.5; 3] });
    scene.light =
        AreaLight { corner: [-a, -a, a], edge_u: [0.0, 2.0 * a, 0.0], edge_v: [2.0 * a, 0.0, 0.0], radiance: [2.0; 3] };
    let image = traced(&scene, &settings(16, 16, 256));
    let (x, y) = (1.0_f64, 1.0_f64);
    let quarter = |x: f64, y: f64| {
        let (sx, sy) = ((1.0 + x * x).sqrt(), (1.0 + y * y).sqrt());
        (x / sx * (y / sx).atan() + y / sy * (x / sy).atan()) / std::f64::consts::TAU
    };
    let expected = 0.5 * 2.0 * 4.0 * quarter(x, y);
    let mean = image.radiance.iter().map(|c| f64::from(c[0])).sum::<f64>() / image.radiance.len() as f64;
    assert!((mean / expected - 1.0).abs() < 0.01, "{mean} instead of {expected}");
}

/// No ray may leave a closed body: through an edge, a corner, a thin wall or a shading normal.
#[test]
fn no_light_enters_a_closed_room() {
    for (mesh, at) in [
        (cuboid([-10.0; 3], [10.0; 3]), [1.0, 2.0, 3.0]),
        (sphere([0.0; 3], 10.0, 16), [0.5, -3.0, 0.1]),
        (pot(8, 96), [41.0, 10.0, 1.5]),
    ] {
        let mut scene = bare(mesh, WHITE, Sky::uniform([1.0; 3]), at);
        scene.camera.look_at = [0.0, 0.0, 1.0];
        scene.camera.vertical_fov_deg = 140.0;
        scene.ground = Some(Ground { z: -50.0, albedo: [1.0; 3] });
        let image = traced(&scene, &raytracer::Settings { max_bounces: 64, ..settings(24, 24, 24) });
        let lit = image.radiance.iter().filter(|c| c[0] > 0.0).count();
        assert_eq!(lit, 0, "camera at {at:?}");
        assert!(image.coverage.iter().all(|&c| c == 1.0));
    }
}
