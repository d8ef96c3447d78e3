//! Tracked background tasks: every one has a name, a panic stops the platform, and nothing outlives the drain.

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::task::{AbortHandle, JoinHandle};
use tokio_util::task::TaskTracker;

use crate::shutdown::Shutdown;

/// Starts tasks and waits for them. Clones share one set.
#[derive(Clone, Debug)]
pub struct Tasks {
    shutdown: Shutdown,
    tracker: TaskTracker,
    live: Arc<Mutex<Live>>,
}

#[derive(Debug, Default)]
struct Live {
    next: u64,
    tasks: BTreeMap<u64, (String, Option<AbortHandle>)>,
}

/// How a drain ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drained {
    /// Every task ended by itself.
    Clean,
    /// The deadline passed; these tasks were aborted.
    Aborted(Vec<String>),
}

/// Takes a task off the list however it ends, abortion included.
struct Listed {
    id: u64,
    live: Arc<Mutex<Live>>,
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).tasks.remove(&self.id);
    }
}

impl Tasks {
    /// A set whose tasks stop the given token when they fail.
    pub fn new(shutdown: Shutdown) -> Self {
        Self { shutdown, tracker: TaskTracker::new(), live: Arc::default() }
    }

    /// The token that these tasks watch and, by panicking, trigger.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// Starts a task. It should watch [`Self::shutdown`] and end by itself; a panic in it is logged and stops the
    /// platform, because half a platform is worse than none.
    pub fn spawn<F, T>(&self, name: impl Into<String>, future: F) -> JoinHandle<T>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        let name = name.into();
        let listed = self.list(&name);
        let id = listed.id;
        let shutdown = self.shutdown.clone();
        let handle = self.tracker.spawn(async move {
            let _listed = listed;
            match AssertUnwindSafe(future).catch_unwind().await {
                Ok(output) => output,
                Err(panic) => {
                    report_panic(&name, panic.as_ref(), &shutdown);
                    std::panic::resume_unwind(panic)
                }
            }
        });
        if let Some(entry) = self.live.lock().unwrap_or_else(PoisonError::into_inner).tasks.get_mut(&id) {
            entry.1 = Some(handle.abort_handle());
        }
        handle
    }

    /// Starts a task whose error, like a panic, stops the platform.
    pub fn spawn_essential<F, E>(&self, name: impl Into<String>, future: F) -> JoinHandle<()>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: std::fmt::Display + Send + 'static,
    {
        let name = name.into();
        let shutdown = self.shutdown.clone();
        self.spawn(name.clone(), async move {
            if let Err(error) = future.await {
                tracing::error!(task = %name, %error, "an essential task failed");
                shutdown.fail(format!("{name}: {error}"));
            }
        })
    }

    /// Runs blocking or computing work on the blocking pool, tracked like a task. It cannot be aborted, so it needs a
    /// cancel flag of its own if it can be long.
    pub fn spawn_blocking<F, T>(&self, name: impl Into<String>, work: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let name = name.into();
        let listed = self.list(&name);
        let shutdown = self.shutdown.clone();
        self.tracker.spawn_blocking(move || {
            let _listed = listed;
            std::panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
                report_panic(&name, panic.as_ref(), &shutdown);
                std::panic::resume_unwind(panic)
            })
        })
    }

    /// Names of the tasks that run now.
    pub fn names(&self) -> Vec<String> {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.tasks.values().map(|(name, _)| name.clone()).collect()
    }

    /// Triggers shutdown and waits until every task has ended; those that have not by the deadline (or at a second
    /// signal) are aborted and named.
    pub async fn drain(&self, deadline: Duration) -> Drained {
        self.shutdown.trigger();
        self.tracker.close();
        tokio::select! {
            () = self.tracker.wait() => return Drained::Clean,
            () = tokio::time::sleep(deadline) => {}
            () = self.shutdown.immediately() => {}
        }
        let late: Vec<(String, Option<AbortHandle>)> = {
            let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
            live.tasks.values().cloned().collect()
        };
        let mut names = Vec::with_capacity(late.len());
        for (name, handle) in late {
            if let Some(handle) = handle {
                handle.abort();
            }
            names.push(name);
        }
        if names.is_empty() {
            return Drained::Clean;
        }
        tracing::warn!(tasks = ?names, "drain deadline passed: tasks aborted");
        Drained::Aborted(names)
    }

    fn list(&self, name: &str) -> Listed {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        let id = live.next;
        live.next += 1;
        live.tasks.insert(id, (name.to_owned(), None));
        Listed { id, live: Arc::clone(&self.live) }
    }
}

fn report_panic(name: &str, panic: &(dyn std::any::Any + Send), shutdown: &Shutdown) {
    let message = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    tracing::error!(task = %name, panic = %message, "task panicked: stopping");
    shutdown.fail(format!("task {name} panicked: {message}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_stops_the_platform_and_says_which_task() {
        let tasks = Tasks::new(Shutdown::new());
        let handle = tasks.spawn("boom", async { panic!("broken {}", 1) });
        tasks.shutdown().triggered().await;
        assert!(handle.await.unwrap_err().is_panic());
        assert_eq!(tasks.shutdown().failure().unwrap(), "task boom panicked: broken 1");
        assert_eq!(tasks.drain(Duration::from_secs(5)).await, Drained::Clean);
        assert!(tasks.names().is_empty());
    }

    #[tokio::test]
    async fn drain_waits_for_the_willing_and_aborts_the_rest() {
        let tasks = Tasks::new(Shutdown::new());
        let stop = tasks.shutdown().clone();
        tasks.spawn("willing", async move { stop.triggered().await });
        let stuck = tasks.spawn("stuck", std::future::pending::<()>());
        assert_eq!(tasks.names(), ["willing", "stuck"]);
        let drained = tasks.drain(Duration::from_millis(100)).await;
        assert_eq!(drained, Drained::Aborted(vec!["stuck".into()]));
        assert!(stuck.await.unwrap_err().is_cancelled());
    }

    #[tokio::test]
    async fn an_essential_error_and_a_blocking_result_arrive() {
        let tasks = Tasks::new(Shutdown::new());
        assert_eq!(tasks.spawn_blocking("sum", || 1 + 1).await.unwrap(), 2);
        assert!(!tasks.shutdown().is_triggered());
        tasks.spawn_essential("listener", async { Err("port taken") }).await.unwrap();
        assert_eq!(tasks.shutdown().failure().unwrap(), "listener: port taken");
    }
}
