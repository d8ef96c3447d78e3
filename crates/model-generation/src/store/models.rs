//! Models and their lineages in Postgres.

use std::sync::Arc;

use geometry::printability::Report;
use ids::{JobId, ModelId, OwnerId};
use jobs::{JobContext, JobError, JobSnapshot, NewJob};
use pg_kit::{Row, Tx};
use rpc::Error;
use serde_json::json;
use service_kit::{Failed, Outcome, Page, database, traceparent};

use super::{Postgres, hash_column, json_column, owner_id, page_start, snapshot, stands};
use crate::{
    app::{BUILD, Models, SUGGEST},
    domain::{Built, Model, Request, Suggestion, Version},
};

impl Models for Postgres {
    async fn queue(&self, owner: &str, requests: &[Request]) -> Result<Vec<JobSnapshot>, Error> {
        let owner = &owner_id(owner)?;
        let work = |tx: Arc<Tx>| async move {
            let mut queued = Vec::with_capacity(requests.len());
            for request in requests {
                let (model, job) = queue_one(&tx, owner, request).await?;
                join_lineage(&tx, owner, model, request.previous).await?;
                queued.push(job);
            }
            Ok::<_, Failed>(queued)
        };
        let queued = self.pool.transaction(work).await.map_err(Error::from)?;
        let mut found = Vec::with_capacity(queued.len());
        for job in queued {
            found.push(snapshot(&self.pool, job).await?);
        }
        Ok(found)
    }

    async fn finish(&self, context: &JobContext, id: ModelId, built: &Built) -> Result<(), JobError> {
        let tx = self.pool.begin().await?;
        tx.execute("UPDATE models SET result = $2 WHERE id = $1", &[&id.uuid(), &json!(built)]).await?;
        context.complete_in(&tx, &json!(Outcome { resource: id.to_string() })).await?;
        Ok(tx.commit().await?)
    }

    async fn queue_suggestion(&self, owner: &str, suggestion: Suggestion) -> Result<JobSnapshot, Error> {
        let owner = &owner_id(owner)?;
        let work = |tx: Arc<Tx>| async move { suggest_one(&tx, owner, suggestion).await };
        let job = self.pool.transaction(work).await.map_err(Error::from)?;
        snapshot(&self.pool, job).await
    }

    async fn finish_suggestion(&self, context: &JobContext, id: ModelId, mended: &Report) -> Result<(), JobError> {
        let tx = self.pool.begin().await?;
        tx.execute("UPDATE models SET mended = $2 WHERE id = $1", &[&id.uuid(), &json!(mended)]).await?;
        context.complete_in(&tx, &json!(Outcome { resource: id.to_string() })).await?;
        Ok(tx.commit().await?)
    }

    async fn get(&self, owner: &str, id: ModelId) -> Result<Model, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let row = conn
            .query_opt(
                "SELECT id, specification_hash, part, result, mended, created_at FROM models
                 WHERE id = $1 AND owner = $2 AND result IS NOT NULL",
                &[&id.uuid(), &owner],
            )
            .await
            .map_err(database)?;
        row.as_ref().map(read_model).transpose()?.ok_or_else(|| Error::not_found(id))
    }

    async fn list(&self, owner: &str, size: u32, after: &str) -> Result<Page<Model>, Error> {
        let before = page_start::<ModelId>(after)?.map(|id| id.uuid());
        let conn = self.pool.get().await.map_err(database)?;
        let rows = conn
            .query(
                "SELECT id, specification_hash, part, result, mended, created_at FROM models
                 WHERE owner = $1 AND result IS NOT NULL AND ($2::uuid IS NULL OR id < $2)
                 ORDER BY id DESC LIMIT $3",
                &[&owner, &before, &i64::from(size)],
            )
            .await
            .map_err(database)?;
        let items = rows.iter().map(read_model).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::new(items, size, |model| model.id.uuid().to_string()))
    }

    async fn versions(&self, owner: &str, id: ModelId) -> Result<Vec<Version>, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let rows = conn
            .query(
                "SELECT version, model, created_at FROM model_versions
                 WHERE lineage = (SELECT lineage FROM model_versions WHERE model = $1 AND owner = $2
                                  ORDER BY created_at DESC, version DESC LIMIT 1)
                 ORDER BY version LIMIT 1000",
                &[&id.uuid(), &owner],
            )
            .await
            .map_err(database)?;
        if rows.is_empty() {
            return Err(Error::not_found(id));
        }
        rows.iter().map(read_version).collect()
    }
}

/// The model of this specification and the job that builds it.
async fn queue_one(tx: &Tx, owner: &OwnerId, request: &Request) -> Result<(ModelId, JobId), Failed> {
    let job = JobId::now_v7();
    let new = NewJob::typed(BUILD, owner.clone(), request).map_err(Error::internal)?;
    let hash = request.specification_hash.to_string();
    let inserted = tx
        .query_opt(
            "INSERT INTO models (id, owner, specification_hash, part, job) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (owner, specification_hash) DO NOTHING RETURNING id",
            &[&request.id.uuid(), &owner.as_str(), &hash, &json!(request.part), &job.uuid()],
        )
        .await?;
    if inserted.is_some() {
        let job = jobs::enqueue(tx, new.id(job).trace_context(traceparent())).await?;
        return Ok((request.id, job));
    }
    let row = tx
        .query_one(
            "SELECT id, job FROM models WHERE owner = $1 AND specification_hash = $2 FOR UPDATE",
            &[&owner.as_str(), &hash],
        )
        .await?;
    let id = ModelId::from_uuid(row.try_get("id").map_err(Error::internal)?);
    let job = JobId::from_uuid(row.try_get("job").map_err(Error::internal)?);
    if stands(tx, job).await? {
        return Ok((id, job));
    }
    // The first attempt came to nothing: build the same model again.
    let again = Request { id, ..request.clone() };
    let new = NewJob::typed(BUILD, owner.clone(), &again).map_err(Error::internal)?;
    let job = jobs::enqueue(tx, new.trace_context(traceparent())).await?;
    tx.execute("UPDATE models SET job = $2 WHERE id = $1", &[&id.uuid(), &job.uuid()]).await?;
    Ok((id, job))
}

/// The job that looks for edits of a model: one that failed is not the last word.
async fn suggest_one(tx: &Tx, owner: &OwnerId, suggestion: Suggestion) -> Result<JobId, Failed> {
    let id = suggestion.model;
    let row = tx
        .query_opt(
            "SELECT suggest_job FROM models WHERE id = $1 AND owner = $2 AND result IS NOT NULL FOR UPDATE",
            &[&id.uuid(), &owner.as_str()],
        )
        .await?
        .ok_or_else(|| Error::not_found(id))?;
    let known: Option<uuid::Uuid> = row.try_get("suggest_job").map_err(Error::internal)?;
    if let Some(job) = known.map(JobId::from_uuid)
        && stands(tx, job).await?
    {
        return Ok(job);
    }
    let new = NewJob::typed(SUGGEST, owner.clone(), &suggestion).map_err(Error::internal)?;
    let job = jobs::enqueue(tx, new.trace_context(traceparent())).await?;
    tx.execute("UPDATE models SET suggest_job = $2 WHERE id = $1", &[&id.uuid(), &job.uuid()]).await?;
    Ok(job)
}

/// A model without a predecessor begins a lineage of its own, once; one with a predecessor becomes the next version of
/// its lineage, unless it is the newest already.
async fn join_lineage(tx: &Tx, owner: &OwnerId, model: ModelId, previous: Option<ModelId>) -> Result<(), Failed> {
    let Some(previous) = previous else {
        tx.execute(
            "INSERT INTO model_versions (owner, lineage, version, model)
             SELECT $1, $2, 1, $2 WHERE NOT EXISTS (SELECT 1 FROM model_versions WHERE model = $2)
             ON CONFLICT DO NOTHING",
            &[&owner.as_str(), &model.uuid()],
        )
        .await?;
        return Ok(());
    };
    let lineage = tx
        .query_opt(
            "SELECT lineage FROM model_versions WHERE model = $1 AND owner = $2
             ORDER BY created_at DESC, version DESC LIMIT 1",
            &[&previous.uuid(), &owner.as_str()],
        )
        .await?
        .ok_or_else(|| Error::not_found(previous))?;
    let lineage: uuid::Uuid = lineage.try_get("lineage").map_err(Error::internal)?;
    // The first version's row is the lineage's lock.
    tx.execute("SELECT 1 FROM model_versions WHERE lineage = $1 AND version = 1 FOR UPDATE", &[&lineage]).await?;
    let last = tx
        .query_one(
            "SELECT version, model FROM model_versions WHERE lineage = $1 ORDER BY version DESC LIMIT 1",
            &[&lineage],
        )
        .await?;
    let (version, newest): (i32, uuid::Uuid) =
        (last.try_get("version").map_err(Error::internal)?, last.try_get("model").map_err(Error::internal)?);
    if newest != model.uuid() {
        tx.execute(
            "INSERT INTO model_versions (owner, lineage, version, model) VALUES ($1, $2, $3, $4)",
            &[&owner.as_str(), &lineage, &(version + 1), &model.uuid()],
        )
        .await?;
    }
    Ok(())
}

fn read_model(row: &Row) -> Result<Model, Error> {
    let mended: Option<serde_json::Value> = row.try_get("mended").map_err(Error::internal)?;
    Ok(Model {
        id: ModelId::from_uuid(row.try_get("id").map_err(Error::internal)?),
        part: json_column(row, "part")?,
        specification_hash: hash_column(row, "specification_hash")?,
        result: json_column(row, "result")?,
        mended: mended.map(serde_json::from_value).transpose().map_err(Error::internal)?,
        created_at: row.try_get("created_at").map_err(Error::internal)?,
    })
}

fn read_version(row: &Row) -> Result<Version, Error> {
    let version: i32 = row.try_get("version").map_err(Error::internal)?;
    Ok(Version {
        version: version.unsigned_abs(),
        model: ModelId::from_uuid(row.try_get("model").map_err(Error::internal)?),
        created_at: row.try_get("created_at").map_err(Error::internal)?,
    })
}
