//! Rules of devices, synchronous and pure: time arrives as an argument, in Unix milliseconds.

mod backlog;
mod device;
mod fence;
mod presence;
mod rate;
mod report;

pub use backlog::{Backlog, PendingReports};
pub use device::{Driver, Shape};
pub use fence::{FenceRefused, may_send};
pub use presence::{is_online, online_left_ms};
pub use rate::RateLimit;
pub use report::{Report, Sampler, Unusable, check_status, event_of, is_stale};

#[cfg(test)]
pub(crate) use report::tests::status as status_for_tests;

/// The numbers that the rules go by.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// A device that has reported nothing for this long is offline.
    pub offline_after_ms: i64,
    /// Reports of one device that are looked at in a second.
    pub reports_per_second: u32,
    /// An idle device's report is kept as telemetry this often.
    pub idle_sample_ms: i64,
    /// A device's row is brought up to date this often while nothing happens.
    pub row_every_ms: i64,
}
