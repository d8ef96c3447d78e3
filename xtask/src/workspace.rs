//! Where things are in this repository, and how other programs are run in it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The repository's root: the folder above this crate's.
pub fn root() -> PathBuf {
    // Cargo says at run time which clone it runs; the compiled-in path may be another clone's that shares our target folder.
    let here = env("CARGO_MANIFEST_DIR").filter(|it| Path::new(it).ends_with("xtask"));
    let here = PathBuf::from(here.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").to_owned()));
    here.parent().map_or_else(|| here.clone(), Path::to_path_buf)
}

/// One line for the person at the terminal. Every command of xtask speaks through this function.
#[expect(clippy::print_stdout, reason = "xtask is a command-line tool: this is its one way to speak")]
pub fn say(line: impl std::fmt::Display) {
    println!("{line}");
}

/// What went wrong, for the person at the terminal.
#[expect(clippy::print_stderr, reason = "xtask is a command-line tool: this is its one way to report a failure")]
pub fn complain(line: impl std::fmt::Display) {
    eprintln!("{line}");
}

/// Reads an environment variable; unset, empty and not Unicode are all `None`.
#[expect(clippy::disallowed_methods, reason = "developer tools have no `boot` configuration to read from")]
pub fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The cargo that started us, so that a toolchain override is kept.
pub fn cargo() -> String {
    env("CARGO").unwrap_or_else(|| "cargo".to_owned())
}

/// Whether `program --version` (or the given probe) answers.
pub fn answers(program: &str, probe: &[&str]) -> bool {
    Command::new(program).args(probe).output().is_ok_and(|output| output.status.success())
}

/// Runs a program with our standard streams, and fails with its command line when it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let line = command_line(command);
    let status = command.status().with_context(|| format!("could not start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs a program and returns its standard output; its standard error goes to the error when it fails.
pub fn capture(command: &mut Command) -> Result<Vec<u8>> {
    let line = command_line(command);
    let output = command.output().with_context(|| format!("could not start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed ({}):\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}

fn command_line(command: &Command) -> String {
    let words: Vec<_> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

/// All files below `folder` for which `keep` holds, sorted, so that reports and outputs do not depend on the disk's order.
pub fn files_below(folder: &Path, keep: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_path_buf()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| format!("could not list {}", folder.display()))? {
            let entry = entry?;
            let path = entry.path();
            // `file_type` does not follow links: a link to a parent folder must not make an endless walk.
            if entry.file_type()?.is_dir() {
                pending.push(path);
            } else if keep(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
