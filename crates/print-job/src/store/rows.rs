//! Rows to values.

use ids::{ContentHash, DeviceId, PrintJobId, SliceId};
use pg_kit::{Conn, Error as Database, Row};
use rpc::Error;
use serde::de::DeserializeOwned;

use crate::domain::{Command, PrintJob, Slice, State};

fn get<'a, T: pg_kit::types::FromSql<'a>>(row: &'a Row, column: &str) -> Result<T, Error> {
    row.try_get(column).map_err(Error::internal)
}

fn count(row: &Row, column: &str) -> Result<u32, Error> {
    let value: i32 = get(row, column)?;
    Ok(value.max(0) as u32)
}

fn size(row: &Row) -> Result<[f64; 3], Error> {
    Ok([get(row, "size_x")?, get(row, "size_y")?, get(row, "size_z")?])
}

fn device(row: &Row, column: &str) -> Result<Option<DeviceId>, Error> {
    let text: Option<&str> = get(row, column)?;
    text.map(|text| text.parse().map_err(|e: ids::ParseDeviceIdError| Error::internal(e.to_string()))).transpose()
}

/// A value of a closed vocabulary, which the table's constraints keep.
fn word<T>(text: Option<&str>, parse: fn(&str) -> Option<T>) -> Result<Option<T>, Error> {
    text.map(|text| parse(text).ok_or_else(|| Error::internal(format!("a row holds the unknown word '{text}'"))))
        .transpose()
}

pub(super) fn hash(row: &Row, column: &str) -> Result<ContentHash, Error> {
    let text: &str = get(row, column)?;
    text.parse().map_err(|e: ids::ParseHashError| Error::internal(e.to_string()))
}

pub(super) fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, Error> {
    let value: serde_json::Value = get(row, column)?;
    serde_json::from_value(value).map_err(Error::internal)
}

pub(super) fn slice(row: &Row) -> Result<Slice, Error> {
    let material: &str = get(row, "material")?;
    Ok(Slice {
        id: SliceId::from_uuid(get(row, "id")?),
        mesh_hash: hash(row, "mesh_hash")?,
        gcode_hash: hash(row, "gcode_hash")?,
        gcode_size_bytes: get(row, "gcode_size_bytes")?,
        material: material.parse().map_err(|why: String| Error::internal(why))?,
        material_assumed: get(row, "material_assumed")?,
        copies: count(row, "copies")?,
        plate: count(row, "plate")?,
        plate_count: count(row, "plate_count")?,
        layer_count: count(row, "layer_count")?,
        seconds: get(row, "seconds")?,
        filament_mm: get(row, "filament_mm")?,
        mass_g: get(row, "mass_g")?,
        size: size(row)?,
        options: json(row, "options")?,
        created_at: get(row, "created_at")?,
    })
}

pub(super) fn print_job(row: &Row) -> Result<PrintJob, Error> {
    let telemetry: Option<&str> = get(row, "telemetry_hash")?;
    let state = word(Some(get(row, "state")?), State::parse)?;
    Ok(PrintJob {
        id: PrintJobId::from_uuid(get(row, "id")?),
        owner: get(row, "owner")?,
        slice: SliceId::from_uuid(get(row, "slice")?),
        gcode_hash: hash(row, "gcode_hash")?,
        gcode_size_bytes: get(row, "gcode_size_bytes")?,
        size: size(row)?,
        copies: count(row, "copies")?,
        layer_count: count(row, "layer_count")?,
        wanted_printer: device(row, "wanted_printer")?,
        printer: device(row, "printer")?,
        state: state.unwrap_or(State::Failed),
        progress: get(row, "progress")?,
        layer: count(row, "layer")?,
        eta_seconds: get(row, "eta_seconds")?,
        reason: get(row, "reason")?,
        nozzle_temperature: get(row, "nozzle_temperature")?,
        bed_temperature: get(row, "bed_temperature")?,
        fence: get(row, "fence")?,
        fence_before: get(row, "fence_before")?,
        start_sent: get(row, "start_sent")?,
        command: word(get(row, "command")?, Command::parse)?,
        outcome: word(get(row, "outcome")?, State::parse)?,
        telemetry_hash: telemetry.is_some().then(|| hash(row, "telemetry_hash")).transpose()?,
        created_at: get(row, "created_at")?,
        started_at: get(row, "started_at")?,
        ended_at: get(row, "ended_at")?,
    })
}

/// Writes what may change of a print job. The caller holds the row's lock.
pub(super) async fn write_print_job(conn: &Conn, job: &PrintJob) -> Result<(), Database> {
    conn.execute(
        "UPDATE print_jobs
         SET printer = $2, state = $3, progress = $4, layer = $5, eta_seconds = $6, reason = $7, nozzle_temperature = $8,
             bed_temperature = $9, fence = $10, fence_before = $11, start_sent = $12, command = $13, outcome = $14,
             telemetry_hash = $15, started_at = $16, ended_at = $17
         WHERE id = $1",
        &[
            &job.id.uuid(),
            &job.printer.as_ref().map(DeviceId::slug),
            &job.state.as_str(),
            &job.progress,
            &(job.layer as i32),
            &job.eta_seconds,
            &job.reason,
            &job.nozzle_temperature,
            &job.bed_temperature,
            &job.fence,
            &job.fence_before,
            &job.start_sent,
            &job.command.map(Command::as_str),
            &job.outcome.map(State::as_str),
            &job.telemetry_hash.map(|hash| hash.to_string()),
            &job.started_at,
            &job.ended_at,
        ],
    )
    .await?;
    Ok(())
}
