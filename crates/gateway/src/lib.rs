//! The edge of the platform: REST, OpenAPI, gRPC and gRPC-Web on one port, in front of the services.
//!
//! Owns: authentication, rates, request ids, compression, the pages for people. Everything about a method (its route,
//! its scope, its rate class) comes out of the contract's descriptors, through `transcode`.
//!
//! Never: touches Postgres, MQTT or geometry; holds domain rules; lets a client's `x-pot-principal` through.

mod compress;
mod config;
mod edge;
mod error;
mod gate;
mod health;
mod objects;
mod pages;
mod rate;
mod request_id;
mod serve;
mod standalone;
mod trail;

pub use config::{Config, Rate, Rates};
pub use edge::{Behind, build};
pub use error::BuildError;
pub use objects::Objects;
pub use serve::serve;
pub use standalone::run;
