//! The archive around a 3MF model, opened with suspicion: what it says about its own sizes is not believed.

use std::{
    io::{Cursor, Read},
    sync::atomic::{AtomicBool, Ordering},
};

use zip::ZipArchive;

use super::{Bounds, ImportError};

/// Why an archive is not unpacked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PackageError {
    #[error("it cannot be opened: {reason}; it is truncated or not a 3MF file")]
    Unreadable { reason: String },
    #[error("it has {entries} files; up to {max} are read")]
    TooManyEntries { entries: usize, max: usize },
    #[error("`{name}` unpacks to more than {ratio} times its size: the archive is a bomb or damaged")]
    Ratio { name: String, ratio: usize },
    #[error("its files unpack to more than {max} bytes")]
    TooLarge { max: usize },
    #[error("it has no `{name}`")]
    Missing { name: String },
    #[error("`{name}` cannot be unpacked: {reason}")]
    Damaged { name: String, reason: String },
    #[error("`{name}` is not UTF-8 text")]
    NotText { name: String },
}

pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    bounds: &'a Bounds,
    /// Bytes that may still be unpacked.
    left: usize,
    cancel: &'a AtomicBool,
}

/// A file may unpack to this much whatever its packed size: short texts repeat themselves.
const FREE: usize = 1 << 20;

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8], bounds: &'a Bounds, cancel: &'a AtomicBool) -> Result<Self, ImportError> {
        let archive = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| PackageError::Unreadable { reason: error.to_string() })?;
        if archive.len() > bounds.entries {
            return Err(PackageError::TooManyEntries { entries: archive.len(), max: bounds.entries }.into());
        }
        Ok(Package { archive, bounds, left: bounds.inflated, cancel })
    }

    /// The text of a part by its path with or without a leading slash; names differ by more than case only by mistake.
    pub(super) fn text(&mut self, path: &str) -> Result<String, ImportError> {
        let path = path.trim_start_matches('/');
        let exact = self.archive.index_for_name(path);
        let near = || {
            (0..self.archive.len()).find(|i| {
                self.archive
                    .name_for_index(*i)
                    .is_some_and(|name| name.trim_start_matches('/').eq_ignore_ascii_case(path))
            })
        };
        let index = exact.or_else(near).ok_or_else(|| PackageError::Missing { name: path.to_owned() })?;
        let bytes = self.inflate(index, path)?;
        let text = String::from_utf8(bytes).map_err(|_| PackageError::NotText { name: path.to_owned() })?;
        Ok(match text.strip_prefix('\u{FEFF}') {
            Some(rest) => rest.to_owned(),
            None => text,
        })
    }

    fn inflate(&mut self, index: usize, name: &str) -> Result<Vec<u8>, ImportError> {
        let damaged = |reason: String| PackageError::Damaged { name: name.to_owned(), reason };
        let mut file = self.archive.by_index(index).map_err(|error| damaged(error.to_string()))?;
        let packed = usize::try_from(file.compressed_size()).unwrap_or(usize::MAX);
        let allowed = packed.saturating_mul(self.bounds.ratio).max(FREE);
        let mut bytes = Vec::new();
        let mut chunk = vec![0; 1 << 16];
        loop {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(ImportError::Cancelled);
            }
            let count = file.read(&mut chunk).map_err(|error| damaged(error.to_string()))?;
            if count == 0 {
                break;
            }
            if count > self.left {
                return Err(PackageError::TooLarge { max: self.bounds.inflated }.into());
            }
            self.left -= count;
            bytes.extend_from_slice(&chunk[..count]);
            if bytes.len() > allowed {
                return Err(PackageError::Ratio { name: name.to_owned(), ratio: self.bounds.ratio }.into());
            }
        }
        Ok(bytes)
    }
}
