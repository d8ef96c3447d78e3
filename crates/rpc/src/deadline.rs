//! The `grpc-timeout` header: how long a caller waits.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// Reads the header; what is malformed is ignored, as gRPC's implementations do.
pub(crate) fn read(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(GRPC_TIMEOUT)?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(count * 3_600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

/// Writes the header, in the finest unit that fits its eight digits.
pub(crate) fn write(headers: &mut HeaderMap, timeout: Duration) {
    let text = match timeout.as_millis() {
        0 => format!("{}u", timeout.as_micros().max(1)),
        ms @ 1..=99_999_999 => format!("{ms}m"),
        ms => format!("{}S", (ms / 1_000).min(99_999_999)),
    };
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert(GRPC_TIMEOUT, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_come_back_as_written() {
        for timeout in [Duration::from_micros(7), Duration::from_millis(1_500), Duration::from_secs(200_000)] {
            let mut headers = HeaderMap::new();
            write(&mut headers, timeout);
            assert_eq!(read(&headers), Some(timeout));
        }
        for bad in ["", "5", "m", "-1m", "123456789m", "5x", "é"] {
            let mut headers = HeaderMap::new();
            headers.insert(GRPC_TIMEOUT, HeaderValue::from_bytes(bad.as_bytes()).unwrap());
            assert_eq!(read(&headers), None, "{bad}");
        }
    }
}
