//! What a render leaves: linear radiance with the guides that the denoiser reads, and the finished picture.

use glam::Vec3;

/// A finished picture: rows from the top, three bytes a pixel, sRGB encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub rgb: Vec<u8>,
}

/// Linear radiance before denoising, exposure and tone mapping: rows from the top.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    pub width: u32,
    pub height: u32,
    pub radiance: Vec<[f32; 3]>,
    /// The part of each pixel that an object (not ground, not sky) covers, 0..=1.
    pub coverage: Vec<f32>,
}

/// One pixel's mean over its samples.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pixel {
    pub(crate) radiance: Vec3,
    /// Variance of the mean's luminance.
    pub(crate) variance: f32,
    pub(crate) guide: Guide,
}

/// Features of the first surface, nearly free of noise, that tell the denoiser where edges are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Guide {
    pub(crate) albedo: Vec3,
    pub(crate) normal: Vec3,
    /// In the scene's normalised frame.
    pub(crate) position: Vec3,
    pub(crate) coverage: f32,
}

/// The raw result of tracing, row by row.
pub(crate) struct Film {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<Pixel>,
}

pub(crate) fn luminance(c: Vec3) -> f32 {
    c.dot(Vec3::new(0.2126, 0.7152, 0.0722))
}
