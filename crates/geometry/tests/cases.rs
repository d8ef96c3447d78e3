//! Every case of `tests/cases` evaluates as committed: volume, shape, exactness, closed meshes, and near the volume that an
//! independent program gave. `cargo xtask cases` shows and renews them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "../examples/cases/record.rs"]
mod record;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use part::catalogue;

const SHARDS: usize = 8;

fn folders() -> Vec<PathBuf> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    record::folders(&cases).unwrap()
}

/// Evaluates every eighth case: tests run beside each other.
fn shard(index: usize) {
    let folders: Vec<_> = folders().into_iter().filter(|folder| !is_slow(folder)).collect();
    hold(folders.iter().skip(index).step_by(SHARDS));
}

fn is_slow(folder: &Path) -> bool {
    record::committed(folder).unwrap().is_some_and(|committed| committed.slow)
}

fn hold<'a>(folders: impl Iterator<Item = &'a PathBuf>) {
    let mut problems = Vec::new();
    for folder in folders {
        let mut found = match record::run(folder) {
            Ok(run) => {
                let mut found = record::not_closed(&run.evaluated);
                match record::committed(folder) {
                    Ok(Some(committed)) => found.extend(run.measured.differences(&committed)),
                    Ok(None) => found.push("has no expected.json".to_owned()),
                    Err(error) => found.push(error),
                }
                found
            }
            Err(error) => vec![error],
        };
        let name = folder.file_name().unwrap().to_string_lossy();
        problems.extend(found.drain(..).map(|problem| format!("{name}: {problem}")));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

macro_rules! shards {
    ($($name:ident $index:literal),*) => {
        $(#[test] fn $name() { shard($index); })*
    };
}

shards!(
    cases_hold_0 0, cases_hold_1 1, cases_hold_2 2, cases_hold_3 3,
    cases_hold_4 4, cases_hold_5 5, cases_hold_6 6, cases_hold_7 7
);

#[test]
#[ignore = "seconds to a minute each; `cargo xtask cases` evaluates them too"]
fn slow_cases_hold() {
    let folders: Vec<_> = folders().into_iter().filter(|folder| is_slow(folder)).collect();
    hold(folders.iter());
}

#[test]
fn committed_volumes_are_those_of_an_independent_program() {
    let (mut compared, mut problems) = (0, Vec::new());
    for folder in folders() {
        let Some(committed) = record::committed(&folder).unwrap() else { continue };
        if let Some(off) = committed.off() {
            compared += 1;
            if off > committed.may_be_off() {
                problems.push(format!("{}: {:.4} % apart", folder.display(), off * 100.0));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(compared >= 40, "{compared} cases have an independent volume");
}

#[test]
fn cases_cover_the_catalogue_and_have_pictures() {
    let folders = folders();
    assert!(folders.len() >= 60, "{} cases", folders.len());
    let mut shown = BTreeSet::new();
    for folder in &folders {
        let Some(committed) = record::committed(folder).unwrap() else { continue };
        shown.extend(committed.operations.into_iter().map(|operation| operation.kind));
        let picture = std::fs::read(folder.join("picture.png")).expect("a picture");
        assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n") && picture.len() <= 25_000, "{}", folder.display());
    }
    let names: BTreeSet<_> =
        folders.iter().filter_map(|folder| folder.file_name()).map(|n| n.to_string_lossy()).collect();
    let samples = part::examples::examples();
    let without: Vec<_> = samples.iter().map(|(name, _)| *name).filter(|name| !names.contains(*name)).collect();
    assert!(
        without.is_empty(),
        "no case of the samples {}; `cargo xtask cases --bless` makes them",
        without.join(", ")
    );
    let missing: Vec<_> = catalogue::definitions().iter().map(|d| d.kind).filter(|k| !shown.contains(*k)).collect();
    assert!(missing.is_empty(), "no case shows {}", missing.join(", "));
}
