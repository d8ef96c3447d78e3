//! Imports in Postgres.

use std::sync::Arc;

use ids::{ContentHash, ImportId, JobId};
use jobs::{JobContext, JobError, JobSnapshot, NewJob};
use pg_kit::{Row, Tx};
use rpc::Error;
use serde_json::json;
use service_kit::{Failed, Outcome, Page, database, traceparent};

use super::{Postgres, hash_column, json_column, owner_id, page_start, snapshot, stands};
use crate::{
    app::{IMPORT, Imports},
    domain::{Import, Measured, Upload},
};

impl Imports for Postgres {
    async fn queue_import(&self, owner: &str, upload: &Upload) -> Result<JobSnapshot, Error> {
        let owner = &owner_id(owner)?;
        let work = |tx: Arc<Tx>| async move {
            let job = JobId::now_v7();
            let inserted = tx
                .query_opt(
                    "INSERT INTO imports (id, owner, hash, filename, size_bytes, job) VALUES ($1, $2, $3, $4, $5, $6)
                     ON CONFLICT (owner, hash) DO NOTHING RETURNING id",
                    &[
                        &upload.id.uuid(),
                        &owner.as_str(),
                        &upload.hash.to_string(),
                        &upload.filename,
                        &upload.size_bytes,
                        &job.uuid(),
                    ],
                )
                .await?;
            if inserted.is_some() {
                let new = NewJob::typed(IMPORT, owner.clone(), upload).map_err(Error::internal)?;
                return Ok::<JobId, Failed>(jobs::enqueue(&tx, new.id(job).trace_context(traceparent())).await?);
            }
            let row = tx
                .query_one(
                    "SELECT id, job FROM imports WHERE owner = $1 AND hash = $2 FOR UPDATE",
                    &[&owner.as_str(), &upload.hash.to_string()],
                )
                .await?;
            let job = JobId::from_uuid(row.try_get("job").map_err(Error::internal)?);
            if stands(&tx, job).await? {
                return Ok(job);
            }
            let id = ImportId::from_uuid(row.try_get("id").map_err(Error::internal)?);
            let again = Upload { id, ..upload.clone() };
            let new = NewJob::typed(IMPORT, owner.clone(), &again).map_err(Error::internal)?;
            let job = jobs::enqueue(&tx, new.trace_context(traceparent())).await?;
            tx.execute("UPDATE imports SET job = $2 WHERE id = $1", &[&id.uuid(), &job.uuid()]).await?;
            Ok(job)
        };
        let job = self.pool.transaction(work).await.map_err(Error::from)?;
        snapshot(&self.pool, job).await
    }

    async fn finish_import(&self, context: &JobContext, id: ImportId, measured: &Measured) -> Result<(), JobError> {
        let tx = self.pool.begin().await?;
        tx.execute("UPDATE imports SET result = $2 WHERE id = $1", &[&id.uuid(), &json!(measured)]).await?;
        context.complete_in(&tx, &json!(Outcome { resource: id.to_string() })).await?;
        Ok(tx.commit().await?)
    }

    async fn get_import(&self, owner: &str, id: ImportId) -> Result<Import, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let sql = "SELECT id, hash, filename, size_bytes, result, created_at FROM imports
                   WHERE id = $1 AND owner = $2 AND result IS NOT NULL";
        let row = conn.query_opt(sql, &[&id.uuid(), &owner]).await.map_err(database)?;
        row.as_ref().map(read_import).transpose()?.ok_or_else(|| Error::not_found(id))
    }

    async fn list_imports(&self, owner: &str, size: u32, after: &str) -> Result<Page<Import>, Error> {
        let before = page_start::<ImportId>(after)?.map(|id| id.uuid());
        let conn = self.pool.get().await.map_err(database)?;
        let sql = "SELECT id, hash, filename, size_bytes, result, created_at FROM imports
                   WHERE owner = $1 AND result IS NOT NULL AND ($2::uuid IS NULL OR id < $2)
                   ORDER BY id DESC LIMIT $3";
        let rows = conn.query(sql, &[&owner, &before, &i64::from(size)]).await.map_err(database)?;
        let items = rows.iter().map(read_import).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::new(items, size, |import| import.upload.id.uuid().to_string()))
    }

    async fn is_import(&self, owner: &str, hash: &ContentHash) -> Result<bool, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let sql = "SELECT 1 FROM imports WHERE owner = $1 AND hash = $2 AND result IS NOT NULL";
        Ok(conn.query_opt(sql, &[&owner, &hash.to_string()]).await.map_err(database)?.is_some())
    }
}

fn read_import(row: &Row) -> Result<Import, Error> {
    let filename: String = row.try_get("filename").map_err(Error::internal)?;
    Ok(Import {
        upload: Upload {
            id: ImportId::from_uuid(row.try_get("id").map_err(Error::internal)?),
            filename,
            hash: hash_column(row, "hash")?,
            size_bytes: row.try_get("size_bytes").map_err(Error::internal)?,
        },
        result: json_column(row, "result")?,
        created_at: row.try_get("created_at").map_err(Error::internal)?,
    })
}
