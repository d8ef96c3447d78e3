//! Use cases: register and watch devices, command printers, keep what they report.

mod devices;
mod fleet;
mod inbox;
mod ports;
mod prints;
mod telemetry;

pub use devices::{View, create_device, get_device, list_devices, set_simulation_speed, watch_device};
pub use fleet::Fleet;
pub use inbox::{Batch, Inbox};
pub use ports::{
    CommandRecord, Device, DeviceStore, NewRow, ObjectLinks, Objects, Printers, Rows, SendError, StoredRow,
    TelemetryStore,
};
pub use prints::{Control, Sender, Start, control_print, query_printer, start_print};
pub use telemetry::{Seal, list_telemetry, seal_telemetry};
