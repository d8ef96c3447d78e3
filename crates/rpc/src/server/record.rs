//! Metrics and the final span fields of one call.

use std::time::Instant;

use metrics::SharedString;
use tonic::Code;
use tracing::Span;

/// Counts a call from its arrival to the end of its answer; a call dropped on the way was cancelled.
pub(super) struct Recorder {
    service: SharedString,
    method: SharedString,
    started: Instant,
    span: Span,
    done: bool,
}

impl Recorder {
    pub(super) fn start(service: &str, method: &str, span: Span) -> Self {
        let (service, method) = (SharedString::from(service.to_owned()), SharedString::from(method.to_owned()));
        metrics::gauge!("rpc_server_active_requests", "rpc_service" => service.clone()).increment(1.0);
        Self { service, method, started: Instant::now(), span, done: false }
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    pub(super) fn finish(mut self, code: Code) {
        self.record(code);
    }

    pub(super) fn record(&mut self, code: Code) {
        if std::mem::replace(&mut self.done, true) {
            return;
        }
        self.span.record("rpc.grpc.status_code", i32::from(code));
        metrics::gauge!("rpc_server_active_requests", "rpc_service" => self.service.clone()).decrement(1.0);
        metrics::histogram!(
            "rpc_server_duration_seconds",
            "rpc_service" => self.service.clone(),
            "rpc_method" => self.method.clone(),
            "rpc_grpc_status_code" => label(code),
        )
        .record(self.started.elapsed().as_secs_f64());
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.record(Code::Cancelled);
    }
}

fn label(code: Code) -> &'static str {
    crate::error::ErrorKind::from_code(code).map_or("OK", crate::error::ErrorKind::reason)
}
