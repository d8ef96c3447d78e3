//! Rule: code of a layer's folder names only what the layer may use, and a pure crate touches no clock, file or socket.

use std::path::{Component, Path};

use anyhow::Result;

use super::paths::mentions;
use super::{Finding, Layer, Tree};

pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (file, text) in tree.sources()? {
        let Some((crate_name, module)) = place(&file) else {
            continue;
        };
        let module: Vec<&str> = module.iter().map(String::as_str).collect();
        let (layer, remedy) = match tree.rules.layer(&crate_name) {
            Some(Layer::Pure) => ("pure", "pure code takes time, files and randomness as arguments"),
            Some(Layer::Services) => match module.first() {
                Some(&folder) => (folder, remedy(folder)),
                None => continue,
            },
            _ => continue,
        };
        let Some(forbidden) = tree.rules.imports.get(layer) else {
            continue;
        };
        for mention in mentions(&text, &module) {
            if let Some(rule) = forbidden.iter().find(|rule| covers(rule, &mention.path)) {
                findings.push(Finding {
                    file: file.clone(),
                    line: mention.line,
                    what: format!("{layer} code names `{}` (forbidden: `{rule}`)", mention.path),
                    remedy: remedy.to_owned(),
                });
            }
        }
        if layer == "app" || layer == "domain" {
            findings.extend(sql(&file, &text, layer));
        }
    }
    Ok(findings)
}

fn remedy(folder: &str) -> &'static str {
    match folder {
        "domain" => {
            "domain decides with plain data: move IO to store/ or adapters/ and pass time, ids and randomness in"
        }
        "app" => "declare what is needed in app/ports.rs and let store/ or adapters/ implement it",
        _ => "the rim's folders do not know each other: go through app/ and its ports; wiring belongs in lib.rs",
    }
}

fn covers(rule: &str, path: &str) -> bool {
    path.strip_prefix(rule).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// `crates/iot/src/domain/device.rs` is crate `iot`, module `["domain", "device"]`; `None` outside of `src`.
fn place(file: &Path) -> Option<(String, Vec<String>)> {
    let mut parts = file.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    let (Some(crates), Some(name), Some(src)) = (parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    if crates != "crates" || src != "src" {
        return None;
    }
    let mut module: Vec<String> = parts.collect();
    let last = module.pop()?;
    let stem = last.trim_end_matches(".rs");
    if !matches!(stem, "lib" | "main") || !module.is_empty() {
        module.push(stem.to_owned());
    }
    Some((name, module))
}

/// Statements of SQL in string literals and included files: those are the store's.
fn sql(file: &Path, text: &str, layer: &str) -> Vec<Finding> {
    const MARKS: [&str; 5] = ["\"SELECT ", "\"INSERT INTO ", "\"UPDATE ", "\"DELETE FROM ", ".sql\")"];
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| MARKS.iter().any(|mark| line.contains(mark)))
        .map(|(index, _)| Finding {
            file: file.to_path_buf(),
            line: index + 1,
            what: format!("{layer} code holds SQL"),
            remedy: "put the statement in store/sql/ and call it through a port".to_owned(),
        })
        .collect()
}
