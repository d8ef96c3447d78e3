//! Storing and finding objects.
//!
//! Keys: `objects/ab/abcdef...` for bytes, `trail/ab/abcdef.../<digest of kind and owner>.json` for records,
//! `incoming/...` for uploads whose hash is not known yet. Writes appear whole or not at all, and are on the disk when
//! the call returns.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{Stream, StreamExt as _, TryStreamExt as _};
use ids::ContentHash;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, PutMode, PutPayload};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::object::{Metadata, Object};
use crate::provenance::{Provenance, TrailRecord};

/// Uploads are written in pieces of this size, in bytes; S3 asks for at least 5 MiB.
const PART_BYTES: usize = 8 * 1024 * 1024;

/// Where objects are kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Config {
    /// In a folder.
    Local {
        /// The folder; made when missing.
        path: PathBuf,
        /// Wait until bytes are on the disk. Off only where losing the latest objects in a power cut is fine.
        #[serde(default = "yes")]
        fsync: bool,
    },
}

fn yes() -> bool {
    true
}

/// What became of a put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The object's name.
    pub hash: ContentHash,
    /// Its size in bytes.
    pub size: u64,
    /// The bytes were not there before.
    pub new: bool,
}

/// The store. Clones share it.
#[derive(Debug, Clone)]
pub struct BlobStore {
    pub(crate) store: Arc<dyn ObjectStore>,
}

impl BlobStore {
    /// Opens the store that the configuration names.
    pub fn open(config: &Config) -> Result<Self, Error> {
        match config {
            Config::Local { path, fsync } => {
                let folder = |source| Error::Folder { path: path.display().to_string(), source };
                std::fs::create_dir_all(path).map_err(folder)?;
                let local = LocalFileSystem::new_with_prefix(path)
                    .map_err(|source| Error::of_store("open", source))?
                    .with_fsync(*fsync);
                Ok(Self::over(Arc::new(local)))
            }
        }
    }

    /// A store over any backend of the object_store crate.
    pub fn over(store: Arc<dyn ObjectStore>) -> Self {
        Self { store }
    }

    /// Stores bytes and the record of their making; answers their hash. Storing the same again is cheap and changes
    /// nothing, except that damaged bytes are replaced by the good ones.
    pub async fn put(&self, bytes: Bytes, provenance: Provenance) -> Result<Stored, Error> {
        provenance.check()?;
        let hash = ContentHash::of(&bytes);
        let size = bytes.len() as u64;
        let key = object_key(&hash);
        let new = match self.create(&key, bytes.clone().into()).await {
            Ok(()) => true,
            Err(object_store::Error::AlreadyExists { .. }) => {
                self.repair(&hash, &key, bytes).await?;
                false
            }
            Err(source) => return Err(Error::of_store("put", source)),
        };
        self.record(hash, size, provenance).await?;
        Ok(Stored { hash, size, new })
    }

    /// Stores a stream of at most `limit` bytes without holding it in memory.
    pub async fn put_stream<S, E>(&self, stream: S, limit: u64, provenance: Provenance) -> Result<Stored, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync + 'static>>,
    {
        provenance.check()?;
        let incoming = incoming_key()?;
        let received = self.receive(stream, limit, &incoming).await;
        let (hash, size) = received?;
        let key = object_key(&hash);
        let new = match self.store.rename_if_not_exists(&incoming, &key).await {
            Ok(()) => true,
            Err(object_store::Error::AlreadyExists { .. }) => {
                // The new copy was just written and hashed, so it is the one to trust.
                let sound = match self.get_range(&hash, None).await {
                    Ok(mut object) => loop {
                        match object.next().await {
                            None => break true,
                            Some(Ok(_)) => {}
                            Some(Err(_)) => break false,
                        }
                    },
                    Err(_) => false,
                };
                if sound {
                    self.store.delete(&incoming).await.map_err(|source| Error::of_store("put", source))?;
                } else {
                    tracing::warn!(object = %hash, "replacing a damaged object");
                    self.store.rename(&incoming, &key).await.map_err(|source| Error::of_store("put", source))?;
                }
                false
            }
            Err(source) => return Err(Error::of_store("put", source)),
        };
        self.record(hash, size, provenance).await?;
        Ok(Stored { hash, size, new })
    }

    /// Another provenance for bytes that are there already.
    pub async fn add_record(&self, hash: &ContentHash, provenance: Provenance) -> Result<(), Error> {
        provenance.check()?;
        let size = self.head(hash).await?.size;
        self.record(*hash, size, provenance).await
    }

    /// A whole object of at most `limit` bytes, checked against its hash.
    pub async fn get(&self, hash: &ContentHash, limit: u64) -> Result<Bytes, Error> {
        self.get_range(hash, None).await?.bytes(limit).await
    }

    /// An object, or the given bytes of it, as a stream. The range may end beyond the object, not begin there.
    pub async fn get_range(&self, hash: &ContentHash, range: Option<Range<u64>>) -> Result<Object, Error> {
        if let Some(range) = range.clone().filter(|range| range.start >= range.end) {
            let size = self.head(hash).await?.size;
            return Err(Error::Range { hash: *hash, start: range.start, end: range.end, size });
        }
        let options = GetOptions { range: range.clone().map(GetRange::Bounded), ..GetOptions::default() };
        let found = match self.store.get_opts(&object_key(hash), options).await {
            Ok(found) => found,
            Err(source) => {
                // The store says "generic" both for a range beyond the end and for a broken disk: look which.
                if let (Some(range), Ok(known)) = (range, self.head(hash).await)
                    && range.start >= known.size
                {
                    return Err(Error::Range { hash: *hash, start: range.start, end: range.end, size: known.size });
                }
                return Err(Error::of_object("get", hash, source));
            }
        };
        let (size, range) = (found.meta.size, found.range.clone());
        let stream = found.into_stream().map(|piece| piece.map_err(|source| Error::of_store("get", source)));
        Ok(Object::new(hash, size, range, stream.boxed()))
    }

    /// Size and age of an object.
    pub async fn head(&self, hash: &ContentHash) -> Result<Metadata, Error> {
        let found = self.store.head(&object_key(hash)).await;
        let found = found.map_err(|source| Error::of_object("head", hash, source))?;
        let seconds = found.last_modified.timestamp();
        let stored = time::OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
        Ok(Metadata { size: found.size, stored })
    }

    /// True when the object is there.
    pub async fn contains(&self, hash: &ContentHash) -> Result<bool, Error> {
        match self.head(hash).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes an object and the records of its making; one that is not there is no error. Only for the bytes' owner: a
    /// hash that somebody else names is lost to them too.
    pub async fn remove(&self, hash: &ContentHash) -> Result<(), Error> {
        let failed = |source| Error::of_store("remove", source);
        // The object last: what is left of an interrupted removal still has its object.
        let records = self.store.list(Some(&record_folder(hash)));
        let keys: Vec<Path> = records.map_ok(|found| found.location).try_collect().await.map_err(failed)?;
        for key in keys.iter().chain([&object_key(hash)]) {
            match self.store.delete(key).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(source) => return Err(failed(source)),
            }
        }
        Ok(())
    }

    /// Writes, reads and deletes a small file, for health checks and for a clear word at start.
    pub async fn check(&self) -> Result<(), Error> {
        let probe = incoming_key()?;
        let failed = |source| Error::of_store("check", source);
        self.store.put(&probe, PutPayload::from_static(b"probe")).await.map_err(failed)?;
        self.store.delete(&probe).await.map_err(failed)
    }

    async fn create(&self, key: &Path, payload: PutPayload) -> object_store::Result<()> {
        self.store.put_opts(key, payload, PutMode::Create.into()).await.map(|_| ())
    }

    /// The object exists: make sure that it is what it should be, now that the right bytes are at hand.
    async fn repair(&self, hash: &ContentHash, key: &Path, bytes: Bytes) -> Result<(), Error> {
        let stored = self.get(hash, bytes.len() as u64).await;
        if stored.is_ok() {
            return Ok(());
        }
        tracing::warn!(object = %hash, "replacing a damaged object");
        let replaced = self.store.put_opts(key, bytes.into(), PutMode::Overwrite.into()).await;
        replaced.map(|_| ()).map_err(|source| Error::of_store("put", source))
    }

    async fn receive<S, E>(&self, stream: S, limit: u64, key: &Path) -> Result<(ContentHash, u64), Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn std::error::Error + Send + Sync + 'static>>,
    {
        let failed = |source| Error::of_store("put", source);
        let mut upload = self.store.put_multipart(key).await.map_err(failed)?;
        let outcome = async {
            let mut stream = std::pin::pin!(stream);
            let (mut hasher, mut size, mut part) = (blake3::Hasher::new(), 0_u64, Vec::new());
            while let Some(piece) = stream.next().await {
                let piece = piece.map_err(|error| Error::Source(error.into()))?;
                size += piece.len() as u64;
                if size > limit {
                    return Err(Error::TooLarge { limit });
                }
                hasher.update(&piece);
                part.extend_from_slice(&piece);
                if part.len() >= PART_BYTES {
                    upload.put_part(std::mem::take(&mut part).into()).await.map_err(failed)?;
                }
            }
            if !part.is_empty() {
                upload.put_part(part.into()).await.map_err(failed)?;
            }
            upload.complete().await.map_err(failed)?;
            Ok((ContentHash::from(hasher.finalize()), size))
        }
        .await;
        if outcome.is_err()
            && let Err(error) = upload.abort().await
        {
            tracing::debug!(%error, "an unfinished upload was not removed");
        }
        outcome
    }

    async fn record(&self, hash: ContentHash, size_bytes: u64, provenance: Provenance) -> Result<(), Error> {
        let key = record_folder(&hash).join(provenance.record_name().as_str());
        let record = TrailRecord { schema: 1, hash, size_bytes, provenance };
        let text = serde_json::to_vec(&record).map_err(|source| Error::Record { hash, source })?;
        match self.create(&key, text.into()).await {
            // The first record stays: it says when and from what these bytes first came.
            Ok(()) | Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
            Err(source) => Err(Error::of_store("record", source)),
        }
    }
}

pub(crate) fn object_key(hash: &ContentHash) -> Path {
    let hex = hash.to_hex();
    Path::from_iter(["objects", &hex[..2], &hex[2..]])
}

pub(crate) fn record_folder(hash: &ContentHash) -> Path {
    let hex = hash.to_hex();
    Path::from_iter(["trail", &hex[..2], &hex[2..]])
}

fn incoming_key() -> Result<Path, Error> {
    let mut name = [0_u8; 16];
    SystemRandom::new()
        .fill(&mut name)
        .map_err(|_| Error::Source("the system has no randomness to name an upload with".into()))?;
    Ok(Path::from_iter(["incoming", &ContentHash::of(&name).to_hex()]))
}
