//! The service's types as the contract writes them; cannot fail.

use printer_protocol::{Outcome, State};
use proto::pot::iot::v1 as pb;
use service_kit::timestamp;

use crate::{
    app::{StoredRow, View},
    domain::Report,
};

pub(super) fn device(view: View) -> pb::Device {
    let [build_x, build_y, build_z] = view.device.shape.build;
    pb::Device {
        name: view.device.id.to_string(),
        kind: "printer".to_owned(),
        driver: view.device.driver.as_str().to_owned(),
        online: view.online,
        last_seen_time: view.report.as_ref().map(|report| timestamp(report.at)),
        printer: view.report.map(status),
        build_x,
        build_y,
        build_z,
        nozzle_diameter: view.device.shape.nozzle_diameter,
        create_time: Some(timestamp(view.device.created_at)),
    }
}

pub(super) fn status(report: Report) -> pb::PrinterStatus {
    let Report { status, at } = report;
    let state = match status.state {
        State::Idle => pb::PrinterState::Idle,
        State::Preparing => pb::PrinterState::Preparing,
        State::Printing => pb::PrinterState::Printing,
        State::Paused => pb::PrinterState::Paused,
        State::Error => pb::PrinterState::Error,
    };
    let outcome = match status.outcome {
        None => pb::PrintOutcome::Unspecified,
        Some(Outcome::Completed) => pb::PrintOutcome::Completed,
        Some(Outcome::Failed) => pb::PrintOutcome::Failed,
        Some(Outcome::Cancelled) => pb::PrintOutcome::Cancelled,
    };
    let ([x, y, z], temperatures) = (status.position, status.temperatures);
    pb::PrinterStatus {
        state: state.into(),
        print_job: status.print_job.unwrap_or_default(),
        fence: status.fence,
        progress: status.progress,
        layer: status.layer,
        nozzle_temperature: temperatures.nozzle,
        nozzle_target: temperatures.nozzle_target,
        bed_temperature: temperatures.bed,
        bed_target: temperatures.bed_target,
        x,
        y,
        z,
        remaining_seconds: status.remaining_seconds,
        outcome: outcome.into(),
        reason: status.reason.unwrap_or_default(),
        report_time: Some(timestamp(at)),
    }
}

pub(super) fn row(row: StoredRow) -> pb::TelemetryRow {
    pb::TelemetryRow { cursor: row.cursor, time: Some(timestamp(row.report.at)), printer: Some(status(row.report)) }
}
