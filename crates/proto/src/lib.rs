//! The generated protobuf types, gRPC clients and servers, and the descriptor set of the whole contract.
//!
//! Modules follow package names: `pot.model_generation.v1` is [`pot::model_generation::v1`](self). Nothing here is
//! written by hand: edit `proto/` and run `cargo xtask codegen`. `google.protobuf` types are those of `prost-types`.

// The one place where the generators' style is excused.
#[allow(clippy::all, clippy::pedantic, clippy::nursery, rustdoc::all, unreachable_pub, missing_docs)]
#[path = "gen/tree.rs"]
mod tree;

pub use tree::*;

/// The encoded `google.protobuf.FileDescriptorSet` of every package, with imports, comments and all options, those that
/// prost-types does not know (`google.api.http`, `pot.options.v1`) included.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("gen/descriptor.bin");
