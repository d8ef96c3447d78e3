//! The print-job service on a real Postgres, its printers scripted at the iot service's border.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests are outside of test functions")]

mod dispatch;
mod kills;
mod platform;
mod scripted;
mod slices;
