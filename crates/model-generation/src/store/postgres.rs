//! Models in Postgres.

use std::sync::Arc;

use ids::{JobId, ModelId, OwnerId};
use jobs::{JobContext, JobError, JobSnapshot, JobState, NewJob};
use pg_kit::{Pool, Row, Tx};
use rpc::Error;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use service_kit::{Failed, Outcome, Page, database, traceparent};

use crate::{
    app::{BUILD, Models},
    domain::{Built, Model, Request},
};

pub(crate) const MIGRATIONS: pg_kit::MigrationSet = pg_kit::migrations!("model_generation", "0001_models");

pub(crate) struct Postgres {
    pool: Pool,
}

impl Postgres {
    pub(crate) fn new(pool: Pool) -> Self {
        Postgres { pool }
    }
}

impl Models for Postgres {
    async fn queue(&self, owner: &str, request: &Request) -> Result<JobSnapshot, Error> {
        let owner_id: OwnerId = owner.parse().map_err(|_| Error::permission_denied("the principal names no owner"))?;
        let owner_id = &owner_id;
        let work = |tx: Arc<Tx>| async move {
            let new = NewJob::typed(BUILD, owner_id.clone(), request).map_err(Error::internal)?;
            let job = JobId::now_v7();
            let new = new.id(job).trace_context(traceparent());
            let inserted = tx
                .query_opt(
                    "INSERT INTO models (id, owner, specification_hash, part, job) VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (owner, specification_hash) DO NOTHING RETURNING id",
                    &[
                        &request.id.uuid(),
                        &owner_id.as_str(),
                        &request.specification_hash.to_string(),
                        &json!(request.part),
                        &job.uuid(),
                    ],
                )
                .await?;
            if inserted.is_some() {
                return Ok::<JobId, Failed>(jobs::enqueue(&tx, new).await?);
            }
            let row = tx
                .query_one(
                    "SELECT id, job FROM models WHERE owner = $1 AND specification_hash = $2 FOR UPDATE",
                    &[&owner_id.as_str(), &request.specification_hash.to_string()],
                )
                .await?;
            let job = JobId::from_uuid(row.try_get("job").map_err(Error::internal)?);
            let known = jobs::get(&tx, job).await?;
            if known.is_some_and(|job| !matches!(job.state, JobState::Failed | JobState::Cancelled)) {
                return Ok(job);
            }
            // The first attempt came to nothing: build the same model again.
            let id = ModelId::from_uuid(row.try_get("id").map_err(Error::internal)?);
            let again = Request { id, ..request.clone() };
            let new = NewJob::typed(BUILD, owner_id.clone(), &again).map_err(Error::internal)?;
            let job = jobs::enqueue(&tx, new.trace_context(traceparent())).await?;
            tx.execute("UPDATE models SET job = $2 WHERE id = $1", &[&id.uuid(), &job.uuid()]).await?;
            Ok(job)
        };
        let job = self.pool.transaction(work).await.map_err(Error::from)?;
        let conn = self.pool.get().await.map_err(database)?;
        jobs::get(&conn, job).await.map_err(database)?.ok_or_else(|| Error::not_found(job))
    }

    async fn finish(&self, context: &JobContext, id: ModelId, built: &Built) -> Result<(), JobError> {
        let tx = self.pool.begin().await?;
        tx.execute("UPDATE models SET result = $2 WHERE id = $1", &[&id.uuid(), &json!(built)]).await?;
        context.complete_in(&tx, &json!(Outcome { resource: id.to_string() })).await?;
        Ok(tx.commit().await?)
    }

    async fn get(&self, owner: &str, id: ModelId) -> Result<Model, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let row = conn
            .query_opt(
                "SELECT id, specification_hash, part, result, created_at FROM models
                 WHERE id = $1 AND owner = $2 AND result IS NOT NULL",
                &[&id.uuid(), &owner],
            )
            .await
            .map_err(database)?;
        row.as_ref().map(read_model).transpose()?.ok_or_else(|| Error::not_found(id))
    }

    async fn list(&self, owner: &str, size: u32, after: &str) -> Result<Page<Model>, Error> {
        let before = match after {
            "" => None,
            token => {
                let id: Result<ModelId, _> = token.parse();
                Some(id.map_err(|_| Error::invalid("page_token", "is not one that this list gave"))?.uuid())
            }
        };
        let conn = self.pool.get().await.map_err(database)?;
        let rows = conn
            .query(
                "SELECT id, specification_hash, part, result, created_at FROM models
                 WHERE owner = $1 AND result IS NOT NULL AND ($2::uuid IS NULL OR id < $2)
                 ORDER BY id DESC LIMIT $3",
                &[&owner, &before, &i64::from(size)],
            )
            .await
            .map_err(database)?;
        let items = rows.iter().map(read_model).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::new(items, size, |model| model.id.uuid().to_string()))
    }
}

fn read_model(row: &Row) -> Result<Model, Error> {
    let hash: &str = row.try_get("specification_hash").map_err(Error::internal)?;
    Ok(Model {
        id: ModelId::from_uuid(row.try_get("id").map_err(Error::internal)?),
        part: column(row, "part")?,
        specification_hash: hash.parse().map_err(|_| Error::internal("specification_hash holds no hash"))?,
        result: column(row, "result")?,
        created_at: row.try_get("created_at").map_err(Error::internal)?,
    })
}

fn column<T: DeserializeOwned>(row: &Row, name: &str) -> Result<T, Error> {
    let value: Value = row.try_get(name).map_err(Error::internal)?;
    serde_json::from_value(value).map_err(Error::internal)
}
