//! Identifiers that people or other systems choose: devices and owners.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::shorten;

/// A device's identifier, a slug of `[a-z0-9-]{1,63}`, so that it fits MQTT topics and host names. Its text form is
/// `devices/{slug}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{text}\" is not a device: expected \"devices/<slug>\" or a slug of 1 to 63 lower-case letters, digits and hyphens"
)]
pub struct ParseDeviceIdError {
    text: String,
}

impl DeviceId {
    pub const COLLECTION: &'static str = "devices";

    /// The slug alone, as it appears in topics.
    pub fn slug(&self) -> &str {
        &self.0
    }

    pub fn name(&self) -> String {
        self.to_string()
    }
}

impl FromStr for DeviceId {
    type Err = ParseDeviceIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let slug = text.strip_prefix("devices/").unwrap_or(text);
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=63).contains(&slug.len()) && slug.bytes().all(allowed) {
            Ok(Self(slug.to_owned()))
        } else {
            Err(ParseDeviceIdError { text: shorten(text) })
        }
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "devices/{}", self.0)
    }
}

/// Who owns a row: the subject of the principal, 1 to 128 printable characters without white space.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerId(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not an owner: expected 1 to 128 printable characters without white space")]
pub struct ParseOwnerIdError {
    text: String,
}

impl OwnerId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OwnerId {
    type Err = ParseOwnerIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let length = text.chars().count();
        let allowed = |c: char| !c.is_control() && !c.is_whitespace();
        if (1..=128).contains(&length) && text.chars().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseOwnerIdError { text: shorten(text) })
        }
    }
}

impl fmt::Display for OwnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! text_form {
    ($($type:ident)*) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

text_form!(DeviceId OwnerId);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn devices_are_slugs() {
        let device: DeviceId = "virtual-1".parse().unwrap();
        assert_eq!(device.to_string(), "devices/virtual-1");
        assert_eq!(device.to_string().parse(), Ok(device.clone()));
        assert_eq!(device.slug(), "virtual-1");
        for bad in ["", "devices/", "A", "a/b", "a+b", "a#", &"a".repeat(64), "models/x"] {
            assert!(bad.parse::<DeviceId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn owners_are_bounded_and_printable() {
        assert!("user:ana@example.com".parse::<OwnerId>().is_ok());
        assert!("á".repeat(128).parse::<OwnerId>().is_ok());
        for bad in ["", "a b", "a\n", &"a".repeat(129)] {
            assert!(bad.parse::<OwnerId>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_round_trips(text in "[a-z0-9-]{0,70}|.{0,140}") {
            if let Ok(device) = text.parse::<DeviceId>() {
                prop_assert_eq!(device.to_string().parse::<DeviceId>(), Ok(device));
            }
            if let Ok(owner) = text.parse::<OwnerId>() {
                prop_assert_eq!(owner.as_str(), text);
            }
        }
    }
}
