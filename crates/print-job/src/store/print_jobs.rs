//! Print jobs in Postgres, as people see them.

use std::sync::Arc;

use ids::{OwnerId, PrintJobId};
use jobs::NewJob;
use pg_kit::{Row, Tx};
use rpc::Error;
use serde_json::json;
use service_kit::{Failed, Page, database, idempotent};
use time::OffsetDateTime;

use super::{Postgres, rows};
use crate::{
    app::{PRINT, PRINTS, PrintJobStore},
    domain::{Command, PrintJob, print_job::Taken},
};

impl Postgres {
    /// Gives work to print jobs that have not ended and whose work has, as it does when it took too many workers down.
    pub(crate) async fn requeue_orphans(&self) -> Result<(), Error> {
        let work = |tx: Arc<Tx>| async move {
            let active =
                "SELECT * FROM print_jobs WHERE state NOT IN ('completed', 'failed', 'cancelled', 'maintenance')
                          ORDER BY id";
            for row in tx.query(active, &[]).await? {
                enqueue(&tx, &rows::print_job(&row)?).await?;
            }
            Ok::<_, Failed>(())
        };
        self.pool.transaction(work).await.map_err(Error::from)
    }
}

impl PrintJobStore for Postgres {
    async fn create(&self, job: &PrintJob, request_id: &str) -> Result<PrintJob, Error> {
        let wanted = job.wanted_printer.as_ref().map(|device| device.slug());
        let payload = format!("{}\n{}", job.slice, wanted.unwrap_or_default());
        let work = |tx: Arc<Tx>| async move {
            tx.execute(
                "INSERT INTO print_jobs (id, owner, slice, gcode_hash, gcode_size_bytes, size_x, size_y, size_z, copies,
                                         layer_count, wanted_printer, state, progress, layer, eta_seconds, reason,
                                         nozzle_temperature, bed_temperature, fence, fence_before, start_sent, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, $13, '', 0, 0, 0, 0, false, $14)",
                &[
                    &job.id.uuid(),
                    &job.owner,
                    &job.slice.uuid(),
                    &job.gcode_hash.to_string(),
                    &job.gcode_size_bytes,
                    &job.size[0],
                    &job.size[1],
                    &job.size[2],
                    &(job.copies as i32),
                    &(job.layer_count as i32),
                    &wanted,
                    &job.state.as_str(),
                    &job.eta_seconds,
                    &job.created_at,
                ],
            )
            .await?;
            enqueue(&tx, job).await?;
            announce(&tx, job, "created").await?;
            Ok(job.id)
        };
        let request = (job.owner.as_str(), "CreatePrintJob", request_id);
        let id: PrintJobId = idempotent(&self.pool, request, payload.as_bytes(), work).await?;
        self.print_job(&job.owner, id).await
    }

    async fn print_job(&self, owner: &str, id: PrintJobId) -> Result<PrintJob, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let sql = "SELECT * FROM print_jobs WHERE id = $1 AND owner = $2";
        let row = conn.query_opt(sql, &[&id.uuid(), &owner]).await.map_err(database)?;
        row.as_ref().map(rows::print_job).transpose()?.ok_or_else(|| Error::not_found(id))
    }

    async fn list(&self, owner: &str, size: u32, after: &str) -> Result<Page<PrintJob>, Error> {
        let before = match after {
            "" => None,
            token => {
                let id: Result<PrintJobId, _> = token.parse();
                Some(id.map_err(|_| Error::invalid("page_token", "is not one that this list gave"))?.uuid())
            }
        };
        let conn = self.pool.get().await.map_err(database)?;
        let rows = conn
            .query(
                "SELECT * FROM print_jobs WHERE owner = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
                &[&owner, &before, &i64::from(size)],
            )
            .await
            .map_err(database)?;
        let items = rows.iter().map(rows::print_job).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::new(items, size, |job| job.id.uuid().to_string()))
    }

    async fn command(
        &self,
        owner: &str,
        id: PrintJobId,
        command: Command,
        now: OffsetDateTime,
    ) -> Result<PrintJob, Error> {
        let work = |tx: Arc<Tx>| async move {
            let row = tx
                .query_opt("SELECT * FROM print_jobs WHERE id = $1 AND owner = $2 FOR UPDATE", &[&id.uuid(), &owner])
                .await?;
            let row: Row = row.ok_or_else(|| Error::not_found(id))?;
            let mut job = rows::print_job(&row)?;
            let taken = job.command(command, now).map_err(|refused| {
                let reason = "PRINT_JOB_STATE";
                Error::failed_precondition(refused.to_string())
                    .with_reason(reason)
                    .with_metadata("state", job.state.as_str())
            })?;
            if taken != Taken::Nothing {
                rows::write_print_job(&tx, &job).await?;
                announce(&tx, &job, "updated").await?;
            }
            Ok::<_, Failed>(job)
        };
        self.pool.transaction(work).await.map_err(Error::from)
    }
}

/// The work of a print job. Its attempts do not run out: a print that has begun is followed to its end.
async fn enqueue(tx: &Tx, job: &PrintJob) -> Result<(), Failed> {
    let owner: OwnerId = job.owner.parse().map_err(|_| Error::permission_denied("the principal names no owner"))?;
    let work = NewJob::new(PRINT, owner, json!(job.id))
        .queue(PRINTS)
        .max_attempts(u16::MAX)
        .dedup_key(job.id.uuid().to_string())
        .trace_context(service_kit::traceparent());
    jobs::enqueue(tx, work).await?;
    Ok(())
}

/// The event of a change, in its transaction.
pub(super) async fn announce(tx: &Tx, job: &PrintJob, kind: &str) -> Result<(), Failed> {
    let owner: OwnerId = job.owner.parse().map_err(|_| Error::permission_denied("the row names no owner"))?;
    let payload = json!({"state": job.state, "progress": job.progress, "fence": job.fence});
    events::append(tx, events::NewEvent::new(job.id.to_string(), kind, owner, payload)).await?;
    Ok(())
}
