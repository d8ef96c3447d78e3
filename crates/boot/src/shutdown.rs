//! One token that tells the whole process to stop, and the signals that set it.
//!
//! Shutdown has two stages: *triggered* (finish what you have, take nothing new) and *immediate* (a second signal, or
//! a drain that overran: stop now).

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Cloned into everything that runs; all clones are one token.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    graceful: CancellationToken,
    immediate: CancellationToken,
    failure: Arc<Mutex<Option<String>>>,
}

impl Shutdown {
    /// A token that has not been triggered.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everything to finish and stop.
    pub fn trigger(&self) {
        self.graceful.cancel();
    }

    /// Asks everything to stop at once.
    pub fn trigger_now(&self) {
        self.graceful.cancel();
        self.immediate.cancel();
    }

    /// Asks everything to stop because a part failed. The first failure is kept.
    pub fn fail(&self, why: impl Into<String>) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why.into());
        self.graceful.cancel();
    }

    /// Why the process stops, when that is a failure and not a wish.
    pub fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// True from the first trigger.
    pub fn is_triggered(&self) -> bool {
        self.graceful.is_cancelled()
    }

    /// True from [`Self::trigger_now`].
    pub fn is_immediate(&self) -> bool {
        self.immediate.is_cancelled()
    }

    /// Resolves when shutdown begins. Safe to drop, and to await in a `select!`.
    pub fn triggered(&self) -> WaitForCancellationFutureOwned {
        self.graceful.clone().cancelled_owned()
    }

    /// Resolves when waiting is over.
    pub fn immediately(&self) -> WaitForCancellationFutureOwned {
        self.immediate.clone().cancelled_owned()
    }

    /// The first stage as a plain token, for libraries that take one.
    pub fn token(&self) -> CancellationToken {
        self.graceful.clone()
    }

    /// A token for a part of the process: stops with this one, and can be stopped alone.
    pub fn child(&self) -> Self {
        Self { graceful: self.graceful.child_token(), immediate: self.immediate.child_token(), failure: Arc::default() }
    }

    /// Waits for SIGINT or SIGTERM and triggers; a second one triggers at once. Run it as a task for the life of the
    /// process. Returns the error when the handlers cannot be installed.
    pub async fn listen_to_signals(self) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        loop {
            let name = tokio::select! {
                _ = interrupt.recv() => "SIGINT",
                _ = terminate.recv() => "SIGTERM",
                () = self.immediate.cancelled() => return Ok(()),
            };
            if self.graceful.is_cancelled() {
                tracing::warn!(signal = name, "second signal: stopping at once");
                self.trigger_now();
                return Ok(());
            }
            tracing::info!(signal = name, "shutting down");
            self.trigger();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_child_stops_with_its_parent_but_not_the_other_way() {
        let parent = Shutdown::new();
        let (one, two) = (parent.child(), parent.child());
        one.trigger();
        assert!(one.is_triggered() && !two.is_triggered() && !parent.is_triggered());
        parent.trigger_now();
        two.triggered().await;
        assert!(two.is_immediate());
    }

    #[tokio::test]
    async fn signals_stop_in_two_stages() {
        let shutdown = Shutdown::new();
        let listener = std::pin::pin!(shutdown.clone().listen_to_signals());
        let script = async {
            // The handlers must be in place before the first signal, or it would end the test process.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            let me = rustix::process::getpid();
            rustix::process::kill_process(me, rustix::process::Signal::TERM).unwrap();
            shutdown.triggered().await;
            assert!(!shutdown.is_immediate());
            rustix::process::kill_process(me, rustix::process::Signal::INT).unwrap();
            shutdown.immediately().await;
        };
        let (listened, ()) = tokio::join!(listener, script);
        listened.unwrap();
    }
}
