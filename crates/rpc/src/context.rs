//! What the code behind a call may know of the call it serves, without passing it through every function.
//!
//! Set by [`crate::Server`] around a handler and its response stream; read by channels, so that the caller's identity,
//! deadline and trace go on by themselves. It does not follow a spawned task: work that outlives its call acts as its
//! service.

use std::sync::Arc;

use http::HeaderValue;
use telemetry::TraceContext;
use tokio::time::Instant;

use crate::principal::Principal;

/// The call that is being served.
#[derive(Debug, Clone, Default)]
pub struct CallContext {
    /// Who calls.
    pub principal: Option<Arc<Principal>>,
    /// The token that proved it, for forwarding.
    pub token: Option<HeaderValue>,
    /// When the caller stops waiting.
    pub deadline: Option<Instant>,
    /// The trace that the caller is in.
    pub trace: Option<TraceContext>,
}

tokio::task_local! {
    static CALL: Arc<CallContext>;
}

/// The call being served, when this runs inside one.
pub fn current() -> Option<Arc<CallContext>> {
    CALL.try_with(Arc::clone).ok()
}

/// Runs a future as part of a call.
pub async fn scope<F: Future>(call: Arc<CallContext>, future: F) -> F::Output {
    CALL.scope(call, future).await
}

/// Runs a function, such as one poll of a stream, as part of a call.
pub fn sync_scope<T>(call: &Arc<CallContext>, function: impl FnOnce() -> T) -> T {
    CALL.sync_scope(Arc::clone(call), function)
}
