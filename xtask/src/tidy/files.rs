//! Rules on files: their size, the purpose line that opens them, no `mod.rs`, and words that have no place in the tree.

use std::path::Path;

use anyhow::Result;

use super::{Finding, Tree, is_generated};

/// Text that people write; lock files and pictures are not.
const TEXT: [&str; 15] =
    ["rs", "toml", "md", "proto", "sql", "sh", "yml", "yaml", "html", "css", "js", "ftl", "json", "ts", "py"];
const SIZED: [&str; 9] = ["rs", "proto", "sql", "sh", "html", "css", "js", "ts", "py"];

/// No file that people write is longer than the limit without a reason in the list.
pub fn sizes(tree: &Tree) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let size = &tree.rules.size;
    for (file, text) in tree.texts(&|path| has_extension(path, &SIZED) && !is_generated(path))? {
        let lines = text.lines().count();
        let reason = size.exceptions.get(&*file.to_string_lossy());
        if lines > size.limit && reason.is_none_or(|it| it.trim().is_empty()) {
            findings.push(Finding {
                file,
                line: size.limit + 1,
                what: format!("the file has {lines} lines; the limit is {}", size.limit),
                remedy: "split it along its nouns, or add it with a reason to [size.exceptions] in xtask/tidy.toml"
                    .to_owned(),
            });
        } else if lines <= size.limit && reason.is_some() {
            findings.push(Finding {
                file,
                line: 0,
                what: "the file is within the limit but still listed as an exception".to_owned(),
                remedy: "remove it from [size.exceptions] in xtask/tidy.toml".to_owned(),
            });
        }
    }
    Ok(findings)
}

/// Every Rust file opens with what it is for, and modules are `foo.rs` beside `foo/`.
pub fn openings(tree: &Tree) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (file, text) in tree.sources()? {
        // Beside integration tests, `support.rs` would be a test of its own: only there is `support/mod.rs` the form.
        let beside_tests = file.components().any(|part| part.as_os_str() == "tests");
        if file.file_name().is_some_and(|name| name == "mod.rs") && !beside_tests {
            findings.push(Finding {
                file: file.clone(),
                line: 0,
                what: "a module lies in `mod.rs`".to_owned(),
                remedy: "move it to `foo.rs` beside `foo/`, so that tabs and searches show its name".to_owned(),
            });
        }
        let first = text.lines().next().unwrap_or_default();
        if first.strip_prefix("//!").is_none_or(|purpose| purpose.trim().len() <= 3) {
            findings.push(Finding {
                file,
                line: 1,
                what: "the file does not open with its purpose".to_owned(),
                remedy: "write a `//!` line that says what the file is for, as its first line".to_owned(),
            });
        }
    }
    Ok(findings)
}

/// A word that the tree refuses. Spelt in pieces, so that this file does not hold the words itself.
struct Refused {
    word: &'static str,
    /// Whether the word must stand at the start of a path or word, not in the middle of a longer one.
    at_start: bool,
    what: &'static str,
    remedy: &'static str,
}

const REGISTRY: &str = "names a package registry's host";
const REGISTRY_REMEDY: &str = "name the package; where packages come from is the machine's configuration";
const PLACE: &str = "names a folder of one machine";
const PLACE_REMEDY: &str = "derive the path from the repository's root, the data folder or an argument";
const UNFINISHED: &str = "is marked as unfinished";
const UNFINISHED_REMEDY: &str = "finish it, or write an issue and describe the present behaviour here";

const REFUSED: [Refused; 11] = [
    Refused { word: concat!("crates", ".io"), at_start: false, what: REGISTRY, remedy: REGISTRY_REMEDY },
    Refused { word: concat!("pypi", ".org"), at_start: false, what: REGISTRY, remedy: REGISTRY_REMEDY },
    Refused { word: concat!("pythonhosted", ".org"), at_start: false, what: REGISTRY, remedy: REGISTRY_REMEDY },
    Refused { word: concat!("npmjs", ".org"), at_start: false, what: REGISTRY, remedy: REGISTRY_REMEDY },
    Refused { word: concat!("proxy.golang", ".org"), at_start: false, what: REGISTRY, remedy: REGISTRY_REMEDY },
    Refused { word: concat!("/wo", "rk/"), at_start: true, what: PLACE, remedy: PLACE_REMEDY },
    Refused { word: concat!("/ro", "ot/"), at_start: true, what: PLACE, remedy: PLACE_REMEDY },
    Refused { word: concat!("/Us", "ers/"), at_start: true, what: PLACE, remedy: PLACE_REMEDY },
    Refused { word: concat!("FIX", "ME"), at_start: true, what: UNFINISHED, remedy: UNFINISHED_REMEDY },
    Refused { word: concat!("TO", "DO"), at_start: true, what: UNFINISHED, remedy: UNFINISHED_REMEDY },
    Refused { word: concat!("to", "do!"), at_start: true, what: UNFINISHED, remedy: UNFINISHED_REMEDY },
];

/// Nothing in the tree names a registry's host or a folder of one machine, or is marked as unfinished.
pub fn words(tree: &Tree) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let root = tree.root.to_string_lossy().into_owned();
    // A short root, such as `/src` in a container, is also an ordinary path.
    let root = (tree.root.components().count() > 2).then_some(root);
    for (file, text) in
        tree.texts(&|path| (has_extension(path, &TEXT) || path.starts_with(".ci")) && !is_generated(path))?
    {
        if tree.rules.words.exceptions.contains_key(&*file.to_string_lossy()) {
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            if root.as_ref().is_some_and(|root| line.contains(root)) {
                findings.push(Finding {
                    file: file.clone(),
                    line: index + 1,
                    what: format!("the line {PLACE}, that of this clone"),
                    remedy: PLACE_REMEDY.to_owned(),
                });
                continue;
            }
            for refused in REFUSED.iter().filter(|it| holds(line, it)) {
                findings.push(Finding {
                    file: file.clone(),
                    line: index + 1,
                    what: format!("the line {} (`{}`)", refused.what, refused.word),
                    remedy: refused.remedy.to_owned(),
                });
            }
        }
    }
    Ok(findings)
}

fn holds(line: &str, refused: &Refused) -> bool {
    line.match_indices(refused.word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + refused.word.len()..].chars().next();
        let starts = before.is_none_or(|it| !it.is_alphanumeric() && !matches!(it, '_' | '}' | '*' | '.' | '-' | '~'));
        // A path or a macro goes on after its mark; a word must end there.
        let ends =
            !refused.word.ends_with(char::is_alphanumeric) || after.is_none_or(|it| !it.is_alphanumeric() && it != '_');
        !refused.at_start || starts && ends
    })
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|it| extensions.iter().any(|known| it == *known))
}
