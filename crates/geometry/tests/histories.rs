//! Random feature histories: whatever they are, the result is a closed mesh or a refusal that names an operation, and the
//! two kernels agree.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "tests")]

mod vocabulary;

#[path = "histories/random.rs"]
mod random;

#[path = "histories/suite.rs"]
mod suite;

use geometry::Kernels;
use proptest::strategy::Strategy;
use vocabulary::body;

/// A number from the environment.
#[allow(clippy::disallowed_methods, reason = "how long a suite runs is for the one who runs it to say")]
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn histories(seeds: std::ops::Range<u64>, kernels: Kernels) -> suite::Tally {
    suite::run(seeds, 2, kernels, || random::history().boxed(), |steps| Some(body(steps)))
}

#[test]
fn random_steps_on_the_mesh_kernel() {
    histories(0..100, Kernels::MeshOnly);
}

#[test]
fn random_steps_on_both_kernels() {
    let tally = histories(0..30, Kernels::ExactThenMesh);
    assert!(tally.exact > 5 && tally.compared > 5, "{} exact, {} compared", tally.exact, tally.compared);
}

/// The long suite, `cargo xtask fuzz histories`: how many, and from which on, is said by the environment.
#[test]
#[ignore = "hours: one of the release checks"]
fn ten_thousand_random_histories() {
    let first = number("POT_HISTORIES_FIRST", 0);
    histories(first..first + number("POT_HISTORIES", 10_000), Kernels::ExactThenMesh);
}

#[test]
fn random_changes_of_the_examples() {
    let tally =
        suite::run(0..24, 2, Kernels::ExactThenMesh, || random::varied().boxed(), |part| part::lower(part).ok());
    assert!(tally.histories > 5, "{}", tally.histories);
}
