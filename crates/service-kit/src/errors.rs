//! The kits' errors as callers see them.

use std::{future::Future, sync::Arc, time::Duration};

use ids::ContentHash;
use jobs::JobError;
use pg_kit::{
    ErrorKind, Pool, Tx,
    idempotency::{self, IdempotencyError, Key},
};
use rpc::Error;
use serde::{Serialize, de::DeserializeOwned};

/// How long a repeated request gets its first answer.
const KEEP_ANSWERS: Duration = Duration::from_secs(24 * 3600);

/// A database error as callers see it: away is worth a retry, the rest is ours.
pub fn database(error: pg_kit::Error) -> Error {
    match error.kind() {
        ErrorKind::Unavailable | ErrorKind::Timeout => {
            Error::unavailable("the database does not answer; try again").with_source(error)
        }
        _ => Error::internal(error),
    }
}

/// An error on its way out of a transaction. It keeps the database's own form, by which the transaction is repeated
/// after a deadlock.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error(transparent)]
    Database(#[from] pg_kit::Error),
    #[error(transparent)]
    Repeated(#[from] IdempotencyError),
    #[error(transparent)]
    Refused(#[from] Error),
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Error {
        match failed {
            Failed::Database(error) | Failed::Repeated(IdempotencyError::Database(error)) => database(error),
            Failed::Repeated(error @ IdempotencyError::PayloadMismatch { .. }) => {
                Error::invalid("request_id", error.to_string()).with_reason("REQUEST_ID_REUSED")
            }
            Failed::Repeated(error @ IdempotencyError::InFlight { .. }) => Error::aborted(error.to_string())
                .with_reason("REQUEST_IN_FLIGHT")
                .with_retry_after(Duration::from_secs(1)),
            Failed::Refused(error) => error,
        }
    }
}

/// Does `work` in a transaction, once for a request id: a repeated request gets the first answer, and the same id with
/// another payload is refused. An empty id does the work every time.
pub async fn idempotent<T, W, F>(
    pool: &Pool,
    (owner, method, request_id): (&str, &str, &str),
    payload: &[u8],
    work: W,
) -> Result<T, Error>
where
    T: Serialize + DeserializeOwned,
    W: Fn(Arc<Tx>) -> F,
    F: Future<Output = Result<T, Failed>>,
{
    if request_id.len() > 200 {
        return Err(Error::invalid("request_id", "has more than 200 bytes"));
    }
    let key = (!request_id.is_empty()).then_some(Key { owner, method, request_id });
    let work = &work;
    let encoded = |tx: Arc<Tx>| async move {
        let answer = work(tx).await?;
        serde_json::to_vec(&answer).map_err(|e| Failed::from(Error::internal(e)))
    };
    let answer = idempotency::run::<Failed, _, _>(pool, key, &ContentHash::of(payload), KEEP_ANSWERS, encoded).await?;
    serde_json::from_slice(&answer).map_err(Error::internal)
}

/// An error inside a job: what the same input would meet again is final, the rest is tried again.
pub fn job_error(error: Error) -> JobError {
    let code = error.reason().to_lowercase();
    match error.kind() {
        rpc::ErrorKind::Unavailable
        | rpc::ErrorKind::DeadlineExceeded
        | rpc::ErrorKind::ResourceExhausted
        | rpc::ErrorKind::Aborted
        | rpc::ErrorKind::Internal => {
            error.log();
            JobError::retryable(code, error.message())
        }
        rpc::ErrorKind::Cancelled => JobError::Stopped,
        _ => JobError::permanent(code, error.message()),
    }
}
