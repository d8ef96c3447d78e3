//! The generic identifier and its text forms.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A kind of resource, named by its AIP collection.
pub trait Resource {
    /// The collection part of the resource name, in lower camel case and plural: `printJobs`.
    const COLLECTION: &'static str;
}

/// The identifier of a resource of kind `K`. Its text form is `{collection}/{uuid}`.
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

/// The text is neither a bare UUID nor a resource name of the expected collection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseIdError {
    #[error("\"{text}\" belongs to another collection: expected \"{expected}/<uuid>\"")]
    Collection { expected: &'static str, text: String },
    #[error("\"{text}\" is not an identifier: expected \"{expected}/<uuid>\" or a bare hyphenated UUID")]
    Uuid { expected: &'static str, text: String },
}

impl<K: Resource> Id<K> {
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self { uuid, kind: PhantomData }
    }

    /// A UUIDv7 from a Unix time in milliseconds (48 bits are kept) and ten random bytes, so that pure code and tests
    /// can be handed both.
    pub fn generate(unix_ms: u64, random: [u8; 10]) -> Self {
        Self::from_uuid(uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid())
    }

    /// A UUIDv7 of the current time, increasing within this process. Reads the clock and the system's randomness: for
    /// adapters and kits only.
    pub fn now_v7() -> Self {
        Self::from_uuid(Uuid::now_v7())
    }

    pub const fn uuid(&self) -> Uuid {
        self.uuid
    }

    /// The resource name, `{collection}/{uuid}`.
    pub fn name(&self) -> String {
        self.to_string()
    }

    /// Milliseconds since the Unix epoch, if this is a UUIDv7.
    pub fn unix_ms(&self) -> Option<u64> {
        (self.uuid.get_version_num() == 7).then(|| {
            let bytes = self.uuid.as_bytes();
            bytes[..6].iter().fold(0, |ms, byte| ms << 8 | u64::from(*byte))
        })
    }
}

impl<K: Resource> FromStr for Id<K> {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bare = match text.split_once('/') {
            Some((collection, rest)) if collection == K::COLLECTION => rest,
            Some(_) => {
                return Err(ParseIdError::Collection { expected: K::COLLECTION, text: shorten(text) });
            }
            None => text,
        };
        // One spelling only: `Uuid::parse_str` would also take braces, URNs and the form without hyphens, and then two
        // different strings would name one resource.
        if bare.len() == 36
            && let Ok(uuid) = Uuid::try_parse(bare)
        {
            return Ok(Self::from_uuid(uuid));
        }
        Err(ParseIdError::Uuid { expected: K::COLLECTION, text: shorten(text) })
    }
}

/// Error texts quote what was given, but not a megabyte of it.
pub(crate) fn shorten(text: &str) -> String {
    const LIMIT: usize = 80;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

impl<K: Resource> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", K::COLLECTION, self.uuid.as_hyphenated())
    }
}

impl<K: Resource> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: Resource> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Resource> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<K: Resource> From<Id<K>> for Uuid {
    fn from(id: Id<K>) -> Self {
        id.uuid
    }
}

// Derives would demand the same traits of the marker.
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.uuid.cmp(&other.uuid)
    }
}

impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{DialogueId, ModelId, ParseIdError};

    #[test]
    fn names_round_trip_and_other_collections_are_refused() {
        let id = ModelId::generate(1_700_000_000_123, [7; 10]);
        assert_eq!(id.unix_ms(), Some(1_700_000_000_123));
        assert_eq!(id.name(), format!("models/{}", id.uuid()));
        assert_eq!(id.name().parse(), Ok(id));
        assert_eq!(id.uuid().to_string().parse(), Ok(id));
        assert!(matches!(id.name().parse::<DialogueId>(), Err(ParseIdError::Collection { .. })));
    }

    #[test]
    fn only_the_hyphenated_spelling_is_taken() {
        let uuid = ModelId::generate(1, [1; 10]).uuid();
        for text in [uuid.simple().to_string(), uuid.braced().to_string(), uuid.urn().to_string(), String::new()] {
            assert!(matches!(text.parse::<ModelId>(), Err(ParseIdError::Uuid { .. })), "{text}");
        }
    }

    #[test]
    fn serde_uses_the_name() {
        let id = ModelId::generate(5, [9; 10]);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<ModelId>(&json).unwrap(), id);
        assert!(serde_json::from_str::<DialogueId>(&json).is_err());
    }

    #[test]
    fn ids_sort_by_time() {
        assert!(ModelId::generate(1, [255; 10]) < ModelId::generate(2, [0; 10]));
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_what_parses_prints_the_same(text in "(models/)?[0-9a-fA-F-]{0,40}|.{0,100}") {
            if let Ok(id) = text.parse::<ModelId>() {
                prop_assert_eq!(id.to_string().parse::<ModelId>(), Ok(id));
                prop_assert!(id.to_string().ends_with(&text.to_lowercase()) || text.starts_with("models/"));
            }
        }
    }
}
