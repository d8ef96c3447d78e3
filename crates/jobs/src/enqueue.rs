//! Putting a job into the queue.

use std::time::Duration;

use ids::{JobId, OwnerId};
use pg_kit::{Error, Tx};
use serde::Serialize;
use serde_json::Value;

use crate::DEFAULT_QUEUE;

/// A job to put into the queue.
#[derive(Clone, Debug)]
pub struct NewJob {
    id: JobId,
    queue: String,
    kind: String,
    payload: Value,
    owner: OwnerId,
    priority: i32,
    delay: Duration,
    max_attempts: i32,
    trace_context: Option<String>,
    dedup_key: Option<String>,
}

impl NewJob {
    /// A job of `kind`, in the default queue, for `owner`, tried three times.
    pub fn new(kind: impl Into<String>, owner: OwnerId, payload: Value) -> Self {
        Self {
            id: JobId::now_v7(),
            queue: DEFAULT_QUEUE.to_owned(),
            kind: kind.into(),
            payload,
            owner,
            priority: 0,
            delay: Duration::ZERO,
            max_attempts: 3,
            trace_context: None,
            dedup_key: None,
        }
    }

    /// As [`NewJob::new`] with a typed payload, which the handler reads by `JobContext::payload`.
    pub fn typed(kind: impl Into<String>, owner: OwnerId, payload: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self::new(kind, owner, serde_json::to_value(payload)?))
    }

    /// An identifier chosen by the caller: enqueueing it again, ever, changes nothing.
    #[must_use]
    pub fn id(mut self, id: JobId) -> Self {
        self.id = id;
        self
    }

    #[must_use]
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.queue = queue.into();
        self
    }

    /// Higher runs first; the default is 0.
    #[must_use]
    pub fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// Not before this long from now.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// How often the handler may fail before the job is dead; at least 1.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u16) -> Self {
        self.max_attempts = i32::from(attempts.max(1));
        self
    }

    /// The W3C `traceparent` under which the job runs.
    #[must_use]
    pub fn trace_context(mut self, traceparent: Option<String>) -> Self {
        self.trace_context = traceparent;
        self
    }

    /// While a job of this kind with this key is queued or running, enqueueing another one returns that job.
    #[must_use]
    pub fn dedup_key(mut self, key: impl Into<String>) -> Self {
        self.dedup_key = Some(key.into());
        self
    }
}

/// Puts `job` into the queue in the caller's transaction; workers are woken when it commits. Returns the job's id, or
/// that of the job that it duplicates.
pub async fn enqueue(tx: &Tx, job: NewJob) -> Result<JobId, Error> {
    // A duplicate may end between the insert that hit it and the look-up that names it; then the insert is due.
    loop {
        let inserted = tx
            .query_opt(
                "INSERT INTO jobs (id, queue, kind, payload, owner, priority, run_at, max_attempts, trace_context, dedup_key)
                 VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7), $8, $9, $10)
                 ON CONFLICT DO NOTHING
                 RETURNING pg_notify(current_schema() || '.jobs', 'queued ' || left(queue, 1000))",
                &[
                    &job.id.uuid(),
                    &job.queue,
                    &job.kind,
                    &job.payload,
                    &job.owner.as_str(),
                    &job.priority,
                    &job.delay.as_secs_f64(),
                    &job.max_attempts,
                    &job.trace_context,
                    &job.dedup_key,
                ],
            )
            .await?;
        if inserted.is_some() {
            metrics::counter!("jobs_enqueued_total", "queue" => job.queue, "kind" => job.kind).increment(1);
            return Ok(job.id);
        }
        let existing = tx
            .query_opt(
                "SELECT id FROM jobs WHERE id = $1
                 UNION ALL
                 SELECT id FROM jobs WHERE kind = $2 AND dedup_key = $3 AND state IN ('queued', 'running')
                 LIMIT 1",
                &[&job.id.uuid(), &job.kind, &job.dedup_key],
            )
            .await?;
        if let Some(row) = existing {
            return Ok(JobId::from_uuid(row.try_get(0)?));
        }
    }
}
