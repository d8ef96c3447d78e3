//! The service's gRPC face.

mod from_proto;
mod server;
mod stream;
mod to_proto;

pub(crate) use server::Conversation;
