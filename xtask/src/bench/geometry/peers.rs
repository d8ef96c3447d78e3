//! The programs that `bench geometry` compares with, as far as they are installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::Measured;
use crate::{cases::oracle, workspace};

/// All of them, by the names that the table has.
pub(super) const NAMES: [&str; 4] = ["CadQuery", "manifold3d", "OpenSCAD", "OpenSCAD, solids"];

/// One that is here.
pub(super) struct Peer {
    pub(super) name: &'static str,
    /// Its name in the script.
    key: &'static str,
    python: PathBuf,
}

/// Those that are installed; the Python ones are installed at the first use.
pub(super) fn found(root: &Path) -> Vec<Peer> {
    let installed = oracle::python(root);
    if let Err(error) = &installed {
        workspace::say(format_args!("no Python peers: {error:#}"));
    }
    let mut peers = Vec::new();
    if let Ok(python) = &installed {
        for (name, key) in [(NAMES[0], "cadquery"), (NAMES[1], "manifold3d")] {
            if workspace::answers(&python.to_string_lossy(), &["-c", &format!("import {key}")]) {
                peers.push(Peer { name, key, python: python.clone() });
            }
        }
    }
    if workspace::answers("openscad", &["--version"]) {
        let python = installed.unwrap_or_else(|_| "python3".into());
        for (name, key) in [(NAMES[2], "openscad"), (NAMES[3], "openscad-solid")] {
            peers.push(Peer { name, key, python: python.clone() });
        }
    }
    peers
}

impl Peer {
    /// Builds `part` so many times in one process (OpenSCAD: one process each).
    pub(super) fn measure(&self, root: &Path, part: &str, chord: f64, runs: usize) -> Result<Measured> {
        let mut command = Command::new(&self.python);
        command.arg(root.join("tests/oracle/peers/measure.py")).args(["--peer", self.key, "--part", part]);
        command.args(["--chord", &chord.to_string(), "--runs", &runs.to_string()]);
        let answer = workspace::capture(&mut command)?;
        Measured::read(&serde_json::from_slice(&answer)?)
    }
}
