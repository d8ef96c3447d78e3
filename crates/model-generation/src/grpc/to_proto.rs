//! Models as the contract writes them; cannot fail.

use geometry::printability::{Finding, Severity};
use proto::pot::model_generation::v1 as pb;
use service_kit::timestamp;

use crate::{
    app::Preview,
    domain::{Artefact, Import, Model, Version},
};

pub(super) fn model(model: Model) -> pb::Model {
    let name = model.id.to_string();
    let built = model.result;
    let edits_suggested = model.mended.is_some();
    let report = model.mended.unwrap_or(built.report);
    pb::Model {
        part: Some(part_proto::part_to_proto(&model.part)),
        specification_hash: model.specification_hash.to_string(),
        exact: built.exact,
        inexact_reason: built.inexact_reason,
        bounds_min: Some(vector(built.bounds_min)),
        bounds_max: Some(vector(built.bounds_max)),
        volume_mm3: built.volume_mm3,
        area_mm2: built.area_mm2,
        centre_of_mass: Some(vector(built.centre_of_mass)),
        artefacts: built.artefacts.into_iter().map(|a| artefact(&name, a)).collect(),
        watertight: report.watertight,
        piece_count: report.pieces as u32,
        findings: report.findings.into_iter().map(finding).collect(),
        edits_suggested,
        create_time: Some(timestamp(model.created_at)),
        name,
    }
}

pub(super) fn preview(preview: Preview) -> pb::ModelPreview {
    pb::ModelPreview {
        glb: preview.glb,
        bounds_min: Some(vector(preview.bounds_min)),
        bounds_max: Some(vector(preview.bounds_max)),
        volume_mm3: preview.volume_mm3,
        triangle_count: preview.triangle_count,
        chord_tolerance: preview.chord_tolerance,
        exact: preview.exact,
    }
}

pub(super) fn version(version: Version) -> pb::ModelVersion {
    pb::ModelVersion {
        version: version.version,
        model: version.model.to_string(),
        create_time: Some(timestamp(version.created_at)),
    }
}

pub(super) fn import(import: Import) -> pb::Import {
    let (upload, result) = (import.upload, import.result);
    pb::Import {
        name: upload.id.to_string(),
        filename: upload.filename,
        format: result.format,
        hash: upload.hash.to_string(),
        size_bytes: upload.size_bytes,
        exact: result.exact,
        bounds_min: Some(vector(result.bounds_min)),
        bounds_max: Some(vector(result.bounds_max)),
        volume_mm3: result.volume_mm3,
        area_mm2: result.area_mm2,
        triangle_count: result.triangle_count,
        component_count: result.component_count,
        watertight: result.watertight,
        repairs: result.repairs,
        warnings: result.warnings,
        create_time: Some(timestamp(import.created_at)),
    }
}

fn artefact(model: &str, artefact: Artefact) -> pb::Artefact {
    pb::Artefact {
        name: format!("{model}/artefacts/{}", artefact.kind),
        kind: artefact.kind,
        media_type: artefact.media_type,
        hash: artefact.hash.to_string(),
        size_bytes: artefact.size_bytes,
    }
}

fn finding(finding: Finding) -> pb::Finding {
    // The contract's words are the report's.
    let kind = serde_json::to_value(finding.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
    let severity = match finding.severity {
        Severity::Info => pb::Severity::Info,
        Severity::Warning => pb::Severity::Warning,
        Severity::Error => pb::Severity::Error,
    };
    pb::Finding {
        kind: kind.unwrap_or_default(),
        severity: severity.into(),
        message: finding.message,
        measured: finding.measured,
        limit: finding.limit,
        location: finding.location.map(vector),
        extent_min: finding.extent.map(|[lower, _]| vector(lower)),
        extent_max: finding.extent.map(|[_, upper]| vector(upper)),
        area_mm2: finding.area_mm2.unwrap_or_default(),
        piece: finding.piece as u32,
        count: finding.count as u32,
        operation: finding.operation.unwrap_or_default(),
        edits: finding.edits.iter().map(part_proto::edit_to_proto).collect(),
    }
}

fn vector([x, y, z]: [f64; 3]) -> pb::Vector {
    pb::Vector { x, y, z }
}
