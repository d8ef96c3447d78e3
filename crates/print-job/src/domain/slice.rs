//! What a slice is and how one is asked for.

use ids::{ContentHash, SliceId};
use part::Material;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Copies that one request may ask for.
pub(super) const MAX_QUANTITY: u32 = 100_000;

/// What may differ from the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SliceOptions {
    /// Millimetres.
    pub layer_height: f64,
    /// 0 to 1.
    pub infill_density: f64,
    pub perimeters: u32,
    pub skirt: bool,
}

impl Default for SliceOptions {
    fn default() -> Self {
        SliceOptions { layer_height: 0.2, infill_density: 0.2, perimeters: 2, skirt: true }
    }
}

/// A slice that somebody asked for. This is also the job's payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SliceOrder {
    pub id: SliceId,
    pub mesh_hash: ContentHash,
    pub material: Material,
    /// Nobody said a material.
    pub material_assumed: bool,
    pub quantity: u32,
    /// Which of the plates that the part's pieces are spread over, from 1.
    #[serde(default = "first")]
    pub plate: u32,
    pub options: SliceOptions,
}

/// Orders from before there were plates are for the first.
fn first() -> u32 {
    1
}

impl SliceOrder {
    /// What makes two orders of one owner ask for the same G-code.
    pub fn key(&self) -> ContentHash {
        let SliceOptions { layer_height, infill_density, perimeters, skirt } = self.options;
        let text = format!(
            "slice 2\n{}\n{}\n{}\n{}\n{}\n{layer_height}\n{infill_density}\n{perimeters}\n{skirt}",
            self.mesh_hash, self.material, self.material_assumed, self.quantity, self.plate
        );
        ContentHash::of(text.as_bytes())
    }
}

/// A finished slice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    pub id: SliceId,
    pub mesh_hash: ContentHash,
    pub gcode_hash: ContentHash,
    pub gcode_size_bytes: i64,
    pub material: Material,
    pub material_assumed: bool,
    /// Copies in this G-code.
    pub copies: u32,
    /// Which of the plates that one copy takes, from 1, and how many it takes. With more than one, this G-code holds some of
    /// the part's pieces.
    pub plate: u32,
    pub plate_count: u32,
    pub layer_count: u32,
    /// Print time by the motion model, of all copies.
    pub seconds: f64,
    /// Of all copies.
    pub filament_mm: f64,
    pub mass_g: f64,
    /// Width, depth and height of what is printed, millimetres.
    pub size: [f64; 3],
    pub options: SliceOptions,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}
