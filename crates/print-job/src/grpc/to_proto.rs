//! Slices, quotes and print jobs as the contract writes them; cannot fail.

use ids::ContentHash;
use proto::pot::print_job::v1 as pb;
use service_kit::timestamp;
use time::OffsetDateTime;

use crate::domain::{PrintJob, Quote, Slice, State};

pub(super) fn slice(slice: Slice) -> pb::Slice {
    pb::Slice {
        name: slice.id.to_string(),
        mesh_hash: slice.mesh_hash.to_string(),
        gcode_hash: slice.gcode_hash.to_string(),
        gcode_size_bytes: slice.gcode_size_bytes,
        material: slice.material.to_string(),
        material_assumed: slice.material_assumed,
        copies: slice.copies,
        layer_count: slice.layer_count,
        seconds: slice.seconds,
        filament_mm: slice.filament_mm,
        mass_g: slice.mass_g,
        settings: Some(pb::SliceSettings {
            layer_height: slice.options.layer_height,
            infill_density: Some(slice.options.infill_density),
            perimeters: slice.options.perimeters,
            skirt: Some(slice.options.skirt),
        }),
        create_time: Some(timestamp(slice.created_at)),
        plate: slice.plate,
        plate_count: slice.plate_count,
    }
}

/// `now` decides whether it has expired.
pub(super) fn quote((quote, hash): (Quote, ContentHash), now: OffsetDateTime) -> pb::Quote {
    let currency = quote.currency;
    let money = |minor_units: i64| Some(pb::Money { currency: currency.clone(), minor_units });
    let status = if now >= quote.expires_at { pb::QuoteStatus::Expired } else { pb::QuoteStatus::Calculated };
    let line = |line: crate::domain::quote::QuoteLine| pb::QuoteLine {
        kind: line.kind,
        description: line.description,
        amount: money(line.amount),
    };
    pb::Quote {
        name: quote.id.to_string(),
        slice: quote.slice.to_string(),
        other_plates: quote.other_plates.iter().map(ToString::to_string).collect(),
        quantity: quote.quantity,
        lines: quote.lines.into_iter().map(line).collect(),
        total: money(quote.total),
        unit_price: money(quote.unit_price),
        mass_g: quote.mass_g,
        machine_seconds: quote.machine_seconds,
        basis: quote.basis,
        error_band: quote.error_band,
        material: quote.material.to_string(),
        material_assumed: quote.material_assumed,
        status: status.into(),
        hash: hash.to_string(),
        create_time: Some(timestamp(quote.created_at)),
        expire_time: Some(timestamp(quote.expires_at)),
    }
}

pub(super) fn print_job(job: PrintJob) -> pb::PrintJob {
    let state = match job.state {
        State::Pending => pb::PrintJobState::Pending,
        State::Queueing => pb::PrintJobState::Queueing,
        State::Preparing => pb::PrintJobState::Preparing,
        State::Printing => pb::PrintJobState::Printing,
        State::Paused => pb::PrintJobState::Paused,
        State::Completed => pb::PrintJobState::Completed,
        State::Failed => pb::PrintJobState::Failed,
        State::Cancelled => pb::PrintJobState::Cancelled,
        State::Maintenance => pb::PrintJobState::Maintenance,
    };
    pb::PrintJob {
        name: job.id.to_string(),
        slice: job.slice.to_string(),
        printer: job.printer.map(|device| device.to_string()).unwrap_or_default(),
        state: state.into(),
        progress: job.progress,
        layer: job.layer,
        layer_count: job.layer_count,
        eta_seconds: job.eta_seconds,
        reason: job.reason,
        fence: if job.start_sent { job.fence } else { 0 },
        copies: job.copies,
        nozzle_temperature: job.nozzle_temperature,
        bed_temperature: job.bed_temperature,
        telemetry_hash: job.telemetry_hash.map(|hash| hash.to_string()).unwrap_or_default(),
        gcode_hash: job.gcode_hash.to_string(),
        create_time: Some(timestamp(job.created_at)),
        start_time: job.started_at.map(timestamp),
        end_time: job.ended_at.map(timestamp),
    }
}
