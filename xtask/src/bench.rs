//! `bench NAME`: the measurements that the documents quote, so that anybody can repeat them. One module a bench.
//!
//! To add one: write `bench/<name>.rs` with `Options` and `run`, and add a variant here.

pub mod conversation;
pub mod geometry;
pub mod main_job;
pub mod release_build;

use std::path::Path;

use anyhow::{Result, bail};
use clap::{CommandFactory, Parser, Subcommand};

/// The benches by name.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Microseconds a turn of the embedded engine, beside regular expressions.
    Conversation(conversation::Options),
    /// CPU time and memory of six parts beside CadQuery, manifold3d and OpenSCAD; milliseconds when one number changes.
    Geometry(geometry::Options),
    /// Seconds from a sentence to G-code on a warm platform, stage by stage; memory; binary size.
    MainJob(main_job::Options),
    /// Wall time of a release build of `pot`, and the size of its binary.
    ReleaseBuild(release_build::Options),
    #[command(external_subcommand)]
    Unknown(Vec<String>),
}

/// Runs one bench on the repository at `root`.
pub fn run(root: &Path, bench: &Bench) -> Result<()> {
    match bench {
        Bench::Conversation(options) => conversation::run(root, options),
        Bench::Geometry(options) => geometry::run(root, options),
        Bench::MainJob(options) => main_job::run(root, options),
        Bench::ReleaseBuild(options) => release_build::run(root, options),
        Bench::Unknown(words) => {
            let name = words.first().map_or("", String::as_str);
            bail!("there is no bench `{name}`; there are: {}", names().join(", "))
        }
    }
}

/// The names that `bench` knows.
pub fn names() -> Vec<String> {
    #[derive(Parser)]
    struct All {
        #[command(subcommand)]
        _bench: Bench,
    }
    All::command().get_subcommands().map(|it| it.get_name().to_owned()).filter(|it| it != "help").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = run(Path::new("."), &Bench::Unknown(vec!["speed".to_owned()])).unwrap_err().to_string();
        assert!(error.contains("`speed`") && error.contains("release-build"), "{error}");
    }
}
