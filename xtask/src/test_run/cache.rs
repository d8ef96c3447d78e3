//! The build cache outside of the clone: a target folder that clones use one after another.
//!
//! Cargo tells a stale artefact by comparing times, and names workspace members by their place in the workspace. In a
//! folder that another clone built in, our older sources would therefore pass for the other clone's newer artefacts, and
//! its code would be tested as ours. So the folder remembers whose it was, and a new owner's sources are touched.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace;

/// A cache folder that nobody else uses while this value lives.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    /// The lock ends with the process, kill -9 included.
    _lock: File,
}

impl Cache {
    /// Takes the folder for the clone at `root`; `None` when another run holds it.
    pub(super) fn claim(folder: &Path, root: &Path) -> Result<Option<Self>> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("could not make the build cache {}", folder.display()))?;
        let path = folder.join("3dpot.lock");
        let lock = File::create(&path).with_context(|| format!("could not open {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                workspace::say(format_args!("the build cache {} is in use by another run", folder.display()));
                return Ok(None);
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("could not lock {}", path.display()));
            }
        }
        let owner = folder.join("3dpot.owner");
        let root_text = root.to_string_lossy();
        if std::fs::read_to_string(&owner).ok().as_deref() != Some(&*root_text) {
            touch_sources(root)?;
            std::fs::write(&owner, root_text.as_bytes())?;
        }
        Ok(Some(Self { folder: folder.to_path_buf(), _lock: lock }))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

#[expect(clippy::disallowed_methods, reason = "file times are compared with the machine's clock by cargo itself")]
fn touch_sources(root: &Path) -> Result<()> {
    let now = std::time::SystemTime::now();
    for top in ["crates", "tests", "xtask"].map(|it| root.join(it)).iter().filter(|it| it.is_dir()) {
        for source in workspace::files_below(top, &|path| path.extension().is_some_and(|it| it == "rs"))? {
            let file = File::options().append(true).open(&source);
            file.and_then(|it| it.set_modified(now))
                .with_context(|| format!("could not touch {}", source.display()))?;
        }
    }
    Ok(())
}

/// The cache to use when no target folder was chosen: the one that was named, or the usual one where it exists.
pub(super) fn folder(chosen: Option<String>, named: Option<String>, home: Option<String>) -> Option<PathBuf> {
    if chosen.is_some() {
        return None;
    }
    let usual = || home.map(|home| Path::new(&home).join(".cache/3dpot/target")).filter(|it| it.is_dir());
    named.map(PathBuf::from).or_else(usual)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn a_chosen_target_folder_wins_over_a_named_cache_and_that_over_the_usual_one() {
        let home = tempfile::tempdir().unwrap();
        let home_text = home.path().to_str().map(str::to_owned);
        assert_eq!(folder(None, None, home_text.clone()), None, "the usual cache does not exist");
        let usual = home.path().join(".cache/3dpot/target");
        std::fs::create_dir_all(&usual).unwrap();
        assert_eq!(folder(None, None, home_text.clone()), Some(usual));
        assert_eq!(folder(None, Some("/cache".to_owned()), home_text.clone()), Some(PathBuf::from("/cache")));
        assert_eq!(folder(Some("/chosen".to_owned()), Some("/cache".to_owned()), home_text), None);
    }

    #[test]
    fn a_cache_has_one_user_and_a_new_owner_rebuilds_its_own_code() {
        let scratch = tempfile::tempdir().unwrap();
        let cache = scratch.path().join("cache");
        let clone = |name: &str| {
            let source = scratch.path().join(name).join("crates/a/src/lib.rs");
            std::fs::create_dir_all(source.parent().unwrap()).unwrap();
            std::fs::write(&source, "//! A.\n").unwrap();
            File::options().append(true).open(&source).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
            (scratch.path().join(name), source)
        };
        let touched = |source: &Path| {
            std::fs::metadata(source).unwrap().modified().unwrap() > SystemTime::UNIX_EPOCH + Duration::from_secs(1)
        };
        let (first, first_source) = clone("first");
        let (second, second_source) = clone("second");

        let held = Cache::claim(&cache, &first).unwrap().unwrap();
        assert!(touched(&first_source));
        assert!(Cache::claim(&cache, &second).unwrap().is_none(), "one user at a time");
        assert!(!touched(&second_source));
        drop(held);

        drop(Cache::claim(&cache, &second).unwrap().unwrap());
        assert!(touched(&second_source), "the first clone's artefacts must not pass for ours");

        let (_, again) = clone("second");
        drop(Cache::claim(&cache, &second).unwrap().unwrap());
        assert!(!touched(&again), "the owner's own artefacts are kept");
    }
}
