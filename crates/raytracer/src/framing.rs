//! The product shot: where camera, light and ground go so that any part looks like a product photograph.

use glam::DVec3;
use mesh::TriMesh;

use crate::scene::{AreaLight, Camera, Ground, Material, Object, Scene, Sky};
use crate::tone::srgb_to_linear;

/// Anticlockwise from +x: the camera looks at the front (-y) and right (+x) sides.
const AZIMUTH_DEG: f64 = -58.0;
/// High enough to see into an open pot, low enough to see its side.
const ELEVATION_DEG: f64 = 38.0;
/// A long lens keeps parallel edges nearly parallel.
const FOV_DEG: f64 = 24.0;
/// The share of the picture's half width and half height that the part and its contact shadow may take.
const FILL: f64 = 0.82;
/// The key light stands to the left of the camera, so that the two visible sides differ in brightness.
const KEY_AZIMUTH_DEG: f64 = AZIMUTH_DEG - 68.0;
const KEY_ELEVATION_DEG: f64 = 47.0;
/// In radii of the part.
const KEY_DISTANCE: f64 = 3.2;
const KEY_HALF_SIDE: f64 = 1.25;
/// How far the visible part of the soft shadow reaches, in heights of what casts it.
const SHADOW_REACH: f64 = 0.3;
/// Filament is neither a perfect mirror of light nor a black hole.
const ALBEDO_FLOOR: f32 = 0.012;
const ALBEDO_CEILING: f32 = 0.88;

impl Scene {
    /// A three-quarter view of `mesh` in plastic of `colour_srgb` on a neutral ground at its lowest point, under a large soft
    /// light and a pale sky. `aspect` is width / height of the picture to come; the whole part and its contact shadow fit for any
    /// bounding box. An empty mesh gives a scene that [`render`](crate::render) refuses.
    pub fn product_shot(mesh: TriMesh, colour_srgb: [u8; 3], aspect: f64) -> Scene {
        let aspect = if aspect.is_finite() { aspect.clamp(0.01, 100.0) } else { 1.0 };
        let (min, max) = mesh
            .bounds()
            .filter(|b| b.min.iter().chain(&b.max).all(|c| c.is_finite()) && b.min != b.max)
            .map_or((DVec3::NEG_ONE, DVec3::ONE), |b| (DVec3::from_array(b.min), DVec3::from_array(b.max)));
        let radius = (max - min).length() / 2.0;
        let centre = (min + max) / 2.0;
        let key = direction(KEY_AZIMUTH_DEG, KEY_ELEVATION_DEG);
        let camera = frame(&mesh, min, max, key, aspect);
        let colour = colour_srgb.map(|byte| ALBEDO_FLOOR + (ALBEDO_CEILING - ALBEDO_FLOOR) * srgb_to_linear(byte));
        Scene {
            objects: vec![Object { mesh, material: Material::Plastic { albedo: colour, roughness: 0.42, ior: 1.46 } }],
            ground: Some(Ground { z: min.z, albedo: [0.5, 0.5, 0.5] }),
            camera,
            light: key_light(centre, key, radius),
            sky: Sky { horizon: [0.50, 0.52, 0.54], zenith: [0.56, 0.58, 0.61] },
        }
    }
}

fn direction(azimuth_deg: f64, elevation_deg: f64) -> DVec3 {
    let (azimuth, elevation) = (azimuth_deg.to_radians(), elevation_deg.to_radians());
    DVec3::new(azimuth.cos() * elevation.cos(), azimuth.sin() * elevation.cos(), elevation.sin())
}

fn key_light(centre: DVec3, towards: DVec3, radius: f64) -> AreaLight {
    let along = DVec3::Z.cross(towards).normalize();
    let (u, v) = (along * (2.0 * KEY_HALF_SIDE * radius), towards.cross(along) * (2.0 * KEY_HALF_SIDE * radius));
    let middle = centre + towards * (KEY_DISTANCE * radius);
    AreaLight {
        corner: (middle - (u + v) / 2.0).to_array(),
        // The emitting side is edge_u x edge_v, and along x (towards x along) points outwards: swap to face the part.
        edge_u: v.to_array(),
        edge_v: u.to_array(),
        radiance: [6.4, 6.25, 6.05],
    }
}

/// The nearest camera on the fixed line of sight that keeps every point within the fill share. Each side of the view
/// pyramid is a half space, so the extreme points of four linear forms give the answer exactly, without search.
fn frame(mesh: &TriMesh, min: DVec3, max: DVec3, key: DVec3, aspect: f64) -> Camera {
    let forward = -direction(AZIMUTH_DEG, ELEVATION_DEG);
    let right = forward.cross(DVec3::Z).normalize();
    let up = right.cross(forward);
    let half = (FOV_DEG / 2.0).to_radians().tan();
    let (reach_x, reach_y) = (half * aspect * FILL, half * FILL);
    // Maxima of: +x - z tx, -x - z tx, +y - z ty, -y - z ty, and of -z.
    let mut extremes = [f64::NEG_INFINITY; 5];
    let mut include = |p: DVec3| {
        let (x, y, z) = (p.dot(right), p.dot(up), p.dot(forward));
        let forms = [x - z * reach_x, -x - z * reach_x, y - z * reach_y, -y - z * reach_y, -z];
        for (extreme, form) in extremes.iter_mut().zip(forms) {
            *extreme = extreme.max(form);
        }
    };
    let fall = DVec3::new(-key.x, -key.y, 0.0).normalize() * SHADOW_REACH;
    let mut include_with_shadow = |p: DVec3| {
        include(p);
        include(DVec3::new(p.x, p.y, min.z) + fall * (p.z - min.z));
    };
    let used = mesh.iter_corners().flatten().map(DVec3::from_array).filter(|p| p.is_finite());
    let mut any = false;
    for p in used {
        any = true;
        include_with_shadow(p);
    }
    if !any {
        include_with_shadow(min);
        include_with_shadow(max);
    }
    let [left_right, right_left, up_down, down_up, nearest] = extremes;
    let depth = (-(left_right + right_left) / (2.0 * reach_x)).min(-(up_down + down_up) / (2.0 * reach_y));
    // A part that is a single line of sight must still lie before the lens.
    let depth = depth.min(-nearest - 1e-3 * (max - min).length());
    let position = right * ((left_right - right_left) / 2.0) + up * ((up_down - down_up) / 2.0) + forward * depth;
    let distance = (min + max).dot(forward) / 2.0 - depth;
    Camera {
        position: position.to_array(),
        look_at: (position + forward * distance.max(1e-3)).to_array(),
        vertical_fov_deg: FOV_DEG,
        exposure: 1.0,
    }
}
