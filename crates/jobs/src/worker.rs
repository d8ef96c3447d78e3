//! The worker: claims jobs, runs their handlers, keeps their leases alive, and drains.

use std::collections::{BTreeMap, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use ids::JobId;
use pg_kit::{Notice, Pool, Subscription};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

use crate::context::{Control, JobContext, StopReason};
use crate::lease::{self, Backoff, Lease};
use crate::{CompleteError, DEFAULT_QUEUE, FailureInfo, JobError, JobSnapshot, JobState};

type Handler = Arc<dyn Fn(JobContext) -> BoxFuture<'static, Result<Value, JobError>> + Send + Sync>;
type Running = Arc<Mutex<HashMap<JobId, Arc<Control>>>>;

/// How often progress is written.
const REPORT_EVERY: Duration = Duration::from_millis(200);
/// How long handlers have to stop after they were told to, when a worker drains.
const STOP_GRACE: Duration = Duration::from_secs(1);
/// Pause after a database error.
const RETRY: Duration = Duration::from_millis(300);

/// Settings of a [`Worker`].
pub struct WorkerBuilder {
    pool: Pool,
    queue: String,
    name: String,
    handlers: BTreeMap<String, (usize, Handler)>,
    concurrency: usize,
    lease: Duration,
    beat: Duration,
    poll: Duration,
    grace: Duration,
    backoff: Backoff,
}

impl WorkerBuilder {
    /// The queue to serve; without it [`DEFAULT_QUEUE`].
    #[must_use]
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.queue = queue.into();
        self
    }

    /// Handles jobs of `kind`, at most `concurrency` at a time in this process. Handlers must not block: computations go
    /// through [`JobContext::blocking`], or heartbeats starve.
    #[must_use]
    pub fn handler<H, F>(mut self, kind: impl Into<String>, concurrency: usize, handler: H) -> Self
    where
        H: Fn(JobContext) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Value, JobError>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |context| handler(context).boxed());
        self.handlers.insert(kind.into(), (concurrency.max(1), handler));
        self
    }

    /// At most this many jobs of all kinds at a time in this process.
    #[must_use]
    pub fn concurrency(mut self, jobs: usize) -> Self {
        self.concurrency = jobs.max(1);
        self
    }

    /// How long a worker may be silent before its jobs are taken over (5 s), and how often it speaks (1 s).
    #[must_use]
    pub fn lease(mut self, lease: Duration, beat: Duration) -> Self {
        self.lease = lease;
        self.beat = beat.min(lease / 2);
        self
    }

    /// How often the queue is looked at without a notification: bounds the delay of retries (500 ms).
    #[must_use]
    pub fn poll(mut self, poll: Duration) -> Self {
        self.poll = poll;
        self
    }

    /// How long running jobs may go on after shutdown began before they are stopped and given back (2 s).
    #[must_use]
    pub fn drain_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The pause after the first failure and the longest pause (1 s, 5 min); it doubles in between.
    #[must_use]
    pub fn backoff(mut self, first: Duration, most: Duration) -> Self {
        self.backoff = Backoff { first, most };
        self
    }

    pub fn build(self) -> Worker {
        Worker { settings: Arc::new(self) }
    }
}

/// Runs the jobs of one queue.
pub struct Worker {
    settings: Arc<WorkerBuilder>,
}

impl Worker {
    pub fn builder(pool: Pool) -> WorkerBuilder {
        WorkerBuilder {
            pool,
            queue: DEFAULT_QUEUE.to_owned(),
            name: format!("{}-{}", std::process::id(), Uuid::now_v7().simple()),
            handlers: BTreeMap::new(),
            concurrency: usize::MAX,
            lease: Duration::from_secs(5),
            beat: Duration::from_secs(1),
            poll: Duration::from_millis(500),
            grace: Duration::from_secs(2),
            backoff: Backoff { first: Duration::from_secs(1), most: Duration::from_secs(300) },
        }
    }

    /// Works until `shutdown`, then drains: lets running jobs finish for the grace period, stops the rest, and gives
    /// back what did not end, so that another worker takes it at once. A future that is dropped is a worker that was
    /// killed: its jobs are taken over when their leases run out.
    pub async fn run(self, shutdown: CancellationToken) {
        let settings = self.settings;
        let running = Running::default();
        let mut tasks = JoinSet::new();
        // Heartbeats go on while the worker drains, so they are a future of their own.
        let work = async {
            claim_until(&settings, &running, &mut tasks, &shutdown).await;
            drain(&settings, &running, &mut tasks).await;
        };
        tokio::select! {
            () = work => {}
            () = keep(&settings, &running) => {}
        }
    }
}

fn lock(running: &Running) -> std::sync::MutexGuard<'_, HashMap<JobId, Arc<Control>>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn claim_until(
    settings: &Arc<WorkerBuilder>,
    running: &Running,
    tasks: &mut JoinSet<String>,
    shutdown: &CancellationToken,
) {
    let mut wake = settings.pool.listen(crate::CHANNEL).await;
    let mut busy: BTreeMap<String, usize> = BTreeMap::new();
    let mut reclaim_at = Instant::now();
    loop {
        while let Some(finished) = tasks.try_join_next() {
            count_down(&mut busy, finished);
        }
        if shutdown.is_cancelled() {
            return;
        }
        if Instant::now() >= reclaim_at {
            reclaim_at = Instant::now() + settings.lease / 4;
            reclaim(settings).await;
        }
        let claimed = match claim(settings, &busy).await {
            Ok(jobs) => jobs,
            Err(error) => {
                tracing::warn!(queue = settings.queue, error = &error as &dyn std::error::Error, "cannot claim jobs");
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    () = tokio::time::sleep(RETRY) => continue,
                }
            }
        };
        for job in claimed {
            metrics::counter!("jobs_claimed_total", "queue" => job.queue.clone(), "kind" => job.kind.clone())
                .increment(1);
            *busy.entry(job.kind.clone()).or_default() += 1;
            let control = Arc::new(Control::new(Lease { job: job.id, epoch: job.lease_epoch }));
            lock(running).insert(job.id, Arc::clone(&control));
            tasks.spawn(execute(Arc::clone(settings), Arc::clone(running), job, control));
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            Some(finished) = tasks.join_next(), if !tasks.is_empty() => count_down(&mut busy, finished),
            () = tokio::time::sleep(settings.poll) => {}
            () = relevant(&mut wake, &settings.queue, running) => {}
        }
    }
}

fn count_down(busy: &mut BTreeMap<String, usize>, finished: Result<String, tokio::task::JoinError>) {
    // A task catches its handler's panics, so it ends with its kind unless the runtime is going away.
    if let Ok(kind) = finished
        && let Some(count) = busy.get_mut(&kind)
    {
        *count = count.saturating_sub(1);
    }
}

/// Waits for news of this queue; passes cancellations on.
async fn relevant(wake: &mut Subscription, queue: &str, running: &Running) {
    loop {
        let Notice::Payload(payload) = wake.recv().await else { return };
        match payload.split_once(' ') {
            Some(("queued", name)) if name == queue => return,
            Some(("cancel", id)) => {
                if let Ok(id) = id.parse::<JobId>()
                    && let Some(control) = lock(running).get(&id)
                {
                    control.stop(StopReason::Cancelled);
                }
            }
            _ => {}
        }
    }
}

async fn claim(settings: &WorkerBuilder, busy: &BTreeMap<String, usize>) -> Result<Vec<JobSnapshot>, pg_kit::Error> {
    let total = settings.concurrency.saturating_sub(busy.values().sum());
    let (mut kinds, mut free) = (Vec::new(), Vec::new());
    for (kind, (concurrency, _)) in &settings.handlers {
        let slots = concurrency.saturating_sub(busy.get(kind).copied().unwrap_or(0)).min(total);
        if slots > 0 {
            kinds.push(kind.as_str());
            free.push(i32::try_from(slots).unwrap_or(i32::MAX));
        }
    }
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let conn = settings.pool.get().await?;
    lease::claim(&conn, &settings.queue, &kinds, &free, total, &settings.name, settings.lease).await
}

async fn reclaim(settings: &WorkerBuilder) {
    let result = async { lease::reclaim_expired(&settings.pool.get().await?, &settings.queue).await }.await;
    match result {
        Ok(0) => {}
        Ok(count) => {
            metrics::counter!("jobs_reclaimed_total", "queue" => settings.queue.clone()).increment(count as u64);
            tracing::warn!(queue = settings.queue, count, "took over jobs whose workers vanished");
        }
        Err(error) => {
            tracing::warn!(queue = settings.queue, error = &error as &dyn std::error::Error, "cannot take over jobs");
        }
    }
}

/// Heartbeats and progress reports, for ever.
async fn keep(settings: &WorkerBuilder, running: &Running) {
    let mut tick = tokio::time::interval(REPORT_EVERY.min(settings.beat));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut next_beat = Instant::now() + settings.beat;
    loop {
        tick.tick().await;
        let controls: Vec<Arc<Control>> = lock(running).values().map(Arc::clone).collect();
        let reports: Vec<(Lease, f32, String)> = controls
            .iter()
            .filter_map(|control| control.take_report().map(|(progress, stage)| (control.lease, progress, stage)))
            .collect();
        if !reports.is_empty() {
            let written = async { lease::report(&settings.pool.get().await?, &reports).await }.await;
            if let Err(error) = written {
                tracing::debug!(error = &error as &dyn std::error::Error, "progress was not written");
            }
        }
        if Instant::now() < next_beat {
            continue;
        }
        next_beat = Instant::now() + settings.beat;
        if controls.is_empty() {
            continue;
        }
        let leases: Vec<Lease> = controls.iter().map(|control| control.lease).collect();
        let beats = async { lease::beat(&settings.pool.get().await?, &leases, settings.lease).await }.await;
        match beats {
            Ok(beats) => {
                for (control, beat) in controls.iter().zip(beats) {
                    match beat.held {
                        Some(false) => {}
                        Some(true) => control.stop(StopReason::Cancelled),
                        // A job that its handler has just ended is no longer held either.
                        None if !lock(running).contains_key(&beat.lease.job) => {}
                        None => control.stop(StopReason::LeaseLost),
                    }
                }
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the heartbeat failed");
                next_beat = Instant::now();
            }
        }
    }
}

/// Lets what runs finish, then stops it, then gives back what is left.
async fn drain(settings: &WorkerBuilder, running: &Running, tasks: &mut JoinSet<String>) {
    let finish = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(settings.grace, finish).await.is_ok() {
        return;
    }
    for control in lock(running).values() {
        control.stop(StopReason::Shutdown);
    }
    let stop = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP_GRACE, stop).await.is_ok() {
        return;
    }
    tasks.shutdown().await;
    let leases: Vec<Lease> = lock(running).values().map(|control| control.lease).collect();
    let released = async { lease::release(&settings.pool.get().await?, &leases).await }.await;
    if let Err(error) = released {
        tracing::warn!(error = &error as &dyn std::error::Error, "jobs were not given back; their leases will run out");
    }
}

/// One run of one job; returns the job's kind.
async fn execute(settings: Arc<WorkerBuilder>, running: Running, job: JobSnapshot, control: Arc<Control>) -> String {
    let kind = job.kind.clone();
    let span = tracing::info_span!(
        "job",
        job_id = %job.id,
        job_kind = kind,
        attempt = job.attempts,
        traceparent = job.trace_context.as_deref().unwrap_or_default(),
    );
    async {
        let started = Instant::now();
        let outcome = match settings.handlers.get(&kind) {
            Some((_, handler)) => {
                let context = JobContext::new(job, Arc::clone(&control), settings.pool.clone());
                AssertUnwindSafe(handler(context)).catch_unwind().await.unwrap_or_else(|panic| {
                    let text = panic
                        .downcast_ref::<&str>()
                        .map(ToString::to_string)
                        .or_else(|| panic.downcast_ref::<String>().cloned())
                        .unwrap_or_default();
                    tracing::error!(panic = text, "a job handler panicked");
                    Err(JobError::retryable("panicked", "the job ended unexpectedly"))
                })
            }
            // Only kinds with a handler are claimed.
            None => Err(JobError::permanent("unknown_kind", "no handler for this kind of job")),
        };
        let label = conclude(&settings, &control, outcome).await;
        lock(&running).remove(&control.lease.job);
        metrics::counter!("jobs_finished_total", "kind" => kind.clone(), "outcome" => label).increment(1);
        metrics::histogram!("job_duration_seconds", "kind" => kind.clone()).record(started.elapsed().as_secs_f64());
        tracing::debug!(outcome = label, "job run ended");
    }
    .instrument(span)
    .await;
    kind
}

/// Writes the outcome, repeating while the database is away, for the result of hours of work must not be lost to a
/// restart of the server; returns a label for the metrics.
async fn conclude(settings: &WorkerBuilder, control: &Control, outcome: Result<Value, JobError>) -> &'static str {
    loop {
        match write(settings, control, &outcome).await {
            Ok(label) => return label,
            Err(CompleteError::LeaseLost(lost)) => {
                metrics::counter!("jobs_lease_lost_total").increment(1);
                tracing::warn!(error = %lost, "the outcome of a job was refused");
                return "lease_lost";
            }
            Err(CompleteError::Database(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the outcome of a job was not written");
                if control.reason() == Some(StopReason::LeaseLost) {
                    return "lease_lost";
                }
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

async fn write(
    settings: &WorkerBuilder,
    control: &Control,
    outcome: &Result<Value, JobError>,
) -> Result<&'static str, CompleteError> {
    let lease = control.lease;
    let conn = settings.pool.get().await?;
    let stopped = FailureInfo { code: "stopped".into(), message: "the job was stopped".into(), details: Value::Null };
    let failed = match outcome {
        Ok(result) => lease::complete(&conn, lease, result).await.map(|()| "succeeded"),
        Err(JobError::LeaseLost(_)) => lease::fence(&conn, lease).await.map(|()| "lease_lost"),
        Err(error) => match (control.reason(), error) {
            // Whatever a handler says after it was told to stop, it says because of that.
            (Some(StopReason::Shutdown), _) => {
                lease::release(&conn, &[lease]).await?;
                Ok("released")
            }
            (Some(StopReason::Cancelled), _) => lease::cancelled(&conn, lease).await.map(|()| "cancelled"),
            (_, JobError::Permanent(failure)) => fail(&conn, settings, lease, failure, false).await,
            (_, JobError::Retryable(failure)) => fail(&conn, settings, lease, failure, true).await,
            (_, JobError::Stopped | JobError::LeaseLost(_)) => fail(&conn, settings, lease, &stopped, true).await,
        },
    };
    match failed {
        // The handler may have completed the job in its own transaction.
        Err(CompleteError::LeaseLost(_)) if lease::ended_under(&conn, lease).await? => Ok("succeeded"),
        result => result,
    }
}

async fn fail(
    conn: &pg_kit::Conn,
    settings: &WorkerBuilder,
    lease: Lease,
    failure: &FailureInfo,
    retryable: bool,
) -> Result<&'static str, CompleteError> {
    tracing::info!(code = failure.code, message = failure.message, retryable, "a job failed");
    Ok(match lease::fail(conn, lease, failure, retryable, settings.backoff).await? {
        JobState::Queued => "retried",
        JobState::Cancelled => "cancelled",
        _ => "failed",
    })
}
