//! Bounds on everything that comes from outside, and deadlines.

use std::time::Duration;

use http::HeaderMap;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// Bytes, counts and seconds that a request may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// JSON bodies, bytes.
    pub json_bytes: usize,
    /// Nesting of JSON bodies; at most 100, which the parser itself stops at soon after.
    pub json_depth: usize,
    /// Raw bodies that are streamed to the service, bytes.
    pub upload_bytes: u64,
    /// One gRPC message in either direction, bytes; also raw bodies of methods that do not stream.
    pub message_bytes: usize,
    pub path_bytes: usize,
    pub query_bytes: usize,
    pub query_parameters: usize,
    /// Deadline of a call that names none, seconds.
    pub timeout_seconds: u64,
    /// The longest deadline that a caller can ask for, and the deadline of uploads, seconds.
    pub max_timeout_seconds: u64,
    /// A comment keeps an idle event stream open through proxies this often, seconds.
    pub heartbeat_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            json_bytes: 4 << 20,
            json_depth: 64,
            upload_bytes: 500 << 20,
            message_bytes: 64 << 20,
            path_bytes: 4096,
            query_bytes: 16 << 10,
            query_parameters: 100,
            timeout_seconds: 30,
            max_timeout_seconds: 600,
            heartbeat_seconds: 15,
        }
    }
}

impl Limits {
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.max(1))
    }

    pub(crate) fn max_timeout(&self) -> Duration {
        Duration::from_secs(self.max_timeout_seconds.max(1))
    }

    /// What the caller asked for with `X-Request-Timeout` or `grpc-timeout`, within bounds.
    pub(crate) fn requested(&self, headers: &HeaderMap) -> Result<Option<Duration>, Problem> {
        for (name, parse) in [("x-request-timeout", plain as fn(&str) -> Option<Duration>), ("grpc-timeout", grpc)] {
            let Some(value) = headers.get(name) else { continue };
            let wanted = value.to_str().ok().and_then(parse).filter(|d| !d.is_zero());
            let wanted = wanted.ok_or_else(|| Problem::field(name, "is not a duration such as 5s or 500ms"))?;
            return Ok(Some(wanted.min(self.max_timeout())));
        }
        Ok(None)
    }
}

/// `5`, `5s`, `1.5s`, `500ms`, `2m`.
fn plain(text: &str) -> Option<Duration> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let scale = match &text[split..] {
        "" | "s" => 1.0,
        "ms" => 0.001,
        "m" => 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(text[..split].parse::<f64>().ok()? * scale).ok()
}

/// gRPC's own notation: up to eight digits and a unit.
fn grpc(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let n: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(n * 3600),
        "M" => Duration::from_secs(n * 60),
        "S" => Duration::from_secs(n),
        "m" => Duration::from_millis(n),
        "u" => Duration::from_micros(n),
        "n" => Duration::from_nanos(n),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_callers() {
        assert_eq!(plain("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(plain("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(plain("7"), Some(Duration::from_secs(7)));
        assert_eq!(plain("7d"), None);
        assert_eq!(grpc("250m"), Some(Duration::from_millis(250)));
        assert_eq!(grpc("123456789S"), None);
        assert_eq!(grpc("é"), None);
    }
}
