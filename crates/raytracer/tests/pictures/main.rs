//! The path tracer against what is known without it: analytic radiance, energy conservation, determinism, framing.

// Clippy's exemption for tests does not reach their helpers.
#![allow(clippy::unwrap_used)]

mod behaviour;
mod light;
mod product_shot;
mod shapes;

use raytracer::{AreaLight, Camera, Material, Object, Scene, Settings, Sky};

fn settings(width: u32, height: u32, samples_per_pixel: u32) -> Settings {
    Settings { width, height, samples_per_pixel, max_bounces: 8, seed: 42 }
}

/// `mesh` alone under `sky`, seen from `position` towards the origin.
fn bare(mesh: mesh::TriMesh, material: Material, sky: Sky, position: [f64; 3]) -> Scene {
    Scene {
        objects: vec![Object { mesh, material }],
        ground: None,
        camera: Camera { position, look_at: [0.0; 3], vertical_fov_deg: 30.0, exposure: 1.0 },
        light: AreaLight::off(),
        sky,
    }
}
