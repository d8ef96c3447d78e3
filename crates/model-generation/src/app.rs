//! Use cases: ask for a model, find it.

mod ports;

use ids::{ContentHash, ModelId};
use jobs::JobSnapshot;
use part::Part;
use rpc::{Error, Principal};
use service_kit::Page;

pub(crate) use ports::{Evaluate, EvaluateError, Evaluation, File, Models};

use crate::domain::{Model, Request};

/// The kind of job that builds a model.
pub(crate) const BUILD: &str = "build";

/// Queues the building of a part, or finds the model that it already has. What cannot be lowered is refused here, with
/// the operation and parameter named, rather than minutes later by a failed job.
pub(crate) async fn create_model(
    models: &impl Models,
    principal: &Principal,
    id: ModelId,
    part: Part,
    specification_hash: ContentHash,
) -> Result<JobSnapshot, Error> {
    part::lower(&part)
        .map_err(|invalid| Error::invalid(format!("part.{}.{}", invalid.operation, invalid.parameter), invalid.why))?;
    models.queue(principal.acting_owner(), &Request { id, part, specification_hash }).await
}

pub(crate) async fn get_model(models: &impl Models, principal: &Principal, id: ModelId) -> Result<Model, Error> {
    models.get(principal.acting_owner(), id).await
}

pub(crate) async fn list_models(
    models: &impl Models,
    principal: &Principal,
    size: u32,
    after: &str,
) -> Result<Page<Model>, Error> {
    models.list(principal.acting_owner(), size, after).await
}
