//! Looking at jobs, cancelling them, queueing dead ones again.

use std::time::Duration;

use ids::JobId;
use pg_kit::{Conn, Error};

use crate::model::columns;
use crate::{JobSnapshot, JobState};

/// The job, or nothing. Callers that answer an owner compare `owner`.
pub async fn get(conn: &Conn, id: JobId) -> Result<Option<JobSnapshot>, Error> {
    let row = conn.query_opt(concat!("SELECT ", columns!(), " FROM jobs WHERE id = $1"), &[&id.uuid()]).await?;
    row.as_ref().map(JobSnapshot::from_row).transpose()
}

/// Which jobs to list; the default is all.
#[derive(Clone, Debug, Default)]
pub struct ListFilter {
    pub owner: Option<String>,
    pub queue: Option<String>,
    pub kind: Option<String>,
    /// Empty means every state.
    pub states: Vec<JobState>,
}

/// The newest first, at most `limit`, before the job `before` (the last of the page before).
pub async fn list(
    conn: &Conn,
    filter: &ListFilter,
    before: Option<JobId>,
    limit: u32,
) -> Result<Vec<JobSnapshot>, Error> {
    let states: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
    let rows = conn
        .query(
            concat!(
                "SELECT ",
                columns!(),
                " FROM jobs
                 WHERE ($1::text IS NULL OR owner = $1)
                   AND ($2::text IS NULL OR queue = $2)
                   AND ($3::text IS NULL OR kind = $3)
                   AND (cardinality($4::text[]) = 0 OR state = ANY ($4))
                   AND ($5::uuid IS NULL OR id < $5)
                 ORDER BY id DESC LIMIT $6"
            ),
            &[&filter.owner, &filter.queue, &filter.kind, &states, &before.map(|id| id.uuid()), &i64::from(limit)],
        )
        .await?;
    rows.iter().map(JobSnapshot::from_row).collect()
}

/// What became of a request to cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// It had not begun and never will.
    Cancelled,
    /// It is running; its handler has been told.
    Requested,
    /// It had already ended in this state.
    AlreadyEnded(JobState),
    NotFound,
}

/// Cancels a queued job at once and asks a running one to stop. Works inside a transaction too (`&tx`).
pub async fn cancel(conn: &Conn, id: JobId) -> Result<CancelOutcome, Error> {
    let changed = conn
        .query_opt(
            "UPDATE jobs
             SET state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
                 finished_at = CASE state WHEN 'queued' THEN now() END,
                 cancel_requested = true,
                 revision = revision + 1
             WHERE id = $1 AND state IN ('queued', 'running')
             RETURNING state, pg_notify(current_schema() || '.jobs', 'cancel ' || id),
                       pg_notify(current_schema() || '.jobs', 'changed ' || id)",
            &[&id.uuid()],
        )
        .await?;
    if let Some(row) = changed {
        return Ok(match row.try_get::<_, &str>(0)? {
            "cancelled" => CancelOutcome::Cancelled,
            _ => CancelOutcome::Requested,
        });
    }
    Ok(match get(conn, id).await? {
        Some(job) => CancelOutcome::AlreadyEnded(job.state),
        None => CancelOutcome::NotFound,
    })
}

/// Queues a failed or cancelled job again with all its attempts. Whether it was one.
pub async fn retry(conn: &Conn, id: JobId) -> Result<bool, Error> {
    let changed = conn
        .query_opt(
            "UPDATE jobs
             SET state = 'queued', failures = 0, losses = 0, run_at = now(), finished_at = NULL, error = NULL,
                 cancel_requested = false, progress = 0, stage = '', revision = revision + 1
             WHERE id = $1 AND state IN ('failed', 'cancelled')
             RETURNING pg_notify(current_schema() || '.jobs', 'queued ' || left(queue, 1000)),
                       pg_notify(current_schema() || '.jobs', 'changed ' || id)",
            &[&id.uuid()],
        )
        .await?;
    Ok(changed.is_some())
}

/// Deletes jobs that ended longer than `keep` ago; returns how many there were.
pub async fn prune(conn: &Conn, keep: Duration) -> Result<u64, Error> {
    conn.execute("DELETE FROM jobs WHERE finished_at < now() - make_interval(secs => $1)", &[&keep.as_secs_f64()]).await
}
