//! `bench release-build`: how long a person waits for the first `cargo run --release`, and how big the result is.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::workspace;

/// Options of the bench.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Build here instead of in a fresh folder; a folder that was built in before measures a warm build.
    #[arg(long, value_name = "DIR")]
    pub target_dir: Option<PathBuf>,
    /// The profile: `release` is what a person builds, `dist` what images carry.
    #[arg(long, default_value = "release")]
    pub profile: String,
}

/// Runs the bench on the repository at `root`.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let scratch = tempfile::tempdir().context("no temporary folder to build in")?;
    let target = options.target_dir.clone().unwrap_or_else(|| scratch.path().to_path_buf());
    // What is measured is the compiler, not the network.
    workspace::run(Command::new(workspace::cargo()).args(["fetch", "--locked"]).current_dir(root))?;

    let started = Instant::now();
    let mut cargo = Command::new(workspace::cargo());
    cargo.args(["build", "--locked", "--package", "pot", "--profile", &options.profile]);
    workspace::run(cargo.arg("--target-dir").arg(&target).current_dir(root))?;
    let wall = started.elapsed();

    let binary = target.join(&options.profile).join("pot");
    let size = std::fs::metadata(&binary).with_context(|| format!("there is no {}", binary.display()))?.len();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    workspace::say(format_args!(
        "release-build: {:.1} s on {cores} cores, pot has {:.1} MB",
        wall.as_secs_f64(),
        size as f64 / 1e6
    ));
    Ok(())
}
