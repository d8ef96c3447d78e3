//! Channels and servers together, in process and over sockets.

// Helpers outside of test functions may panic like tests do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod calls;
mod network;
mod support;
