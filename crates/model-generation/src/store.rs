//! The service's tables.

mod imports;
mod kept;
mod models;

use ids::{JobId, OwnerId};
use jobs::{JobSnapshot, JobState};
use pg_kit::{Pool, Row, Tx};
use rpc::Error;
use serde::de::DeserializeOwned;
use serde_json::Value;
use service_kit::{Failed, database};

pub(crate) use kept::KeptObjects;

pub(crate) const MIGRATIONS: pg_kit::MigrationSet =
    pg_kit::migrations!("model_generation", "0001_models", "0002_versions_imports_kept", "0003_suggested_edits");

pub(crate) struct Postgres {
    pool: Pool,
}

impl Postgres {
    pub(crate) fn new(pool: Pool) -> Self {
        Postgres { pool }
    }
}

/// Whether a row's job stands: one that came to nothing is made again.
async fn stands(tx: &Tx, job: JobId) -> Result<bool, Failed> {
    let known = jobs::get(tx, job).await?;
    Ok(known.is_some_and(|job| !matches!(job.state, JobState::Failed | JobState::Cancelled)))
}

/// A job as it is after the transaction that queued it.
async fn snapshot(pool: &Pool, job: JobId) -> Result<JobSnapshot, Error> {
    let conn = pool.get().await.map_err(database)?;
    jobs::get(&conn, job).await.map_err(database)?.ok_or_else(|| Error::not_found(job))
}

fn owner_id(owner: &str) -> Result<OwnerId, Error> {
    owner.parse().map_err(|_| Error::permission_denied("the principal names no owner"))
}

fn json_column<T: DeserializeOwned>(row: &Row, name: &str) -> Result<T, Error> {
    let value: Value = row.try_get(name).map_err(Error::internal)?;
    serde_json::from_value(value).map_err(Error::internal)
}

fn hash_column(row: &Row, name: &str) -> Result<ids::ContentHash, Error> {
    let hash: &str = row.try_get(name).map_err(Error::internal)?;
    hash.parse().map_err(|_| Error::internal(format!("{name} holds no hash")))
}

/// The identifier after which a page begins.
fn page_start<T: std::str::FromStr>(token: &str) -> Result<Option<T>, Error> {
    let parse = |token: &str| token.parse().map_err(|_| Error::invalid("page_token", "is not one that this list gave"));
    (!token.is_empty()).then(|| parse(token)).transpose()
}
