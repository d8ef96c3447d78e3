//! What the printability check measures, on shapes whose figures are known, and that it is quiet on shapes that are fine.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

#[path = "printability/shapes.rs"]
mod shapes;

#[path = "printability/measures.rs"]
mod measures;

#[path = "printability/mending.rs"]
mod mending;

#[path = "printability/poses.rs"]
mod poses;

#[path = "printability/threads.rs"]
mod threads;
