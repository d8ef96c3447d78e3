//! Use cases: ask for a picture, find it.

use std::future::Future;

use ids::PictureId;
use jobs::{JobContext, JobError, JobSnapshot};
use rpc::{Error, Principal};
use service_kit::Page;

use crate::domain::{Picture, Still};

/// The kind of job that makes a still.
pub(crate) const STILL: &str = "still";

/// The service's tables. A picture of another owner does not exist.
pub(crate) trait Pictures: Send + Sync {
    /// Queues the work on a still; a repeated request gets the first one's job.
    fn queue(
        &self,
        owner: &str,
        still: &Still,
        request_id: &str,
    ) -> impl Future<Output = Result<JobSnapshot, Error>> + Send;

    fn get(&self, owner: &str, id: PictureId) -> impl Future<Output = Result<Picture, Error>> + Send;

    /// Writes the picture and ends its job in one transaction, fenced by the job's lease.
    fn finish(&self, context: &JobContext, picture: &Picture) -> impl Future<Output = Result<(), JobError>> + Send;

    /// Newest first.
    fn list(&self, owner: &str, size: u32, after: &str) -> impl Future<Output = Result<Page<Picture>, Error>> + Send;
}

pub(crate) async fn create_picture(
    pictures: &impl Pictures,
    principal: &Principal,
    still: &Still,
    request_id: &str,
) -> Result<JobSnapshot, Error> {
    pictures.queue(principal.acting_owner(), still, request_id).await
}

pub(crate) async fn get_picture(
    pictures: &impl Pictures,
    principal: &Principal,
    id: PictureId,
) -> Result<Picture, Error> {
    pictures.get(principal.acting_owner(), id).await
}

pub(crate) async fn list_pictures(
    pictures: &impl Pictures,
    principal: &Principal,
    size: u32,
    after: &str,
) -> Result<Page<Picture>, Error> {
    pictures.list(principal.acting_owner(), size, after).await
}
