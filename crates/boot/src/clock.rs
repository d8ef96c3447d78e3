//! Where the time comes from: the system clock in a process, a hand-turned one in tests.
//!
//! Domain code takes a time as an argument; adapters and workers hold a [`Clock`] and read it once a decision.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A source of wall-clock time in UTC. Cloning is cheap and clones agree.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    source: Source,
}

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    System,
    Manual(ManualClock),
}

/// The handle that turns a [`Clock`] made by [`Clock::manual`].
#[derive(Clone, Debug)]
pub struct ManualClock {
    unix_us: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self { source: Source::System }
    }

    /// A clock that stands at `start` until its handle is turned.
    pub fn manual(start: OffsetDateTime) -> (Self, ManualClock) {
        let handle = ManualClock { unix_us: Arc::new(AtomicI64::new(unix_us(start))) };
        (Self { source: Source::Manual(handle.clone()) }, handle)
    }

    /// The time now, UTC.
    pub fn now(&self) -> OffsetDateTime {
        match &self.source {
            Source::System => OffsetDateTime::now_utc(),
            Source::Manual(handle) => from_unix_us(handle.unix_us.load(Ordering::SeqCst)),
        }
    }

    /// Milliseconds since the Unix epoch.
    pub fn unix_ms(&self) -> i64 {
        unix_us(self.now()).div_euclid(1_000)
    }

    /// Whole seconds since the Unix epoch.
    pub fn unix_seconds(&self) -> i64 {
        self.now().unix_timestamp()
    }

    /// The time now as RFC 3339 in UTC, such as `2026-02-03T04:05:06.789Z`.
    pub fn rfc3339(&self) -> String {
        // The format fails only for years outside 0..=9999, which no clock here shows.
        self.now().format(&Rfc3339).unwrap_or_default()
    }
}

impl ManualClock {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.unix_us.fetch_add(by, Ordering::SeqCst);
    }

    /// Sets the clock, backwards too: machines' clocks do that.
    pub fn set(&self, to: OffsetDateTime) {
        self.unix_us.store(unix_us(to), Ordering::SeqCst);
    }
}

fn unix_us(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000)).unwrap_or(i64::MAX)
}

fn from_unix_us(us: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(us) * 1_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_turned() {
        let (clock, hand) = Clock::manual(time::macros::datetime!(2026-02-03 04:05:06.789 UTC));
        assert_eq!(clock.rfc3339(), "2026-02-03T04:05:06.789Z");
        assert_eq!(clock.unix_ms() % 1_000, 789);
        let clone = clock.clone();
        hand.advance(Duration::from_millis(1_500));
        assert_eq!(clone.rfc3339(), "2026-02-03T04:05:08.289Z");
        hand.set(OffsetDateTime::UNIX_EPOCH);
        assert_eq!(clock.unix_seconds(), 0);
    }
}
