//! The service's gRPC face.

mod from_proto;
mod server;
mod to_proto;

pub(crate) use server::ModelGeneration;
