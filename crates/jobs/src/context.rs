//! What a handler is given.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ids::JobId;
use pg_kit::{Pool, Tx};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

use crate::lease::{self, Lease};
use crate::{CompleteError, JobError, JobSnapshot};

/// Why a handler is asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Somebody cancelled the job.
    Cancelled,
    /// The worker is shutting down; the job goes to another one.
    Shutdown,
    /// The lease is lost; another worker has the job.
    LeaseLost,
}

/// What worker and handler share about one run.
pub(crate) struct Control {
    pub(crate) lease: Lease,
    token: CancellationToken,
    flag: Arc<AtomicBool>,
    reason: Mutex<Option<StopReason>>,
    report: Mutex<Option<(f32, String)>>,
}

impl Control {
    pub(crate) fn new(lease: Lease) -> Self {
        Self {
            lease,
            token: CancellationToken::new(),
            flag: Arc::new(AtomicBool::new(false)),
            reason: Mutex::new(None),
            report: Mutex::new(None),
        }
    }

    /// The first reason stays, except that a lost lease overrules: nothing more may be written.
    pub(crate) fn stop(&self, reason: StopReason) {
        let mut current = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        if current.is_none() || reason == StopReason::LeaseLost {
            *current = Some(reason);
        }
        drop(current);
        self.flag.store(true, Ordering::Relaxed);
        self.token.cancel();
    }

    pub(crate) fn reason(&self) -> Option<StopReason> {
        *self.reason.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Progress that has not been written yet.
    pub(crate) fn take_report(&self) -> Option<(f32, String)> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn report(&self, progress: f32, stage: &str) {
        let progress = if progress.is_finite() { progress.clamp(0.0, 1.0) } else { 0.0 };
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = Some((progress, stage.to_owned()));
    }
}

/// One run of a job: its data, its lease, and the wish that it stop.
#[derive(Clone)]
pub struct JobContext {
    job: Arc<JobSnapshot>,
    control: Arc<Control>,
    pool: Pool,
}

impl JobContext {
    pub(crate) fn new(job: JobSnapshot, control: Arc<Control>, pool: Pool) -> Self {
        Self { job: Arc::new(job), control, pool }
    }

    /// The job as it was claimed.
    pub fn job(&self) -> &JobSnapshot {
        &self.job
    }

    pub fn id(&self) -> JobId {
        self.job.id
    }

    /// The fence of this run: grows each time that a worker claims the job.
    pub fn lease_epoch(&self) -> i64 {
        self.control.lease.epoch
    }

    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// The payload as a type; another shape is a permanent failure.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, JobError> {
        T::deserialize(&self.job.payload).map_err(|error| {
            JobError::permanent(
                "invalid_payload",
                format!("the payload of this {} job is invalid: {error}", self.job.kind),
            )
        })
    }

    /// Reports progress, 0 to 1, with the stage's name. Returns at once; what is written is the latest, a few times a
    /// second.
    pub fn progress(&self, progress: f32, stage: &str) {
        self.control.report(progress, stage);
    }

    /// Resolves when the handler should stop; then it returns [`JobError::Stopped`].
    pub fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        self.control.token.cancelled()
    }

    pub fn is_cancelled(&self) -> bool {
        self.control.flag.load(Ordering::Relaxed)
    }

    /// `Err(Stopped)` when the handler should stop, for use between steps.
    pub fn check(&self) -> Result<(), JobError> {
        if self.is_cancelled() { Err(JobError::Stopped) } else { Ok(()) }
    }

    pub fn stop_reason(&self) -> Option<StopReason> {
        self.control.reason()
    }

    /// A token for child tasks; cancelled with the job.
    pub fn token(&self) -> CancellationToken {
        self.control.token.child_token()
    }

    /// The flag that pure code polls.
    pub fn cancel_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.control.flag)
    }

    /// Runs synchronous work on a thread where it may block, with the cancel flag and the progress callback that pure
    /// crates take. Progress is mapped to `from..=to` of the job and reported under `stage`. A panic is a retryable
    /// failure of the job.
    pub async fn blocking<T, W>(&self, stage: &'static str, from: f32, to: f32, work: W) -> Result<T, JobError>
    where
        T: Send + 'static,
        W: FnOnce(&AtomicBool, &(dyn Fn(f32) + Sync)) -> T + Send + 'static,
    {
        self.progress(from, stage);
        let control = Arc::clone(&self.control);
        let flag = Arc::clone(&self.control.flag);
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || {
            let _entered = span.enter();
            let progress = |done: f32| control.report(from + (to - from) * done.clamp(0.0, 1.0), stage);
            work(&flag, &progress)
        })
        .await
        .map_err(|error| JobError::retryable("panicked", format!("the stage {stage} ended unexpectedly: {error}")))
    }

    /// Checks inside a transaction that this run still has the job, and holds the row until the transaction ends. For
    /// results that are written before the job is done.
    pub async fn fence(&self, tx: &Tx) -> Result<(), CompleteError> {
        lease::fence(tx, self.control.lease).await
    }

    /// Completes the job in the handler's own transaction, so that its results and its end are committed together or not
    /// at all. On an error the transaction must be dropped. Afterwards the handler returns `Ok`; its value is ignored.
    pub async fn complete_in(&self, tx: &Tx, result: &Value) -> Result<(), CompleteError> {
        lease::complete(tx, self.control.lease, result).await
    }
}
