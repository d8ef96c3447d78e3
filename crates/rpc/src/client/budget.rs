//! The retry budget: a bucket of tokens that calls fill slowly and retries empty.
//!
//! Each call puts in a share of a token and each retry takes a whole one, so that in an outage retries add at most
//! that share to the load, however many callers there are.

use std::sync::atomic::{AtomicU64, Ordering};

/// Tokens are counted in thousandths.
const ONE: u64 = 1_000;
/// Retries that an idle channel may make at once.
const RESERVE: u64 = 10 * ONE;

#[derive(Debug)]
pub(super) struct Budget {
    level: AtomicU64,
    deposit: u64,
}

impl Budget {
    /// `share` of retries per call, 0 to 1.
    pub(super) fn new(share: f64) -> Self {
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        // Within 0..=1000 after the clamp.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let deposit = (share * 1_000.0).round() as u64;
        Self { level: AtomicU64::new(if deposit == 0 { 0 } else { RESERVE }), deposit }
    }

    /// Counts a call.
    pub(super) fn deposit(&self) {
        self.change(|level| Some((level + self.deposit).min(RESERVE)));
    }

    /// Takes a token for a retry, when there is one.
    pub(super) fn withdraw(&self) -> bool {
        self.change(|level| level.checked_sub(ONE))
    }

    fn change(&self, change: impl Fn(u64) -> Option<u64>) -> bool {
        self.level.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_an_outage_a_fifth_of_the_calls_is_retried() {
        let budget = Budget::new(0.2);
        let retries = (0..1_000)
            .filter(|_| {
                budget.deposit();
                budget.withdraw()
            })
            .count();
        assert!((200..=210).contains(&retries), "{retries}");
    }

    #[test]
    fn no_share_no_retry() {
        assert!(!Budget::new(0.0).withdraw());
        assert!(!Budget::new(f64::NAN).withdraw());
    }
}
