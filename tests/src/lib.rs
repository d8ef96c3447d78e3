//! What the black-box tests share: the `pot` binary as a child process, a REST client, and readers of every file format
//! that the platform writes.
//!
//! Nothing here uses the platform's own crates (the generated client stubs of `proto` excepted): a reader that shared code
//! with a writer would share its mistakes. Everything panics with a message when an expectation fails, because that is
//! how a test ends.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed expectation is the test's failure")]

pub mod binary;
pub mod job;
pub mod platform;
pub mod printer;
pub mod process;
pub mod random;
pub mod read;
pub mod reflection;
pub mod rest;
pub mod sandbox;

pub use platform::{Options, Platform};
pub use printer::VirtualPrinter;
pub use rest::Rest;
pub use sandbox::Sandbox;

/// The sentence that the project is measured by.
pub const PLANT_POT: &str =
    "a plant pot 120 mm wide and 100 mm tall with 3 mm walls and five 8 mm drainage holes, in PETG";
