//! Who made an object and out of what.

use ids::ContentHash;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::error::Error;

/// An object is made from at most this many others.
const MAX_SOURCES: usize = 1_024;
/// Longest text field, in bytes.
const MAX_TEXT: usize = 256;

/// What a producer says of the bytes it stores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// What the bytes are: `turn`, `specification`, `design`, `mesh`, `step`, `3mf`, `gcode`, `telemetry`, `picture`,
    /// `quote` ...
    pub kind: String,
    /// Media type, such as `model/step`.
    pub media_type: String,
    /// Whose they are.
    pub owner: String,
    /// The service that made them.
    pub service: String,
    /// That service's version.
    pub version: String,
    /// The objects that they were made from.
    pub made_from: Vec<ContentHash>,
    /// When, RFC 3339 in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub created: OffsetDateTime,
}

/// A stored provenance with the object it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailRecord {
    /// Version of this form, 1.
    pub schema: u32,
    /// The object.
    pub hash: ContentHash,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// What was said of it.
    #[serde(flatten)]
    pub provenance: Provenance,
}

impl Provenance {
    pub(crate) fn check(&self) -> Result<(), Error> {
        let texts = [
            ("kind", &self.kind),
            ("media_type", &self.media_type),
            ("owner", &self.owner),
            ("service", &self.service),
            ("version", &self.version),
        ];
        for (field, text) in texts {
            if text.is_empty() {
                return Err(Error::Provenance { field, problem: "is empty" });
            }
            if text.len() > MAX_TEXT || text.chars().any(char::is_control) {
                return Err(Error::Provenance { field, problem: "is over 256 bytes or holds control characters" });
            }
        }
        if self.made_from.len() > MAX_SOURCES {
            return Err(Error::Provenance { field: "made_from", problem: "names more than 1024 objects" });
        }
        Ok(())
    }

    /// Names the record: one for each kind and owner of an object. Control characters are refused above, so the
    /// separator is unambiguous.
    pub(crate) fn record_name(&self) -> String {
        let digest = ContentHash::of(format!("{}\0{}", self.kind, self.owner).as_bytes()).to_hex();
        format!("{}.json", &digest[..32])
    }
}
