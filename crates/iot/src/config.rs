//! The service's configuration, defaults in code.

use std::{path::PathBuf, time::Duration};

use boot::Secret;
use rpc::Error;
use serde::{Deserialize, Serialize};

use crate::domain::Rules;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub mqtt: Mqtt,
    /// The gateway's address as printers reach it; a start carries `{base}/v1/objects/{hash}?...`.
    pub object_base_url: String,
    /// How long a printer may fetch its G-code after the start.
    pub object_url_ttl_s: u32,
    /// File with the Ed25519 key (PKCS #8) that signs these links, where the service runs as a process of its own; the
    /// gateway knows the public half.
    pub url_signing_key: PathBuf,
    /// How long a command's acknowledgement is waited for.
    pub ack_timeout_ms: u64,
    /// A device that has reported nothing for this long is offline.
    pub offline_after_ms: u64,
    /// Reports of one device that are looked at in a second; the rest of a flood is dropped unread.
    pub reports_per_second: u32,
    /// An idle device's report becomes a telemetry row this often.
    pub idle_sample_s: u32,
    /// Telemetry rows that wait for the database at most; the oldest go first.
    pub telemetry_queue: usize,
    /// Telemetry rows and command records are kept this long.
    pub telemetry_retention_days: u32,
}

/// The broker that devices use. MQTT 3.1.1.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mqtt {
    pub host: String,
    pub port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret<String>>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            mqtt: Mqtt::default(),
            object_base_url: "http://127.0.0.1:8080".to_owned(),
            object_url_ttl_s: 3_600,
            url_signing_key: PathBuf::from("/etc/pot/keys/url.pk8"),
            ack_timeout_ms: 5_000,
            offline_after_ms: 10_000,
            reports_per_second: 20,
            idle_sample_s: 10,
            telemetry_queue: 10_000,
            telemetry_retention_days: 30,
        }
    }
}

impl Default for Mqtt {
    fn default() -> Self {
        Mqtt { host: "127.0.0.1".to_owned(), port: 1883, username: None, password: None }
    }
}

impl Config {
    /// Refuses what cannot work, naming the field.
    pub fn check(&self) -> Result<(), Error> {
        let positive = [
            ("iot.ack_timeout_ms", self.ack_timeout_ms),
            ("iot.offline_after_ms", self.offline_after_ms),
            ("iot.object_url_ttl_s", self.object_url_ttl_s.into()),
            ("iot.reports_per_second", self.reports_per_second.into()),
            ("iot.telemetry_queue", self.telemetry_queue as u64),
            ("iot.telemetry_retention_days", self.telemetry_retention_days.into()),
            ("iot.mqtt.port", self.mqtt.port.into()),
        ];
        if let Some((field, _)) = positive.into_iter().find(|(_, value)| *value == 0) {
            return Err(Error::invalid(field, "has to be above 0"));
        }
        if self.mqtt.host.is_empty() {
            return Err(Error::invalid("iot.mqtt.host", "is empty"));
        }
        let base = self.object_base_url.as_str();
        if !(base.starts_with("http://") || base.starts_with("https://")) {
            return Err(Error::invalid("iot.object_base_url", format!("'{base}' is no http:// or https:// address")));
        }
        Ok(())
    }

    pub(crate) fn ack_timeout(&self) -> Duration {
        Duration::from_millis(self.ack_timeout_ms)
    }

    pub(crate) fn retention(&self) -> Duration {
        Duration::from_secs(u64::from(self.telemetry_retention_days) * 86_400)
    }

    pub(crate) fn rules(&self) -> Rules {
        Rules {
            offline_after_ms: i64::try_from(self.offline_after_ms).unwrap_or(i64::MAX),
            reports_per_second: self.reports_per_second,
            idle_sample_ms: i64::from(self.idle_sample_s) * 1_000,
            row_every_ms: 1_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_accepted_and_nonsense_is_named() {
        Config::default().check().unwrap();
        let zero = Config { ack_timeout_ms: 0, ..Config::default() };
        assert_eq!(zero.check().unwrap_err().violations()[0].field, "iot.ack_timeout_ms");
        let base = Config { object_base_url: "127.0.0.1:80".into(), ..Config::default() };
        assert_eq!(base.check().unwrap_err().violations()[0].field, "iot.object_base_url");
    }
}
