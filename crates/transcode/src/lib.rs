//! REST and OpenAPI from protobuf descriptors.
//!
//! The contract is written once, in proto files with `google.api.http`; this crate reads the descriptors when the
//! process starts and answers for every binding: it assembles the request message from path, query, headers and body,
//! calls the owning service over its channel, and turns the answer into JSON, raw bytes with ranges, server-sent
//! events or newline-delimited JSON. Raw gRPC is forwarded by path.
//!
//! Promises: every byte from outside is bounded ([`Limits`]); every error is a problem document that names the field
//! ([`Problem`]) or a gRPC status with the same content; credentials end here; a broken upload never looks finished.
//!
//! Never: holds domain rules, or knows a service by name.

mod backend;
mod binding;
mod call;
mod codec;
mod error;
mod events;
mod forward;
mod json;
mod limits;
mod matcher;
mod openapi;
mod params;
mod problem;
pub mod range;
mod request;
mod respond;
mod rule;
mod template;
mod transcoder;
mod upload;

pub use error::BuildError;
pub use limits::Limits;
pub use openapi::Info;
pub use problem::{FieldError, Problem, ProblemDocument};
pub use respond::{ETAG_METADATA, SIZE_METADATA};
pub use rule::{MethodPolicy, RateClass};
pub use template::TemplateError;
pub use transcoder::{Admission, Authorize, Transcoder};
