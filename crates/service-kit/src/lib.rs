//! What every service shares: the parts it is built from, the process that hosts it, its operations and downloads, and
//! how its database's errors look to callers.
//!
//! This crate bridges the kits, which know nothing of each other or of the contract, so that no service repeats the
//! bridge.

mod download;
mod errors;
pub mod host;
pub mod operations;
mod paging;
mod parts;

pub use download::{Chunks, Download, blobs_error, download};
pub use errors::{Failed, database, idempotent, job_error};
pub use operations::{Operations, Outcome, Resources, Updates};
pub use paging::{Page, page_size};
pub use parts::Parts;

/// A time as the contract writes it.
pub fn timestamp(time: time::OffsetDateTime) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: time.unix_timestamp(), nanos: time.nanosecond() as i32 }
}

/// The W3C trace context of the request being served, for rows that outlive it.
pub fn traceparent() -> Option<String> {
    telemetry::TraceContext::current().map(|context| context.to_string())
}
