//! `deny` and `lint-proto`: checks by programs that are not part of the toolchain.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// The version that the contract was linted with; another one may know more rules.
const BUF: &str = "buf-bin==1.75.0";

/// Checks bans, licences and sources with cargo-deny, where it is installed.
pub fn deny(root: &Path) -> Result<()> {
    if !workspace::answers(&workspace::cargo(), &["deny", "--version"]) {
        bail!(
            "cargo-deny is not installed: `cargo install --locked cargo-deny` (it takes some minutes). \
             Licences are also checked by `cargo xtask tidy`, which needs nothing."
        );
    }
    let mut cargo = Command::new(workspace::cargo());
    workspace::run(cargo.args(["deny", "check", "bans", "licenses", "sources"]).current_dir(root))
}

/// Lints `proto/` with buf, which is installed into `target/tools` at the first use.
pub fn lint_proto(root: &Path) -> Result<()> {
    let venv = root.join("target/tools/buf");
    let buf = venv.join("bin/buf");
    if !buf.exists() {
        workspace::say(format_args!("installing {BUF} into {}", venv.display()));
        workspace::run(Command::new("python3").args(["-m", "venv"]).arg(&venv))
            .context("Python's venv makes the place for buf; on Debian `apt-get install python3-venv`")?;
        workspace::run(Command::new(venv.join("bin/python")).args(["-m", "pip", "install", "--quiet", BUF]))
            .context("pip could not install buf")?;
    }
    workspace::run(Command::new(&buf).arg("lint").current_dir(root.join("proto")))
        .context("the contract breaks buf's rules")?;
    workspace::say("lint-proto: nothing to report");
    Ok(())
}
