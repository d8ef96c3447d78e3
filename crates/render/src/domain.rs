//! What a picture is and which ones can be asked for.

use ids::{ContentHash, PictureId};
use part::Colour;
use raytracer::Preset;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A still that somebody asked for. This is also the job's payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Still {
    pub id: PictureId,
    pub mesh_hash: ContentHash,
    pub colour: Option<Colour>,
    pub samples_per_pixel: u32,
    pub width: u32,
    pub height: u32,
}

/// A finished still.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Picture {
    pub id: PictureId,
    pub mesh_hash: ContentHash,
    pub preset: String,
    pub width: u32,
    pub height: u32,
    pub hash: ContentHash,
    pub media_type: String,
    pub size_bytes: i64,
    pub created_at: OffsetDateTime,
}

/// Shown when no colour was said: PLA as it comes.
pub(crate) const NEUTRAL_GREY: [u8; 3] = [150, 152, 155];
/// Bounds the memory of one picture: about 120 bytes a pixel while it is traced.
pub(crate) const MAX_PIXELS: u64 = 16_000_000;
pub(crate) const DEFAULT_SIZE: (u32, u32) = (1024, 768);

/// The names of presets in rows; those of the contract without their prefix.
pub(crate) fn preset_name(samples_per_pixel: u32) -> &'static str {
    match Preset::ALL.into_iter().find(|preset| preset.samples_per_pixel() == samples_per_pixel) {
        Some(Preset::Standard) => "standard",
        Some(Preset::High) => "high",
        Some(Preset::Ultra) => "ultra",
        Some(Preset::Cinema) => "cinema",
        Some(Preset::Draft) | None => "draft",
    }
}

/// Width and height in pixels, the default filled in; the field and what is wrong with it otherwise.
pub(crate) fn size(width: u32, height: u32) -> Result<(u32, u32), (&'static str, String)> {
    let (width, height) = match (width, height) {
        (0, 0) => DEFAULT_SIZE,
        (0, height) => (height.saturating_mul(4) / 3, height),
        (width, 0) => (width, width.saturating_mul(3) / 4),
        given => given,
    };
    for (name, side) in [("width", width), ("height", height)] {
        if !(16..=4096).contains(&side) {
            return Err((name, format!("is {side} pixels, outside 16 to 4096")));
        }
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(("width", format!("times height is over {MAX_PIXELS} pixels")));
    }
    Ok((width, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_filled_in_and_bounded() {
        assert_eq!(size(0, 0), Ok((1024, 768)));
        assert_eq!(size(800, 0), Ok((800, 600)));
        assert_eq!(size(8, 600).unwrap_err().0, "width");
        assert_eq!(size(600, 5000).unwrap_err().0, "height");
        assert_eq!(size(u32::MAX, 0).unwrap_err().0, "width");
    }
}
