//! Test support: ephemeral Postgres, a scripted server of language models.
//!
//! One Postgres a test process, made when a test first asks for it and removed with its files when the process ends,
//! whatever ends it; one database a test. Nothing is shared with the machine's own servers.

pub mod llm;
mod postgres;

pub use postgres::{TestDb, postgres};
