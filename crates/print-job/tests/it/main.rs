//! The print-job service on a real Postgres, its printers scripted at the iot service's border.

mod dispatch;
mod kills;
mod platform;
mod scripted;
mod slices;
