//! What happens to every call before and after its handler.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use boot::Shutdown;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::{Request, Response};
use telemetry::TraceContext;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::Status;
use tonic::body::Body;
use tonic::service::Routes;
use tower::Service;
use tracing::Instrument as _;

use super::body::CallBody;
use super::record::Recorder;
use crate::auth::{AuthLayer, admit};
use crate::context::{self, CallContext};
use crate::deadline;
use crate::error::Error;
use crate::policy::Methods;
use crate::principal::PRINCIPAL_KEY;

/// When a call that was shed may come back.
const COME_BACK: Duration = Duration::from_secs(1);

pub(super) struct EdgeShared {
    pub(super) routes: Routes,
    pub(super) auth: Option<AuthLayer>,
    pub(super) methods: Methods,
    pub(super) permits: Arc<Semaphore>,
    /// The server drains: watches end.
    pub(super) draining: Shutdown,
    /// The drain is over: everything ends.
    pub(super) cut: Shutdown,
}

/// The service under tonic's transport. One plain `call` rather than a tower of layers, so that the order shows.
#[derive(Clone)]
pub(super) struct Edge {
    shared: Arc<EdgeShared>,
}

impl Edge {
    pub(super) fn new(shared: EdgeShared) -> Self {
        Self { shared: Arc::new(shared) }
    }
}

impl Service<Request<Body>> for Edge {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        async move { Ok(serve(shared, request).await) }.boxed()
    }
}

async fn serve(shared: Arc<EdgeShared>, request: Request<Body>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let (service, method) = path.trim_start_matches('/').split_once('/').unwrap_or((&path, ""));
    let span = tracing::info_span!(
        "rpc",
        otel.name = path.trim_start_matches('/'),
        otel.kind = "server",
        rpc.system = "grpc",
        rpc.service = service,
        rpc.method = method,
        rpc.grpc.status_code = tracing::field::Empty,
        trace_id = tracing::field::Empty,
        enduser.id = tracing::field::Empty,
    );
    let caller_trace = TraceContext::extract(request.headers());
    if let Some(trace) = &caller_trace {
        trace.continue_in(&span);
    }
    let trace = TraceContext::of_span(&span).or(caller_trace).unwrap_or_else(TraceContext::new_root);
    span.record("trace_id", trace.trace_id());

    // Names from outside are no labels: a method that the contract does not know is counted as one.
    let known = shared.methods.get(&path).is_some();
    let (service, method) = if known { (service, method) } else { ("other", "other") };
    let recorder = Recorder::start(service, method, span.clone());

    match handle(&shared, &path, request, trace).instrument(span.clone()).await {
        Ok((response, call)) => {
            let traits = shared.methods.get_or_guess(&path);
            let watch = method_name(&path).starts_with("Watch") && traits.server_streaming;
            let end = match (watch, traits.server_streaming) {
                (true, _) => Some(shared.draining.triggered()),
                (false, true) => Some(shared.cut.triggered()),
                (false, false) => None,
            };
            watched(response, recorder, call, end)
        }
        Err(error) => {
            let status = span.in_scope(|| Status::from(error));
            recorder.finish(status.code());
            status.into_http()
        }
    }
}

fn method_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Puts the body of an answer under the recorder's eye.
fn watched(
    response: Response<Body>,
    recorder: Recorder,
    call: Arc<CallContext>,
    end: Option<WaitForCancellationFutureOwned>,
) -> Response<Body> {
    // A refusal has its status in the headers and no body.
    if let Some(status) = Status::from_header_map(response.headers()) {
        recorder.finish(status.code());
        return response;
    }
    if http_body::Body::is_end_stream(response.body()) {
        recorder.finish(tonic::Code::Ok);
        return response;
    }
    response.map(|body| Body::new(CallBody::new(body, recorder, call, end)))
}

async fn handle(
    shared: &EdgeShared,
    path: &str,
    mut request: Request<Body>,
    trace: TraceContext,
) -> Result<(Response<Body>, Arc<CallContext>), Error> {
    let mut principal = None;
    if let Some(auth) = &shared.auth {
        principal = auth.authorize(path, request.headers())?;
        if let Some(principal) = &principal {
            tracing::Span::current().record("enduser.id", principal.subject.as_str());
        }
        admit(&mut request, principal.clone());
    }
    let counted = !path.starts_with("/grpc.");
    let _permit = if counted {
        let permit = Arc::clone(&shared.permits).try_acquire_owned();
        Some(permit.map_err(|_| {
            metrics::counter!("rpc_server_shed_total").increment(1);
            Error::resource_exhausted("the service has as many calls as it can take")
                .with_reason("OVERLOADED")
                .with_retry_after(COME_BACK)
        })?)
    } else {
        None
    };
    let call = Arc::new(CallContext {
        principal,
        token: request.headers().get(PRINCIPAL_KEY).cloned(),
        deadline: deadline::read(request.headers()).map(|timeout| Instant::now() + timeout),
        trace: Some(trace),
    });
    let mut routes = shared.routes.clone();
    let handler = context::scope(Arc::clone(&call), async move { routes.call(request).await });
    let outcome = tokio::select! {
        outcome = AssertUnwindSafe(handler).catch_unwind() => outcome,
        () = shared.cut.triggered() => return Err(Error::unavailable("the service is shutting down")),
    };
    match outcome {
        Ok(Ok(response)) => Ok((response, call)),
        Ok(Err(never)) => match never {},
        Err(panic) => Err(Error::internal(format!("handler panicked: {}", panic_text(panic.as_ref())))),
    }
}

pub(super) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
