//! Whether a device is there: it reported not long ago.

/// `last_seen` is the time of the last report.
pub fn is_online(last_seen_ms: Option<i64>, now_ms: i64, offline_after_ms: i64) -> bool {
    online_left_ms(last_seen_ms, now_ms, offline_after_ms).is_some()
}

/// How long the device stays online without another report, at least 1; `None` when it is offline.
pub fn online_left_ms(last_seen_ms: Option<i64>, now_ms: i64, offline_after_ms: i64) -> Option<i64> {
    let left = last_seen_ms?.saturating_add(offline_after_ms).saturating_sub(now_ms);
    // A clock that went back must not make a device immortal.
    (left > 0).then(|| left.min(offline_after_ms.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_takes_a_device_offline() {
        assert!(!is_online(None, 0, 10_000));
        assert!(is_online(Some(5_000), 14_999, 10_000));
        assert!(!is_online(Some(5_000), 15_000, 10_000));
        assert_eq!(online_left_ms(Some(5_000), 6_000, 10_000), Some(9_000));
        assert_eq!(online_left_ms(Some(50_000), 6_000, 10_000), Some(10_000));
    }
}
