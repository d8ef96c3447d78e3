//! What the use cases and jobs need from outside.

use std::future::Future;

use geometry::printability::Report;
use ids::ModelId;
use jobs::{JobContext, JobError, JobSnapshot};
use part::Part;
use rpc::Error;
use service_kit::Page;
use tokio::sync::oneshot;

use crate::domain::{Built, Model, Request};

/// The service's tables. A model of another owner does not exist.
pub(crate) trait Models: Send + Sync {
    /// The job that builds this specification for this owner: the one that did or does, or a new one.
    fn queue(&self, owner: &str, request: &Request) -> impl Future<Output = Result<JobSnapshot, Error>> + Send;

    /// Writes the result and ends its job in one transaction, fenced by the job's lease.
    fn finish(
        &self,
        context: &JobContext,
        id: ModelId,
        built: &Built,
    ) -> impl Future<Output = Result<(), JobError>> + Send;

    fn get(&self, owner: &str, id: ModelId) -> impl Future<Output = Result<Model, Error>> + Send;

    /// Newest first.
    fn list(&self, owner: &str, size: u32, after: &str) -> impl Future<Output = Result<Page<Model>, Error>> + Send;
}

/// A part's geometry, its files in memory.
#[derive(Debug)]
pub(crate) struct Evaluation {
    pub files: Vec<File>,
    pub report: Report,
    pub report_json: Vec<u8>,
    pub exact: bool,
    pub inexact_reason: String,
    pub bounds_min: [f64; 3],
    pub bounds_max: [f64; 3],
    pub volume_mm3: f64,
    pub area_mm2: f64,
    pub centre_of_mass: [f64; 3],
}

#[derive(Debug)]
pub(crate) struct File {
    pub kind: String,
    pub media_type: String,
    pub content: bytes::Bytes,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum EvaluateError {
    /// The part itself cannot be built.
    #[error("{0}")]
    Refused(String),
    #[error("the evaluation took longer than {0} s and was stopped; make the part simpler")]
    Deadline(u64),
    #[error("the evaluation was cancelled")]
    Cancelled,
    /// The worker died or spoke nonsense; another try may do.
    #[error("the geometry worker failed: {0}")]
    Worker(String),
}

/// Evaluates parts where a runaway can be killed.
pub(crate) trait Evaluate: Send + Sync {
    /// `cancel` resolves when the work is no longer wanted.
    fn evaluate(
        &self,
        part: &Part,
        cancel: oneshot::Receiver<()>,
    ) -> impl Future<Output = Result<Evaluation, EvaluateError>> + Send;
}
