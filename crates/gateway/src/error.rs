//! Why the gateway cannot be built.

#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("the contract cannot be served: {0}")]
    Contract(#[from] transcode::BuildError),
    #[error("the contract's descriptors cannot be reflected: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    #[error(transparent)]
    Config(#[from] boot::ConfigError),
    #[error("gateway.cors_origins: {0:?} is not an origin such as https://example.org")]
    Origin(String),
    #[error("{0}")]
    Channel(String),
}
