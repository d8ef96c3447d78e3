//! Queueing prints, looking at them, telling them what to do.

use ids::{DeviceId, PrintJobId, SliceId};
use rpc::{Error, Principal};
use service_kit::Page;
use time::OffsetDateTime;

use super::ports::{PrintJobStore, SliceStore};
use crate::domain::{Command, PrintJob, State};

/// `printer` of `None` takes the idle printer that fits.
pub(crate) async fn create_print_job(
    store: &(impl SliceStore + PrintJobStore),
    principal: &Principal,
    (id, now): (PrintJobId, OffsetDateTime),
    (slice, printer): (SliceId, Option<DeviceId>),
    request_id: &str,
) -> Result<PrintJob, Error> {
    let owner = principal.acting_owner();
    let slice = store.slice(owner, slice).await?;
    let job = PrintJob {
        id,
        owner: owner.to_owned(),
        slice: slice.id,
        gcode_hash: slice.gcode_hash,
        gcode_size_bytes: slice.gcode_size_bytes,
        size: slice.size,
        copies: slice.copies,
        layer_count: slice.layer_count,
        wanted_printer: printer,
        printer: None,
        state: State::Pending,
        progress: 0.0,
        layer: 0,
        eta_seconds: slice.seconds,
        reason: String::new(),
        nozzle_temperature: 0.0,
        bed_temperature: 0.0,
        fence: 0,
        fence_before: 0,
        start_sent: false,
        command: None,
        outcome: None,
        telemetry_hash: None,
        created_at: now,
        started_at: None,
        ended_at: None,
    };
    PrintJobStore::create(store, &job, request_id).await
}

pub(crate) async fn get_print_job(
    store: &impl PrintJobStore,
    principal: &Principal,
    id: PrintJobId,
) -> Result<PrintJob, Error> {
    store.print_job(principal.acting_owner(), id).await
}

pub(crate) async fn list_print_jobs(
    store: &impl PrintJobStore,
    principal: &Principal,
    size: u32,
    after: &str,
) -> Result<Page<PrintJob>, Error> {
    store.list(principal.acting_owner(), size, after).await
}

pub(crate) async fn send_command(
    store: &impl PrintJobStore,
    principal: &Principal,
    id: PrintJobId,
    command: Command,
    now: OffsetDateTime,
) -> Result<PrintJob, Error> {
    store.command(principal.acting_owner(), id, command, now).await
}
