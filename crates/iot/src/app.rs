//! Use cases: register and watch devices, command printers, keep what they report.

mod devices;
mod fleet;
mod inbox;
mod ports;
mod prints;
mod telemetry;

pub(crate) use devices::{View, create_device, get_device, list_devices, set_simulation_speed, watch_device};
pub(crate) use fleet::Fleet;
pub(crate) use inbox::{Batch, Inbox};
pub(crate) use ports::{
    CommandRecord, Device, DeviceStore, NewRow, ObjectLinks, Objects, Printers, Rows, SendError, StoredRow,
    TelemetryStore,
};
pub(crate) use prints::{Control, Sender, Start, control_print, query_printer, start_print};
pub(crate) use telemetry::{Seal, list_telemetry, seal_telemetry};
