//! Reading the trail: what an object was made from, back to the words it began with.
//!
//! **Reading rule.** The same bytes can have several records: one for each kind and owner that stored them. They are
//! read oldest first. A viewer sees their own records of an object where there are any, and else the oldest one; a
//! reader without a name (the platform itself) sees all. What is followed is what is seen.

use std::collections::{HashSet, VecDeque};

use futures::stream::StreamExt as _;
use ids::ContentHash;
use object_store::ObjectStoreExt as _;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::provenance::TrailRecord;
use crate::store::{BlobStore, record_folder};

/// Records of one object that are read at most.
const MAX_RECORDS: usize = 64;

/// An object on the way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailEntry {
    /// The object.
    pub hash: ContentHash,
    /// Steps from where the walk began, which is 0.
    pub depth: u32,
    /// What is recorded of it, oldest first; never empty.
    pub records: Vec<TrailRecord>,
}

/// Everything that an object came from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Trail {
    /// Nearest first; each object once, however many ways lead to it.
    pub entries: Vec<TrailEntry>,
    /// Hashes that are named but have no record.
    pub missing: Vec<ContentHash>,
    /// The walk stopped at its limit and there is more.
    pub truncated: bool,
}

impl BlobStore {
    /// What is recorded of an object, oldest first; empty when nothing is.
    pub async fn records(&self, hash: &ContentHash) -> Result<Vec<TrailRecord>, Error> {
        let folder = record_folder(hash);
        let mut listed = self.store.list(Some(&folder)).take(MAX_RECORDS);
        let mut records = Vec::new();
        while let Some(found) = listed.next().await {
            let found = found.map_err(|source| Error::of_store("trail", source))?;
            let failed = |source| Error::of_store("trail", source);
            let text = self.store.get(&found.location).await.map_err(failed)?.bytes().await.map_err(failed)?;
            let record: TrailRecord =
                serde_json::from_slice(&text).map_err(|source| Error::Record { hash: *hash, source })?;
            records.push(record);
        }
        records.sort_by(|a, b| {
            let key = |r: &TrailRecord| (r.provenance.created, r.provenance.kind.clone(), r.provenance.owner.clone());
            key(a).cmp(&key(b))
        });
        Ok(records)
    }

    /// Walks back breadth-first from `hash` over at most `limit` objects. `viewer` is an owner, or none for the
    /// platform itself.
    pub async fn trail(&self, hash: &ContentHash, viewer: Option<&str>, limit: usize) -> Result<Trail, Error> {
        let mut trail = Trail::default();
        let mut seen = HashSet::from([*hash]);
        let mut queue = VecDeque::from([(*hash, 0_u32)]);
        while let Some((hash, depth)) = queue.pop_front() {
            if trail.entries.len() + trail.missing.len() >= limit {
                trail.truncated = true;
                break;
            }
            let records = visible(self.records(&hash).await?, viewer);
            if records.is_empty() {
                trail.missing.push(hash);
                continue;
            }
            for source in records.iter().flat_map(|record| &record.provenance.made_from) {
                if seen.insert(*source) {
                    queue.push_back((*source, depth + 1));
                }
            }
            trail.entries.push(TrailEntry { hash, depth, records });
        }
        Ok(trail)
    }
}

fn visible(mut records: Vec<TrailRecord>, viewer: Option<&str>) -> Vec<TrailRecord> {
    let Some(viewer) = viewer else { return records };
    if records.iter().any(|record| record.provenance.owner == viewer) {
        records.retain(|record| record.provenance.owner == viewer);
    } else {
        records.truncate(1);
    }
    records
}
