//! What a model is.

use geometry::printability::Report;
use ids::{ContentHash, ModelId};
use part::Part;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A part to build; also the job's payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub id: ModelId,
    pub part: Part,
    pub specification_hash: ContentHash,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Model {
    pub id: ModelId,
    pub part: Part,
    pub specification_hash: ContentHash,
    pub result: Built,
    pub created_at: OffsetDateTime,
}

/// What an evaluation gave, its files stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Built {
    pub exact: bool,
    pub inexact_reason: String,
    pub bounds_min: [f64; 3],
    pub bounds_max: [f64; 3],
    pub volume_mm3: f64,
    pub area_mm2: f64,
    pub centre_of_mass: [f64; 3],
    pub artefacts: Vec<Artefact>,
    pub report: Report,
}

/// A stored file of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Artefact {
    pub kind: String,
    pub media_type: String,
    pub hash: ContentHash,
    pub size_bytes: i64,
}

/// The bytes of `spec.json`, of which the specification's hash is.
pub(crate) fn specification_json(part: &Part) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(part).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
