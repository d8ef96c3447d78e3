//! A circuit breaker: after repeated failures the model is left alone, then one turn tries whether it is back.

use std::time::Duration;

use tokio::time::Instant;

/// Failures in a row that open the circuit.
const FAILURES: u32 = 3;

/// How long it stays open before one turn may try.
pub(super) const REST: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    /// Set while the circuit is open: when the next turn may try.
    try_at: Option<Instant>,
}

impl Breaker {
    /// True when a turn may ask the model now. The one that is let through an open circuit keeps the others out for as long
    /// again, so that one that never reports back costs no more than a rest.
    pub(super) fn admit(&mut self, now: Instant) -> bool {
        match self.try_at {
            None => true,
            Some(at) if now < at => false,
            Some(_) => {
                self.try_at = Some(now + REST);
                true
            }
        }
    }

    pub(super) fn succeeded(&mut self) {
        *self = Breaker::default();
    }

    pub(super) fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES {
            self.try_at = Some(now + REST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_after_failures_in_a_row_and_lets_one_try_after_the_rest() {
        let (mut breaker, start) = (Breaker::default(), Instant::now());
        let at = |s: u64| start + Duration::from_secs(s);
        breaker.failed(at(0));
        breaker.failed(at(1));
        breaker.succeeded();
        for s in 2..5 {
            assert!(breaker.admit(at(s)));
            breaker.failed(at(s));
        }
        assert!(!breaker.admit(at(5)) && !breaker.admit(at(33)));
        // Half open: one try, the rest waits for its news.
        assert!(breaker.admit(at(34)) && !breaker.admit(at(35)));
        breaker.failed(at(36));
        assert!(!breaker.admit(at(65)) && breaker.admit(at(66)));
        breaker.succeeded();
        assert!(breaker.admit(at(67)) && breaker.admit(at(67)));
    }
}
