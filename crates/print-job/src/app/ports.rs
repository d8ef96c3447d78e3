//! What the use cases and the workers need from outside.

use std::{future::Future, pin::Pin};

use futures::Stream;
use ids::{ContentHash, DeviceId, PrintJobId, QuoteId, SliceId};
use jobs::{JobContext, JobError, JobSnapshot};
use rpc::Error;
use service_kit::Page;
use time::OffsetDateTime;

use crate::domain::{
    Command, PrintJob, Quote, Slice, SliceOrder,
    dispatch::{Report, StartFailure},
    print_job::IllegalTransition,
};

/// Slices in the service's own tables. A slice of another owner does not exist.
pub(crate) trait SliceStore: Send + Sync {
    /// Queues the work; a repeated request gets the first one's job.
    fn queue(
        &self,
        owner: &str,
        order: &SliceOrder,
        request_id: &str,
    ) -> impl Future<Output = Result<JobSnapshot, Error>> + Send;

    fn slice(&self, owner: &str, id: SliceId) -> impl Future<Output = Result<Slice, Error>> + Send;

    /// The owner's finished slice of an equal order.
    fn equal(&self, owner: &str, key: &ContentHash) -> impl Future<Output = Result<Option<SliceId>, JobError>> + Send;

    /// Writes the slice and ends its job in one transaction.
    fn finish(
        &self,
        context: &JobContext,
        key: &ContentHash,
        slice: &Slice,
    ) -> impl Future<Output = Result<(), JobError>> + Send;

    /// Ends the job with a slice that was there already.
    fn finish_with(&self, context: &JobContext, slice: SliceId) -> impl Future<Output = Result<(), JobError>> + Send;
}

pub(crate) trait QuoteStore: Send + Sync {
    /// Writes a quote; a repeated request gets the first one. `request` is what makes two requests the same.
    fn insert(
        &self,
        owner: &str,
        quote: &(Quote, ContentHash),
        request: &str,
        request_id: &str,
    ) -> impl Future<Output = Result<(Quote, ContentHash), Error>> + Send;

    fn quote(&self, owner: &str, id: QuoteId) -> impl Future<Output = Result<(Quote, ContentHash), Error>> + Send;
}

/// Print jobs as people see them.
pub(crate) trait PrintJobStore: Send + Sync {
    /// Writes the row, its event and its work; a repeated request gets the first one as it now is.
    fn create(&self, job: &PrintJob, request_id: &str) -> impl Future<Output = Result<PrintJob, Error>> + Send;

    fn print_job(&self, owner: &str, id: PrintJobId) -> impl Future<Output = Result<PrintJob, Error>> + Send;

    /// Newest first.
    fn list(&self, owner: &str, size: u32, after: &str) -> impl Future<Output = Result<Page<PrintJob>, Error>> + Send;

    /// Takes a command against the row as it is, under its lock.
    fn command(
        &self,
        owner: &str,
        id: PrintJobId,
        command: Command,
        now: OffsetDateTime,
    ) -> impl Future<Output = Result<PrintJob, Error>> + Send;
}

/// A printer that a job could take.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub device: DeviceId,
    /// Millimetres.
    pub build: [f64; 3],
    /// The fence of which it speaks; ours have to be higher.
    pub fence: i64,
}

/// Print jobs as their worker sees them. Every write is fenced by the lease of the job's work and leaves an event.
pub(crate) trait PrintQueue: Send + Sync {
    fn load(&self, context: &JobContext, id: PrintJobId) -> impl Future<Output = Result<PrintJob, JobError>> + Send;

    /// Changes the row under its lock and gives it back. A change that leaves it as it was writes nothing.
    fn update<F>(
        &self,
        context: &JobContext,
        id: PrintJobId,
        change: F,
    ) -> impl Future<Output = Result<PrintJob, JobError>> + Send
    where
        F: FnOnce(&mut PrintJob) -> Result<(), IllegalTransition> + Send;

    /// Takes the first of `candidates` that has no job and is not due to an older job, raises its fence, and gives the job
    /// to it; `None` when there is none or the job waits no longer.
    fn claim(
        &self,
        context: &JobContext,
        id: PrintJobId,
        candidates: &[Candidate],
        now: OffsetDateTime,
    ) -> impl Future<Output = Result<Option<PrintJob>, JobError>> + Send;

    /// A new fence of the job's printer, above `floor`, for a start that may be sent.
    fn renew_fence(
        &self,
        context: &JobContext,
        id: PrintJobId,
        floor: i64,
    ) -> impl Future<Output = Result<PrintJob, JobError>> + Send;

    /// Ends the job by `change`, frees its printer and ends its work, in one transaction.
    fn end<F>(
        &self,
        context: &JobContext,
        id: PrintJobId,
        change: F,
    ) -> impl Future<Output = Result<PrintJob, JobError>> + Send
    where
        F: FnOnce(&mut PrintJob) -> Result<(), IllegalTransition> + Send;
}

/// A printer as the iot service lists it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Printer {
    pub candidate: Candidate,
    pub online: bool,
    pub report: Option<Report>,
}

/// Why a printer was not reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// Worth another try.
    #[error("{0}")]
    Away(Error),
    /// It said no, or does not exist.
    #[error("{0}")]
    Refused(Error),
}

/// Why a start was not confirmed.
#[derive(Debug)]
pub(crate) struct StartError {
    pub failure: StartFailure,
    /// For the job's owner.
    pub message: String,
}

/// Reports as they come; `online` says whether the printer is reachable.
pub(crate) type Reports = Pin<Box<dyn Stream<Item = Result<(bool, Option<Report>), CallError>> + Send>>;

/// The iot service, acting for `owner`.
pub(crate) trait PrinterGateway: Send + Sync {
    fn list(&self, owner: &str) -> impl Future<Output = Result<Vec<Printer>, CallError>> + Send;

    /// Sends the start that the row announces, once.
    fn start(&self, job: &PrintJob, device: &DeviceId) -> impl Future<Output = Result<Report, StartError>> + Send;

    fn query(&self, owner: &str, device: &DeviceId) -> impl Future<Output = Result<Report, CallError>> + Send;

    fn watch(&self, owner: &str, device: &DeviceId) -> impl Future<Output = Result<Reports, CallError>> + Send;

    fn control(
        &self,
        owner: &str,
        device: &DeviceId,
        fence: i64,
        command: Command,
    ) -> impl Future<Output = Result<Report, CallError>> + Send;

    /// The hash of the print's telemetry; `None` when none was recorded.
    fn seal(
        &self,
        job: &PrintJob,
        device: &DeviceId,
    ) -> impl Future<Output = Result<Option<ContentHash>, CallError>> + Send;
}
