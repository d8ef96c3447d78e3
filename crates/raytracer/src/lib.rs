//! PURE: scene to pixels. A CPU path tracer for product pictures of parts.
//!
//! # Method
//! The meshes of a [`Scene`] are moved into a unit-sized frame (so that a 1 mm clip and a 2 m panel meet the same
//! rounding), welded, given vertex normals that are averaged only across edges flatter than 30 degrees, and put into one
//! compressed eight-wide BVH (obvhs). Each pixel traces its own paths: next-event estimation towards the rectangular
//! light combined with BSDF sampling by the power heuristic; cosine sampling for the diffuse base, visible-normal GGX for
//! the clear coat of plastic; Russian roulette from the second vertex. Sample positions are an Owen-scrambled Sobol
//! sequence, padded by pairs of dimensions. [`render`] then removes the residual noise with an edge-aware a-trous filter
//! guided by albedo, normal, position and the measured variance, and maps tones with the Khronos PBR Neutral curve (half
//! its toe), which keeps hues and compresses highlights only. [`trace`] stops before both and returns linear radiance.
//!
//! # Guarantees
//! - The same scene, settings and build give the same bytes, whatever the number of threads: a pixel depends on its own
//!   coordinates and the seed only. Work runs in the calling thread's rayon pool; install a pool to bound it.
//! - Neighbouring triangles that share corners have no gap between them: the edge test is evaluated antisymmetrically.
//! - Materials conserve energy: an albedo of one in a uniform environment is invisible (the furnace test), diffuse to rounding,
//!   plastic within a percent.
//! - `cancel` is read at every pixel, but not while the BVH is built (about a second a million triangles); a cancelled
//!   render returns [`RenderError::Cancelled`] and no picture.
//! - Progress never decreases and is one only when the picture is complete.
//! - Sizes, samples, bounces and triangles are bounded, and every non-finite number is refused before work starts.
//!
//! # Not guaranteed
//! - Bytes may differ between processor architectures and compilers (library sine and cosine).
//! - Three deliberate biases: paths end after `max_bounces`; indirect contributions brighter than the brightest emitter
//!   are clamped, which darkens caustics; and the denoiser, whose width shrinks with the measured variance.
//! - No transmission, textures, depth of field, motion or spectral effects. Overlapping objects are not merged.
//! - Memory while rendering is about 120 bytes a pixel and 400 bytes a triangle (measured at 4 Mpixel and at 1 M triangles).
//!
//! Lengths are millimetres, z is up, angles are degrees, colours are linear RGB with sRGB primaries unless a name says
//! `srgb`.

mod accel;
mod bsdf;
mod denoise;
mod error;
mod film;
mod framing;
mod integrator;
mod light;
mod normals;
mod render;
mod sampler;
mod scene;
mod tone;

pub use error::RenderError;
pub use film::{Linear, Picture};
pub use render::{MAX_BOUNCES, MAX_SAMPLES, MAX_SIDE, MAX_TRIANGLES, MIN_SIDE, Preset, Settings, render, trace};
pub use scene::{AreaLight, Camera, Ground, Material, Object, Scene, Sky};
