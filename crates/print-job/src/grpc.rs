//! The service's gRPC face.

mod from_proto;
mod server;
mod to_proto;
mod watch;

pub use server::PrintJobs;
