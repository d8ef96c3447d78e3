//! Slices and quotes in Postgres.

use std::sync::Arc;

use ids::{ContentHash, JobId, OwnerId, QuoteId, SliceId};
use jobs::{JobContext, JobError, JobSnapshot, NewJob};
use pg_kit::Tx;
use rpc::Error;
use serde_json::json;
use service_kit::{Outcome, database, idempotent};

use super::{Postgres, rows};
use crate::{
    app::{QuoteStore, SLICE, SliceStore},
    domain::{Quote, Slice, SliceOrder},
};

impl SliceStore for Postgres {
    async fn queue(&self, owner: &str, order: &SliceOrder, request_id: &str) -> Result<JobSnapshot, Error> {
        let owner_id: OwnerId = owner.parse().map_err(|_| Error::permission_denied("the principal names no owner"))?;
        let owner_id = &owner_id;
        let work = |tx: Arc<Tx>| async move {
            let job = NewJob::typed(SLICE, owner_id.clone(), order).map_err(Error::internal)?;
            Ok(jobs::enqueue(&tx, job.trace_context(service_kit::traceparent())).await?)
        };
        // The key and not the order: its id is ours and no part of what makes two requests the same.
        let payload = order.key();
        let id: JobId = idempotent(&self.pool, (owner, "CreateSlice", request_id), payload.as_bytes(), work).await?;
        let conn = self.pool.get().await.map_err(database)?;
        jobs::get(&conn, id).await.map_err(database)?.ok_or_else(|| Error::not_found(id))
    }

    async fn slice(&self, owner: &str, id: SliceId) -> Result<Slice, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let row = conn
            .query_opt(
                "SELECT id, mesh_hash, gcode_hash, gcode_size_bytes, material, material_assumed, copies, plate,
                        plate_count, layer_count, seconds, filament_mm, mass_g, size_x, size_y, size_z, options,
                        created_at
                 FROM slices WHERE id = $1 AND owner = $2",
                &[&id.uuid(), &owner],
            )
            .await
            .map_err(database)?;
        row.as_ref().map(rows::slice).transpose()?.ok_or_else(|| Error::not_found(id))
    }

    async fn equal(&self, owner: &str, key: &ContentHash) -> Result<Option<SliceId>, JobError> {
        let conn = self.pool.get().await?;
        let sql = "SELECT id FROM slices WHERE owner = $1 AND order_key = $2 ORDER BY id DESC LIMIT 1";
        let row = conn.query_opt(sql, &[&owner, &key.to_string()]).await?;
        Ok(row.map(|row| row.try_get(0).map(SliceId::from_uuid)).transpose().map_err(pg_kit::Error::from)?)
    }

    async fn finish(&self, context: &JobContext, key: &ContentHash, slice: &Slice) -> Result<(), JobError> {
        let tx = self.pool.begin().await?;
        let options = json!(slice.options);
        tx.execute(
            "INSERT INTO slices (id, owner, order_key, mesh_hash, gcode_hash, gcode_size_bytes, material, material_assumed,
                                 copies, layer_count, seconds, filament_mm, mass_g, size_x, size_y, size_z, options,
                                 created_at, plate, plate_count)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
             ON CONFLICT (id) DO NOTHING",
            &[
                &slice.id.uuid(),
                &context.job().owner,
                &key.to_string(),
                &slice.mesh_hash.to_string(),
                &slice.gcode_hash.to_string(),
                &slice.gcode_size_bytes,
                &slice.material.as_str(),
                &slice.material_assumed,
                &(slice.copies as i32),
                &(slice.layer_count as i32),
                &slice.seconds,
                &slice.filament_mm,
                &slice.mass_g,
                &slice.size[0],
                &slice.size[1],
                &slice.size[2],
                &options,
                &slice.created_at,
                &(slice.plate as i32),
                &(slice.plate_count as i32),
            ],
        )
        .await?;
        context.complete_in(&tx, &json!(Outcome { resource: slice.id.to_string() })).await?;
        Ok(tx.commit().await?)
    }

    async fn finish_with(&self, context: &JobContext, slice: SliceId) -> Result<(), JobError> {
        let tx = self.pool.begin().await?;
        context.complete_in(&tx, &json!(Outcome { resource: slice.to_string() })).await?;
        Ok(tx.commit().await?)
    }
}

impl QuoteStore for Postgres {
    async fn insert(
        &self,
        owner: &str,
        quote: &(Quote, ContentHash),
        request: &str,
        request_id: &str,
    ) -> Result<(Quote, ContentHash), Error> {
        let work = |tx: Arc<Tx>| async move {
            let (body, hash) = quote;
            tx.execute(
                "INSERT INTO quotes (id, owner, slice, hash, body, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
                &[&body.id.uuid(), &owner, &body.slice.uuid(), &hash.to_string(), &json!(body), &body.created_at],
            )
            .await?;
            Ok(quote.clone())
        };
        idempotent(&self.pool, (owner, "CreateQuote", request_id), request.as_bytes(), work).await
    }

    async fn quote(&self, owner: &str, id: QuoteId) -> Result<(Quote, ContentHash), Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let sql = "SELECT body, hash FROM quotes WHERE id = $1 AND owner = $2";
        let row = conn.query_opt(sql, &[&id.uuid(), &owner]).await.map_err(database)?;
        let row = row.ok_or_else(|| Error::not_found(id))?;
        Ok((rows::json(&row, "body")?, rows::hash(&row, "hash")?))
    }
}
