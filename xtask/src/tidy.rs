//! `tidy`: the repository's structural rules, each as a function over a tree so that it can be shown failing.
//!
//! A rule returns findings (file, line, what is wrong, what to do) and never stops at the first one. The lists that the
//! rules read are in `xtask/tidy.toml`.

mod contract;
mod files;
mod imports;
mod layers;
mod licences;
mod manifests;
mod paths;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::workspace;

pub use contract::check as contract;
pub use files::{openings, sizes, words};
pub use imports::check as imports;
pub use layers::check as layers;
pub use licences::{Package, check as licences, judge as judge_licences};
pub use manifests::check as manifests;
pub use paths::{Mention, mentions};

/// The content of `xtask/tidy.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    pub layers: BTreeMap<Layer, Vec<String>>,
    pub pure_third_party: PureThirdParty,
    pub never: BTreeMap<String, Vec<String>>,
    pub imports: BTreeMap<String, Vec<String>>,
    pub size: Size,
    pub words: Words,
    pub licences: Licences,
}

/// Where a crate stands; `layers.rs` says what each layer may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    Pure,
    Contract,
    Bridges,
    Kits,
    Devices,
    Services,
    Platform,
    TestSupport,
    Tools,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PureThirdParty {
    pub normal: Vec<String>,
    pub dev: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// Lines.
    pub limit: usize,
    #[serde(default)]
    pub exceptions: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    #[serde(default)]
    pub exceptions: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licences {
    pub allowed: Vec<String>,
    #[serde(default)]
    pub clarified: BTreeMap<String, String>,
}

impl Rules {
    /// Reads the rules of the repository at `root`.
    pub fn load(root: &Path) -> Result<Self> {
        let path = root.join("xtask/tidy.toml");
        let text = std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not valid", path.display()))
    }

    /// The layer of a crate, when the list has it.
    pub fn layer(&self, crate_name: &str) -> Option<Layer> {
        self.layers.iter().find(|(_, names)| names.iter().any(|it| it == crate_name)).map(|(layer, _)| *layer)
    }
}

/// One breach of one rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Relative to the tree's root.
    pub file: PathBuf,
    /// From 1; 0 when the finding is about the whole file.
    pub line: usize,
    pub what: String,
    pub remedy: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n    {}", self.file.display(), self.line, self.what, self.remedy)
    }
}

/// A repository, or a scratch tree of the same shape, with the rules that hold in it.
#[derive(Debug, Clone)]
pub struct Tree {
    root: PathBuf,
    rules: Rules,
    ignored: Vec<PathBuf>,
}

impl Tree {
    /// The tree at `root`; what `.gitignore` names from the root (`/target`) is not part of it.
    pub fn new(root: &Path, rules: Rules) -> Self {
        let mut ignored = vec![root.join(".git"), root.join("target")];
        if let Ok(text) = std::fs::read_to_string(root.join(".gitignore")) {
            ignored.extend(
                text.lines()
                    .filter_map(|line| line.strip_prefix('/'))
                    .map(|name| root.join(name.trim_end_matches('/'))),
            );
        }
        Self { root: root.to_path_buf(), rules, ignored }
    }

    /// Files whose relative path `keep` accepts, as (relative path, text). Files that are not UTF-8 are skipped.
    fn texts(&self, keep: &dyn Fn(&Path) -> bool) -> Result<Vec<(PathBuf, String)>> {
        let mut found = Vec::new();
        for top in sorted_entries(&self.root)? {
            if self.ignored.contains(&top) {
                continue;
            }
            let files = if top.is_dir() { workspace::files_below(&top, &|_| true)? } else { vec![top] };
            for file in files {
                let relative = file.strip_prefix(&self.root).unwrap_or(&file).to_path_buf();
                if !keep(&relative) {
                    continue;
                }
                if let Ok(text) = String::from_utf8(std::fs::read(&file)?) {
                    found.push((relative, text));
                }
            }
        }
        Ok(found)
    }

    /// The Rust sources that people write.
    fn sources(&self) -> Result<Vec<(PathBuf, String)>> {
        self.texts(&|path| path.extension().is_some_and(|it| it == "rs") && !is_generated(path))
    }

    /// Folders of the workspace's crates, relative, with their manifests' texts.
    fn crates(&self) -> Result<Vec<(PathBuf, String)>> {
        let mut folders = Vec::new();
        let crates = self.root.join("crates");
        if crates.is_dir() {
            folders.extend(sorted_entries(&crates)?);
        }
        folders.extend([self.root.join("tests"), self.root.join("xtask")]);
        let mut found = Vec::new();
        for folder in folders {
            if let Ok(manifest) = std::fs::read_to_string(folder.join("Cargo.toml")) {
                found.push((folder.strip_prefix(&self.root).unwrap_or(&folder).to_path_buf(), manifest));
            }
        }
        Ok(found)
    }
}

fn sorted_entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("could not list {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Written by a generator or vendored: not for people to keep short or to comment.
fn is_generated(path: &Path) -> bool {
    path.starts_with("crates/proto/src/gen") || path.starts_with("proto/google")
}

/// The first line that holds `needle`, from 1; 0 when none does.
fn line_of(text: &str, needle: &str) -> usize {
    text.lines().position(|line| line.contains(needle)).map_or(0, |index| index + 1)
}

/// Every rule, on the repository at `root`.
pub fn check(root: &Path) -> Result<Vec<Finding>> {
    let tree = Tree::new(root, Rules::load(root)?);
    let mut findings = Vec::new();
    for rule in [manifests, layers, imports, sizes, openings, words, contract, licences] {
        findings.extend(rule(&tree)?);
    }
    findings.sort();
    findings.dedup();
    Ok(findings)
}

/// Runs the command on the repository at `root`.
pub fn run(root: &Path) -> Result<()> {
    let findings = check(root)?;
    if findings.is_empty() {
        workspace::say("tidy: nothing to report");
        return Ok(());
    }
    for finding in &findings {
        workspace::say(finding);
    }
    bail!("tidy: {} finding(s)", findings.len());
}
