//! Why a transcoder cannot be built: all of it is wrong in the contract or in the wiring, and found at start.

use crate::template::TemplateError;

#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("the descriptor set cannot be read: {0}; regenerate it from the proto files")]
    Descriptors(#[from] prost_reflect::DescriptorError),
    #[error("google.api.http of {method}: {reason}")]
    Binding { method: String, reason: String },
    #[error("google.api.http of {method}: {source}")]
    Template { method: String, source: TemplateError },
    #[error("{method} and {other} both answer {http_method} {path}; change one path")]
    Conflict { method: String, other: String, http_method: String, path: String },
    #[error("service {0} is not in the descriptor set; check its full name, such as pkg.v1.Service")]
    UnknownService(String),
}
