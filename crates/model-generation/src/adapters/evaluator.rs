//! Evaluation in worker processes: requests and answers of the worker protocol as the use cases know them.

use std::{sync::Arc, time::Duration};

use boot::Tasks;
use geometry::{BuildOptions, printability::Report};
use part::Part;
use proto::pot::worker::v1::{
    Brought, BuildRequest, Built, Failure, Imported, MendRequest, PreviewRequest, Previewed, ReadRequest,
    worker_request::Request, worker_response::Result as R,
};
use rpc::Error;
use tokio::sync::oneshot;

use super::pool::{Lane, Limits};
use crate::{
    Config,
    app::{Evaluate, EvaluateError, Evaluation, File, Foreign, Kept, Preview},
    domain::{self, Measured},
};

/// Previews that may wait for one process; a slider sends a new one soon enough.
const PREVIEW_QUEUE: usize = 4;
/// Builds are jobs: they wait in the queue of jobs, not here.
const BUILD_QUEUE: usize = 64;
/// A preview that takes longer helps nobody who moves a slider.
const PREVIEW_DEADLINE: Duration = Duration::from_secs(10);

/// Share of the deadline after which looking for edits ends by itself.
const MEND_SHARE: f64 = 0.6;

pub(crate) struct WorkerPool<K> {
    builds: Lane,
    /// Looking for edits takes longer than a build, and nobody's files wait for it.
    mends: Lane,
    previews: Arc<Lane>,
    options: BuildOptions,
    deadline: Duration,
    kept: Arc<K>,
    tasks: Tasks,
}

impl<K: Kept + 'static> WorkerPool<K> {
    pub(crate) fn new(config: &Config, kept: Arc<K>, tasks: Tasks) -> Result<Self, Error> {
        let program = match &config.program {
            Some(program) => program.clone(),
            None => std::env::current_exe().map_err(Error::internal)?,
        };
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let size = if config.workers == 0 { processors.min(4) } else { config.workers };
        let deadline = Duration::from_secs(config.deadline_s);
        let limits = |deadline| Limits { program: program.clone(), deadline, memory_bytes: config.memory_bytes };
        let pool = WorkerPool {
            builds: Lane::new(limits(deadline), size, BUILD_QUEUE),
            mends: Lane::new(limits(deadline), 1, BUILD_QUEUE),
            previews: Arc::new(Lane::new(limits(PREVIEW_DEADLINE.min(deadline)), 1, PREVIEW_QUEUE)),
            deadline,
            options: BuildOptions { limits: config.printability, ..BuildOptions::default() },
            kept,
            tasks,
        };
        pool.builds.warm().map_err(|e| Error::failed_precondition(format!("no geometry worker: {e}")))?;
        Ok(pool)
    }

    pub(crate) fn size(&self) -> usize {
        self.builds.size()
    }

    fn options_json(&self) -> bytes::Bytes {
        serde_json::to_vec(&self.options).unwrap_or_default().into()
    }
}

impl<K: Kept + 'static> Evaluate for WorkerPool<K> {
    async fn evaluate(
        &self,
        request: &domain::Request,
        imports: Vec<Foreign>,
        cancel: oneshot::Receiver<()>,
    ) -> Result<Evaluation, EvaluateError> {
        let request = BuildRequest {
            part: Some(part_proto::part_to_proto(&request.part)),
            options_json: self.options_json(),
            imports: brought(imports),
            specification_hash: request.specification_hash.to_string(),
        };
        // Leaving early drops the exchange, which kills its process.
        let result = tokio::select! {
            answered = self.builds.exchange(Request::Build(request), &*self.kept) => answered?,
            Ok(()) = cancel => return Err(EvaluateError::Cancelled),
        };
        match result {
            R::Built(built) => evaluation(built),
            other => Err(unexpected(other)),
        }
    }

    async fn mend(&self, part: &Part, report: &Report, imports: Vec<Foreign>) -> Result<Report, EvaluateError> {
        let request = MendRequest {
            part: Some(part_proto::part_to_proto(part)),
            options_json: self.options_json(),
            imports: brought(imports),
            report_json: serde_json::to_vec(report).unwrap_or_default().into(),
            // What was found by then is better than a killed process.
            seconds: MEND_SHARE * self.deadline.as_secs_f64(),
        };
        match self.mends.exchange(Request::Mend(request), &*self.kept).await? {
            R::Mended(mended) => self::report(&mended.report_json),
            other => Err(unexpected(other)),
        }
    }

    async fn preview(
        &self,
        part: &Part,
        chord_tolerance: f64,
        imports: Vec<Foreign>,
    ) -> Result<Preview, EvaluateError> {
        let part = Some(part_proto::part_to_proto(part));
        let request = Request::Preview(PreviewRequest { part, chord_tolerance, imports: brought(imports) });
        // On a task of its own: a caller who lets go of an outdated preview must not kill the warm process.
        let (lane, kept) = (self.previews.clone(), self.kept.clone());
        let work = self.tasks.spawn("preview", async move { lane.exchange(request, &*kept).await });
        match work.await.map_err(|e| EvaluateError::Worker(e.to_string()))?? {
            R::Previewed(previewed) => preview(previewed),
            other => Err(unexpected(other)),
        }
    }

    async fn read(&self, content: bytes::Bytes) -> Result<Measured, EvaluateError> {
        match self.builds.exchange(Request::Read(ReadRequest { content }), &*self.kept).await? {
            R::Imported(imported) => measured(imported),
            other => Err(unexpected(other)),
        }
    }
}

fn brought(imports: Vec<Foreign>) -> Vec<Brought> {
    imports.into_iter().map(|f| Brought { hash: f.hash.to_string(), content: f.content }).collect()
}

fn unexpected(result: R) -> EvaluateError {
    match result {
        R::Failure(Failure { operation, parameter, message }) => {
            let path: Vec<_> = [operation, parameter].into_iter().filter(|t| !t.is_empty()).collect();
            let place = if path.is_empty() { String::new() } else { format!("{}: ", path.join(".")) };
            EvaluateError::Refused(format!("{place}{message}"))
        }
        _ => EvaluateError::Worker("it answered another question".to_owned()),
    }
}

fn vector(name: &str, values: Vec<f64>) -> Result<[f64; 3], EvaluateError> {
    values.try_into().map_err(|_| EvaluateError::Worker(format!("it answered with bad {name}")))
}

fn report(json: &[u8]) -> Result<Report, EvaluateError> {
    serde_json::from_slice(json).map_err(|_| EvaluateError::Worker("it answered with a bad report".to_owned()))
}

fn evaluation(built: Built) -> Result<Evaluation, EvaluateError> {
    Ok(Evaluation {
        report: report(&built.report_json)?,
        report_json: built.report_json.into(),
        exact: built.exact,
        inexact_reason: built.inexact_reason,
        bounds_min: vector("bounds", built.bounds_min)?,
        bounds_max: vector("bounds", built.bounds_max)?,
        volume_mm3: built.volume_mm3,
        area_mm2: built.area_mm2,
        centre_of_mass: vector("centre of mass", built.centre_of_mass)?,
        files: built
            .files
            .into_iter()
            .map(|file| File { kind: file.kind, media_type: file.media_type, content: file.content })
            .collect(),
    })
}

fn preview(previewed: Previewed) -> Result<Preview, EvaluateError> {
    Ok(Preview {
        glb: previewed.glb,
        bounds_min: vector("bounds", previewed.bounds_min)?,
        bounds_max: vector("bounds", previewed.bounds_max)?,
        volume_mm3: previewed.volume_mm3,
        triangle_count: previewed.triangle_count,
        chord_tolerance: previewed.chord_tolerance,
        exact: previewed.exact,
    })
}

fn measured(imported: Imported) -> Result<Measured, EvaluateError> {
    Ok(Measured {
        format: imported.format,
        exact: imported.exact,
        bounds_min: vector("bounds", imported.bounds_min)?,
        bounds_max: vector("bounds", imported.bounds_max)?,
        volume_mm3: imported.volume_mm3,
        area_mm2: imported.area_mm2,
        triangle_count: imported.triangle_count,
        component_count: imported.component_count,
        watertight: imported.watertight,
        repairs: imported.repairs,
        warnings: imported.warnings,
    })
}
