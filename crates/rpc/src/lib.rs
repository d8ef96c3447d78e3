//! gRPC plumbing: errors, principals, channels, servers.
//!
//! What a service needs to be called and to call others, and nothing of what it does. An `app/` layer sees only
//! [`Error`] and [`Principal`]; tonic's types stay in `grpc/`, and in here.

pub mod client;
pub mod context;
pub mod error;
pub mod local;
pub mod policy;
pub mod principal;
pub mod server;
pub mod stream;

mod auth;
mod deadline;

pub use auth::{AuthLayer, AuthService, principal_of};
pub use client::{Address, Channel, ChannelOptions, ClientAuth, OnBehalfOf};
pub use error::{Error, ErrorKind, FieldViolation, Result};
pub use policy::{Method, Methods, policies_from_descriptor};
pub use principal::{PRINCIPAL_KEY, Principal, PublicKey, Signer, SigningKey, TokenError, Verifier};
pub use server::{Limits, Listen, MAX_DECODING_MESSAGE_BYTES, ServeError, Server};
