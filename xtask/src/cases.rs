//! `cases`: the parts of `tests/cases` against their committed answers, against CadQuery, and against other readers.
//!
//! The evaluation is done by an example of the geometry crate: a developer command must not stop building with it.

pub mod oracle;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace;

/// Options of the command.
#[derive(Debug, clap::Args)]
pub struct Cases {
    /// Write answers and pictures; with `--oracle`, the oracle's volumes too.
    #[arg(long)]
    pub bless: bool,
    /// Build the same parts in CadQuery, read our STEP files with OpenCASCADE and our meshes with trimesh (installed into
    /// target/tools at the first use).
    #[arg(long)]
    pub oracle: bool,
    /// List what the exact kernel refuses, by operation, and what came of it.
    #[arg(long)]
    pub refusals: bool,
    /// Only the cases whose name holds this.
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub only: String,
}

/// Options of `catalogue`.
#[derive(Debug, clap::Args)]
pub struct Catalogue {}

/// Runs the command on the repository at `root`.
pub fn run(root: &Path, options: &Cases) -> Result<()> {
    let built = root.join("target/cases");
    if built.exists() {
        std::fs::remove_dir_all(&built).context("could not empty target/cases")?;
    }
    let mut cargo = example(root);
    cargo.arg("--out").arg(&built).args(["--only", &options.only]);
    if options.bless {
        cargo.arg("--bless");
    }
    // What the table says is also an error of this command, after the other checks have had their turn.
    let evaluated = workspace::run(&mut cargo);
    if options.oracle {
        let report = oracle::ask(root, &built, &options.only)?;
        oracle::show(root, &built, &report, options.bless)?;
    }
    if options.refusals {
        refusals(root, &built)?;
    }
    evaluated.context("some cases do not hold")
}

/// Draws `docs/catalogue`.
pub fn catalogue(root: &Path, _: &Catalogue) -> Result<()> {
    let folder = root.join("docs/catalogue");
    workspace::run(example(root).arg("--catalogue").arg(&folder))?;
    workspace::say(format_args!("written: {}", folder.display()));
    Ok(())
}

fn example(root: &Path) -> Command {
    let mut cargo = Command::new(workspace::cargo());
    cargo.args(["run", "--quiet", "--locked", "--package", "geometry", "--example", "cases", "--"]).current_dir(root);
    cargo
}

/// The case folders by name, those whose name holds `only`.
pub(crate) fn folders(root: &Path, only: &str) -> Result<Vec<PathBuf>> {
    let cases = root.join("tests/cases");
    let entries = std::fs::read_dir(&cases).with_context(|| format!("there is no {}", cases.display()))?;
    let mut folders: Vec<PathBuf> =
        entries.flatten().map(|it| it.path()).filter(|it| it.is_dir() && name(it).contains(only)).collect();
    folders.sort();
    Ok(folders)
}

pub(crate) fn name(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

pub(crate) fn json(file: &Path) -> Result<Value> {
    let text = std::fs::read(file).with_context(|| format!("could not read {}", file.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", file.display()))
}

/// A case that the exact kernel did not finish.
struct Refusal {
    /// The kind of the operation at which it stopped.
    kind: String,
    case: String,
    reason: String,
    /// Share by which its volume differs from the oracle's.
    off: Option<f64>,
}

fn refusals(root: &Path, built: &Path) -> Result<()> {
    let mut found = Vec::new();
    let mut unbuilt = Vec::new();
    let folders = folders(root, "")?;
    for folder in &folders {
        let case = name(folder);
        let Ok(measured) = json(&built.join(format!("{case}.json"))) else {
            unbuilt.push(case);
            continue;
        };
        if measured["exact"] != true {
            let oracle = json(&folder.join("expected.json")).ok().and_then(|it| it["oracle"]["volume_mm3"].as_f64());
            found.push(refusal(&case, &measured, oracle));
        }
    }
    found.sort_by(|a, b| (&a.kind, &a.case).cmp(&(&b.kind, &b.case)));
    workspace::say(format_args!("\nrefused by the exact kernel: {} of {} cases", found.len(), folders.len()));
    for group in found.chunk_by(|a, b| a.kind == b.kind) {
        workspace::say(format_args!("{} at {}", group.len(), group[0].kind));
        for refusal in group {
            let off = refusal.off.map_or_else(|| "no oracle".to_owned(), |off| format!("{:.4} % off", off * 100.0));
            workspace::say(format_args!("  {:<34} {off}: {}", refusal.case, refusal.reason));
        }
    }
    if !unbuilt.is_empty() {
        workspace::say(format_args!("not built at all: {}", unbuilt.join(", ")));
    }
    let wrong: Vec<_> = found.iter().filter(|it| it.off.is_none_or(|off| off > 1e-3)).map(|it| &*it.case).collect();
    if !wrong.is_empty() || !unbuilt.is_empty() {
        bail!(
            "without a closed mesh within 0.1 % of CadQuery's volume: {}",
            [wrong.join(", "), unbuilt.join(", ")].join(" ")
        );
    }
    workspace::say("each of them is a closed mesh within 0.1 % of CadQuery's volume");
    Ok(())
}

fn refusal(case: &str, measured: &Value, oracle: Option<f64>) -> Refusal {
    let reason = measured["inexact_reason"].as_str().unwrap_or_default().to_owned();
    // A batch names its operations one after another.
    let id = reason.split([':', ',']).next().unwrap_or_default().trim().to_owned();
    let operations = measured["operations"].as_array().map(Vec::as_slice).unwrap_or_default();
    let kind = operations.iter().find(|it| it["id"] == id.as_str()).and_then(|it| it["kind"].as_str());
    let volume = measured["volume_mm3"].as_f64().unwrap_or(f64::NAN);
    Refusal {
        kind: kind.unwrap_or(&id).to_owned(),
        case: case.to_owned(),
        off: oracle.map(|oracle| (volume / oracle - 1.0).abs()),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_refusal_is_counted_at_the_kind_of_its_operation() {
        let measured = json!({
            "volume_mm3": 1001.0, "inexact_reason": "hole-2, hole-3: no closed form",
            "operations": [{"id": "block", "kind": "block"}, {"id": "hole-2", "kind": "hole"}],
        });
        let refusal = refusal("drilled", &measured, Some(1000.0));
        assert_eq!(refusal.kind, "hole");
        assert!((refusal.off.unwrap() - 0.001).abs() < 1e-9);
    }
}
