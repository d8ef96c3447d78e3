//! The SQL of the lease: claim, heartbeat, progress, end, release, take-over.
//!
//! Every statement of a holder is fenced by `lease_epoch = ours AND state = 'running'`. Statements over many rows skip
//! locked ones: a row may be held for a while by the transaction of a handler that completes its job, and that must not
//! delay the heartbeats of the others.

use std::time::Duration;

use ids::JobId;
use pg_kit::{Conn, Error, Pool};
use serde_json::Value;
use uuid::Uuid;

use crate::model::columns;
use crate::{CompleteError, FailureInfo, JobSnapshot, JobState, LeaseLost};

/// A job whose worker vanished this often is dead: it probably kills its workers.
const MAX_LOSSES: i32 = 20;

/// A held lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Lease {
    pub(crate) job: JobId,
    pub(crate) epoch: i64,
}

impl Lease {
    fn lost(self) -> LeaseLost {
        LeaseLost { job: self.job, epoch: self.epoch }
    }
}

fn columns_of(leases: &[Lease]) -> (Vec<Uuid>, Vec<i64>) {
    leases.iter().map(|lease| (lease.job.uuid(), lease.epoch)).unzip()
}

/// Claims up to `free[i]` jobs of `kinds[i]`, at most `total`, by priority and then age.
pub(crate) async fn claim(
    conn: &Conn,
    queue: &str,
    kinds: &[&str],
    free: &[i32],
    total: usize,
    worker: &str,
    lease: Duration,
) -> Result<Vec<JobSnapshot>, Error> {
    let rows = conn
        .query(
            concat!(
                "WITH next AS (
                     SELECT ready.id
                     FROM unnest($2::text[], $3::int[]) AS wanted (kind, free)
                     CROSS JOIN LATERAL (
                         SELECT id, priority, run_at FROM jobs
                         WHERE queue = $1 AND kind = wanted.kind AND state = 'queued' AND run_at <= now()
                         ORDER BY priority DESC, run_at, id
                         LIMIT wanted.free
                         FOR UPDATE SKIP LOCKED
                     ) AS ready
                     ORDER BY ready.priority DESC, ready.run_at
                     LIMIT $4
                 )
                 UPDATE jobs
                 SET state = 'running', attempts = attempts + 1, lease_epoch = lease_epoch + 1,
                     lease_expires_at = now() + make_interval(secs => $5), worker = $6,
                     started_at = coalesce(started_at, now()), progress = 0, stage = '', revision = revision + 1
                 FROM next WHERE jobs.id = next.id
                 RETURNING pg_notify(current_schema() || '.jobs', 'changed ' || jobs.id), ",
                columns!()
            ),
            &[&queue, &kinds, &free, &i64::try_from(total).unwrap_or(i64::MAX), &lease.as_secs_f64(), &worker],
        )
        .await?;
    rows.iter().map(JobSnapshot::from_row).collect()
}

/// A lease after a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Beat {
    pub(crate) lease: Lease,
    /// `None`: lost. Otherwise whether the job is to be cancelled.
    pub(crate) held: Option<bool>,
}

/// Extends `leases` and tells of each whether it still holds.
pub(crate) async fn beat(conn: &Conn, leases: &[Lease], extend: Duration) -> Result<Vec<Beat>, Error> {
    let (ids, epochs) = columns_of(leases);
    conn.execute(
        "WITH held AS (
             SELECT jobs.id FROM unnest($1::uuid[], $2::bigint[]) AS ours (id, epoch)
             JOIN jobs ON jobs.id = ours.id AND jobs.lease_epoch = ours.epoch AND jobs.state = 'running'
             FOR UPDATE OF jobs SKIP LOCKED
         )
         UPDATE jobs SET lease_expires_at = now() + make_interval(secs => $3) FROM held WHERE jobs.id = held.id",
        &[&ids, &epochs, &extend.as_secs_f64()],
    )
    .await?;
    // Read apart, so that a row that was locked is not taken for one that was lost.
    let rows = conn
        .query(
            "SELECT jobs.id, jobs.cancel_requested FROM unnest($1::uuid[], $2::bigint[]) AS ours (id, epoch)
             JOIN jobs ON jobs.id = ours.id AND jobs.lease_epoch = ours.epoch AND jobs.state = 'running'",
            &[&ids, &epochs],
        )
        .await?;
    let mut held = std::collections::HashMap::with_capacity(rows.len());
    for row in &rows {
        held.insert(JobId::from_uuid(row.try_get(0)?), row.try_get::<_, bool>(1)?);
    }
    Ok(leases.iter().map(|lease| Beat { lease: *lease, held: held.get(&lease.job).copied() }).collect())
}

/// Writes progress of several jobs; those whose lease is lost or whose row is locked are left as they are.
pub(crate) async fn report(conn: &Conn, reports: &[(Lease, f32, String)]) -> Result<(), Error> {
    let leases: Vec<Lease> = reports.iter().map(|report| report.0).collect();
    let (ids, epochs) = columns_of(&leases);
    let progress: Vec<f32> = reports.iter().map(|report| report.1).collect();
    let stages: Vec<&str> = reports.iter().map(|report| report.2.as_str()).collect();
    conn.query(
        "WITH held AS (
             SELECT jobs.id, ours.progress, ours.stage
             FROM unnest($1::uuid[], $2::bigint[], $3::real[], $4::text[]) AS ours (id, epoch, progress, stage)
             JOIN jobs ON jobs.id = ours.id AND jobs.lease_epoch = ours.epoch AND jobs.state = 'running'
             FOR UPDATE OF jobs SKIP LOCKED
         )
         UPDATE jobs SET progress = held.progress, stage = held.stage, revision = revision + 1
         FROM held WHERE jobs.id = held.id
         RETURNING pg_notify(current_schema() || '.jobs', 'changed ' || jobs.id)",
        &[&ids, &epochs, &progress, &stages],
    )
    .await?;
    Ok(())
}

/// Locks the row and checks that the lease holds, so that what the transaction writes is written under it.
pub(crate) async fn fence(conn: &Conn, lease: Lease) -> Result<(), CompleteError> {
    conn.query_opt(
        "SELECT 1 FROM jobs WHERE id = $1 AND lease_epoch = $2 AND state = 'running' FOR NO KEY UPDATE",
        &[&lease.job.uuid(), &lease.epoch],
    )
    .await?
    .map(drop)
    .ok_or_else(|| lease.lost().into())
}

/// Ends the job with its result.
pub(crate) async fn complete(conn: &Conn, lease: Lease, result: &Value) -> Result<(), CompleteError> {
    conn.query_opt(
        "UPDATE jobs
         SET state = 'succeeded', result = $3, error = NULL, progress = 1, lease_expires_at = NULL,
             finished_at = now(), revision = revision + 1
         WHERE id = $1 AND lease_epoch = $2 AND state = 'running'
         RETURNING pg_notify(current_schema() || '.jobs', 'changed ' || id)",
        &[&lease.job.uuid(), &lease.epoch, result],
    )
    .await?
    .map(drop)
    .ok_or_else(|| lease.lost().into())
}

/// How long a job waits after a failure: `first * 2^(failures - 1)`, at most `most`, give or take a quarter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    pub(crate) first: Duration,
    pub(crate) most: Duration,
}

/// Records a failure: queued again after a pause, or failed for good, or cancelled if that was asked for. Returns the
/// state that follows.
pub(crate) async fn fail(
    conn: &Conn,
    lease: Lease,
    failure: &FailureInfo,
    retryable: bool,
    backoff: Backoff,
) -> Result<JobState, CompleteError> {
    let error = serde_json::json!(failure);
    let row = conn
        .query_opt(
            "WITH next AS (
                 SELECT id, CASE WHEN cancel_requested THEN 'cancelled'
                                 WHEN $4 AND failures + 1 < max_attempts THEN 'queued'
                                 ELSE 'failed' END AS state
                 FROM jobs WHERE id = $1 AND lease_epoch = $2 AND state = 'running' FOR UPDATE
             )
             UPDATE jobs
             SET state = next.state, failures = failures + 1, error = $3, lease_expires_at = NULL,
                 run_at = CASE next.state WHEN 'queued'
                     THEN now() + make_interval(secs =>
                         least($5 * power(2, least(failures, 30)), $6) * (0.75 + random() / 2))
                     ELSE run_at END,
                 finished_at = CASE next.state WHEN 'queued' THEN NULL ELSE now() END,
                 revision = revision + 1
             FROM next WHERE jobs.id = next.id
             RETURNING next.state, pg_notify(current_schema() || '.jobs', 'changed ' || jobs.id)",
            &[
                &lease.job.uuid(),
                &lease.epoch,
                &error,
                &retryable,
                &backoff.first.as_secs_f64(),
                &backoff.most.as_secs_f64(),
            ],
        )
        .await?
        .ok_or_else(|| lease.lost())?;
    let state: &str = row.try_get(0).map_err(Error::from)?;
    Ok(match state {
        "queued" => JobState::Queued,
        "cancelled" => JobState::Cancelled,
        _ => JobState::Failed,
    })
}

/// Ends a job whose handler stopped because it was cancelled.
pub(crate) async fn cancelled(conn: &Conn, lease: Lease) -> Result<(), CompleteError> {
    conn.query_opt(
        "UPDATE jobs
         SET state = 'cancelled', lease_expires_at = NULL, finished_at = now(), revision = revision + 1
         WHERE id = $1 AND lease_epoch = $2 AND state = 'running' AND cancel_requested
         RETURNING pg_notify(current_schema() || '.jobs', 'changed ' || id)",
        &[&lease.job.uuid(), &lease.epoch],
    )
    .await?
    .map(drop)
    .ok_or_else(|| lease.lost().into())
}

/// Gives jobs back, so that another worker takes them at once. Being given back is no attempt.
pub(crate) async fn release(conn: &Conn, leases: &[Lease]) -> Result<(), Error> {
    let (ids, epochs) = columns_of(leases);
    conn.query(
        "WITH held AS (
             SELECT jobs.id FROM unnest($1::uuid[], $2::bigint[]) AS ours (id, epoch)
             JOIN jobs ON jobs.id = ours.id AND jobs.lease_epoch = ours.epoch AND jobs.state = 'running'
             FOR UPDATE OF jobs SKIP LOCKED
         )
         UPDATE jobs
         SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END,
             finished_at = CASE WHEN cancel_requested THEN now() END,
             attempts = attempts - 1, run_at = now(), lease_expires_at = NULL, worker = NULL, revision = revision + 1
         FROM held WHERE jobs.id = held.id
         RETURNING pg_notify(current_schema() || '.jobs', 'queued ' || left(queue, 1000)),
                   pg_notify(current_schema() || '.jobs', 'changed ' || jobs.id)",
        &[&ids, &epochs],
    )
    .await?;
    Ok(())
}

/// Whether the job ended under this very lease, as it does when its handler completed it in a transaction.
pub(crate) async fn ended_under(conn: &Conn, lease: Lease) -> Result<bool, Error> {
    let row = conn
        .query_opt(
            "SELECT 1 FROM jobs WHERE id = $1 AND lease_epoch = $2 AND state = 'succeeded'",
            &[&lease.job.uuid(), &lease.epoch],
        )
        .await?;
    Ok(row.is_some())
}

/// Queues jobs whose lease has run out; those that lost too many workers are dead. Returns how many there were.
pub(crate) async fn reclaim_expired(conn: &Conn, queue: &str) -> Result<usize, Error> {
    reclaim(conn, Some(queue), false).await
}

/// Queues every running job of the schema at once, whatever its lease. For the start of an embedded platform that holds
/// the lock of its data folder, and therefore knows that every former worker is dead. Returns how many there were.
pub async fn reclaim_all(pool: &Pool) -> Result<usize, Error> {
    reclaim(&pool.get().await?, None, true).await
}

async fn reclaim(conn: &Conn, queue: Option<&str>, unexpired: bool) -> Result<usize, Error> {
    let lost = serde_json::json!(FailureInfo {
        code: "workers_lost".into(),
        message: "the workers that ran this job kept vanishing; it probably needs more memory than there is".into(),
        details: Value::Null,
    });
    let rows = conn
        .query(
            "WITH lost AS (
                 SELECT id, CASE WHEN cancel_requested THEN 'cancelled'
                                 WHEN losses + 1 >= $3 THEN 'failed'
                                 ELSE 'queued' END AS next
                 FROM jobs
                 WHERE state = 'running' AND (lease_expires_at < now() OR $2) AND ($1::text IS NULL OR queue = $1)
                 FOR UPDATE SKIP LOCKED
             )
             UPDATE jobs
             SET state = lost.next, losses = losses + 1, lease_expires_at = NULL, worker = NULL, run_at = now(),
                 error = CASE lost.next WHEN 'failed' THEN $4 ELSE error END,
                 finished_at = CASE lost.next WHEN 'queued' THEN NULL ELSE now() END,
                 revision = revision + 1
             FROM lost WHERE jobs.id = lost.id
             RETURNING pg_notify(current_schema() || '.jobs', 'queued ' || left(queue, 1000)),
                       pg_notify(current_schema() || '.jobs', 'changed ' || jobs.id)",
            &[&queue, &unexpired, &MAX_LOSSES, &lost],
        )
        .await?;
    Ok(rows.len())
}
