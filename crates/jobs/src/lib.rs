//! A Postgres job queue fenced by lease epochs.
//!
//! A job is a row, written by [`enqueue`] in the transaction that records the fact it follows from. A [`Worker`] claims
//! it and raises its **lease epoch**; every heartbeat, progress report and completion names the epoch, and the database
//! refuses those of an older one. So when a worker stalls, its job is taken over, and what it says afterwards changes
//! nothing ([`LeaseLost`]).
//!
//! Promises: a committed job is run until it ends or its attempts are used up; at any moment one epoch at most can
//! write; a handler that records its results through [`JobContext::complete_in`] has them committed exactly once.
//! Not promised: that a handler *runs* once. A worker that stalls may still be running when the next one starts, so
//! handlers are idempotent and effects outside the database carry a fence of their own.
//!
//! States: `queued -> running -> succeeded | failed | cancelled`; from `running` back to `queued` after a failure that
//! may be repeated, a lost worker or a worker that shuts down. A job in state `failed` is the dead letter, kept with its
//! last error; [`retry`] queues it again.

mod context;
mod enqueue;
mod lease;
mod model;
mod query;
mod watch;
mod worker;

pub use context::{JobContext, StopReason};
pub use enqueue::{NewJob, enqueue};
pub use lease::reclaim_all;
pub use model::{CompleteError, FailureInfo, JobError, JobSnapshot, JobState, LeaseLost};
pub use query::{CancelOutcome, ListFilter, cancel, get, list, prune, retry};
pub use watch::watch;
pub use worker::{Worker, WorkerBuilder};

/// The jobs table.
pub const MIGRATIONS: pg_kit::MigrationSet = pg_kit::migrations!("jobs", "0001_jobs");

/// The queue of jobs that name none.
pub const DEFAULT_QUEUE: &str = "default";

/// The notification channel. Payloads: `queued {queue}`, `changed {id}`, `cancel {id}`.
const CHANNEL: &str = "jobs";
