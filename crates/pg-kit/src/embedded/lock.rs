//! The lock of a data folder, which also tells others where its platform listens.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::EmbeddedError;
use super::error::io;

const FILE: &str = "platform.lock";
/// More than an address needs; a lock file is not trusted to be small.
const MAX_CONTENTS: u64 = 64 * 1024;
/// A peek holds the lock for a moment; an acquirer outwaits it.
const ATTEMPTS: u32 = 10;

/// Holds a data folder for this process; let go when it is dropped and when the process dies, however it dies.
#[derive(Debug)]
pub struct DataDirLock {
    dir: PathBuf,
    file: File,
}

/// Why the lock was not acquired.
#[derive(Debug, thiserror::Error)]
pub enum Held {
    /// Another platform runs on the folder; `contents` is what it published (empty while it is starting).
    #[error("another platform is already running on {}{}", dir.display(), describe(contents))]
    Running { dir: PathBuf, contents: String },
    #[error(transparent)]
    Folder(#[from] EmbeddedError),
}

fn describe(contents: &str) -> String {
    if contents.is_empty() { " (it is still starting)".into() } else { format!(": {contents}") }
}

impl DataDirLock {
    /// Locks `dir`, which is made if it does not exist.
    pub fn acquire(dir: &Path) -> Result<Self, Held> {
        let dir = super::user::make_data_dir(dir)?;
        let path = dir.join(FILE);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(io("open", &path))?;
        for attempt in 1.. {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if attempt < ATTEMPTS => std::thread::sleep(Duration::from_millis(10)),
                Err(TryLockError::WouldBlock) => {
                    let contents = read(&mut file).map_err(io("read", &path))?;
                    return Err(Held::Running { dir, contents });
                }
                Err(TryLockError::Error(error)) => return Err(io("lock", &path)(error).into()),
            }
        }
        let lock = Self { dir, file };
        // What a killed platform published is no longer true.
        lock.publish("")?;
        Ok(lock)
    }

    /// What the platform that runs on `dir` published; `None` if none runs there.
    pub fn peek(dir: &Path) -> Option<String> {
        let mut file = File::open(dir.join(FILE)).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => read(&mut file).ok(),
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }

    /// Tells others where this platform listens: one JSON object.
    pub fn publish(&self, json: &str) -> Result<(), EmbeddedError> {
        let path = self.dir.join(FILE);
        let mut file = &self.file;
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(json.as_bytes()))
            .and_then(|()| file.flush())
            .map_err(io("write", path))
    }

    /// The data folder, absolute.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Drop for DataDirLock {
    fn drop(&mut self) {
        // A reader finds an unlocked file, whatever is in it; emptying it only spares people confusion.
        drop(self.publish(""));
    }
}

fn read(file: &mut File) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(MAX_CONTENTS).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_refused_and_told_what_the_first_published() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(DataDirLock::peek(dir.path()), None);
        let lock = DataDirLock::acquire(dir.path()).unwrap();
        lock.publish(r#"{"address":"127.0.0.1:8080","padding":"xxxxxxxx"}"#).unwrap();
        lock.publish(r#"{"address":"127.0.0.1:8080"}"#).unwrap();
        match DataDirLock::acquire(dir.path()) {
            Err(Held::Running { contents, .. }) => assert_eq!(contents, r#"{"address":"127.0.0.1:8080"}"#),
            other => panic!("{other:?}"),
        }
        assert_eq!(DataDirLock::peek(dir.path()).as_deref(), Some(r#"{"address":"127.0.0.1:8080"}"#));
        drop(lock);
        assert_eq!(DataDirLock::peek(dir.path()), None);
        drop(DataDirLock::acquire(dir.path()).unwrap());
    }
}
