//! The language model beside the embedded engine: grounding, nasty streams in three wire formats, the service with its
//! ledger, and one real local model.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "llm/grounding.rs"]
mod grounding;
#[path = "common/service.rs"]
mod harness;
#[path = "llm/https.rs"]
mod https;
#[path = "llm/local.rs"]
mod local;
#[path = "llm/service.rs"]
mod service;
#[path = "llm/streams.rs"]
mod streams;
#[path = "llm/support.rs"]
mod support;
