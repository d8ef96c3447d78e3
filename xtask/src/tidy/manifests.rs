//! Rule: every crate is declared alike (lints, edition, versions from the workspace; folder name = crate name).

use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::{Finding, Tree, line_of};

const INHERITED: [&str; 6] = ["version", "edition", "rust-version", "license", "repository", "publish"];
pub(super) const DEPENDENCY_TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (folder, text) in tree.crates()? {
        let file = folder.join("Cargo.toml");
        let manifest = parse(&file, &text)?;
        let mut report = |needle: &str, what: String, remedy: &str| {
            findings.push(Finding {
                file: file.clone(),
                line: line_of(&text, needle),
                what,
                remedy: remedy.to_owned(),
            });
        };

        let lints = manifest.get("lints").and_then(|it| it.get("workspace")).and_then(Value::as_bool);
        if lints != Some(true) {
            report(
                "[lints",
                "the crate does not inherit the workspace's lints".to_owned(),
                "add `[lints]` with `workspace = true`",
            );
        }
        let package = manifest.get("package").and_then(Value::as_table);
        for key in INHERITED {
            let value = package.and_then(|it| it.get(key)).and_then(|it| it.get("workspace")).and_then(Value::as_bool);
            if value != Some(true) {
                report(
                    "[package]",
                    format!("`package.{key}` is not the workspace's"),
                    &format!("write `{key}.workspace = true`"),
                );
            }
        }
        let name = package.and_then(|it| it.get("name")).and_then(Value::as_str).unwrap_or_default();
        let expected = if folder == Path::new("tests") {
            "e2e".into()
        } else {
            folder.file_name().unwrap_or_default().to_string_lossy()
        };
        if name != expected {
            report(
                "name",
                format!("the crate `{name}` lies in the folder `{}`", folder.display()),
                &format!("name it `{expected}`, or move it"),
            );
        }
        for dependency in dependencies(&manifest) {
            if dependency.value.get("workspace").and_then(Value::as_bool) != Some(true) {
                report(
                    &format!("{} ", dependency.name),
                    format!("the dependency `{}` has a version of its own", dependency.name),
                    "declare it in the root's [workspace.dependencies] and write `workspace = true` here",
                );
            }
            if dependency.table == "build-dependencies" {
                report(
                    "[build-dependencies]",
                    format!(
                        "`{}` is a build dependency: build scripts make builds slow and machines matter",
                        dependency.name
                    ),
                    "generate with an xtask and commit the result",
                );
            }
        }
    }
    Ok(findings)
}

pub(super) fn parse(file: &Path, text: &str) -> Result<Table> {
    text.parse().with_context(|| format!("{} is not valid TOML", file.display()))
}

/// One dependency of a manifest, those of `[target.'cfg(...)']` tables included.
pub(super) struct Dependency<'a> {
    pub(super) table: &'static str,
    pub(super) name: &'a str,
    value: &'a Value,
}

pub(super) fn dependencies(manifest: &Table) -> Vec<Dependency<'_>> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables =
        std::iter::once(manifest).chain(targets.into_iter().flat_map(|it| it.values().filter_map(Value::as_table)));
    let mut found = Vec::new();
    for holder in tables {
        for table in DEPENDENCY_TABLES {
            for (name, value) in holder.get(table).and_then(Value::as_table).into_iter().flatten() {
                found.push(Dependency { table, name, value });
            }
        }
    }
    found
}
