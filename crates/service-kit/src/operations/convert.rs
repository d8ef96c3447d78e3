//! Rows to messages; cannot fail.

use jobs::{JobSnapshot, JobState};
use proto::{
    google::rpc::Status,
    pot::operations::v1::{Operation, OperationState, operation},
};
use rpc::ErrorKind;

use crate::timestamp;

pub(crate) fn operation(
    name: String,
    target: String,
    response: Option<prost_types::Any>,
    job: &JobSnapshot,
) -> Operation {
    let state = match job.state {
        JobState::Queued => OperationState::Queued,
        JobState::Running => OperationState::Running,
        JobState::Succeeded => OperationState::Succeeded,
        JobState::Failed => OperationState::Failed,
        JobState::Cancelled => OperationState::Cancelled,
    };
    let result = match (job.state, response) {
        (JobState::Succeeded, Some(any)) => Some(operation::Result::Response(any)),
        (JobState::Succeeded, None) => {
            Some(operation::Result::Error(status(ErrorKind::NotFound, "the result was deleted")))
        }
        (JobState::Failed, _) => {
            let message = job.error.as_ref().map_or("the work failed", |failure| failure.message.as_str());
            Some(operation::Result::Error(status(ErrorKind::FailedPrecondition, message)))
        }
        (JobState::Cancelled, _) => Some(operation::Result::Error(status(ErrorKind::Cancelled, "it was cancelled"))),
        _ => None,
    };
    Operation {
        name,
        state: state.into(),
        done: job.state.is_terminal(),
        progress: if job.state == JobState::Succeeded { 1.0 } else { job.progress },
        stage: job.stage.clone(),
        target,
        create_time: Some(timestamp(job.created_at)),
        update_time: Some(timestamp(job.finished_at.or(job.started_at).unwrap_or(job.created_at))),
        attempts: job.attempts.max(0) as u32,
        result,
    }
}

fn status(kind: ErrorKind, message: &str) -> Status {
    Status { code: kind.code() as i32, message: message.to_owned(), details: Vec::new() }
}
