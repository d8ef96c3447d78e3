//! The thread that owns the server's process. The death signal follows the thread that spawned the child, so this one
//! lives exactly as long as the handle.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio::sync::watch;

use crate::embedded::process::{die_with_parent, signal};

/// Messages kept for errors.
const KEPT_LINES: usize = 40;
/// How often the child is looked at; it is an emergency that this finds.
const LOOK_EVERY: Duration = Duration::from_millis(250);

type Log = Arc<Mutex<VecDeque<String>>>;

pub(super) struct Supervisor {
    pid: u32,
    /// Dropped to stop.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    exited: watch::Receiver<Option<String>>,
    log: Log,
}

impl Supervisor {
    pub(super) fn spawn(mut command: Command) -> std::io::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        die_with_parent(&mut command, Signal::QUIT);
        let (stop, stopped) = channel();
        let (started, starting) = sync_channel(1);
        let (exit, exited) = watch::channel(None);
        let log = Log::default();
        let thread_log = Arc::clone(&log);
        let thread = std::thread::Builder::new().name("pot-postgres".into()).spawn(move || {
            let mut child = match command.spawn() {
                Ok(child) => child,
                Err(error) => {
                    drop(started.send(Err(error)));
                    return;
                }
            };
            let reader = child.stderr.take().map(|stderr| read_log(stderr, thread_log));
            drop(started.send(Ok(child.id())));
            let status = supervise(&mut child, &stopped);
            if let Some(Ok(reader)) = reader {
                // Ends with the last process that holds the pipe, which is the server or a child that follows it.
                drop(reader.join());
            }
            drop(exit.send(Some(status)));
        })?;
        let gone = || std::io::Error::other("the thread that starts the server ended");
        let pid = starting.recv().map_err(|_| gone())??;
        Ok(Self { pid, stop: Some(stop), thread: Some(thread), exited, log })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// How the server ended, if it did.
    pub(super) fn status(&self) -> Option<String> {
        self.exited.borrow().clone()
    }

    pub(super) async fn exited(&self) -> String {
        let mut exited = self.exited.clone();
        let status = exited.wait_for(Option::is_some).await;
        status.ok().and_then(|status| status.clone()).unwrap_or_else(|| "unknown".into())
    }

    pub(super) fn log(&self) -> String {
        let lines = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| format!("  {line}\n")).collect()
    }

    /// Stops the server and waits until it has ended.
    pub(super) fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that supervises the database panicked");
        }
    }
}

/// Waits for the child to end or for the handle to be dropped; returns how it ended.
fn supervise(child: &mut Child, stopped: &Receiver<()>) -> String {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => {
                tracing::error!(%status, "the embedded database ended unexpectedly");
                return status.to_string();
            }
            Ok(None) => {}
            Err(error) => return error.to_string(),
        }
        match stopped.recv_timeout(LOOK_EVERY) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    // Fast, then immediate, then by force.
    for (ask, patience) in [(Signal::INT, 15), (Signal::QUIT, 5), (Signal::KILL, 5)] {
        signal(child.id(), ask);
        let deadline = Instant::now() + Duration::from_secs(patience);
        while Instant::now() < deadline {
            if let Ok(Some(status)) = child.try_wait() {
                return status.to_string();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    "did not end".into()
}

/// Passes the server's messages on to ours and keeps the last ones.
fn read_log(stderr: impl Read + Send + 'static, log: Log) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("pot-postgres-log".into()).spawn(move || {
        // Bytes, because a message may quote data that is not UTF-8.
        for line in BufReader::new(stderr).split(b'\n') {
            let Ok(line) = line else { return };
            let line = String::from_utf8_lossy(&line).into_owned();
            if line.starts_with("FATAL") || line.starts_with("PANIC") {
                tracing::warn!(target: "postgres", "{line}");
            } else {
                tracing::debug!(target: "postgres", "{line}");
            }
            let mut lines = log.lock().unwrap_or_else(PoisonError::into_inner);
            if lines.len() == KEPT_LINES {
                lines.pop_front();
            }
            lines.push_back(line);
        }
    })
}
