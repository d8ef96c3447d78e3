//! The service over gRPC on a real Postgres, with real worker processes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod harness;
mod imports;
mod models;
