//! The conversation service.

pub mod domain;
