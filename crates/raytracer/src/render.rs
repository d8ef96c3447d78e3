//! The outermost functions: bounds, tiles over the rayon pool, cancellation, progress.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::denoise;
use crate::error::RenderError;
use crate::film::{Film, Linear, Picture, Pixel};
use crate::integrator::Integrator;
use crate::scene::Scene;
use crate::tone;

pub const MIN_SIDE: u32 = 16;
pub const MAX_SIDE: u32 = 8192;
pub const MAX_SAMPLES: u32 = 4096;
pub const MAX_BOUNCES: u32 = 64;
/// Over all objects of a scene.
pub const MAX_TRIANGLES: usize = 10_000_000;

const TILE: usize = 16;
/// The share of progress that tracing takes; the rest is denoising and tone mapping.
const TRACING: f32 = 0.95;

/// How a scene becomes a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Pixels, [`MIN_SIDE`]..=[`MAX_SIDE`].
    pub width: u32,
    pub height: u32,
    /// 1..=[`MAX_SAMPLES`]; powers of two use the sequence best.
    pub samples_per_pixel: u32,
    /// Surface scatterings a path may have, 1..=[`MAX_BOUNCES`].
    pub max_bounces: u32,
    pub seed: u64,
}

impl Settings {
    pub fn new(width: u32, height: u32, preset: Preset, seed: u64) -> Self {
        Self { width, height, samples_per_pixel: preset.samples_per_pixel(), max_bounces: 8, seed }
    }

    fn check(&self) -> Result<(), RenderError> {
        let within = |field, value: u32, min: u32, max: u32| {
            if (min..=max).contains(&value) {
                Ok(())
            } else {
                Err(RenderError::OutOfBounds { field, value: value.into(), min: min.into(), max: max.into() })
            }
        };
        within("width", self.width, MIN_SIDE, MAX_SIDE)?;
        within("height", self.height, MIN_SIDE, MAX_SIDE)?;
        within("samples_per_pixel", self.samples_per_pixel, 1, MAX_SAMPLES)?;
        within("max_bounces", self.max_bounces, 1, MAX_BOUNCES)
    }
}

/// Named qualities; the discriminant is the number of samples a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Preset {
    Draft = 32,
    Standard = 128,
    High = 256,
    Ultra = 512,
    Cinema = 1024,
}

impl Preset {
    pub const ALL: [Preset; 5] = [Preset::Draft, Preset::Standard, Preset::High, Preset::Ultra, Preset::Cinema];

    pub fn samples_per_pixel(self) -> u32 {
        self as u32
    }
}

/// Traces, denoises and tone maps `scene`. `cancel` set to true stops it within a few pixels; `progress` gets a
/// non-decreasing share of the work from any thread.
pub fn render(
    scene: &Scene,
    settings: &Settings,
    cancel: &AtomicBool,
    progress: &(dyn Fn(f32) + Sync),
) -> Result<Picture, RenderError> {
    let film = expose(scene, settings, cancel, &|share| progress(share * TRACING))?;
    let radiance = denoise::denoise(&film, cancel)?;
    let exposure = scene.camera.exposure;
    let rgb = radiance.iter().flat_map(|&c| tone::neutral(c * exposure).to_array().map(tone::linear_to_srgb)).collect();
    progress(1.0);
    Ok(Picture { width: settings.width, height: settings.height, rgb })
}

/// Traces `scene` to linear radiance, without denoising, exposure or tone mapping.
pub fn trace(
    scene: &Scene,
    settings: &Settings,
    cancel: &AtomicBool,
    progress: &(dyn Fn(f32) + Sync),
) -> Result<Linear, RenderError> {
    let film = expose(scene, settings, cancel, progress)?;
    Ok(Linear {
        width: settings.width,
        height: settings.height,
        radiance: film.pixels.iter().map(|p| p.radiance.to_array()).collect(),
        coverage: film.pixels.iter().map(|p| p.guide.coverage).collect(),
    })
}

fn expose(
    scene: &Scene,
    settings: &Settings,
    cancel: &AtomicBool,
    progress: &(dyn Fn(f32) + Sync),
) -> Result<Film, RenderError> {
    settings.check()?;
    let stopped = || cancel.load(Ordering::Relaxed);
    if stopped() {
        return Err(RenderError::Cancelled);
    }
    let integrator = Integrator::new(scene, settings)?;
    let (width, height) = (settings.width as usize, settings.height as usize);
    let mut pixels = vec![Pixel::default(); width * height];
    // A band of rows is one contiguous slice, so threads write in place; within it tiles keep rays coherent.
    let done = Mutex::new(0_usize);
    let bands = height.div_ceil(TILE);
    let tiles = bands * width.div_ceil(TILE);
    pixels.par_chunks_mut(TILE * width).enumerate().try_for_each(|(band, rows)| {
        for left in (0..width).step_by(TILE) {
            for (row, line) in rows.chunks_mut(width).enumerate() {
                let y = band * TILE + row;
                for (x, pixel) in line.iter_mut().enumerate().skip(left).take(TILE) {
                    *pixel = integrator.pixel(x as u32, y as u32, cancel).ok_or(RenderError::Cancelled)?;
                }
            }
            // Counted and reported under one lock: otherwise a slower thread could report a smaller share later.
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            *done += 1;
            progress(*done as f32 / tiles as f32);
        }
        Ok(())
    })?;
    if stopped() { Err(RenderError::Cancelled) } else { Ok(Film { width, height, pixels }) }
}
