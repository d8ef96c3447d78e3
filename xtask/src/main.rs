//! `cargo xtask`: the repository's developer commands.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::{bench, cases, codegen, eval, fuzz, kill, test_run, tidy, tools, workspace};

/// The repository's developer commands.
///
/// After editing proto/: `cargo xtask codegen`, and commit what it writes.
/// Before a commit: `cargo xtask test --quick` takes seconds, `cargo xtask test` is what CI runs.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", verbatim_doc_comment, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask codegen               write crates/proto/src/gen from proto/
  cargo xtask codegen --check       fail when it is not up to date
  cargo xtask test                  the whole check, as in .ci/run
  POT_BUILD_CACHE=DIR cargo xtask test
                                    the same, with compiled dependencies kept in DIR
  cargo xtask cases --oracle --refusals
                                    every case against CadQuery, OpenCASCADE and trimesh
  cargo xtask fuzz step --runs 100000
                                    one reader; without a name, all of them
  cargo xtask fuzz histories        10,000 random parts on both kernels
  cargo xtask kill --rounds 5       20 kills -9 at moments of a new seed, which is printed
  cargo xtask bench conversation    microseconds a turn, by language
  cargo xtask bench geometry        six parts beside CadQuery, manifold3d and OpenSCAD
  cargo xtask bench main-job        from a sentence to G-code: seconds, memory, size
  cargo xtask bench release-build   how long the first build takes";

#[derive(Subcommand)]
enum Task {
    /// Regenerate crates/proto/src/gen from proto/ (no protoc needed).
    Codegen(codegen::Codegen),
    /// Check the tree's structure: layers, imports, file sizes, manifests, RPC options, licences.
    Tidy,
    /// Everything that must hold before a change lands: format, generated code, tidy, clippy, build, tests.
    Test(test_run::Test),
    /// Evaluate the parts of tests/cases and compare them with their answers, and with other programs.
    Cases(cases::Cases),
    /// Draw docs/catalogue: every family with its parameters and a picture.
    Catalogue(cases::Catalogue),
    /// Score the embedded engine on the dialogues of tests/conversation.
    Eval {
        #[command(subcommand)]
        eval: eval::Eval,
    },
    /// Feed the readers of foreign bytes under libFuzzer, or random parts to the kernels, and fail at a panic, a hang or
    /// too much memory.
    Fuzz(fuzz::Fuzz),
    /// Kill -9 the platform again and again, and count what its printer was told.
    Kill(kill::Kill),
    /// Bans, licences and sources by cargo-deny, where it is installed.
    Deny,
    /// Lint proto/ with buf (installed into target/tools at the first use).
    LintProto,
    /// Measure something; without a known NAME, the names are listed.
    Bench {
        #[command(subcommand)]
        bench: bench::Bench,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not anyhow's own form: a backtrace into xtask says nothing about the tree.
            workspace::complain(format_args!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    let root = workspace::root();
    match cli.command {
        Task::Codegen(options) => codegen::run(&root, &options),
        Task::Tidy => tidy::run(&root),
        Task::Test(options) => test_run::run(&root, &options),
        Task::Cases(options) => cases::run(&root, &options),
        Task::Catalogue(options) => cases::catalogue(&root, &options),
        Task::Eval { eval } => eval::run(&root, &eval),
        Task::Fuzz(options) => fuzz::run(&root, &options),
        Task::Kill(options) => kill::run(&root, &options),
        Task::Deny => tools::deny(&root),
        Task::LintProto => tools::lint_proto(&root),
        Task::Bench { bench } => bench::run(&root, &bench),
    }
}
