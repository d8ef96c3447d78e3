//! What is drawn: objects, ground, camera, light and sky.

use mesh::TriMesh;

/// Everything that a picture depends on besides its [`Settings`](crate::Settings).
#[derive(Clone, Debug)]
pub struct Scene {
    pub objects: Vec<Object>,
    pub ground: Option<Ground>,
    pub camera: Camera,
    pub light: AreaLight,
    pub sky: Sky,
}

/// A mesh and what it is made of. Faces are drawn from both sides.
#[derive(Clone, Debug)]
pub struct Object {
    pub mesh: TriMesh,
    pub material: Material,
}

/// How a surface scatters light. Albedos are linear RGB, 0..=1 a channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Material {
    /// A Lambertian surface.
    Diffuse { albedo: [f32; 3] },
    /// A diffuse base under a clear dielectric coat: `roughness` 0.05..=1 (perceptual, squared for GGX), `ior` 1.0..=3.0.
    Plastic { albedo: [f32; 3], roughness: f32, ior: f32 },
}

/// An unbounded horizontal diffuse plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ground {
    pub z: f64,
    pub albedo: [f32; 3],
}

/// A pinhole camera. z is up, unless it looks straight along z: then y is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    pub position: [f64; 3],
    pub look_at: [f64; 3],
    /// Full vertical angle of view, 1..=150.
    pub vertical_fov_deg: f64,
    /// A factor on radiance before tone mapping; [`trace`](crate::trace) ignores it.
    pub exposure: f32,
}

/// A parallelogram with corner `corner` that emits to the side of `edge_u` x `edge_v` only. From behind it is invisible, from the
/// front it hides what lies behind it. Zero radiance switches it off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AreaLight {
    pub corner: [f64; 3],
    pub edge_u: [f64; 3],
    pub edge_v: [f64; 3],
    pub radiance: [f32; 3],
}

impl AreaLight {
    /// No light: the sky alone illuminates the scene.
    pub fn off() -> Self {
        Self { corner: [0.0; 3], edge_u: [1.0, 0.0, 0.0], edge_v: [0.0, 1.0, 0.0], radiance: [0.0; 3] }
    }
}

/// A vertical gradient, infinitely far away. Below the horizon it keeps the horizon's radiance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sky {
    pub horizon: [f32; 3],
    pub zenith: [f32; 3],
}

impl Sky {
    pub fn uniform(radiance: [f32; 3]) -> Self {
        Self { horizon: radiance, zenith: radiance }
    }
}
