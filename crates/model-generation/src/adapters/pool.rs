//! A bounded set of pre-warmed worker processes. One evaluates one part at a time and goes back to the set; one that
//! misses its deadline, is no longer wanted or breaks the protocol is killed.

use std::{path::PathBuf, process::Stdio, sync::Mutex, time::Duration};

use geometry::BuildOptions;
use part::Part;
use proto::pot::worker::v1::{BuildRequest, BuildResponse, Built, build_response::Result as R};
use rpc::Error;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use tokio::{
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::{Semaphore, oneshot},
};

use super::frame;
use crate::{
    Config,
    app::{Evaluate, EvaluateError, Evaluation, File},
};

pub(crate) struct WorkerPool {
    program: PathBuf,
    size: usize,
    deadline: Duration,
    memory_bytes: u64,
    options: BuildOptions,
    permits: Semaphore,
    idle: Mutex<Vec<Process>>,
}

struct Process {
    /// Killed when dropped.
    _child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl WorkerPool {
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        let program = match &config.program {
            Some(program) => program.clone(),
            None => std::env::current_exe().map_err(Error::internal)?,
        };
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let size = if config.workers == 0 { processors.min(4) } else { config.workers };
        let pool = WorkerPool {
            program,
            size,
            deadline: Duration::from_secs(config.deadline_s),
            memory_bytes: config.memory_bytes,
            options: BuildOptions { limits: config.printability, ..BuildOptions::default() },
            permits: Semaphore::new(size),
            idle: Mutex::new(Vec::new()),
        };
        // The first part should not wait for a process to start.
        let first = pool.spawn().map_err(|e| Error::failed_precondition(format!("no geometry worker: {e}")))?;
        pool.give_back(first);
        Ok(pool)
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    fn spawn(&self) -> std::io::Result<Process> {
        let mut child = Command::new(&self.program)
            .args(["worker", "geometry"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(pid) = child.id().and_then(|pid| Pid::from_raw(pid as i32)) {
            let limit = Rlimit { current: Some(self.memory_bytes), maximum: Some(self.memory_bytes) };
            prlimit(Some(pid), Resource::As, limit)?;
        }
        let missing = || std::io::Error::other("the worker has no standard streams");
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = child.stdout.take().ok_or_else(missing)?;
        Ok(Process { _child: child, input, output })
    }

    fn take_idle(&self) -> Option<Process> {
        self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop()
    }

    fn give_back(&self, process: Process) {
        self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(process);
    }
}

impl Evaluate for WorkerPool {
    async fn evaluate(&self, part: &Part, cancel: oneshot::Receiver<()>) -> Result<Evaluation, EvaluateError> {
        let broken = |error: std::io::Error| EvaluateError::Worker(error.to_string());
        let options_json = serde_json::to_vec(&self.options).unwrap_or_default().into();
        let request = BuildRequest { part: Some(part_proto::part_to_proto(part)), options_json };
        let _permit = self.permits.acquire().await.map_err(|e| EvaluateError::Worker(e.to_string()))?;
        let mut process = match self.take_idle() {
            Some(process) => process,
            None => self.spawn().map_err(broken)?,
        };
        let exchange = async {
            frame::send(&mut process.input, &request).await?;
            frame::receive::<BuildResponse>(&mut process.output).await
        };
        // Leaving early drops the process, which kills it.
        let response = tokio::select! {
            answered = tokio::time::timeout(self.deadline, exchange) => {
                answered.map_err(|_| EvaluateError::Deadline(self.deadline.as_secs()))?.map_err(broken)?
            }
            Ok(()) = cancel => return Err(EvaluateError::Cancelled),
        };
        self.give_back(process);
        match response.result {
            Some(R::Built(built)) => evaluation(built),
            Some(R::Failure(failure)) => {
                let path: Vec<_> =
                    [failure.operation, failure.parameter].into_iter().filter(|t| !t.is_empty()).collect();
                let place = if path.is_empty() { String::new() } else { format!("{}: ", path.join(".")) };
                Err(EvaluateError::Refused(format!("{place}{}", failure.message)))
            }
            None => Err(EvaluateError::Worker("an empty answer".to_owned())),
        }
    }
}

fn evaluation(built: Built) -> Result<Evaluation, EvaluateError> {
    let nonsense = |what: &str| EvaluateError::Worker(format!("an answer with a bad {what}"));
    let vector = |name: &str, values: Vec<f64>| <[f64; 3]>::try_from(values).map_err(|_| nonsense(name));
    Ok(Evaluation {
        report: serde_json::from_slice(&built.report_json).map_err(|_| nonsense("report"))?,
        report_json: built.report_json.into(),
        exact: built.exact,
        inexact_reason: built.inexact_reason,
        bounds_min: vector("bounds_min", built.bounds_min)?,
        bounds_max: vector("bounds_max", built.bounds_max)?,
        volume_mm3: built.volume_mm3,
        area_mm2: built.area_mm2,
        centre_of_mass: vector("centre_of_mass", built.centre_of_mass)?,
        files: built
            .files
            .into_iter()
            .map(|file| File { kind: file.kind, media_type: file.media_type, content: file.content })
            .collect(),
    })
}
