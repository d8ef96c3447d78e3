//! The one mapping from a service's jobs to the `Operation` resources that people see, and the three RPCs that every
//! service with long work has.
//!
//! An operation is its job: same id, named `operations/{service}/{uuid}`. The finished resource is loaded by the service
//! when the operation is shown, through [`Resources`], so that the job row holds its name and not a copy of it.

mod convert;

use std::{future::Future, pin::Pin, sync::Arc};

use futures::{Stream, StreamExt};
use ids::JobId;
use jobs::{CancelOutcome, JobSnapshot, JobState};
use pg_kit::Pool;
use proto::pot::operations::v1::{CancelOperationRequest, GetOperationRequest, Operation, WatchOperationRequest};
use rpc::{Error, Principal, principal_of};
use serde::{Deserialize, Serialize};

use tonic::{Request, Response, Status};

use crate::database;

/// The stream of the RPC `WatchOperation`.
pub type Updates = Pin<Box<dyn Stream<Item = Result<Operation, Status>> + Send>>;

/// What a finished job's result column holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// Name of the resource that was made.
    pub resource: String,
}

/// How a service shows what an operation made.
pub trait Resources: Send + Sync + 'static {
    /// The resource of this name as a packed message; `None` when it is gone.
    fn pack(&self, owner: &str, name: &str) -> impl Future<Output = Result<Option<prost_types::Any>, Error>> + Send;
}

/// The operations of one service.
pub struct Operations<R> {
    service: &'static str,
    pool: Pool,
    resources: Arc<R>,
}

impl<R> Clone for Operations<R> {
    fn clone(&self) -> Self {
        Operations { service: self.service, pool: self.pool.clone(), resources: self.resources.clone() }
    }
}

impl<R: Resources> Operations<R> {
    pub fn new(service: &'static str, pool: Pool, resources: R) -> Self {
        Operations { service, pool, resources: Arc::new(resources) }
    }

    pub fn name(&self, id: JobId) -> String {
        format!("operations/{}/{}", self.service, id.uuid())
    }

    /// The RPC `GetOperation`.
    pub async fn serve_get(&self, request: Request<GetOperationRequest>) -> Result<Response<Operation>, Status> {
        let principal = principal_of(&request)?;
        Ok(Response::new(self.get(&principal, &request.get_ref().name).await?))
    }

    /// The RPC `CancelOperation`.
    pub async fn serve_cancel(&self, request: Request<CancelOperationRequest>) -> Result<Response<Operation>, Status> {
        let principal = principal_of(&request)?;
        Ok(Response::new(self.cancel(&principal, &request.get_ref().name).await?))
    }

    /// The RPC `WatchOperation`.
    pub async fn serve_watch(&self, request: Request<WatchOperationRequest>) -> Result<Response<Updates>, Status> {
        let principal = principal_of(&request)?;
        let updates = self.watch(&principal, &request.get_ref().name).await?;
        Ok(Response::new(Box::pin(updates.map(|update| update.map_err(Status::from)))))
    }

    async fn get(&self, principal: &Principal, name: &str) -> Result<Operation, Error> {
        let job = self.job(principal, name).await?;
        self.show(job).await
    }

    /// Asks the work to stop; the answer is the operation as it then is.
    async fn cancel(&self, principal: &Principal, name: &str) -> Result<Operation, Error> {
        let job = self.job(principal, name).await?;
        let conn = self.pool.get().await.map_err(database)?;
        match jobs::cancel(&conn, job.id).await.map_err(database)? {
            CancelOutcome::AlreadyEnded(state) if state != JobState::Cancelled => {
                Err(Error::failed_precondition(format!("{name} has already {}", state.as_str())))
            }
            _ => self.get(principal, name).await,
        }
    }

    /// The operation whenever it changes, until it is done.
    async fn watch(
        &self,
        principal: &Principal,
        name: &str,
    ) -> Result<impl Stream<Item = Result<Operation, Error>> + Send + use<R>, Error> {
        let job = self.job(principal, name).await?;
        let operations = self.clone();
        Ok(jobs::watch(self.pool.clone(), job.id).then(move |snapshot| {
            let operations = operations.clone();
            async move { operations.show(snapshot.map_err(database)?).await }
        }))
    }

    /// The operation of a job that was just queued or looked up.
    pub async fn show(&self, job: JobSnapshot) -> Result<Operation, Error> {
        let outcome: Option<Outcome> = job.result.as_ref().and_then(|r| serde_json::from_value(r.clone()).ok());
        let target = outcome.map(|o| o.resource).unwrap_or_default();
        let response = match job.state {
            JobState::Succeeded => self.resources.pack(&job.owner, &target).await?,
            _ => None,
        };
        Ok(convert::operation(self.name(job.id), target, response, &job))
    }

    /// Another owner's operation does not exist.
    async fn job(&self, principal: &Principal, name: &str) -> Result<JobSnapshot, Error> {
        let id = name
            .strip_prefix("operations/")
            .and_then(|rest| rest.strip_prefix(self.service))
            .and_then(|rest| rest.strip_prefix('/'))
            .and_then(|id| id.parse::<JobId>().ok())
            .ok_or_else(|| Error::invalid("name", format!("write it as operations/{}/{{uuid}}", self.service)))?;
        let conn = self.pool.get().await.map_err(database)?;
        let job = jobs::get(&conn, id).await.map_err(database)?;
        job.filter(|job| job.owner == principal.acting_owner()).ok_or_else(|| Error::not_found(name))
    }
}
