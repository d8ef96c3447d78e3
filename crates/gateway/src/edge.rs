//! The router: pages, health, OpenAPI, gRPC, gRPC-Web and REST on one port, and what surrounds them all.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::State;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use rpc::{Channel, Signer, Verifier};
use tonic::service::Routes;
use tonic_health::pb::health_server::HealthServer;
use tower::{Layer as _, ServiceExt as _};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::Instrument as _;
use transcode::{Info, Problem, Transcoder};

use crate::config::Config;
use crate::error::BuildError;
use crate::gate::Gate;
use crate::health::HealthBoard;
use crate::objects::{self, Objects};
use crate::{compress, pages, request_id, trail};

/// What the gateway stands in front of.
#[derive(Debug)]
pub struct Behind {
    /// An encoded `FileDescriptorSet` with imports and source information: the whole contract.
    pub descriptors: Vec<u8>,
    /// Full gRPC service name -> its channel. Channels must not add a principal of their own ([`rpc::ClientAuth::None`]).
    pub backends: Vec<(String, Channel)>,
    /// Signs the principals that services get.
    pub signer: Signer,
    /// Event streams end when this begins.
    pub shutdown: boot::Shutdown,
    /// Shown on the start page and in the OpenAPI document.
    pub version: String,
    /// Signed downloads and trails; neither is served without.
    pub objects: Option<Objects>,
}

struct Edge {
    transcoder: Transcoder,
    /// Reflection and health, which the edge answers itself.
    own_grpc: axum::Router,
    board: HealthBoard,
    openapi: Document,
    version: String,
    shutdown: boot::Shutdown,
}

struct Document {
    text: Bytes,
    etag: String,
}

/// Builds the whole edge. The router serves HTTP/1.1 and HTTP/2; [`crate::serve`] does that.
pub fn build(config: &Config, behind: Behind) -> Result<axum::Router, BuildError> {
    config.check()?;
    let verifier = Verifier::new(
        [behind.signer.public_key()],
        behind.objects.as_ref().map(|o| o.clock.clone()).unwrap_or_default(),
    );
    let gate = Gate::new(config, behind.signer);
    let mut transcoder =
        Transcoder::new(&behind.descriptors, config.limits.clone())?.authorize(gate).drain_on(behind.shutdown.token());
    for (service, channel) in &behind.backends {
        transcoder = transcoder.route(service, channel.clone())?;
    }
    let trails = transcoder.method_policies().get(trail::GET_TRAIL).map(|policy| policy.scope.clone());
    if let (Some(objects), Some(scope)) = (&behind.objects, trails) {
        transcoder = transcoder.route(trail::SERVICE, trail::service(objects.store.clone(), verifier, &scope))?;
    }
    let board = HealthBoard::new(behind.backends);
    let edge = Arc::new(Edge {
        openapi: document(&transcoder, &behind.version, behind.objects.is_some()),
        own_grpc: own_grpc(&behind.descriptors, &board)?,
        transcoder,
        board,
        version: behind.version,
        shutdown: behind.shutdown,
    });
    let (brotli, gzip) = compress::layers();
    let mut router = axum::Router::new()
        .route("/", get(home))
        .route("/docs", get(docs))
        .route("/assets/style.css", get(|| async { pages::style() }))
        .route("/assets/docs.js", get(|| async { pages::docs_script() }))
        .route("/openapi.json", get(openapi))
        .route("/healthz", get(|| async { axum::Json(serde_json::json!({ "status": "ok" })) }))
        .route("/readyz", get(ready))
        .fallback(everything_else)
        .with_state(edge);
    if let Some(objects) = behind.objects {
        router = router.merge(objects::router(objects));
    }
    router = router.method_not_allowed_fallback(wrong_method).layer(brotli).layer(gzip);
    if let Some(cors) = cors(&config.cors_origins)? {
        router = router.layer(cors);
    }
    Ok(router.layer(CatchPanicLayer::custom(panicked)).layer(axum::middleware::from_fn(surround)))
}

fn document(transcoder: &Transcoder, version: &str, objects: bool) -> Document {
    let info = Info {
        title: "3D Pot".to_owned(),
        version: version.to_owned(),
        description: "From a sentence to a printed part. Errors are RFC 9457 problem documents; lists have cursors; \
                      writes take an Idempotency-Key."
            .to_owned(),
    };
    let mut api = transcoder.openapi(&info);
    if objects {
        objects::describe(&mut api);
    }
    let text = api.to_string();
    Document { etag: format!("\"{}\"", &blake3::hash(text.as_bytes()).to_hex()[..32]), text: Bytes::from(text) }
}

fn own_grpc(descriptors: &[u8], board: &HealthBoard) -> Result<axum::Router, BuildError> {
    let configure = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(descriptors)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let routes = Routes::new(HealthServer::new(board.clone()))
        .add_service(configure().build_v1()?)
        .add_service(configure().build_v1alpha()?);
    Ok(routes.into_axum_router())
}

fn cors(origins: &[String]) -> Result<Option<CorsLayer>, BuildError> {
    if origins.is_empty() {
        return Ok(None);
    }
    let parsed: Result<Vec<HeaderValue>, BuildError> = origins
        .iter()
        .map(|origin| match origin.parse::<HeaderValue>() {
            Ok(value) if origin.starts_with("http://") || origin.starts_with("https://") => Ok(value),
            _ => Err(BuildError::Origin(origin.clone())),
        })
        .collect();
    // No credentials: a token in a header is sent on purpose, a cookie is not.
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(parsed?))
        .allow_methods(tower_http::cors::Any)
        .allow_headers(tower_http::cors::Any)
        .expose_headers(tower_http::cors::Any);
    Ok(Some(layer))
}

/// Everything that is about any request: its id, its span, its security headers.
async fn surround(mut request: Request<Body>, next: Next) -> Response {
    let id = request_id::establish(request.headers_mut());
    let span = tracing::info_span!(
        "http",
        otel.kind = "server",
        http.request.method = %request.method(),
        url.path = request.uri().path().get(..256).unwrap_or(request.uri().path()),
        request_id = id.to_str().unwrap_or_default(),
        http.response.status_code = tracing::field::Empty,
    );
    if let Some(trace) = telemetry::TraceContext::extract(request.headers()) {
        trace.continue_in(&span);
    }
    if let Some(trace) = telemetry::TraceContext::of_span(&span) {
        trace.inject(request.headers_mut());
    }
    let (method, began) = (method_label(request.method()), Instant::now());
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    // Until the head: a stream's length says nothing of the edge.
    metrics::histogram!(
        "http_server_request_duration_seconds",
        "http_request_method" => method,
        "http_response_status_code" => status.as_str().to_owned(),
    )
    .record(began.elapsed().as_secs_f64());
    let headers = response.headers_mut();
    headers.insert(request_id::HEADER, id);
    headers.entry(http::header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    compress::weaken_etag(headers);
    response
}

/// Methods are free text in HTTP; a label is not.
fn method_label(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("_OTHER")
}

fn panicked(cause: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("no text"), "a request handler panicked");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the gateway failed on this request; it has been logged")
        .into_response()
}

async fn home(State(edge): State<Arc<Edge>>, headers: HeaderMap) -> Response {
    pages::home(pages::Language::of(&headers), &edge.version, &edge.board.all().await)
}

async fn docs(headers: HeaderMap) -> Response {
    pages::docs(pages::Language::of(&headers))
}

async fn openapi(State(edge): State<Arc<Edge>>, headers: HeaderMap) -> Response {
    let etag = edge.openapi.etag.as_str();
    let wanted = headers.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    if wanted.is_some_and(|list| transcode::range::matches_any(list, transcode::range::unquoted(etag))) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response();
    }
    let headers = [(CONTENT_TYPE, "application/json"), (ETAG, etag), (CACHE_CONTROL, "no-cache")];
    (headers, edge.openapi.text.clone()).into_response()
}

/// Ready means that every service answers and that the platform is not stopping.
async fn ready(State(edge): State<Arc<Edge>>) -> Response {
    let services = edge.board.all().await;
    let stopping = edge.shutdown.is_triggered();
    let ready = !stopping && services.iter().all(|s| s.up);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = if stopping {
        "stopping"
    } else if ready {
        "ready"
    } else {
        "not ready"
    };
    let body = serde_json::json!({ "status": word, "services": services });
    (status, [(CACHE_CONTROL, "no-store")], axum::Json(body)).into_response()
}

async fn wrong_method(request: Request<Body>) -> Response {
    let id = request.headers().get(&request_id::HEADER).and_then(|v| v.to_str().ok()).map(str::to_owned);
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("{} is not possible here", request.method()))
        .with_header(http::header::ALLOW, HeaderValue::from_static("GET, HEAD"))
        .with_instance(id.as_deref())
        .into_response()
}

/// gRPC-Web becomes gRPC, gRPC goes by path, and the rest is REST.
async fn everything_else(State(edge): State<Arc<Edge>>, request: Request<Body>) -> Response {
    if is_grpc_web(&request) {
        let inner = tower::service_fn(move |request: Request<tonic::body::Body>| {
            let edge = Arc::clone(&edge);
            async move { Ok::<_, Infallible>(edge.grpc(request).await) }
        });
        let answered = tonic_web::GrpcWebLayer::new().layer(inner).oneshot(request).await;
        return match answered {
            Ok(response) => response.map(Body::new),
            Err(never) => match never {},
        };
    }
    if Transcoder::is_grpc(request.headers()) {
        return edge.grpc(request.map(tonic::body::Body::new)).await.map(Body::new);
    }
    edge.transcoder.rest(request).await
}

fn is_grpc_web(request: &Request<Body>) -> bool {
    let value = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    value.starts_with(b"application/grpc-web")
}

impl Edge {
    async fn grpc(&self, request: Request<tonic::body::Body>) -> http::Response<tonic::body::Body> {
        let path = request.uri().path();
        if path.starts_with("/grpc.health.") || path.starts_with("/grpc.reflection.") {
            let answered = self.own_grpc.clone().oneshot(request.map(Body::new)).await;
            return match answered {
                Ok(response) => response.map(tonic::body::Body::new),
                Err(never) => match never {},
            };
        }
        self.transcoder.forward_grpc(request).await
    }
}
