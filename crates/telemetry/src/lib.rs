//! Logs to standard error, traces to OTLP when configured, metrics for Prometheus on a port of their own.
//!
//! Trace identifiers exist and propagate whether or not traces are exported, so that one identifier finds a request
//! in the logs of every service, in a job's row and in a printer's messages.

mod init;
mod metrics_endpoint;
mod trace_context;

pub use init::{Config, Guard, InitError, LogFormat, init};
pub use trace_context::{ParseTraceError, TRACEPARENT, TRACESTATE, TraceContext};
