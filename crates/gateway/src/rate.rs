//! Token buckets by owner and rate class. Time is an argument.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use transcode::RateClass;

use crate::config::Rate;

/// Owners remembered at once; when there are more, those with full buckets are forgotten.
const OWNERS: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct RateLimiter {
    buckets: Mutex<HashMap<(String, RateClass), Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

/// What a call left in its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) remaining: u32,
    /// Until the bucket is full again.
    pub(crate) full_in: Duration,
}

impl RateLimiter {
    /// Takes one call; an error says how long to wait for the next.
    pub(crate) fn take(&self, owner: &str, class: RateClass, rate: Rate, now: Instant) -> Result<Taken, Duration> {
        let per_second = f64::from(rate.per_minute) / 60.0;
        let burst = f64::from(rate.burst.max(1));
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= OWNERS {
            buckets.retain(|_, b| b.tokens + now.saturating_duration_since(b.at).as_secs_f64() * per_second < burst);
            if buckets.len() >= OWNERS {
                // Only ten thousand owners all in the middle of work come here; they start afresh.
                buckets.clear();
            }
        }
        let bucket = buckets.entry((owner.to_owned(), class)).or_insert(Bucket { tokens: burst, at: now });
        let gained = now.saturating_duration_since(bucket.at).as_secs_f64() * per_second;
        *bucket = Bucket { tokens: (bucket.tokens + gained).min(burst), at: now };
        if bucket.tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.tokens) / per_second));
        }
        bucket.tokens -= 1.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a u32")]
        let remaining = bucket.tokens.floor() as u32;
        Ok(Taken { remaining, full_in: Duration::from_secs_f64((burst - bucket.tokens) / per_second) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_minute: 60, burst: 3 };

    #[test]
    fn a_burst_then_the_rate() {
        let limiter = RateLimiter::default();
        let start = Instant::now();
        let take = |owner, ms| limiter.take(owner, RateClass::Default, RATE, start + Duration::from_millis(ms));
        assert_eq!(take("a", 0).unwrap().remaining, 2);
        assert_eq!(take("a", 0).unwrap().remaining, 1);
        assert_eq!(take("a", 0).unwrap(), Taken { remaining: 0, full_in: Duration::from_secs(3) });
        assert_eq!(take("a", 0).unwrap_err(), Duration::from_secs(1));
        assert!(take("b", 0).is_ok(), "owners do not share");
        assert!(limiter.take("a", RateClass::Compute, RATE, start).is_ok(), "nor do classes");
        assert!(take("a", 900).is_err());
        assert!(take("a", 1001).is_ok());
        assert_eq!(take("a", 60_000).unwrap().remaining, 2);
    }

    #[test]
    fn the_number_of_owners_is_bounded() {
        let limiter = RateLimiter::default();
        let now = Instant::now();
        for n in 0..OWNERS + 50 {
            limiter.take(&n.to_string(), RateClass::Default, RATE, now).unwrap();
        }
        assert!(limiter.buckets.lock().unwrap().len() <= OWNERS);
    }
}
