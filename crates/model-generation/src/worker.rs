//! The jobs of this service: building models, looking for edits that mend them, reading imports.

use std::{future::Future, sync::Arc};

use jobs::{JobContext, JobError, Worker};
use serde_json::Value;
use service_kit::{Parts, job_error};
use tokio::sync::oneshot;

use crate::{
    Evaluator, Store,
    app::{BUILD, Evaluate, EvaluateError, IMPORT, Imports, MAX_IMPORT_BYTES, Models, SUGGEST, foreign},
    domain::{Artefact, Built, Request, Suggestion, Upload, imports_of, specification_json},
};

/// Files that are read at the same time; each may be large.
const IMPORTS_AT_ONCE: usize = 2;

pub(crate) fn worker(parts: &Parts, store: Arc<Store>, evaluator: Arc<Evaluator>) -> Worker {
    let concurrency = evaluator.size();
    let building = (parts.clone(), store.clone(), evaluator.clone());
    let mending = (parts.clone(), store.clone(), evaluator.clone());
    let reading = (parts.clone(), store, evaluator);
    Worker::builder(parts.pool.clone())
        .handler(BUILD, concurrency, move |context| build(building.clone(), context))
        .handler(SUGGEST, 1, move |context| suggest(mending.clone(), context))
        .handler(IMPORT, IMPORTS_AT_ONCE, move |context| read(reading.clone(), context))
        .build()
}

type Shared = (Parts, Arc<Store>, Arc<Evaluator>);

async fn build((parts, store, evaluator): Shared, context: JobContext) -> Result<Value, JobError> {
    let request: Request = context.payload()?;
    let owner = context.job().owner.clone();
    // A part that does not lower names nothing; the evaluation says what is wrong with it.
    let named = part::lower(&request.part).map(|body| imports_of(&body)).unwrap_or_default();
    let imports = foreign(&parts.blobs, named).await.map_err(job_error)?;
    let brought: Vec<_> = imports.iter().map(|import| import.hash).collect();
    context.progress(0.05, "evaluating");
    let (stop, stopped) = oneshot::channel();
    let evaluated = unless_cancelled(&context, stop, evaluator.evaluate(&request, imports, stopped)).await;
    let evaluation = evaluated.map_err(failed)?;
    context.progress(0.8, "storing the files");
    // A part that came over the API has no specification in the trail yet; one from a dialogue keeps its record.
    let specification = specification_json(&request.part);
    let known = parts.blobs.contains(&request.specification_hash).await.unwrap_or(false);
    if !known {
        parts
            .store(&owner, ("specification", "application/json"), specification, brought.clone())
            .await
            .map_err(job_error)?;
    }
    let mut artefacts = Vec::with_capacity(evaluation.files.len() + 1);
    let report = ("report".to_owned(), "application/json".to_owned(), evaluation.report_json.into());
    let files = evaluation.files.into_iter().map(|file| (file.kind, file.media_type, file.content));
    for (kind, media_type, content) in files.chain([report]) {
        let size_bytes = content.len() as i64;
        let mut made_from = vec![request.specification_hash];
        made_from.extend(&brought);
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

async fn suggest((parts, store, evaluator): Shared, context: JobContext) -> Result<Value, JobError> {
    let Suggestion { model } = context.payload()?;
    let model = store.get(context.job().owner.as_str(), model).await.map_err(job_error)?;
    let named = part::lower(&model.part).map(|body| imports_of(&body)).unwrap_or_default();
    let imports = foreign(&parts.blobs, named).await.map_err(job_error)?;
    context.progress(0.05, "trying edits");
    let mended = tokio::select! {
        mended = evaluator.mend(&model.part, &model.result.report, imports) => mended.map_err(failed)?,
        () = context.cancelled() => return Err(JobError::Stopped),
    };
    store.finish_suggestion(&context, model.id, &mended).await?;
    Ok(Value::Null)
}

async fn read((parts, store, evaluator): Shared, context: JobContext) -> Result<Value, JobError> {
    let upload: Upload = context.payload()?;
    context.progress(0.1, "reading the file");
    let content = parts.read(&upload.hash, MAX_IMPORT_BYTES).await.map_err(job_error)?;
    context.progress(0.3, "measuring");
    let measured = tokio::select! {
        measured = evaluator.read(content) => measured.map_err(failed)?,
        () = context.cancelled() => return Err(JobError::Stopped),
    };
    store.finish_import(&context, upload.id, &measured).await?;
    Ok(Value::Null)
}

/// Tells the work that it is no longer wanted when the job is cancelled, and waits for it either way.
async fn unless_cancelled<T>(context: &JobContext, stop: oneshot::Sender<()>, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => done,
        () = context.cancelled() => {
            // The receiver is gone only when the work is done.
            stop.send(()).unwrap_or_default();
            work.await
        }
    }
}

fn failed(error: EvaluateError) -> JobError {
    match error {
        EvaluateError::Cancelled => JobError::Stopped,
        EvaluateError::Worker(_) | EvaluateError::Busy => JobError::retryable("worker", error.to_string()),
        EvaluateError::Refused(_) | EvaluateError::Deadline(_) => JobError::permanent("geometry", error.to_string()),
    }
}
