//! `kill`: the kill -9 test of `tests/tests/kill.rs` with more rounds than the normal suite has time for.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::workspace;

/// Options of the command.
#[derive(Debug, clap::Args)]
pub struct Kill {
    /// Kills in each of the four phases.
    #[arg(long, default_value_t = 3)]
    pub rounds: u32,
    /// Repeats the moments of an earlier run; without it the run draws a seed and prints it.
    #[arg(long)]
    pub seed: Option<u64>,
}

/// Runs the test on the repository at `root`.
pub fn run(root: &Path, options: &Kill) -> Result<()> {
    // The whole workspace, as `test` builds it: another selection would rebuild most dependencies.
    let mut build = Command::new(workspace::cargo());
    workspace::run(build.args(["build", "--workspace", "--all-targets", "--locked"]).current_dir(root))?;
    let mut test = Command::new(workspace::cargo());
    // The selection by `--workspace` keeps the features of the build; only this test binary has a name that fits.
    test.args(["test", "--workspace", "--locked", "--test", "kill", "--", "--nocapture"]).current_dir(root);
    test.env("POT_KILL_ROUNDS", options.rounds.to_string());
    if let Some(seed) = options.seed {
        test.env("POT_KILL_SEED", seed.to_string());
    }
    workspace::run(&mut test)
}
