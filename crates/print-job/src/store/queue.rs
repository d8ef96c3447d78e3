//! Print jobs in Postgres, as their worker changes them: every write under the lease of the job's work.
//!
//! Rows are locked in one order: the work, the print job, the printer.

use ids::PrintJobId;
use jobs::{JobContext, JobError};
use pg_kit::Tx;
use serde_json::json;
use service_kit::{Failed, Outcome};
use time::OffsetDateTime;

use super::{Postgres, print_jobs::announce, rows};
use crate::{
    app::{Candidate, PrintQueue},
    domain::{PrintJob, State, print_job::IllegalTransition},
};

impl PrintQueue for Postgres {
    async fn load(&self, _: &JobContext, id: PrintJobId) -> Result<PrintJob, JobError> {
        let conn = self.pool.get().await?;
        let row = conn.query_opt("SELECT * FROM print_jobs WHERE id = $1", &[&id.uuid()]).await?;
        let row = row.ok_or_else(|| JobError::permanent("gone", format!("{id} was deleted")))?;
        rows::print_job(&row).map_err(broken)
    }

    async fn update<F>(&self, context: &JobContext, id: PrintJobId, change: F) -> Result<PrintJob, JobError>
    where
        F: FnOnce(&mut PrintJob) -> Result<(), IllegalTransition> + Send,
    {
        let (tx, before) = self.locked(context, id).await?;
        let mut job = before.clone();
        change(&mut job).map_err(illegal)?;
        if job != before {
            rows::write_print_job(&tx, &job).await?;
            announce(&tx, &job, "updated").await.map_err(failed)?;
            tx.commit().await?;
        }
        Ok(job)
    }

    async fn claim(
        &self,
        context: &JobContext,
        id: PrintJobId,
        candidates: &[Candidate],
        now: OffsetDateTime,
    ) -> Result<Option<PrintJob>, JobError> {
        let devices: Vec<&str> = candidates.iter().map(|candidate| candidate.device.slug()).collect();
        self.know(&devices, candidates).await?;
        let (tx, mut job) = self.locked(context, id).await?;
        if !matches!(job.state, State::Pending | State::Queueing) {
            return Ok(None);
        }
        let taken = tx
            .query_opt(
                // As many jobs may go on as there are free printers, the oldest first; a younger one takes the printer
                // that the fewest older ones could take.
                "SELECT p.device, p.fence
                 FROM printers p
                 CROSS JOIN LATERAL (
                     SELECT count(*) AS ahead FROM print_jobs o
                     WHERE o.owner = $2 AND o.id < $3 AND o.state IN ('pending', 'queueing')
                       AND coalesce(o.wanted_printer, p.device) = p.device
                       AND o.size_x <= p.build_x AND o.size_y <= p.build_y AND o.size_z <= p.build_z
                 ) older
                 WHERE p.device = ANY ($1) AND p.current_job IS NULL
                   AND older.ahead < (SELECT count(*) FROM printers f WHERE f.device = ANY ($1) AND f.current_job IS NULL)
                 ORDER BY older.ahead, array_position($1, p.device) LIMIT 1
                 FOR UPDATE OF p SKIP LOCKED",
                &[&devices, &job.owner, &id.uuid()],
            )
            .await?;
        let Some(row) = taken else { return Ok(None) };
        let device: String = row.try_get("device").map_err(pg_kit::Error::from)?;
        let ours: i64 = row.try_get("fence").map_err(pg_kit::Error::from)?;
        let Some(candidate) = candidates.iter().find(|candidate| candidate.device.slug() == device) else {
            return Ok(None);
        };
        job.fence = ours.max(candidate.fence) + 1;
        job.printer = Some(candidate.device.clone());
        job.start_sent = false;
        job.reason.clear();
        job.step(State::Preparing, now).map_err(illegal)?;
        tx.execute(
            "UPDATE printers SET fence = $2, current_job = $3 WHERE device = $1",
            &[&device, &job.fence, &id.uuid()],
        )
        .await?;
        self.write(tx, &job).await?;
        Ok(Some(job))
    }

    async fn renew_fence(&self, context: &JobContext, id: PrintJobId, floor: i64) -> Result<PrintJob, JobError> {
        let (tx, mut job) = self.locked(context, id).await?;
        let row = tx
            .query_opt(
                "UPDATE printers SET fence = greatest(fence, $2) + 1 WHERE current_job = $1 RETURNING fence",
                &[&id.uuid(), &floor],
            )
            .await?;
        let row = row.ok_or_else(|| JobError::permanent("printer", format!("{id} has no printer")))?;
        job.fence = row.try_get(0).map_err(pg_kit::Error::from)?;
        job.start_sent = false;
        self.write(tx, &job).await?;
        Ok(job)
    }

    async fn end<F>(&self, context: &JobContext, id: PrintJobId, change: F) -> Result<PrintJob, JobError>
    where
        F: FnOnce(&mut PrintJob) -> Result<(), IllegalTransition> + Send,
    {
        let (tx, before) = self.locked(context, id).await?;
        let mut job = before.clone();
        change(&mut job).map_err(illegal)?;
        tx.execute("UPDATE printers SET current_job = NULL WHERE current_job = $1", &[&id.uuid()]).await?;
        context.complete_in(&tx, &json!(Outcome { resource: id.to_string() })).await?;
        if job != before {
            rows::write_print_job(&tx, &job).await?;
            announce(&tx, &job, "updated").await.map_err(failed)?;
        }
        tx.commit().await?;
        Ok(job)
    }
}

impl Postgres {
    /// Makes printers known and keeps their sizes.
    async fn know(&self, devices: &[&str], candidates: &[Candidate]) -> Result<(), JobError> {
        let side = |axis: usize| -> Vec<f64> { candidates.iter().map(|candidate| candidate.build[axis]).collect() };
        let (x, y, z) = (side(0), side(1), side(2));
        let conn = self.pool.get().await?;
        // Apart, because an insert that meets its row would lock it although nothing changes.
        conn.execute(
            "INSERT INTO printers (device, build_x, build_y, build_z)
             SELECT * FROM unnest($1::text[], $2::float8[], $3::float8[], $4::float8[]) ORDER BY 1
             ON CONFLICT DO NOTHING",
            &[&devices, &x, &y, &z],
        )
        .await?;
        conn.execute(
            "UPDATE printers SET build_x = now.x, build_y = now.y, build_z = now.z
             FROM unnest($1::text[], $2::float8[], $3::float8[], $4::float8[]) AS now (device, x, y, z)
             WHERE printers.device = now.device AND (build_x, build_y, build_z) IS DISTINCT FROM (now.x, now.y, now.z)",
            &[&devices, &x, &y, &z],
        )
        .await?;
        Ok(())
    }

    /// A transaction that holds the lease and the print job's row.
    async fn locked(&self, context: &JobContext, id: PrintJobId) -> Result<(Tx, PrintJob), JobError> {
        let tx = self.pool.begin().await?;
        context.fence(&tx).await?;
        let row = tx.query_opt("SELECT * FROM print_jobs WHERE id = $1 FOR UPDATE", &[&id.uuid()]).await?;
        let row = row.ok_or_else(|| JobError::permanent("gone", format!("{id} was deleted")))?;
        let job = rows::print_job(&row).map_err(broken)?;
        Ok((tx, job))
    }

    async fn write(&self, tx: Tx, job: &PrintJob) -> Result<(), JobError> {
        rows::write_print_job(&tx, job).await?;
        announce(&tx, job, "updated").await.map_err(failed)?;
        Ok(tx.commit().await?)
    }
}

/// A defect; the job is tried again, for a print must not be forgotten over it.
fn illegal(error: IllegalTransition) -> JobError {
    tracing::error!(%error, "a print job's worker took an illegal step");
    JobError::retryable("illegal_step", error.to_string())
}

fn broken(error: rpc::Error) -> JobError {
    error.log();
    JobError::retryable("row", error.message().to_owned())
}

fn failed(error: Failed) -> JobError {
    match error {
        Failed::Database(error) => error.into(),
        other => broken(other.into()),
    }
}
