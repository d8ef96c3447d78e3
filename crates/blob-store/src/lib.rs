//! Content-addressed objects, the trail of what was made from what, and signed URLs.
//!
//! An object's name is the BLAKE3 hash of its bytes, so it never changes, the same bytes are stored once, and a reader
//! can check what it got. Beside the objects lie *trail records*: who made these bytes, what they are, and out of
//! which other hashes. Order is bytes first, record second: a record never names bytes that are not there.

mod error;
mod object;
mod provenance;
mod signed_url;
mod store;
mod trail;

pub use error::Error;
pub use object::{Metadata, Object};
pub use provenance::{Provenance, TrailRecord};
pub use signed_url::{UrlError, UrlSigner, UrlVerifier};
pub use store::{BlobStore, Config, Stored};
pub use trail::{Trail, TrailEntry};
