//! The cache that services see.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;

/// What a computation behind [`Cache::get_or_compute`] failed with; shared because everyone who waited gets it.
pub type ComputeError = Arc<dyn std::error::Error + Send + Sync + 'static>;

/// How long one cache call may take before its fallback applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(pub Duration);

impl Default for Deadline {
    fn default() -> Self {
        Self(Duration::from_millis(100))
    }
}

/// Bytes by key, for a while. Use it as `Arc<dyn Cache>`.
///
/// **Fallback.** Every call ends within the adapter's [`Deadline`] (the computation of [`Self::get_or_compute`]
/// excepted, which is the caller's own work and has the caller's deadline). When the store does not answer by then, or
/// answers with an error: `get` is a miss, `set` and `delete` do nothing, `get_or_compute` computes. So a value may be
/// stale for as long as its time to live after a lost `delete`: put a version into the key where that matters. No call
/// reports failure, because no caller may depend on success; the adapter counts and logs.
pub trait Cache: Send + Sync + std::fmt::Debug {
    /// The value, unless missing, expired or out of reach.
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Option<Bytes>>;

    /// Keeps a value for at most `ttl`; it can go earlier.
    fn set<'a>(&'a self, key: &'a str, value: Bytes, ttl: Duration) -> BoxFuture<'a, ()>;

    /// Forgets a value.
    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, ()>;

    /// The value, or else the outcome of `compute`, kept for `ttl`. Of those who ask this process for one key at one
    /// time a single one computes and all get its outcome (a **single flight**); replicas may each compute once. An
    /// error is handed to all who waited and is not kept. A computation whose first caller goes away is taken over by
    /// another waiter with its own `compute`.
    fn get_or_compute<'a>(
        &'a self,
        key: &'a str,
        ttl: Duration,
        compute: BoxFuture<'a, Result<Bytes, ComputeError>>,
    ) -> BoxFuture<'a, Result<Bytes, ComputeError>>;
}
