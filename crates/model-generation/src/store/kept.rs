//! Intermediate results of evaluations: bytes in the object store, found by key in a table. Only a cache: an error is a
//! miss, and the least recently used go when there are too many.

use std::time::Duration;

use blob_store::BlobStore;
use bytes::Bytes;
use ids::ContentHash;
use rpc::Error;
use service_kit::{Parts, blobs_error, database};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use crate::{
    SERVICE,
    app::{Kept, Stored},
};

/// A cache that answers later than this costs more than it saves.
const PATIENCE: Duration = Duration::from_secs(1);
/// Larger results are cheaper to make again than to fetch.
const MAX_VALUE_BYTES: u64 = 32 << 20;
const SWEEP: Duration = Duration::from_secs(600);
/// Entries that one sweep removes at most.
const SWEPT: i64 = 1000;

pub(crate) struct KeptObjects {
    parts: Parts,
    most_bytes: u64,
}

impl KeptObjects {
    pub(crate) fn new(parts: Parts, most_bytes: u64) -> Self {
        KeptObjects { parts, most_bytes }
    }

    async fn look_up(&self, key: [u8; 32]) -> Result<Option<Bytes>, Error> {
        let conn = self.parts.pool.get().await.map_err(database)?;
        let sql = "UPDATE kept SET used_at = now() WHERE key = $1 RETURNING hash";
        let Some(row) = conn.query_opt(sql, &[&key.as_slice()]).await.map_err(database)? else { return Ok(None) };
        let hash = super::hash_column(&row, "hash")?;
        match self.parts.blobs.get(&hash, MAX_VALUE_BYTES).await {
            Ok(value) => Ok(Some(value)),
            Err(error) => {
                // Without its bytes the row is worth nothing.
                conn.execute("DELETE FROM kept WHERE key = $1", &[&key.as_slice()]).await.map_err(database)?;
                Err(blobs_error(error))
            }
        }
    }

    async fn write(&self, key: [u8; 32], value: Bytes) -> Result<(), Error> {
        let size = i64::try_from(value.len()).map_err(Error::internal)?;
        let what = ("evaluation", "application/octet-stream");
        let hash = self.parts.store(SERVICE, what, value, Vec::new()).await?;
        let conn = self.parts.pool.get().await.map_err(database)?;
        let sql = "INSERT INTO kept (key, hash, size_bytes) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING";
        conn.execute(sql, &[&key.as_slice(), &hash.to_string(), &size]).await.map_err(database)?;
        Ok(())
    }

    /// Removes what was used least recently, until the rest fits. Rows first: a row never outlives its bytes for long, and
    /// a hash that a newer row names too is left alone.
    pub(crate) async fn sweep(&self) -> Result<u64, Error> {
        let conn = self.parts.pool.get().await.map_err(database)?;
        let most = i64::try_from(self.most_bytes).unwrap_or(i64::MAX);
        let rows = conn
            .query(
                "WITH ranked AS (SELECT key, sum(size_bytes) OVER (ORDER BY used_at DESC, key) AS total FROM kept),
                      gone AS (DELETE FROM kept WHERE key IN (SELECT key FROM ranked WHERE total > $1 LIMIT $2)
                               RETURNING hash)
                 SELECT DISTINCT hash FROM gone",
                &[&most, &SWEPT],
            )
            .await
            .map_err(database)?;
        let mut removed = 0;
        for row in &rows {
            let hash: ContentHash = super::hash_column(row, "hash")?;
            let sql = "SELECT 1 FROM kept WHERE hash = $1 LIMIT 1";
            if conn.query_opt(sql, &[&hash.to_string()]).await.map_err(database)?.is_none() {
                self.parts.blobs.remove(&hash).await.map_err(blobs_error)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Sweeps now and then until `stop`.
    pub(crate) async fn keep_small(&self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut ticks = interval_at(Instant::now() + SWEEP, SWEEP);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = &mut stop => return,
            }
            if let Err(error) = self.sweep().await {
                tracing::warn!(error = %error.message(), "intermediate results were not swept");
            }
        }
    }
}

impl Kept for KeptObjects {
    async fn find(&self, key: [u8; 32]) -> Option<Bytes> {
        match timeout(PATIENCE, self.look_up(key)).await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                tracing::debug!(error = %error.message(), "an intermediate result was not found");
                None
            }
            Err(_) => None,
        }
    }

    async fn keep(&self, key: [u8; 32], value: Bytes) {
        if value.len() as u64 > MAX_VALUE_BYTES {
            return;
        }
        if let Ok(Err(error)) = timeout(PATIENCE, self.write(key, value)).await {
            tracing::debug!(error = %error.message(), "an intermediate result was not kept");
        }
    }
}

impl Stored for BlobStore {
    async fn content(&self, hash: &ContentHash, limit: u64) -> Result<Bytes, Error> {
        self.get(hash, limit).await.map_err(blobs_error)
    }
}
