//! `eval NAME`: how well something is understood, scored on files of examples.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::workspace;

/// What can be scored.
#[derive(Debug, clap::Subcommand)]
pub enum Eval {
    /// The embedded engine on the dialogues of tests/conversation: joint goal accuracy, slot F1, questions, latency; beside a
    /// page of regular expressions.
    Conversation(Conversation),
}

#[derive(Debug, clap::Args)]
pub struct Conversation {
    /// Files of dialogues; those of tests/conversation when none is named.
    pub files: Vec<PathBuf>,
    /// Show each turn that went wrong, and how.
    #[arg(long)]
    pub failures: bool,
    /// Build the solids too, and compare them with what the words determine.
    #[arg(long)]
    pub solids: bool,
    /// One JSON object a file.
    #[arg(long)]
    pub json: bool,
}

pub fn run(root: &Path, eval: &Eval) -> Result<()> {
    let Eval::Conversation(options) = eval;
    let mut cargo = Command::new(workspace::cargo());
    cargo.args(["run", "--quiet", "--release", "--package", "conversation", "--example", "evaluate", "--"]);
    let flags = [("--failures", options.failures), ("--solids", options.solids), ("--json", options.json)];
    cargo.args(flags.iter().filter(|(_, set)| *set).map(|(name, _)| name));
    cargo.args(if options.files.is_empty() { dialogues(root)? } else { options.files.clone() });
    workspace::run(cargo.current_dir(root))
}

/// Every file of dialogues in tests/conversation.
pub(crate) fn dialogues(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(root.join("tests/conversation"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    Ok(files)
}
