//! `bench conversation`: what a turn costs the embedded engine, beside a page of regular expressions; over the dialogues of
//! tests/conversation and over generated utterances, by language.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::{eval, workspace};

/// Options of the bench.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How many turns are generated.
    #[arg(long, default_value_t = 100_000)]
    pub utterances: usize,
    /// Files of dialogues; those of tests/conversation when none is named.
    pub files: Vec<PathBuf>,
}

/// Builds the example `latency` of the conversation crate as it is shipped, and runs it.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let mut cargo = Command::new(workspace::cargo());
    cargo.args(["run", "--quiet", "--release", "--package", "conversation", "--example", "latency", "--"]);
    cargo.arg(options.utterances.to_string());
    cargo.args(if options.files.is_empty() { eval::dialogues(root)? } else { options.files.clone() });
    workspace::run(cargo.current_dir(root))
}
