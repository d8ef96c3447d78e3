//! What the use cases need from outside.

use std::{future::Future, pin::Pin};

use bytes::Bytes;
use futures::Stream;
use ids::{ContentHash, DeviceId};
use printer_protocol::{Ack, Action};
use rpc::Error;
use service_kit::Page;
use time::OffsetDateTime;

use crate::domain::{Driver, Report, Shape};

/// A registered device.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) id: DeviceId,
    pub(crate) owner: String,
    pub(crate) driver: Driver,
    pub(crate) shape: Shape,
    /// The last report in the device's row; the fleet has a later one.
    pub(crate) report: Option<Report>,
    pub(crate) created_at: OffsetDateTime,
}

/// A command as it is recorded before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct CommandRecord {
    pub(crate) id: String,
    pub(crate) device: DeviceId,
    pub(crate) kind: &'static str,
    pub(crate) fence: Option<i64>,
    pub(crate) print_job: Option<String>,
    pub(crate) sent_at: OffsetDateTime,
}

/// A report on its way into the telemetry table.
#[derive(Clone, Debug)]
pub(crate) struct NewRow {
    pub(crate) device: DeviceId,
    pub(crate) report: Report,
}

/// A telemetry row; `cursor` grows with every row of the service.
#[derive(Clone, Debug)]
pub(crate) struct StoredRow {
    pub(crate) cursor: i64,
    pub(crate) report: Report,
}

/// Devices and commands in the service's own tables. A device of another owner does not exist.
pub(crate) trait DeviceStore: Send + Sync {
    /// Inserts the device, or answers the one that has the id already, whoever owns it.
    fn create(&self, device: Device) -> impl Future<Output = Result<Device, Error>> + Send;

    fn get(&self, owner: &str, id: &DeviceId) -> impl Future<Output = Result<Device, Error>> + Send;

    fn list(&self, owner: &str, size: u32, after: &str) -> impl Future<Output = Result<Page<Device>, Error>> + Send;

    /// Devices of all owners.
    fn all(&self) -> impl Future<Output = Result<Vec<Device>, Error>> + Send;

    /// In one transaction: refuses a fence that was sent already, else notes it as sent and records the command.
    fn reserve_start(&self, owner: &str, command: CommandRecord) -> impl Future<Output = Result<(), Error>> + Send;

    fn record(&self, command: CommandRecord) -> impl Future<Output = Result<(), Error>> + Send;

    fn record_ack(
        &self,
        command: &str,
        ack: &Ack,
        at: OffsetDateTime,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Telemetry rows, page by page.
pub(crate) type Rows = Pin<Box<dyn Stream<Item = Result<Vec<StoredRow>, Error>> + Send>>;

pub(crate) trait TelemetryStore: Send + Sync {
    /// In one transaction: telemetry rows, the devices' rows, and the events that follow from comparing them. Repeating
    /// it changes nothing.
    fn write(&self, rows: &[NewRow], devices: &[(DeviceId, Report)]) -> impl Future<Output = Result<(), Error>> + Send;

    /// Oldest first.
    fn list(
        &self,
        device: &DeviceId,
        size: u32,
        after: &str,
    ) -> impl Future<Output = Result<Page<StoredRow>, Error>> + Send;

    /// The rows of one print, up to the report that says how it ended.
    fn of_print(&self, device: &DeviceId, print_job: &str, fence: i64) -> Rows;

    /// Deletes what is older; answers how many telemetry rows.
    fn prune(&self, before: OffsetDateTime) -> impl Future<Output = Result<u64, Error>> + Send;
}

/// Why no acknowledgement came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SendError {
    /// The broker is away, and the command was not sent and never will be.
    NotConnected,
    /// The command was sent, or may have been, and no acknowledgement came in time.
    NoAck,
}

/// The way to the printers.
pub(crate) trait Printers: Send + Sync {
    /// Whether commands can be sent and their acknowledgements heard.
    fn is_connected(&self) -> bool;

    /// Sends a command once and waits for its acknowledgement. It is never sent again, whatever happens to the
    /// connection.
    fn send(&self, device: &DeviceId, id: &str, action: Action) -> impl Future<Output = Result<Ack, SendError>> + Send;
}

/// Links by which a printer fetches an object without an account.
pub(crate) trait ObjectLinks: Send + Sync {
    fn link(&self, hash: &ContentHash, now: OffsetDateTime) -> String;
}

/// Where bytes go before anything names them.
pub(crate) trait Objects: Send + Sync {
    fn put_telemetry(
        &self,
        owner: &str,
        lines: impl Stream<Item = Result<Bytes, Error>> + Send,
        made_from: ContentHash,
    ) -> impl Future<Output = Result<ContentHash, Error>> + Send;
}
