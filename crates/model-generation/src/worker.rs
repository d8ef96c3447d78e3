//! The jobs of this service.

use std::sync::Arc;

use jobs::{JobContext, JobError, Worker};
use serde_json::Value;
use service_kit::{Parts, job_error};
use tokio::sync::oneshot;

use crate::{
    Evaluator, Store,
    app::{BUILD, Evaluate, EvaluateError, Models},
    domain::{Artefact, Built, Request, specification_json},
};

pub(crate) fn worker(parts: &Parts, store: Arc<Store>, evaluator: Arc<Evaluator>) -> Worker {
    let shared = parts.clone();
    let concurrency = evaluator.size();
    Worker::builder(parts.pool.clone())
        .handler(BUILD, concurrency, move |context| build(shared.clone(), store.clone(), evaluator.clone(), context))
        .build()
}

async fn build(
    parts: Parts,
    store: Arc<Store>,
    evaluator: Arc<Evaluator>,
    context: JobContext,
) -> Result<Value, JobError> {
    let request: Request = context.payload()?;
    let owner = context.job().owner.clone();
    context.progress(0.05, "evaluating");
    let (stop, stopped) = oneshot::channel();
    let evaluated = {
        let mut work = std::pin::pin!(evaluator.evaluate(&request.part, stopped));
        tokio::select! {
            done = &mut work => done,
            () = context.cancelled() => {
                // The receiver is gone only when the work is done.
                stop.send(()).unwrap_or_default();
                work.await
            }
        }
    };
    let evaluation = evaluated.map_err(|error| match error {
        EvaluateError::Cancelled => JobError::Stopped,
        EvaluateError::Worker(_) => JobError::retryable("worker", error.to_string()),
        EvaluateError::Refused(_) | EvaluateError::Deadline(_) => JobError::permanent("geometry", error.to_string()),
    })?;
    context.progress(0.8, "storing the files");
    // A part that came over the API has no specification in the trail yet; one from a dialogue keeps its record.
    let specification = specification_json(&request.part);
    let known = parts.blobs.contains(&request.specification_hash).await.unwrap_or(false);
    if !known {
        parts
            .store(&owner, ("specification", "application/json"), specification, Vec::new())
            .await
            .map_err(job_error)?;
    }
    let mut artefacts = Vec::with_capacity(evaluation.files.len() + 1);
    let report = ("report".to_owned(), "application/json".to_owned(), evaluation.report_json.into());
    let files = evaluation.files.into_iter().map(|file| (file.kind, file.media_type, file.content));
    for (kind, media_type, content) in files.chain([report]) {
        let size_bytes = content.len() as i64;
        let made_from = vec![request.specification_hash];
        let hash = parts.store(&owner, (&kind, &media_type), content, made_from).await.map_err(job_error)?;
        artefacts.push(Artefact { kind, media_type, hash, size_bytes });
    }
    let built = Built {
        exact: evaluation.exact,
        inexact_reason: evaluation.inexact_reason,
        bounds_min: evaluation.bounds_min,
        bounds_max: evaluation.bounds_max,
        volume_mm3: evaluation.volume_mm3,
        area_mm2: evaluation.area_mm2,
        centre_of_mass: evaluation.centre_of_mass,
        artefacts,
        report: evaluation.report,
    };
    store.finish(&context, request.id, &built).await?;
    Ok(Value::Null)
}
