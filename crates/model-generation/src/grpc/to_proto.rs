//! Models as the contract writes them; cannot fail.

use geometry::printability::{Finding, Kind, Severity};
use proto::pot::model_generation::v1 as pb;
use service_kit::timestamp;

use crate::domain::{Artefact, Model};

pub(super) fn model(model: Model) -> pb::Model {
    let name = model.id.to_string();
    let built = model.result;
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
        watertight: built.report.watertight,
        piece_count: built.report.pieces as u32,
        findings: built.report.findings.into_iter().map(finding).collect(),
        create_time: Some(timestamp(model.created_at)),
        name,
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
    let kind = match finding.kind {
        Kind::NotWatertight => "not_watertight",
        Kind::TooLarge => "too_large",
        Kind::TooSmall => "too_small",
        Kind::ThinWall => "thin_wall",
        Kind::Overhang => "overhang",
        Kind::SmallBase => "small_base",
    };
    let severity = match finding.severity {
        Severity::Info => pb::Severity::Info,
        Severity::Warning => pb::Severity::Warning,
        Severity::Error => pb::Severity::Error,
    };
    pb::Finding {
        kind: kind.to_owned(),
        severity: severity.into(),
        message: finding.message,
        measured: finding.measured,
        limit: finding.limit,
        location: finding.location.map(vector),
    }
}

fn vector([x, y, z]: [f64; 3]) -> pb::Vector {
    pb::Vector { x, y, z }
}
