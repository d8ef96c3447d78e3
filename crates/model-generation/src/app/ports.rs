//! What the use cases and jobs need from outside.

use std::future::Future;

use bytes::Bytes;
use geometry::printability::Report;
use ids::{ContentHash, ImportId, ModelId};
use jobs::{JobContext, JobError, JobSnapshot};
use part::Part;
use rpc::Error;
use service_kit::Page;
use tokio::sync::oneshot;

use crate::domain::{Built, Import, Measured, Model, Request, Suggestion, Upload, Version};

/// The tables of models. A model of another owner does not exist.
pub(crate) trait Models: Send + Sync {
    /// The jobs that build these specifications for this owner, each the one that did or does, or a new one; all in one
    /// transaction.
    fn queue(&self, owner: &str, requests: &[Request]) -> impl Future<Output = Result<Vec<JobSnapshot>, Error>> + Send;

    /// Writes the result and ends its job in one transaction, fenced by the job's lease.
    fn finish(
        &self,
        context: &JobContext,
        id: ModelId,
        built: &Built,
    ) -> impl Future<Output = Result<(), JobError>> + Send;

    /// The job that looks for edits of this model: the one that did or does, or a new one.
    fn queue_suggestion(
        &self,
        owner: &str,
        suggestion: Suggestion,
    ) -> impl Future<Output = Result<JobSnapshot, Error>> + Send;

    /// Writes the report with edits and ends its job in one transaction.
    fn finish_suggestion(
        &self,
        context: &JobContext,
        id: ModelId,
        mended: &Report,
    ) -> impl Future<Output = Result<(), JobError>> + Send;

    fn get(&self, owner: &str, id: ModelId) -> impl Future<Output = Result<Model, Error>> + Send;

    /// Newest first.
    fn list(&self, owner: &str, size: u32, after: &str) -> impl Future<Output = Result<Page<Model>, Error>> + Send;

    /// The lineage that this model last joined, oldest first.
    fn versions(&self, owner: &str, id: ModelId) -> impl Future<Output = Result<Vec<Version>, Error>> + Send;
}

/// The tables of imports.
pub(crate) trait Imports: Send + Sync {
    /// The job that reads these bytes for this owner: the one that did or does, or a new one.
    fn queue_import(&self, owner: &str, upload: &Upload) -> impl Future<Output = Result<JobSnapshot, Error>> + Send;

    fn finish_import(
        &self,
        context: &JobContext,
        id: ImportId,
        measured: &Measured,
    ) -> impl Future<Output = Result<(), JobError>> + Send;

    fn get_import(&self, owner: &str, id: ImportId) -> impl Future<Output = Result<Import, Error>> + Send;

    fn list_imports(
        &self,
        owner: &str,
        size: u32,
        after: &str,
    ) -> impl Future<Output = Result<Page<Import>, Error>> + Send;

    fn is_import(&self, owner: &str, hash: &ContentHash) -> impl Future<Output = Result<bool, Error>> + Send;
}

/// Stored objects.
pub(crate) trait Stored: Send + Sync {
    fn content(&self, hash: &ContentHash, limit: u64) -> impl Future<Output = Result<Bytes, Error>> + Send;
}

/// Intermediate results of evaluations, kept between processes. A cache: what goes wrong is a miss.
pub(crate) trait Kept: Send + Sync {
    fn find(&self, key: [u8; 32]) -> impl Future<Output = Option<Bytes>> + Send;
    fn keep(&self, key: [u8; 32], value: Bytes) -> impl Future<Output = ()> + Send;
}

/// A file that a part names by hash.
#[derive(Clone, Debug)]
pub(crate) struct Foreign {
    pub hash: ContentHash,
    pub content: Bytes,
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
    pub content: Bytes,
}

/// A part before it is built: coarse triangles.
#[derive(Debug)]
pub(crate) struct Preview {
    pub glb: Bytes,
    pub bounds_min: [f64; 3],
    pub bounds_max: [f64; 3],
    pub volume_mm3: f64,
    pub triangle_count: u32,
    pub chord_tolerance: f64,
    pub exact: bool,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum EvaluateError {
    /// The part itself cannot be built, or the file not read.
    #[error("{0}")]
    Refused(String),
    #[error("the evaluation took longer than {0} s and was stopped; make the part simpler")]
    Deadline(u64),
    #[error("the evaluation was cancelled")]
    Cancelled,
    #[error("too many evaluations wait already")]
    Busy,
    /// The worker died or spoke nonsense; another try may do.
    #[error("the geometry worker failed: {0}")]
    Worker(String),
}

/// Evaluates parts where a runaway can be killed.
pub(crate) trait Evaluate: Send + Sync {
    /// `cancel` resolves when the work is no longer wanted.
    fn evaluate(
        &self,
        request: &Request,
        imports: Vec<Foreign>,
        cancel: oneshot::Receiver<()>,
    ) -> impl Future<Output = Result<Evaluation, EvaluateError>> + Send;

    /// The report on a part with the edits that were found; on a process of its own, so that builds do not wait.
    fn mend(
        &self,
        part: &Part,
        report: &Report,
        imports: Vec<Foreign>,
    ) -> impl Future<Output = Result<Report, EvaluateError>> + Send;

    /// On processes of its own; `chord_tolerance` 0 leaves it to the part's size.
    fn preview(
        &self,
        part: &Part,
        chord_tolerance: f64,
        imports: Vec<Foreign>,
    ) -> impl Future<Output = Result<Preview, EvaluateError>> + Send;

    /// Reads and measures a foreign file.
    fn read(&self, content: Bytes) -> impl Future<Output = Result<Measured, EvaluateError>> + Send;
}
