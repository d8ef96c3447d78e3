//! Background work: writing reports, learning of devices that other replicas registered, forgetting what is old.

use std::{sync::Arc, time::Duration};

use boot::{Clock, Shutdown};
use rpc::{Error, ErrorKind};

use crate::{
    app::{Batch, DeviceStore, Fleet, Inbox, TelemetryStore},
    metrics,
};

/// How long reports in which nothing happened are gathered into one transaction.
const GATHER: Duration = Duration::from_millis(200);
const BATCH: usize = 500;
const RETRY: Duration = Duration::from_millis(500);
const REFRESH: Duration = Duration::from_secs(5);
const PRUNE: Duration = Duration::from_secs(3_600);

/// Writes what arrives until shutdown, and then what is left. While the database is away the batch is kept and the
/// inbox bounds what piles up behind it.
pub(crate) async fn write_reports(inbox: Arc<Inbox>, store: impl TelemetryStore, shutdown: Shutdown) {
    loop {
        tokio::select! {
            () = shutdown.triggered() => break,
            () = inbox.ready(GATHER) => {}
        }
        write(&inbox, &store, inbox.take(BATCH), &shutdown).await;
    }
    while !inbox.is_empty() {
        write(&inbox, &store, inbox.take(BATCH), &shutdown).await;
    }
}

async fn write(inbox: &Inbox, store: &impl TelemetryStore, batch: Batch, shutdown: &Shutdown) {
    loop {
        let Err(error) = store.write(&batch.rows, &batch.devices).await else {
            metrics::rows("written", batch.rows.len());
            break;
        };
        error.log();
        // The same rows would fail again, or nobody is left to try it.
        if !is_passing(&error) || shutdown.is_triggered() {
            metrics::rows("dropped", batch.rows.len());
            break;
        }
        tokio::select! {
            () = shutdown.triggered() => {}
            () = tokio::time::sleep(RETRY) => {}
        }
    }
    inbox.done(&batch);
}

fn is_passing(error: &Error) -> bool {
    error.kind() == ErrorKind::Unavailable
}

/// Makes devices known that were registered elsewhere.
pub(crate) async fn refresh_fleet(fleet: Arc<Fleet>, store: impl DeviceStore, shutdown: Shutdown) {
    while !wait(REFRESH, &shutdown).await {
        match store.all().await {
            Ok(devices) => devices.iter().for_each(|device| fleet.ensure(device)),
            Err(error) => error.log(),
        }
    }
}

/// Deletes telemetry and command records that are older than `keep`.
pub(crate) async fn prune(store: impl TelemetryStore, clock: Clock, keep: Duration, shutdown: Shutdown) {
    loop {
        match store.prune(clock.now() - keep).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "old telemetry deleted"),
            Err(error) => error.log(),
        }
        if wait(PRUNE, &shutdown).await {
            return;
        }
    }
}

/// Whether shutdown came first.
async fn wait(pause: Duration, shutdown: &Shutdown) -> bool {
    tokio::select! {
        () = shutdown.triggered() => true,
        () = tokio::time::sleep(pause) => false,
    }
}
