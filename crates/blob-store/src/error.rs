//! What can go wrong with stored bytes, told apart as far as somebody can act on it.

use ids::ContentHash;

/// A failure of the object store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No object has this hash.
    #[error("there is no object {hash}")]
    NotFound {
        /// The hash asked for.
        hash: ContentHash,
    },
    /// The stored bytes do not have the hash that names them.
    #[error("object {hash} is damaged: its bytes no longer have this hash; store it again or restore it from a backup")]
    Corrupt {
        /// The hash asked for.
        hash: ContentHash,
    },
    /// A range that the object does not have.
    #[error("bytes {start}..{end} are outside of object {hash}, which has {size} bytes")]
    Range {
        /// The hash asked for.
        hash: ContentHash,
        /// First byte asked for.
        start: u64,
        /// One past the last byte asked for.
        end: u64,
        /// The object's size in bytes.
        size: u64,
    },
    /// More bytes than the caller allows.
    #[error("the object is over {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The disk or the quota is full.
    #[error("no space left for objects ({operation}); free some on the data folder's disk and try again")]
    NoSpace {
        /// What was being done.
        operation: &'static str,
        /// The system's own words.
        source: object_store::Error,
    },
    /// The disk is mounted read-only.
    #[error("the object folder is read-only ({operation}); mount it writable or choose another data folder")]
    ReadOnly {
        /// What was being done.
        operation: &'static str,
        /// The system's own words.
        source: object_store::Error,
    },
    /// The folder belongs to somebody else.
    #[error("no permission on the object folder ({operation}); it must belong to the user that runs the platform")]
    Permission {
        /// What was being done.
        operation: &'static str,
        /// The system's own words.
        source: object_store::Error,
    },
    /// The folder cannot be opened at all.
    #[error("the object folder {path} cannot be used: {source}")]
    Folder {
        /// The folder.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A provenance that could not be read back.
    #[error("provenance field `{field}` {problem}")]
    Provenance {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A stored record that does not parse.
    #[error("a trail record of object {hash} is damaged: {source}")]
    Record {
        /// The object.
        hash: ContentHash,
        /// What the parser says.
        source: serde_json::Error,
    },
    /// What the bytes were read from failed.
    #[error("the source of the bytes failed: {0}")]
    Source(Box<dyn std::error::Error + Send + Sync + 'static>),
    /// Anything else.
    #[error("the object store failed ({operation}): {source}")]
    Store {
        /// What was being done.
        operation: &'static str,
        /// The store's own words.
        source: object_store::Error,
    },
}

impl Error {
    /// Sorts a failure of the store by what the system said at its root.
    pub(crate) fn of_store(operation: &'static str, source: object_store::Error) -> Self {
        use std::io::ErrorKind;
        match root_kind(&source) {
            Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => Self::NoSpace { operation, source },
            Some(ErrorKind::ReadOnlyFilesystem) => Self::ReadOnly { operation, source },
            Some(ErrorKind::PermissionDenied) => Self::Permission { operation, source },
            _ => Self::Store { operation, source },
        }
    }

    /// The same for an object, where absence has a name.
    pub(crate) fn of_object(operation: &'static str, hash: &ContentHash, source: object_store::Error) -> Self {
        match source {
            object_store::Error::NotFound { .. } => Self::NotFound { hash: *hash },
            other => Self::of_store(operation, other),
        }
    }
}

fn root_kind(error: &(dyn std::error::Error + 'static)) -> Option<std::io::ErrorKind> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_read_only_one_are_told_apart() {
        let failing =
            |kind| object_store::Error::Generic { store: "test", source: Box::new(std::io::Error::from(kind)) };
        let sorted = |kind| Error::of_store("put", failing(kind));
        assert!(matches!(sorted(std::io::ErrorKind::StorageFull), Error::NoSpace { .. }));
        assert!(matches!(sorted(std::io::ErrorKind::ReadOnlyFilesystem), Error::ReadOnly { .. }));
        assert!(matches!(sorted(std::io::ErrorKind::PermissionDenied), Error::Permission { .. }));
        assert!(matches!(sorted(std::io::ErrorKind::TimedOut), Error::Store { .. }));
    }
}
