//! A token bucket: so many a second, with a burst of one second's worth.

/// Thousandths of a token, so that slow rates fill evenly in integers.
const TOKEN: i64 = 1_000;

#[derive(Clone, Debug)]
pub struct RateLimit {
    per_second: i64,
    tokens: i64,
    filled_ms: i64,
}

impl RateLimit {
    pub fn new(per_second: u32) -> Self {
        let per_second = i64::from(per_second.max(1));
        RateLimit { per_second, tokens: per_second * TOKEN, filled_ms: i64::MIN }
    }

    /// Takes a token, if there is one.
    pub fn take(&mut self, now_ms: i64) -> bool {
        if self.filled_ms == i64::MIN || now_ms < self.filled_ms {
            // First use, or the clock went back.
            self.filled_ms = now_ms;
        }
        let passed = now_ms.saturating_sub(self.filled_ms);
        self.tokens = self.tokens.saturating_add(passed.saturating_mul(self.per_second)).min(self.per_second * TOKEN);
        self.filled_ms = now_ms;
        let allowed = self.tokens >= TOKEN;
        if allowed {
            self.tokens -= TOKEN;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_cut_to_the_rate() {
        let mut limit = RateLimit::new(20);
        // 600 messages a second for 10 seconds.
        let kept = (0..6_000).filter(|i| limit.take(i * 1_000 / 600)).count();
        assert!((200..=220).contains(&kept), "{kept}");
    }

    #[test]
    fn an_honest_rate_passes_whole_and_a_clock_that_jumps_back_does_not_block() {
        let mut limit = RateLimit::new(20);
        assert!((0..1_000).all(|i| limit.take(1_000_000 + i * 100)));
        assert!((0..20).all(|i| limit.take(i * 100)));
    }
}
