//! The outside: the broker, the object store, signed links.

mod mqtt;
mod objects;

pub(crate) use mqtt::Mqtt;
pub(crate) use objects::{SignedLinks, TrailObjects};
