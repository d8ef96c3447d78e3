//! The worker's end of its standard streams: requests in, answers out, and between them what an evaluation looks up and
//! keeps with the parent.

use std::{
    io::{self, Stdout},
    sync::{Mutex, MutexGuard, PoisonError, mpsc::Receiver},
};

use geometry::Tier;
use proto::pot::worker::v1::{
    Keep, Lookup, WorkerRequest, WorkerResponse, worker_request::Request, worker_response::Result as R,
};

use super::frame;

/// Larger results are cheaper to make again than to carry.
const MAX_VALUE_BYTES: usize = 32 << 20;

pub(super) struct Pipe {
    streams: Mutex<(Receiver<WorkerRequest>, Stdout)>,
}

impl Pipe {
    pub(super) fn new(requests: Receiver<WorkerRequest>, output: Stdout) -> Self {
        Pipe { streams: Mutex::new((requests, output)) }
    }

    fn streams(&self) -> MutexGuard<'_, (Receiver<WorkerRequest>, Stdout)> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next request; `None` when the parent has closed the pipe.
    pub(super) fn next(&self) -> Option<WorkerRequest> {
        self.streams().0.recv().ok()
    }

    pub(super) fn say(&self, result: R) -> io::Result<()> {
        frame::write(&mut self.streams().1, &WorkerResponse { result: Some(result) })
    }
}

impl Tier for Pipe {
    fn get(&self, key: &[u8; 32]) -> Option<Vec<u8>> {
        // Both under one lock: the answer belongs to this question.
        let mut streams = self.streams();
        let question = R::Lookup(Lookup { key: key.to_vec().into() });
        frame::write(&mut streams.1, &WorkerResponse { result: Some(question) }).ok()?;
        match streams.0.recv().ok()?.request {
            Some(Request::Found(found)) => found.value.map(|value| value.to_vec()),
            _ => None,
        }
    }

    fn put(&self, key: &[u8; 32], value: Vec<u8>) {
        if value.len() <= MAX_VALUE_BYTES {
            // A parent that is gone ends this process by itself.
            self.say(R::Keep(Keep { key: key.to_vec().into(), value: value.into() })).unwrap_or_default();
        }
    }
}
