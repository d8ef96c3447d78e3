//! What models and imports are.

use std::collections::BTreeSet;

use geometry::printability::Report;
use ids::{ContentHash, ImportId, ModelId};
use part::{
    Part,
    solid::{Action, Body, Shape},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A part to build; also the job's payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub id: ModelId,
    pub part: Part,
    pub specification_hash: ContentHash,
    /// The model that this one follows.
    #[serde(default)]
    pub previous: Option<ModelId>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Model {
    pub id: ModelId,
    pub part: Part,
    pub specification_hash: ContentHash,
    pub result: Built,
    /// The report with edits, once they were looked for.
    pub mended: Option<Report>,
    pub created_at: OffsetDateTime,
}

/// A model whose findings want edits; also the job's payload.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Suggestion {
    pub model: ModelId,
}

/// One model of a lineage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Version {
    pub version: u32,
    pub model: ModelId,
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

/// An uploaded file to read; also the job's payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub id: ImportId,
    pub filename: String,
    pub hash: ContentHash,
    pub size_bytes: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Import {
    pub upload: Upload,
    pub result: Measured,
    pub created_at: OffsetDateTime,
}

/// What an uploaded file holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub format: String,
    pub exact: bool,
    pub bounds_min: [f64; 3],
    pub bounds_max: [f64; 3],
    pub volume_mm3: f64,
    pub area_mm2: f64,
    pub triangle_count: u32,
    pub component_count: u32,
    pub watertight: bool,
    pub repairs: Vec<String>,
    pub warnings: Vec<String>,
}

/// The bytes of `spec.json`, of which the specification's hash is.
pub(crate) fn specification_json(part: &Part) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(part).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// The imported bodies that a part names, as it names them.
pub(crate) fn imports_of(body: &Body) -> BTreeSet<String> {
    let actions = body.pieces.iter().flat_map(|piece| &piece.steps).map(|step| &step.action);
    actions
        .filter_map(|action| match action {
            Action::Add(solid) | Action::Cut(solid) | Action::Intersect(solid) => Some(&solid.shape),
            _ => None,
        })
        .filter_map(|shape| match shape {
            Shape::Imported { hash, .. } => Some(hash.clone()),
            _ => None,
        })
        .collect()
}
