//! An edge-aware a-trous filter (Dammertz et al., 2010) with the variance guidance of SVGF (Schied et al., 2017): it averages
//! over neighbours that show the same surface, as far as the measured noise warrants and no further.

use std::sync::atomic::{AtomicBool, Ordering};

use glam::Vec3;
use rayon::prelude::*;

use crate::error::RenderError;
use crate::film::{Film, Pixel, luminance};

/// Passes, each with twice the reach of the one before: 2 + 4 + 8 + 16 + 32 pixels.
const PASSES: u32 = 5;
/// Neighbours this many standard deviations away still count substantially.
const SIGMA_LIGHT: f32 = 4.5;
const SIGMA_NORMAL: f32 = 0.12;
const SIGMA_ALBEDO: f32 = 0.06;
/// Distance from the surface's plane, in the normalised frame whose part has a radius of 64.
const SIGMA_PLANE: f32 = 0.5;
/// B3 spline by distance: centre, one step, two steps.
const SPLINE: [f32; 3] = [0.375, 0.25, 0.0625];
/// Where the denoiser divides by albedo, a black surface must not amplify its noise without bound.
const ALBEDO_FLOOR: f32 = 0.03;

/// A pixel that shows two surfaces has a mean normal shorter than this, or a partial coverage. Nothing else shows the same
/// mixture, so it keeps its own value and lends it to nobody; its noise hides in the edge's contrast.
const PURE_NORMAL: f32 = 0.97;

/// Irradiance-like value (radiance over albedo) and the variance of its luminance.
#[derive(Clone, Copy, Default)]
struct Value {
    colour: Vec3,
    variance: f32,
    mixed: bool,
}

pub(crate) fn denoise(film: &Film, cancel: &AtomicBool) -> Result<Vec<Vec3>, RenderError> {
    let albedo = |p: &Pixel| p.guide.albedo.max(Vec3::splat(ALBEDO_FLOOR));
    let mut values: Vec<Value> = film
        .pixels
        .par_iter()
        .map(|p| {
            let albedo = albedo(p);
            Value { colour: p.radiance / albedo, variance: p.variance / luminance(albedo).powi(2), mixed: is_mixed(p) }
        })
        .collect();
    let mut filtered = vec![Value::default(); values.len()];
    for pass in 0..PASSES {
        filtered.par_chunks_mut(film.width).enumerate().try_for_each(|(y, row)| {
            if cancel.load(Ordering::Relaxed) {
                return Err(RenderError::Cancelled);
            }
            for (x, out) in row.iter_mut().enumerate() {
                *out = filter(film, &values, x, y, 1 << pass);
            }
            Ok(())
        })?;
        std::mem::swap(&mut values, &mut filtered);
    }
    let clean: Vec<Vec3> = values.par_iter().zip(&film.pixels).map(|(v, p)| v.colour * albedo(p)).collect();
    Ok((0..clean.len()).into_par_iter().map(|at| silhouette(film, &values, &clean, at)).collect())
}

/// A pixel that the object covers partly is its own mixture of the clean colours on either side, unless what it showed is
/// further from that than its noise explains.
fn silhouette(film: &Film, values: &[Value], clean: &[Vec3], at: usize) -> Vec3 {
    let pixel = &film.pixels[at];
    let coverage = pixel.guide.coverage;
    if !values[at].mixed || coverage <= 0.0 || coverage >= 1.0 {
        return clean[at];
    }
    let (x, y) = (at % film.width, at / film.width);
    let (mut sums, mut counts) = ([Vec3::ZERO; 2], [0.0_f32; 2]);
    for qy in y.saturating_sub(1)..=(y + 1).min(film.height - 1) {
        for qx in x.saturating_sub(1)..=(x + 1).min(film.width - 1) {
            let q = qy * film.width + qx;
            if !values[q].mixed {
                let side = usize::from(film.pixels[q].guide.coverage > 0.5);
                sums[side] += clean[q];
                counts[side] += 1.0;
            }
        }
    }
    if counts[0] == 0.0 || counts[1] == 0.0 {
        return clean[at];
    }
    let mixture = (sums[0] / counts[0]).lerp(sums[1] / counts[1], coverage);
    let surprise = luminance(mixture - clean[at]).powi(2);
    let trust = surprise / (surprise + 9.0 * pixel.variance + 1e-6);
    mixture.lerp(clean[at], trust)
}

fn is_mixed(p: &Pixel) -> bool {
    (p.guide.coverage > 0.0 && p.guide.coverage < 0.999) || p.guide.normal.length() < PURE_NORMAL
}

fn filter(film: &Film, values: &[Value], x: usize, y: usize, step: usize) -> Value {
    let centre = y * film.width + x;
    let (value, guide) = (values[centre], &film.pixels[centre].guide);
    if value.mixed {
        return value;
    }
    let light = luminance(value.colour);
    let light_scale = 1.0 / (SIGMA_LIGHT * blurred_variance(film, values, x, y, step).sqrt() + 1e-4);
    let (mut colour, mut variance, mut total) = (Vec3::ZERO, 0.0, 0.0);
    for dy in -2..=2_isize {
        let Some(qy) = y.checked_add_signed(dy * step as isize).filter(|&qy| qy < film.height) else { continue };
        for dx in -2..=2_isize {
            let Some(qx) = x.checked_add_signed(dx * step as isize).filter(|&qx| qx < film.width) else { continue };
            let at = qy * film.width + qx;
            let (other, neighbour) = (values[at], &film.pixels[at].guide);
            if other.mixed {
                continue;
            }
            let spline = SPLINE[dx.unsigned_abs()] * SPLINE[dy.unsigned_abs()];
            let weight = if at == centre {
                spline
            } else {
                let plane = (neighbour.position - guide.position).dot(guide.normal).abs();
                let penalty = (luminance(other.colour) - light).abs() * light_scale
                    + (neighbour.normal - guide.normal).length_squared() * (1.0 / (SIGMA_NORMAL * SIGMA_NORMAL))
                    + (neighbour.albedo - guide.albedo).length_squared() * (1.0 / (SIGMA_ALBEDO * SIGMA_ALBEDO))
                    + plane * (1.0 / SIGMA_PLANE);
                if penalty > 12.0 {
                    continue;
                }
                spline * (-penalty).exp()
            };
            colour += other.colour * weight;
            variance += other.variance * weight * weight;
            total += weight;
        }
    }
    Value { colour: colour / total, variance: variance / (total * total), mixed: false }
}

/// A pixel's own variance estimate is itself noisy, and high where the value is; its neighbourhood's is steadier.
fn blurred_variance(film: &Film, values: &[Value], x: usize, y: usize, step: usize) -> f32 {
    let (mut sum, mut total) = (0.0, 0.0);
    let lines = |at: usize, size: usize| [at.saturating_sub(step), at, (at + step).min(size - 1)];
    for (row, qy) in lines(y, film.height).into_iter().enumerate() {
        for (column, qx) in lines(x, film.width).into_iter().enumerate() {
            let value = &values[qy * film.width + qx];
            if !value.mixed {
                let weight = [1.0, 2.0, 1.0][row] * [1.0, 2.0, 1.0][column];
                sum += value.variance * weight;
                total += weight;
            }
        }
    }
    sum / f32::max(total, 1.0)
}
