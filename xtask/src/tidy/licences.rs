//! Rule: what is linked has a licence from the list. This always runs; `cargo xtask deny` checks more where it can.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{Finding, Licences, Tree};
use crate::workspace;

/// What `cargo metadata` says of a package.
#[derive(Debug, Clone, Deserialize)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub license: Option<String>,
    pub source: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let rustc = String::from_utf8(workspace::capture(Command::new("rustc").arg("-vV"))?)?;
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).context("`rustc -vV` names no host")?;
    let mut cargo = Command::new(workspace::cargo());
    // Packages of other platforms are neither linked here nor, after a build, downloaded.
    cargo.args(["metadata", "--format-version", "1", "--filter-platform", host]).current_dir(&tree.root);
    let metadata: Metadata =
        serde_json::from_slice(&workspace::capture(&mut cargo)?).context("cargo metadata is not what was expected")?;
    Ok(judge(&metadata.packages, &tree.rules.licences))
}

/// The findings for these packages; our own, which have no source, are not judged.
pub fn judge(packages: &[Package], rules: &Licences) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages.iter().filter(|it| it.source.is_some()) {
        let stated = rules.clarified.get(&package.name).or(package.license.as_ref());
        let what = match stated {
            None => format!("`{} {}` states no licence", package.name, package.version),
            Some(expression) if !allows(expression, &rules.allowed) => {
                format!("`{} {}` is under {expression}, which the list does not allow", package.name, package.version)
            }
            Some(_) => continue,
        };
        findings.push(Finding {
            file: PathBuf::from("Cargo.lock"),
            line: 0,
            what,
            remedy: "replace the package; never add a copyleft licence to [licences] in xtask/tidy.toml".to_owned(),
        });
    }
    findings
}

/// Whether an SPDX expression can be satisfied from the list. An expression that cannot be read is refused.
fn allows(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let satisfied = alternatives(&words, &mut at, allowed);
    satisfied == Some(true) && at == words.len()
}

fn alternatives(words: &[&str], at: &mut usize, allowed: &[String]) -> Option<bool> {
    let mut satisfied = conjunction(words, at, allowed)?;
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        satisfied |= conjunction(words, at, allowed)?;
    }
    Some(satisfied)
}

fn conjunction(words: &[&str], at: &mut usize, allowed: &[String]) -> Option<bool> {
    let mut satisfied = licence(words, at, allowed)?;
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        satisfied &= licence(words, at, allowed)?;
    }
    Some(satisfied)
}

fn licence(words: &[&str], at: &mut usize, allowed: &[String]) -> Option<bool> {
    let word = *words.get(*at)?;
    *at += 1;
    if word == "(" {
        let inner = alternatives(words, at, allowed)?;
        if words.get(*at) != Some(&")") {
            return None;
        }
        *at += 1;
        return Some(inner);
    }
    let mut id = word.to_owned();
    if words.get(*at) == Some(&"WITH") {
        id = format!("{word} WITH {}", words.get(*at + 1)?);
        *at += 2;
    }
    Some(allowed.contains(&id))
}

#[cfg(test)]
mod tests {
    use super::allows;

    #[test]
    fn spdx_expressions_follow_precedence_and_refuse_what_they_cannot_read() {
        let allowed: Vec<String> =
            ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Zlib"].map(str::to_owned).to_vec();
        for fine in [
            "MIT",
            "MIT OR GPL-3.0-only",
            "MIT/Apache-2.0",
            "(MIT OR GPL-2.0) AND Zlib",
            "Apache-2.0 WITH LLVM-exception",
            "GPL-3.0 OR MIT AND Zlib",
        ] {
            assert!(allows(fine, &allowed), "{fine}");
        }
        for refused in [
            "GPL-3.0-only",
            "AGPL-3.0",
            "MIT AND GPL-3.0-only",
            "(MIT",
            "MIT MIT",
            "",
            "MIT WITH Bison-exception",
            "GPL-3.0 OR MIT AND LGPL-3.0",
        ] {
            assert!(!allows(refused, &allowed), "{refused}");
        }
    }
}
