//! A bounded set of pre-warmed worker processes. One works on one request at a time and goes back to the set; one that
//! misses its deadline, is no longer wanted or breaks the protocol is killed.

use std::{
    io,
    path::PathBuf,
    process::Stdio,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use proto::pot::worker::v1::{Found, WorkerRequest, WorkerResponse, worker_request, worker_response::Result as R};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use tokio::{
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Semaphore,
};

use super::frame;
use crate::app::{EvaluateError, Kept};

/// How a process is started and bounded.
pub(crate) struct Limits {
    pub(crate) program: PathBuf,
    pub(crate) deadline: Duration,
    pub(crate) memory_bytes: u64,
}

/// Processes for one kind of request, so that a slider never waits behind a long build.
pub(crate) struct Lane {
    limits: Limits,
    size: usize,
    /// Requests that may wait; more are refused.
    queue: usize,
    waiting: AtomicUsize,
    permits: Semaphore,
    idle: Mutex<Vec<Process>>,
}

struct Process {
    /// Killed when dropped.
    _child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl Lane {
    pub(crate) fn new(limits: Limits, size: usize, queue: usize) -> Self {
        let (waiting, permits, idle) = (AtomicUsize::new(0), Semaphore::new(size), Mutex::new(Vec::new()));
        Lane { limits, size, queue, waiting, permits, idle }
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Starts one process, so that the first request does not wait for it.
    pub(crate) fn warm(&self) -> io::Result<()> {
        let first = self.spawn()?;
        self.give_back(first);
        Ok(())
    }

    fn spawn(&self) -> io::Result<Process> {
        let mut child = Command::new(&self.limits.program)
            .args(["worker", "geometry"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(pid) = child.id().and_then(|pid| Pid::from_raw(pid as i32)) {
            let most = Some(self.limits.memory_bytes);
            prlimit(Some(pid), Resource::As, Rlimit { current: most, maximum: most })?;
        }
        let missing = || io::Error::other("the worker has no standard streams");
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

    /// One request to its final answer; what the worker looks up and keeps on the way goes to `kept`. Dropping the future
    /// kills the process that works on it.
    pub(crate) async fn exchange(
        &self,
        request: worker_request::Request,
        kept: &impl Kept,
    ) -> Result<R, EvaluateError> {
        let broken = |error: io::Error| EvaluateError::Worker(error.to_string());
        let _place = Place::take(&self.waiting, self.size + self.queue).ok_or(EvaluateError::Busy)?;
        let _permit = self.permits.acquire().await.map_err(|e| EvaluateError::Worker(e.to_string()))?;
        let mut process = match self.take_idle() {
            Some(process) => process,
            None => self.spawn().map_err(broken)?,
        };
        let limit = self.limits.deadline;
        let answered = tokio::time::timeout(limit, process.ask(request, kept)).await;
        let result = answered.map_err(|_| EvaluateError::Deadline(limit.as_secs()))?.map_err(broken)?;
        self.give_back(process);
        Ok(result)
    }
}

/// A place in the bounded queue, given back when dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(taken: &'a AtomicUsize, most: usize) -> Option<Self> {
        let place = Place(taken);
        // Counted first and dropped again when there was no room.
        (taken.fetch_add(1, Ordering::Relaxed) < most).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Process {
    async fn ask(&mut self, request: worker_request::Request, kept: &impl Kept) -> io::Result<R> {
        let mut next = Some(request);
        loop {
            if let Some(request) = next.take() {
                frame::send(&mut self.input, &WorkerRequest { request: Some(request) }).await?;
            }
            match frame::receive::<WorkerResponse>(&mut self.output).await?.result {
                Some(R::Lookup(lookup)) => {
                    let value = match key(&lookup.key) {
                        Some(key) => kept.find(key).await,
                        None => None,
                    };
                    next = Some(worker_request::Request::Found(Found { value }));
                }
                Some(R::Keep(keep)) => {
                    if let Some(key) = key(&keep.key) {
                        kept.keep(key, keep.value).await;
                    }
                }
                Some(result) => return Ok(result),
                None => return Err(io::Error::new(io::ErrorKind::InvalidData, "an empty answer")),
            }
        }
    }
}

fn key(bytes: &[u8]) -> Option<[u8; 32]> {
    bytes.try_into().ok()
}
