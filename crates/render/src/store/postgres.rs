//! Pictures in Postgres.

use std::sync::Arc;

use ids::{ContentHash, JobId, OwnerId, PictureId};
use jobs::{JobContext, JobError, JobSnapshot, NewJob};
use pg_kit::{Pool, Row, Tx};
use rpc::Error;
use serde_json::json;
use service_kit::{Outcome, Page, database, idempotent};

use crate::{
    app::{Pictures, STILL},
    domain::{Picture, Still},
};

pub(crate) const MIGRATIONS: pg_kit::MigrationSet = pg_kit::migrations!("render", "0001_pictures");

pub(crate) struct Postgres {
    pool: Pool,
}

impl Postgres {
    pub(crate) fn new(pool: Pool) -> Self {
        Postgres { pool }
    }
}

impl Pictures for Postgres {
    async fn queue(&self, owner: &str, still: &Still, request_id: &str) -> Result<JobSnapshot, Error> {
        let owner_id: OwnerId = owner.parse().map_err(|_| Error::permission_denied("the principal names no owner"))?;
        // The id is ours, not the request's: it is no part of what makes two requests the same.
        let request = Still { id: PictureId::from_uuid(Default::default()), ..still.clone() };
        let owner_id = &owner_id;
        let work = |tx: Arc<Tx>| async move {
            let job = NewJob::typed(STILL, owner_id.clone(), still).map_err(Error::internal)?;
            Ok(jobs::enqueue(&tx, job.trace_context(service_kit::traceparent())).await?)
        };
        let payload = json!(request).to_string();
        let id: JobId = idempotent(&self.pool, (owner, "CreatePicture", request_id), payload.as_bytes(), work).await?;
        let conn = self.pool.get().await.map_err(database)?;
        jobs::get(&conn, id).await.map_err(database)?.ok_or_else(|| Error::not_found(id))
    }

    async fn get(&self, owner: &str, id: PictureId) -> Result<Picture, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let row = conn
            .query_opt(
                "SELECT id, mesh_hash, preset, width, height, hash, media_type, size_bytes, created_at
                 FROM pictures WHERE id = $1 AND owner = $2",
                &[&id.uuid(), &owner],
            )
            .await
            .map_err(database)?;
        row.as_ref().map(read_picture).transpose()?.ok_or_else(|| Error::not_found(id))
    }

    async fn finish(&self, context: &JobContext, picture: &Picture) -> Result<(), JobError> {
        let tx = self.pool.begin().await?;
        insert_picture(&tx, &context.job().owner, picture).await?;
        context.complete_in(&tx, &json!(Outcome { resource: picture.id.to_string() })).await?;
        Ok(tx.commit().await?)
    }

    async fn list(&self, owner: &str, size: u32, after: &str) -> Result<Page<Picture>, Error> {
        let before = match after {
            "" => None,
            token => {
                let id: Result<PictureId, _> = token.parse();
                Some(id.map_err(|_| Error::invalid("page_token", "is not one that this list gave"))?.uuid())
            }
        };
        let conn = self.pool.get().await.map_err(database)?;
        let rows = conn
            .query(
                "SELECT id, mesh_hash, preset, width, height, hash, media_type, size_bytes, created_at
                 FROM pictures WHERE owner = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
                &[&owner, &before, &i64::from(size)],
            )
            .await
            .map_err(database)?;
        let items = rows.iter().map(read_picture).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::new(items, size, |picture| picture.id.uuid().to_string()))
    }
}

/// Writes a finished picture; a second time changes nothing.
async fn insert_picture(tx: &Tx, owner: &str, picture: &Picture) -> Result<(), pg_kit::Error> {
    tx.execute(
        "INSERT INTO pictures (id, owner, mesh_hash, preset, width, height, hash, media_type, size_bytes, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING",
        &[
            &picture.id.uuid(),
            &owner,
            &picture.mesh_hash.to_string(),
            &picture.preset,
            &(picture.width as i32),
            &(picture.height as i32),
            &picture.hash.to_string(),
            &picture.media_type,
            &picture.size_bytes,
            &picture.created_at,
        ],
    )
    .await?;
    Ok(())
}

fn read_picture(row: &Row) -> Result<Picture, Error> {
    let hash = |column: &str| -> Result<ContentHash, Error> {
        let text: &str = row.try_get(column).map_err(Error::internal)?;
        text.parse().map_err(|_| Error::internal(format!("{column} holds no hash")))
    };
    let side = |column: &str| -> Result<u32, Error> {
        row.try_get::<_, i32>(column).map(|side| side.max(0) as u32).map_err(Error::internal)
    };
    Ok(Picture {
        id: PictureId::from_uuid(row.try_get("id").map_err(Error::internal)?),
        mesh_hash: hash("mesh_hash")?,
        preset: row.try_get("preset").map_err(Error::internal)?,
        width: side("width")?,
        height: side("height")?,
        hash: hash("hash")?,
        media_type: row.try_get("media_type").map_err(Error::internal)?,
        size_bytes: row.try_get("size_bytes").map_err(Error::internal)?,
        created_at: row.try_get("created_at").map_err(Error::internal)?,
    })
}
