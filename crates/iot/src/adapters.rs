//! The outside: the broker, the object store, signed links.

mod mqtt;
mod objects;

pub use mqtt::Mqtt;
pub use objects::{SignedLinks, TrailObjects};
