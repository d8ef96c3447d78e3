//! Models: ask for them, look at one before it is built, find them.

use std::{collections::BTreeSet, time::Duration};

use ids::ModelId;
use jobs::JobSnapshot;
use part::Part;
use rpc::{Error, Principal};
use service_kit::Page;

use super::{
    imports::{self, foreign},
    ports::{Evaluate, EvaluateError, Imports, Models, Preview, Stored},
};
use crate::domain::{Model, Request, Suggestion, Version, imports_of};

/// The kind of job that builds a model.
pub(crate) const BUILD: &str = "build";

/// The kind of job that looks for edits that remove a model's findings.
pub(crate) const SUGGEST: &str = "suggest";

/// Queues the building of parts, all or none, or finds the models that they already have. What cannot be lowered is
/// refused here, with the operation and parameter named, rather than minutes later by a failed job.
pub(crate) async fn create_models(
    store: &(impl Models + Imports),
    principal: &Principal,
    requests: &[Request],
) -> Result<Vec<JobSnapshot>, Error> {
    let owner = principal.acting_owner();
    for (n, request) in requests.iter().enumerate() {
        // A batch names the request; a single one is the whole message.
        let field = if requests.len() == 1 { "part".to_owned() } else { format!("requests[{n}].part") };
        lowered(store, owner, &request.part, &field).await?;
    }
    store.queue(owner, requests).await
}

/// Checks that a part can be lowered and that the bodies it names are its owner's; these bodies.
async fn lowered(store: &impl Imports, owner: &str, part: &Part, field: &str) -> Result<BTreeSet<String>, Error> {
    let body =
        part::lower(part).map_err(|e| Error::invalid(format!("{field}.{}.{}", e.operation, e.parameter), e.why))?;
    let named = imports_of(&body);
    imports::owned(store, owner, &named, field).await?;
    Ok(named)
}

/// A quick look, nothing stored.
pub(crate) async fn preview(
    store: &impl Imports,
    blobs: &impl Stored,
    evaluator: &impl Evaluate,
    principal: &Principal,
    part: &Part,
    chord_tolerance: f64,
) -> Result<Preview, Error> {
    if chord_tolerance != 0.0 && !(0.01..=2.0).contains(&chord_tolerance) {
        return Err(Error::invalid("chord_tolerance", "has to be 0 or from 0.01 to 2 mm"));
    }
    let named = lowered(store, principal.acting_owner(), part, "part").await?;
    let imports = foreign(blobs, named).await?;
    evaluator.preview(part, chord_tolerance, imports).await.map_err(|error| match error {
        EvaluateError::Refused(why) => Error::invalid("part", why),
        EvaluateError::Busy => Error::resource_exhausted("too many previews at once; send the next one later")
            .with_reason("PREVIEWS_BUSY")
            .with_retry_after(Duration::from_millis(200)),
        EvaluateError::Deadline(_) => Error::deadline_exceeded(error.to_string()),
        EvaluateError::Cancelled => Error::cancelled(error.to_string()),
        EvaluateError::Worker(why) => Error::internal(why),
    })
}

/// Queues the search for edits that remove a model's findings, or finds the one that was.
pub(crate) async fn suggest_edits(
    models: &impl Models,
    principal: &Principal,
    id: ModelId,
) -> Result<JobSnapshot, Error> {
    models.queue_suggestion(principal.acting_owner(), Suggestion { model: id }).await
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

pub(crate) async fn list_versions(
    models: &impl Models,
    principal: &Principal,
    id: ModelId,
) -> Result<Vec<Version>, Error> {
    models.versions(principal.acting_owner(), id).await
}
