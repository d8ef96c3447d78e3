//! What a job is to those who look at it.

use ids::JobId;
use pg_kit::{Error, Row};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

impl JobState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the job has ended for good.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    fn parse(text: &str) -> Self {
        match text {
            "queued" => Self::Queued,
            "running" => Self::Running,
            "succeeded" => Self::Succeeded,
            "cancelled" => Self::Cancelled,
            // The table's check constraint admits no sixth.
            _ => Self::Failed,
        }
    }
}

/// Why a job's last run failed; stored as JSON with the job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureInfo {
    /// Stable, lower snake case, for programs.
    pub code: String,
    /// For people; shown to the owner, so without internal causes.
    pub message: String,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub details: Value,
}

/// A job at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct JobSnapshot {
    pub id: JobId,
    pub queue: String,
    pub kind: String,
    pub payload: Value,
    pub owner: String,
    pub state: JobState,
    pub priority: i32,
    pub run_at: OffsetDateTime,
    /// How often it was started.
    pub attempts: i32,
    /// How often its handler failed; the job is dead at `max_attempts`.
    pub failures: i32,
    pub max_attempts: i32,
    pub lease_epoch: i64,
    pub worker: Option<String>,
    /// 0 to 1.
    pub progress: f32,
    pub stage: String,
    pub result: Option<Value>,
    pub error: Option<FailureInfo>,
    pub trace_context: Option<String>,
    pub cancel_requested: bool,
    pub created_at: OffsetDateTime,
    pub started_at: Option<OffsetDateTime>,
    pub finished_at: Option<OffsetDateTime>,
    /// Grows with every change.
    pub revision: i64,
}

/// The columns of [`JobSnapshot::from_row`], for `SELECT` and `RETURNING`, without an alias.
macro_rules! columns {
    () => {
        "jobs.id, jobs.queue, jobs.kind, jobs.payload, jobs.owner, jobs.state, jobs.priority, jobs.run_at, \
         jobs.attempts, jobs.failures, jobs.max_attempts, jobs.lease_epoch, jobs.worker, jobs.progress, jobs.stage, \
         jobs.result, jobs.error, jobs.trace_context, jobs.cancel_requested, jobs.created_at, jobs.started_at, \
         jobs.finished_at, jobs.revision"
    };
}
pub(crate) use columns;

impl JobSnapshot {
    pub(crate) fn from_row(row: &Row) -> Result<Self, Error> {
        let error: Option<Value> = row.try_get("error")?;
        Ok(Self {
            id: JobId::from_uuid(row.try_get("id")?),
            queue: row.try_get("queue")?,
            kind: row.try_get("kind")?,
            payload: row.try_get("payload")?,
            owner: row.try_get("owner")?,
            state: JobState::parse(row.try_get("state")?),
            priority: row.try_get("priority")?,
            run_at: row.try_get("run_at")?,
            attempts: row.try_get("attempts")?,
            failures: row.try_get("failures")?,
            max_attempts: row.try_get("max_attempts")?,
            lease_epoch: row.try_get("lease_epoch")?,
            worker: row.try_get("worker")?,
            progress: row.try_get("progress")?,
            stage: row.try_get("stage")?,
            result: row.try_get("result")?,
            error: error.and_then(|error| serde_json::from_value(error).ok()),
            trace_context: row.try_get("trace_context")?,
            cancel_requested: row.try_get("cancel_requested")?,
            created_at: row.try_get("created_at")?,
            started_at: row.try_get("started_at")?,
            finished_at: row.try_get("finished_at")?,
            revision: row.try_get("revision")?,
        })
    }
}

/// How a handler fails.
#[derive(Clone, Debug, thiserror::Error)]
pub enum JobError {
    /// Worth another attempt: something was away, busy or out of time.
    #[error("{}", .0.message)]
    Retryable(FailureInfo),
    /// The same input would fail again.
    #[error("{}", .0.message)]
    Permanent(FailureInfo),
    /// The handler stopped because it was asked to.
    #[error("the job was stopped")]
    Stopped,
    /// Somebody else has the job now; nothing that this handler says counts.
    #[error(transparent)]
    LeaseLost(#[from] LeaseLost),
}

impl JobError {
    pub fn retryable(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Retryable(FailureInfo { code: code.into(), message: message.into(), details: Value::Null })
    }

    pub fn permanent(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Permanent(FailureInfo { code: code.into(), message: message.into(), details: Value::Null })
    }

    /// Adds structured details, shown to the owner.
    #[must_use]
    pub fn with_details(mut self, details: Value) -> Self {
        match &mut self {
            Self::Retryable(failure) | Self::Permanent(failure) => failure.details = details,
            Self::Stopped | Self::LeaseLost(_) => {}
        }
        self
    }
}

/// A database error inside a handler: the cause is logged, the owner is told that it will be tried again.
impl From<Error> for JobError {
    fn from(error: Error) -> Self {
        tracing::warn!(error = &error as &dyn std::error::Error, "a job handler's database call failed");
        Self::Retryable(FailureInfo {
            code: "database".into(),
            message: "the database refused or did not answer".into(),
            details: json!({ "kind": format!("{:?}", error.kind()).to_lowercase() }),
        })
    }
}

impl From<CompleteError> for JobError {
    fn from(error: CompleteError) -> Self {
        match error {
            CompleteError::LeaseLost(lost) => Self::LeaseLost(lost),
            CompleteError::Database(error) => error.into(),
        }
    }
}

/// The job was taken over, cancelled or ended in the meantime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lease of {job} with epoch {epoch} is lost: another worker has the job or it has ended")]
pub struct LeaseLost {
    pub job: JobId,
    pub epoch: i64,
}

/// Why a fenced write was not made.
#[derive(Debug, thiserror::Error)]
pub enum CompleteError {
    #[error(transparent)]
    LeaseLost(#[from] LeaseLost),
    #[error(transparent)]
    Database(#[from] Error),
}
