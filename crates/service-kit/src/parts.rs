//! What a service is built from, whether it is hosted alone or inside the embedded platform.

use blob_store::{BlobStore, Provenance};
use boot::{Clock, Tasks};
use ids::ContentHash;
use pg_kit::{MigrationSet, Pool};
use rpc::Error;

use crate::{blobs_error, errors::database};

/// Clones share everything.
#[derive(Clone)]
pub struct Parts {
    /// The service's name, as operations and trails carry it.
    pub service: &'static str,
    /// On the service's own schema.
    pub pool: Pool,
    pub blobs: BlobStore,
    pub clock: Clock,
    /// The service's background work; its shutdown drains the service.
    pub tasks: Tasks,
}

impl Parts {
    /// Brings the schema up to date: the kits' tables, then the service's own.
    pub async fn migrate(&self, own: MigrationSet) -> Result<(), Error> {
        let sets = [jobs::MIGRATIONS, events::MIGRATIONS, pg_kit::idempotency::MIGRATIONS, own];
        pg_kit::migrate(&self.pool, &sets).await.map_err(database)
    }

    /// Runs a worker of the service's jobs until shutdown.
    pub fn work(&self, worker: jobs::Worker) {
        let stop = self.tasks.shutdown().token();
        self.tasks.spawn("jobs", worker.run(stop));
    }

    /// What the trail says of something that this service makes now.
    pub fn provenance(&self, owner: &str, (kind, media_type): (&str, &str), made_from: Vec<ContentHash>) -> Provenance {
        Provenance {
            kind: kind.to_owned(),
            media_type: media_type.to_owned(),
            owner: owner.to_owned(),
            service: self.service.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            made_from,
            created: self.clock.now(),
        }
    }

    /// Stores bytes with their place in the trail. Bytes first: the row that names the hash is written afterwards.
    pub async fn store(
        &self,
        owner: &str,
        (kind, media_type): (&str, &str),
        bytes: impl Into<bytes::Bytes>,
        made_from: Vec<ContentHash>,
    ) -> Result<ContentHash, Error> {
        let provenance = self.provenance(owner, (kind, media_type), made_from);
        Ok(self.blobs.put(bytes.into(), provenance).await.map_err(blobs_error)?.hash)
    }

    /// A whole stored object of at most `limit` bytes, checked against its hash.
    pub async fn read(&self, hash: &ContentHash, limit: u64) -> Result<bytes::Bytes, Error> {
        self.blobs.get(hash, limit).await.map_err(blobs_error)
    }
}
