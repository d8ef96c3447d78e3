//! `test`: everything that must hold before a change lands, in the order in which it fails soonest.

mod cache;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::test_run::cache::Cache;
use crate::{codegen, tidy, workspace};

/// Options of the command.
#[derive(Debug, clap::Args)]
pub struct Test {
    /// Stop before clippy, the build and the tests: formatting, generated code and structure only (seconds).
    #[arg(long)]
    pub quick: bool,
}

/// Runs the command on the repository at `root`.
pub fn run(root: &Path, options: &Test) -> Result<()> {
    let started = Instant::now();
    let build = Build::new(root)?;
    build.announce();

    step("formatting", || {
        workspace::run(&mut build.cargo(&["fmt", "--all", "--check"])).context("run `cargo fmt --all`")
    })?;
    step("generated code", || codegen::run(root, &codegen::Codegen { check: true }))?;
    step("structure", || tidy::run(root))?;
    if options.quick {
        return Ok(());
    }
    step("system tools", || check_tools(&SystemTools::found()))?;
    // Clippy needs metadata only, but of the whole tree: it costs about a third of the build that follows.
    step("clippy", || {
        workspace::run(&mut build.cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    // Always the whole workspace: another selection of packages unifies features anew and rebuilds most dependencies.
    step("build", || workspace::run(&mut build.cargo(&["build", "--workspace", "--all-targets", "--locked"])))?;
    step("documentation tests", || {
        workspace::run(&mut build.cargo(&["test", "--workspace", "--doc", "--locked", "--quiet"]))
    })?;

    // The tests come last and print their own duration, so that their summary is the last line.
    if workspace::answers(&workspace::cargo(), &["nextest", "--version"]) {
        workspace::say(format_args!("==> tests ({} s so far)", started.elapsed().as_secs()));
        workspace::run(&mut same_cases(build.cargo(&["nextest", "run", "--workspace", "--locked"])))
    } else {
        workspace::say(format_args!(
            "==> tests, one at a time, because cargo-nextest is not installed ({} s so far)",
            started.elapsed().as_secs()
        ));
        // End-to-end tests start whole platforms and must not overlap; the plain runner knows no groups.
        let cargo = build.cargo(&["test", "--workspace", "--all-targets", "--locked", "--no-fail-fast"]);
        workspace::run(same_cases(cargo).env("RUST_TEST_THREADS", "1"))
    }
}

/// Property tests draw the same cases in every check, so that a change is judged by what it did and not by luck; `cargo
/// xtask fuzz` and a PROPTEST_RNG_SEED of one's own look for new ones.
fn same_cases(mut cargo: Command) -> Command {
    if workspace::env("PROPTEST_RNG_SEED").is_none() {
        cargo.env("PROPTEST_RNG_SEED", "20261122");
    }
    cargo
}

fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    workspace::say(format_args!("==> {name}"));
    let started = Instant::now();
    let result = work();
    let outcome = if result.is_ok() { "ok" } else { "FAILED" };
    workspace::say(format_args!("    {name}: {outcome}, {:.1} s", started.elapsed().as_secs_f64()));
    result.with_context(|| format!("the step \"{name}\" failed"))
}

/// How cargo is called: where, and with which target folder.
struct Build {
    root: PathBuf,
    /// Held until the tests have run: they run what is in it.
    cache: Option<Cache>,
}

impl Build {
    fn new(root: &Path) -> Result<Self> {
        let folder = cache::folder(
            workspace::env("CARGO_TARGET_DIR"),
            workspace::env("POT_BUILD_CACHE"),
            workspace::env("HOME"),
        );
        let cache = folder.map(|folder| Cache::claim(&folder, root)).transpose()?.flatten();
        Ok(Self { root: root.to_path_buf(), cache })
    }

    fn announce(&self) {
        let chosen = workspace::env("CARGO_TARGET_DIR").map(PathBuf::from);
        let cached = self.cache.as_ref().map(|it| it.folder().to_path_buf());
        let folder = cached.or(chosen).unwrap_or_else(|| self.root.join("target"));
        workspace::say(format_args!("building in {}", folder.display()));
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = Command::new(workspace::cargo());
        cargo.args(arguments).current_dir(&self.root);
        if let Some(cache) = &self.cache {
            cargo.env("CARGO_TARGET_DIR", cache.folder());
        }
        cargo
    }
}

/// What the build and the tests take from the machine.
struct SystemTools {
    c_compiler: bool,
    postgres: bool,
    pip: bool,
}

impl SystemTools {
    fn found() -> Self {
        let debian = std::fs::read_dir("/usr/lib/postgresql").is_ok_and(|mut versions| versions.next().is_some());
        Self {
            c_compiler: ["cc", "gcc", "clang"].iter().any(|it| workspace::answers(it, &["--version"])),
            postgres: debian || workspace::answers("postgres", &["--version"]),
            pip: workspace::answers("python3", &["-m", "pip", "--version"]),
        }
    }
}

fn check_tools(tools: &SystemTools) -> Result<()> {
    if !tools.c_compiler {
        bail!(
            "there is no C compiler (cc): some dependencies hold C code; install one, on Debian `apt-get install gcc`"
        );
    }
    if !tools.postgres && !tools.pip {
        bail!(
            "there is neither a Postgres nor Python's pip, which installs one for the tests; \
             on Debian `apt-get install python3-pip` or `apt-get install postgresql`"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_tools_are_named_with_the_way_to_get_them() {
        let message = |tools| check_tools(&tools).unwrap_err().to_string();
        assert!(message(SystemTools { c_compiler: false, postgres: true, pip: true }).contains("C compiler"));
        assert!(message(SystemTools { c_compiler: true, postgres: false, pip: false }).contains("python3-pip"));
        check_tools(&SystemTools { c_compiler: true, postgres: false, pip: true }).unwrap();
        check_tools(&SystemTools { c_compiler: true, postgres: true, pip: false }).unwrap();
    }
}
