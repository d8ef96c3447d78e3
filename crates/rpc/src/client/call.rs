//! One call through a channel: identity, trace, deadline, attempts.

use std::time::Duration;

use http::{Request, Response};
use rand::Rng as _;
use telemetry::TraceContext;
use tokio::time::Instant;
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Service, ServiceExt as _};

use super::body::{Outgoing, UntilDeadline};
use super::budget::Budget;
use super::{BoxError, ChannelOptions};
use crate::policy::Method;
use crate::{context, deadline};

/// The pause before the first retry; doubled for each further one, each drawn between half and whole.
const BACKOFF: Duration = Duration::from_millis(50);
const MAX_BACKOFF: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Shared {
    options: ChannelOptions,
    budget: Budget,
}

impl Shared {
    pub(super) fn new(options: ChannelOptions) -> Self {
        let budget = Budget::new(options.retry_budget);
        Self { options, budget }
    }

    pub(super) async fn call<S>(&self, transport: S, mut request: Request<Body>) -> Result<Response<Body>, BoxError>
    where
        S: Service<Request<Body>, Response = Response<Body>> + Clone,
        S::Error: Into<BoxError>,
    {
        let method = self.options.methods.get_or_guess(request.uri().path());
        self.options.auth.apply(&mut request);
        let call = context::current();
        let trace = TraceContext::current().or_else(|| call.as_ref()?.trace.clone());
        trace.unwrap_or_else(TraceContext::new_root).inject(request.headers_mut());
        let deadline = self.deadline(&request, &method);

        let attempts = self.attempts(transport, request, &method, deadline);
        let response = match deadline {
            // An expired deadline must not win over an answer that is there.
            Some(at) => tokio::time::timeout_at(at, attempts).await.unwrap_or_else(|_| Err(expired()))?,
            None => attempts.await?,
        };
        Ok(match deadline {
            Some(at) => response.map(|body| Body::new(UntilDeadline::new(body, at))),
            None => response,
        })
    }

    /// The caller's own deadline, or the default; never later than that of the call being served.
    fn deadline(&self, request: &Request<Body>, method: &Method) -> Option<Instant> {
        let streaming = method.client_streaming || method.server_streaming;
        let default = if streaming { self.options.streaming_deadline } else { Some(self.options.deadline) };
        let own = deadline::read(request.headers()).or(default).map(|timeout| Instant::now() + timeout);
        let served = context::current().and_then(|call| call.deadline);
        match (own, served) {
            (Some(own), Some(served)) => Some(own.min(served)),
            (own, served) => own.or(served),
        }
    }

    async fn attempts<S>(
        &self,
        mut transport: S,
        request: Request<Body>,
        method: &Method,
        deadline: Option<Instant>,
    ) -> Result<Response<Body>, BoxError>
    where
        S: Service<Request<Body>, Response = Response<Body>>,
        S::Error: Into<BoxError>,
    {
        self.budget.deposit();
        let (mut parts, body) = request.into_parts();
        let mut body = if method.idempotent && self.options.attempts > 1 {
            Outgoing::keep(body).await?
        } else {
            Outgoing::Once(body)
        };
        let mut pause = BACKOFF;
        let mut attempt = 1;
        loop {
            if let Some(at) = deadline {
                let left = at.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(expired());
                }
                deadline::write(&mut parts.headers, left);
            }
            let (sent, again) = body.take();
            let outcome = send(&mut transport, Request::from_parts(parts.clone(), sent)).await;
            if !again || attempt >= self.options.attempts || !worth_repeating(&outcome) || !self.budget.withdraw() {
                return outcome;
            }
            metrics::counter!("rpc_client_retries_total").increment(1);
            tracing::debug!(rpc.path = parts.uri.path(), attempt, "nobody answered an idempotent call: retrying");
            let jitter = rand::rng().random_range(0.5..1.0);
            tokio::time::sleep(pause.mul_f64(jitter)).await;
            pause = (pause * 2).min(MAX_BACKOFF);
            attempt += 1;
        }
    }
}

async fn send<S>(transport: &mut S, request: Request<Body>) -> Result<Response<Body>, BoxError>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Error: Into<BoxError>,
{
    let ready = transport.ready().await.map_err(Into::into)?;
    ready.call(request).await.map_err(Into::into)
}

/// Only "nobody there": an answer with any other status is an answer.
fn worth_repeating(outcome: &Result<Response<Body>, BoxError>) -> bool {
    match outcome {
        Ok(response) => {
            Status::from_header_map(response.headers()).is_some_and(|status| status.code() == Code::Unavailable)
        }
        Err(error) => match error.downcast_ref::<Status>() {
            Some(status) => status.code() == Code::Unavailable,
            None => true,
        },
    }
}

fn expired() -> BoxError {
    Box::new(Status::deadline_exceeded("no answer in time"))
}
