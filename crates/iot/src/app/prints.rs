//! Commanding printers. A start is persisted, then sent, at most once for its fence.

use boot::Clock;
use ids::{ContentHash, DeviceId};
use printer_protocol::{Ack, Action};
use rpc::{Error, Principal};

use super::ports::{CommandRecord, Device, DeviceStore, ObjectLinks, Printers, SendError};
use crate::{domain::Report, metrics};

/// Sends commands for one caller.
pub(crate) struct Sender<'a, S, P> {
    pub(crate) store: &'a S,
    pub(crate) printers: &'a P,
    pub(crate) clock: &'a Clock,
    pub(crate) principal: &'a Principal,
}

/// What to print.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) device: DeviceId,
    pub(crate) print_job: String,
    pub(crate) fence: i64,
    pub(crate) gcode: ContentHash,
    pub(crate) gcode_size_bytes: u64,
}

/// What to do with a running print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    Pause,
    Resume,
    Cancel,
}

impl<S: DeviceStore, P: Printers> Sender<'_, S, P> {
    pub(crate) async fn device(&self, id: &DeviceId) -> Result<Device, Error> {
        self.store.get(self.principal.acting_owner(), id).await
    }

    /// Records a command that may be repeated, sends it and waits for its acknowledgement; `silent` is the error when
    /// none comes.
    pub(crate) async fn send(
        &self,
        record: CommandRecord,
        action: Action,
        silent: impl Fn(&DeviceId) -> Error,
    ) -> Result<Report, Error> {
        self.check_broker()?;
        self.store.record(record.clone()).await?;
        self.deliver(&record, action, silent).await
    }

    async fn deliver(
        &self,
        record: &CommandRecord,
        action: Action,
        silent: impl Fn(&DeviceId) -> Error,
    ) -> Result<Report, Error> {
        let answer = self.printers.send(&record.device, &record.id, action).await;
        let outcome = match &answer {
            Ok(ack) if ack.accepted => "accepted",
            Ok(_) => "refused",
            Err(SendError::NoAck) => "no_ack",
            Err(SendError::NotConnected) => "not_connected",
        };
        metrics::command(record.kind, outcome);
        tracing::info!(device = %record.device, command = record.kind, fence = record.fence, outcome, "command sent");
        let ack = answer.map_err(|_| silent(&record.device))?;
        let at = self.clock.now();
        // The printer has acted; a note that cannot be written must not make it look as if it had not.
        if let Err(error) = self.store.record_ack(&record.id, &ack, at).await {
            error.log();
        }
        accepted(&record.device, ack, at)
    }

    fn check_broker(&self) -> Result<(), Error> {
        if self.printers.is_connected() {
            return Ok(());
        }
        let why = "the message broker that printers use is not reachable; nothing was sent, try again";
        Err(Error::unavailable(why).with_reason("BROKER_AWAY"))
    }

    fn record(&self, id: String, device: &DeviceId, kind: &'static str, fence: Option<i64>) -> CommandRecord {
        CommandRecord { id, device: device.clone(), kind, fence, print_job: None, sent_at: self.clock.now() }
    }
}

/// Starts a print. Whatever goes wrong after the fence is noted, this start is never sent again: the caller asks the
/// printer what became of it.
pub(crate) async fn start_print(
    sender: &Sender<'_, impl DeviceStore, impl Printers>,
    links: &impl ObjectLinks,
    command: String,
    start: Start,
) -> Result<Report, Error> {
    sender.device(&start.device).await?;
    // Before the fence is used up, so that this can simply be tried again.
    sender.check_broker()?;
    let record = CommandRecord {
        print_job: Some(start.print_job.clone()),
        ..sender.record(command, &start.device, "start", Some(start.fence))
    };
    sender.store.reserve_start(sender.principal.acting_owner(), record.clone()).await?;
    let action = Action::Start {
        print_job: start.print_job,
        fence: start.fence,
        url: links.link(&start.gcode, sender.clock.now()),
        hash: start.gcode.to_hex(),
        size_bytes: start.gcode_size_bytes,
    };
    sender.deliver(&record, action, ack_lost).await
}

/// The printer's own answer.
pub(crate) async fn query_printer(
    sender: &Sender<'_, impl DeviceStore, impl Printers>,
    command: String,
    device: &DeviceId,
) -> Result<Report, Error> {
    sender.device(device).await?;
    sender.check_broker()?;
    let record = sender.record(command, device, "query", None);
    // Not recorded: it changes nothing, and a dispatcher asks often.
    let ack = sender.printers.send(device, &record.id, Action::Query).await;
    metrics::command("query", if ack.is_ok() { "accepted" } else { "no_ack" });
    accepted(device, ack.map_err(|_| offline(device))?, sender.clock.now())
}

pub(crate) async fn control_print(
    sender: &Sender<'_, impl DeviceStore, impl Printers>,
    command: String,
    device: &DeviceId,
    fence: i64,
    control: Control,
) -> Result<Report, Error> {
    sender.device(device).await?;
    let (kind, action) = match control {
        Control::Pause => ("pause", Action::Pause { fence }),
        Control::Resume => ("resume", Action::Resume { fence }),
        Control::Cancel => ("cancel", Action::Cancel { fence }),
    };
    sender.send(sender.record(command, device, kind, Some(fence)), action, ack_lost).await
}

fn accepted(device: &DeviceId, ack: Ack, at: time::OffsetDateTime) -> Result<Report, Error> {
    if ack.accepted {
        return Ok(Report { status: ack.status, at });
    }
    let why = ack.reason.unwrap_or_else(|| "no reason given".to_owned());
    let refused = Error::failed_precondition(format!("{device} refused: {why}")).with_reason("PRINTER_REFUSED");
    Err(refused.with_metadata("printer_reason", why).with_metadata("fence", ack.status.fence))
}

fn ack_lost(device: &DeviceId) -> Error {
    let why = format!("{device} did not acknowledge the command, which it may have executed; ask it with QueryPrinter");
    Error::unavailable(why).with_reason("ACK_LOST")
}

pub(super) fn offline(device: &DeviceId) -> Error {
    Error::unavailable(format!("{device} does not answer; check its power and network")).with_reason("PRINTER_OFFLINE")
}
