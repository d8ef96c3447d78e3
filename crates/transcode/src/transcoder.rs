//! The transcoder: built from descriptors once, then shared by all requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use http::header::{ALLOW, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::{BoxError, Service};

use crate::backend::Backend;
use crate::binding::{Binding, BodyRule};
use crate::call::{Call, forwarded};
use crate::error::BuildError;
use crate::limits::Limits;
use crate::matcher::{Matcher, Outcome};
use crate::problem::Problem;
use crate::rule::{MethodPolicy, grpc_path, http_rules};
use crate::{events, request, respond, upload};

/// The gateway's say on every call, REST and raw gRPC alike.
pub trait Authorize: Send + Sync + 'static {
    /// Lets a call through, with what to add to it, or refuses it.
    fn authorize(&self, parts: &Parts, policy: &MethodPolicy) -> Result<Admission, Problem>;
}

/// What a permitted call carries on.
#[derive(Debug, Clone, Default)]
pub struct Admission {
    /// Metadata for the service, such as the signed principal.
    pub metadata: HeaderMap,
    /// Headers for the caller, such as RateLimit.
    pub response: HeaderMap,
}

/// REST, OpenAPI and gRPC forwarding for the services of one descriptor set.
pub struct Transcoder {
    pub(crate) pool: DescriptorPool,
    pub(crate) bindings: Vec<Arc<Binding>>,
    matcher: Matcher<Arc<Binding>>,
    policies: BTreeMap<String, Arc<MethodPolicy>>,
    backends: BTreeMap<String, Backend>,
    authorize: Option<Box<dyn Authorize>>,
    pub(crate) limits: Limits,
    drain: CancellationToken,
}

impl std::fmt::Debug for Transcoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transcoder").field("bindings", &self.bindings.len()).finish_non_exhaustive()
    }
}

impl Transcoder {
    /// Reads the bindings of every service in an encoded `FileDescriptorSet` (with its imports, and with source
    /// information if OpenAPI is to have descriptions). Internal methods get no REST route.
    pub fn new(descriptor_set: &[u8], limits: Limits) -> Result<Self, BuildError> {
        let pool = DescriptorPool::decode(descriptor_set)?;
        let mut bindings = Vec::new();
        let mut matcher = Matcher::new();
        let mut policies = BTreeMap::new();
        for method in pool.services().flat_map(|s| s.methods().collect::<Vec<_>>()) {
            let policy = Arc::new(MethodPolicy::of(&method));
            policies.insert(grpc_path(&method), Arc::clone(&policy));
            if policy.is_internal() {
                continue;
            }
            let rules = http_rules(&method)
                .map_err(|e| BuildError::Binding { method: method.full_name().to_owned(), reason: e.to_string() })?;
            for (n, rule) in rules.iter().enumerate() {
                let binding = Arc::new(Binding::new(&method, rule, n, &policy)?);
                matcher.insert(&binding.http_method, &binding.template, Arc::clone(&binding)).map_err(|other| {
                    BuildError::Conflict {
                        method: method.full_name().to_owned(),
                        other: other.method.full_name().to_owned(),
                        http_method: binding.http_method.clone(),
                        path: binding.template.to_string(),
                    }
                })?;
                bindings.push(binding);
            }
        }
        Ok(Self {
            pool,
            bindings,
            matcher,
            policies,
            backends: BTreeMap::new(),
            authorize: None,
            limits,
            drain: CancellationToken::new(),
        })
    }

    /// The channel that answers for a service, by its full name.
    pub fn route<S, B>(mut self, service: &str, channel: S) -> Result<Self, BuildError>
    where
        S: Service<Request<tonic::body::Body>, Response = http::Response<B>> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        if self.pool.get_service_by_name(service).is_none() {
            return Err(BuildError::UnknownService(service.to_owned()));
        }
        self.backends.insert(service.to_owned(), Backend::new(channel));
        Ok(self)
    }

    /// Without a hook every call is let through.
    #[must_use]
    pub fn authorize(mut self, hook: impl Authorize) -> Self {
        self.authorize = Some(Box::new(hook));
        self
    }

    /// Event streams end when this is cancelled.
    #[must_use]
    pub fn drain_on(mut self, drain: CancellationToken) -> Self {
        self.drain = drain;
        self
    }

    /// `/pkg.Service/Method` -> what it asks of a caller; every method of the set, internal ones too.
    pub fn method_policies(&self) -> &BTreeMap<String, Arc<MethodPolicy>> {
        &self.policies
    }

    /// The services that have a channel.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.backends.keys().map(String::as_str)
    }

    /// REST and raw gRPC, told apart by content type.
    pub fn into_router(self) -> axum::Router {
        let this = Arc::new(self);
        axum::Router::new().fallback(move |request: Request<Body>| {
            let this = Arc::clone(&this);
            async move {
                if Self::is_grpc(request.headers()) {
                    let response = this.forward_grpc(request.map(tonic::body::Body::new)).await;
                    return response.map(Body::new);
                }
                this.rest(request).await
            }
        })
    }

    /// Answers one REST request; every error is a problem document.
    pub async fn rest(&self, request: Request<Body>) -> Response {
        let (parts, body) = request.into_parts();
        let mut body = Some(body);
        let request_id = parts.headers.get("x-request-id").and_then(|v| v.to_str().ok());
        match self.try_rest(&parts, &mut body).await {
            Ok(response) => response,
            Err(problem) => {
                upload::linger_unread(&parts.headers, body);
                problem.with_instance(request_id).into_response()
            }
        }
    }

    async fn try_rest(&self, parts: &Parts, body: &mut Option<Body>) -> Result<Response, Problem> {
        let path = parts.uri.path();
        if path.len() > self.limits.path_bytes || parts.uri.query().is_some_and(|q| q.len() > self.limits.query_bytes) {
            return Err(Problem::new(StatusCode::URI_TOO_LONG, "the address is too long"));
        }
        let method = if parts.method == Method::HEAD { "GET" } else { parts.method.as_str() };
        match self.matcher.find(method, path) {
            Outcome::Found { value, segments } => {
                let admission = self.admit(parts, &value.policy)?;
                let result = self.answer(value, parts, &segments, body, admission.metadata).await;
                match result {
                    Ok(mut response) => {
                        response.headers_mut().extend(admission.response);
                        Ok(response)
                    }
                    Err(mut problem) => {
                        problem.headers.extend(admission.response);
                        Err(problem)
                    }
                }
            }
            Outcome::WrongMethod { mut allow } => {
                if allow.iter().any(|m| m == "GET") {
                    allow.push("HEAD".to_owned());
                }
                allow.push("OPTIONS".to_owned());
                let allow = HeaderValue::try_from(allow.join(", ")).unwrap_or(HeaderValue::from_static("OPTIONS"));
                if parts.method == Method::OPTIONS {
                    return Ok((StatusCode::NO_CONTENT, [(ALLOW, allow)]).into_response());
                }
                let detail = format!("{} is not possible here", parts.method);
                Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail).with_header(ALLOW, allow))
            }
            Outcome::NotFound => {
                let detail = "there is nothing at this address; /openapi.json lists what there is";
                Err(Problem::new(StatusCode::NOT_FOUND, detail))
            }
        }
    }

    /// Boxed, because the compiler cannot prove the nested futures `Send` for every lifetime otherwise.
    fn answer<'a>(
        &'a self,
        binding: &'a Arc<Binding>,
        parts: &'a Parts,
        segments: &'a [&'a str],
        body: &'a mut Option<Body>,
        admitted: HeaderMap,
    ) -> BoxFuture<'a, Result<Response, Problem>> {
        Box::pin(self.answer_inner(binding, parts, segments, body, admitted))
    }

    async fn answer_inner(
        &self,
        binding: &Arc<Binding>,
        parts: &Parts,
        segments: &[&str],
        body: &mut Option<Body>,
        admitted: HeaderMap,
    ) -> Result<Response, Problem> {
        let backend = self.backend(&binding.service)?.clone();
        let requested = self.limits.requested(&parts.headers)?;
        let streams = binding.method.is_server_streaming();
        let uploads = binding.method.is_client_streaming();
        let default = if uploads { self.limits.max_timeout() } else { self.limits.timeout() };
        let mut metadata = forwarded(&parts.headers);
        metadata.extend(admitted);
        let call = Call {
            backend,
            path: binding.path.clone(),
            metadata,
            message_bytes: self.limits.message_bytes,
            timeout: requested.unwrap_or(default),
            announced: requested.or((!streams).then_some(default)),
        };
        if uploads {
            return self.upload(binding, parts, segments, body, call).await;
        }
        let message = self.message(binding, parts, segments, body).await?;
        let message = Bytes::from(message.encode_to_vec());
        if !streams {
            let (metadata, answer, _) = call.unary(message).await?.into_parts();
            return if binding.answers_raw() {
                respond::raw_unary(parts, &metadata, answer).await
            } else {
                respond::unary(binding, parts, &metadata, answer)
            };
        }
        let until = requested.map(|d| Instant::now() + d);
        let (metadata, stream, _) = call.server_streaming(message).await?.into_parts();
        if binding.answers_raw() {
            return respond::raw(parts, &metadata, None, stream).await;
        }
        let watch = events::Watch {
            binding: Arc::clone(binding),
            heartbeat: std::time::Duration::from_secs(self.limits.heartbeat_seconds.max(1)),
            until,
            drain: self.drain.clone(),
            request_id: parts.headers.get("x-request-id").and_then(|v| v.to_str().ok()).map(str::to_owned),
        };
        Ok(events::respond(parts, &metadata, stream, watch))
    }

    /// The request message of a call that sends one.
    async fn message(
        &self,
        binding: &Binding,
        parts: &Parts,
        segments: &[&str],
        body: &mut Option<Body>,
    ) -> Result<DynamicMessage, Problem> {
        match &binding.body {
            BodyRule::None => request::assemble(binding, parts, segments, &[], &self.limits),
            BodyRule::Whole | BodyRule::Field(_) => {
                upload::check_head(&parts.headers, self.limits.json_bytes as u64)?;
                let bytes = upload::read(take(body), self.limits.json_bytes, self.limits.timeout()).await?;
                if !bytes.is_empty() {
                    request::check_json(&parts.headers)?;
                }
                request::assemble(binding, parts, segments, &bytes, &self.limits)
            }
            BodyRule::Raw(_) => {
                upload::check_head(&parts.headers, self.limits.message_bytes as u64)?;
                let message = request::assemble(binding, parts, segments, &[], &self.limits)?;
                let bytes = upload::read(take(body), self.limits.message_bytes, self.limits.max_timeout()).await?;
                Ok(request::with_raw(binding, message, content_type(parts), bytes))
            }
        }
    }

    /// A raw body as a stream of messages: the first has the parameters and the first bytes, the others only bytes.
    async fn upload(
        &self,
        binding: &Arc<Binding>,
        parts: &Parts,
        segments: &[&str],
        body: &mut Option<Body>,
        call: Call,
    ) -> Result<Response, Problem> {
        upload::check_head(&parts.headers, self.limits.upload_bytes)?;
        let mut head = Some(request::assemble(binding, parts, segments, &[], &self.limits)?);
        let (chunks, failed) = upload::chunks(take(body), self.limits.upload_bytes);
        let (shape, content_type) = (Arc::clone(binding), content_type(parts).to_owned());
        let messages = chunks.map(move |chunk| {
            let message = head.take().unwrap_or_else(|| DynamicMessage::new(shape.input.clone()));
            Bytes::from(request::with_raw(&shape, message, &content_type, chunk).encode_to_vec())
        });
        let answer = tokio::select! {
            biased;
            Ok(problem) = failed => return Err(problem),
            answer = call.client_streaming(messages) => answer?,
        };
        let (metadata, answer, _) = answer.into_parts();
        respond::unary(binding, parts, &metadata, answer)
    }

    pub(crate) fn admit(&self, parts: &Parts, policy: &MethodPolicy) -> Result<Admission, Problem> {
        self.authorize.as_ref().map_or_else(|| Ok(Admission::default()), |hook| hook.authorize(parts, policy))
    }

    pub(crate) fn backend(&self, service: &str) -> Result<&Backend, Problem> {
        self.backends.get(service).ok_or_else(|| {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, format!("{service} does not run on this platform"))
        })
    }
}

fn content_type(parts: &Parts) -> &str {
    parts.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("application/octet-stream")
}

/// The body leaves its slot when somebody begins to read it.
fn take(body: &mut Option<Body>) -> Body {
    body.take().unwrap_or_else(Body::empty)
}
