//! A position in the outbox.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A position in the outbox of one schema: after the event that carries it. Its text form (`{transaction}-{number}`, for
/// page tokens and `Last-Event-ID`) is opaque to clients. The default is the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    pub(crate) tx: i64,
    pub(crate) seq: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an event cursor; use one that an event or a page carried, or none to begin at the oldest event")]
pub struct ParseCursorError;

impl Cursor {
    /// Before the first event.
    pub const START: Self = Self { tx: 0, seq: 0 };
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.tx, self.seq)
    }
}

impl FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |digits: &str| match digits.parse::<i64>() {
            Ok(number) if number >= 0 && digits.bytes().all(|byte| byte.is_ascii_digit()) => Ok(number),
            _ => Err(ParseCursorError),
        };
        let (tx, seq) = text.split_once('-').ok_or(ParseCursorError)?;
        Ok(Self { tx: number(tx)?, seq: number(seq)? })
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_round_trip(tx in 0..i64::MAX, seq in 0..i64::MAX) {
            let cursor = Cursor { tx, seq };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn parsing_never_panics(text in "[0-9+-]{0,44}|.{0,40}") {
            if let Ok(cursor) = text.parse::<Cursor>() {
                prop_assert!(cursor >= Cursor::START);
            }
        }
    }
}
