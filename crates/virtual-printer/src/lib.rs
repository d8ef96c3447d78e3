//! A simulated printer, faithful enough to develop and test against: a device of its own that is commanded and reports by
//! MQTT, fetches its G-code by URL, executes every move by the motion model against a clock, and heats with first-order
//! lag.
//!
//! It is as careless as real firmware: it executes every start that it receives, does not know duplicates, and a start
//! in the middle of a print drops that print. Keeping that from happening is the platform's business; the start log
//! proves it.

mod device;
mod fault;
mod heater;
mod machine;
mod start_log;

pub use device::{Config, DeviceError, run};
pub use fault::{Fault, FaultKind};
pub use machine::{Machine, Request};
pub use start_log::{StartLog, StartRecord};
