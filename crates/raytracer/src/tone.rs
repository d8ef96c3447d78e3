//! Linear radiance to sRGB bytes: exposure, the Khronos PBR Neutral curve, and the sRGB transfer function.

use glam::Vec3;

const START_COMPRESSION: f32 = 0.8 - 0.04;
const DESATURATION: f32 = 0.15;

/// The share of the curve's Fresnel allowance (4 %) that is subtracted: the whole would crush the shadows of a black part
/// to nothing, none would veil saturated colours.
const FRESNEL_SHARE: f32 = 0.5;

/// Khronos PBR Neutral with half its toe: one to one below 0.8 less a constant, hue kept, highlights rolled off towards
/// white. Chosen because a part's colour is a specification, not a mood.
pub(crate) fn neutral(colour: Vec3) -> Vec3 {
    let low = colour.min_element();
    let offset = if low < 0.08 { low - 6.25 * low * low } else { 0.04 };
    let colour = colour - offset * FRESNEL_SHARE;
    let peak = colour.max_element();
    if peak < START_COMPRESSION {
        return colour;
    }
    let d = 1.0 - START_COMPRESSION;
    let new_peak = 1.0 - d * d / (peak + d - START_COMPRESSION);
    let g = 1.0 - 1.0 / (DESATURATION * (peak - new_peak) + 1.0);
    (colour * (new_peak / peak)).lerp(Vec3::splat(new_peak), g)
}

pub(crate) fn srgb_to_linear(byte: u8) -> f32 {
    let v = f32::from(byte) / 255.0;
    if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

pub(crate) fn linear_to_srgb(v: f32) -> u8 {
    let v = v.clamp(0.0, 1.0);
    let encoded = if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
    (encoded * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_srgb_byte_survives_the_round_trip() {
        for byte in 0..=255 {
            assert_eq!(linear_to_srgb(srgb_to_linear(byte)), byte);
        }
    }

    #[test]
    fn the_curve_is_monotone_bounded_and_keeps_the_hue() {
        let mut last = -1.0;
        for step in 0..400 {
            let v = neutral(Vec3::splat(step as f32 * 0.05)).x;
            assert!(v >= last && v <= 1.0, "step {step}: {v} after {last}");
            last = v;
        }
        let red = neutral(Vec3::new(0.6, 0.05, 0.04));
        assert!(red.x > 5.0 * red.y && red.x > 5.0 * red.z, "{red}");
    }
}
