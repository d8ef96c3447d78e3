//! A gateway before services that answer every call alike.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use blob_store::{BlobStore, UrlSigner, UrlVerifier};
use boot::{Clock, Shutdown};
use bytes::Bytes;
use gateway::{Behind, Config, Objects};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use rpc::{Channel, ChannelOptions, Principal, Signer, SigningKey, Verifier};
use tonic::body::Body as GrpcBody;
use tower::ServiceExt as _;

pub const TOKEN: &str = "a-token-of-some-length";
pub const CONVERSATION: &str = "pot.conversation.v1.ConversationService";

pub struct Fixture {
    pub router: axum::Router,
    pub config: Config,
    /// Principals that services saw, verified.
    pub seen: Arc<Mutex<Vec<Option<Principal>>>>,
    pub store: BlobStore,
    pub urls: UrlSigner,
    pub shutdown: Shutdown,
    _folder: tempfile::TempDir,
}

pub fn config() -> Config {
    Config { owner_token: TOKEN.to_owned().into(), ..Config::default() }
}

pub fn services() -> Vec<String> {
    let names = transcode::Transcoder::new(proto::FILE_DESCRIPTOR_SET, transcode::Limits::default()).unwrap();
    let mut names: Vec<String> =
        names.method_policies().keys().map(|path| path[1..].split('/').next().unwrap().to_owned()).collect();
    names.dedup();
    names.retain(|name| name.starts_with("pot.") && !name.starts_with("pot.gateway."));
    names
}

pub fn fixture(config: Config, up: bool) -> Fixture {
    let signer = Signer::new(SigningKey::generate().unwrap(), Clock::system());
    let verifier = Verifier::new([signer.public_key()], Clock::system());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let backends = services().into_iter().map(|name| {
        let (verifier, seen) = (verifier.clone(), Arc::clone(&seen));
        let service = tower::service_fn(move |request: Request<GrpcBody>| {
            let answer = answer(&request, &verifier, &seen, up);
            async move { Ok::<_, Infallible>(answer) }
        });
        (name, Channel::over(service, ChannelOptions::default()))
    });
    let folder = tempfile::tempdir().unwrap();
    let store = BlobStore::open(&blob_store::Config::Local { path: folder.path().to_owned(), fsync: false }).unwrap();
    let urls = UrlSigner::generate().unwrap();
    let shutdown = Shutdown::new();
    let behind = Behind {
        descriptors: proto::FILE_DESCRIPTOR_SET.to_vec(),
        backends: backends.collect(),
        signer,
        shutdown: shutdown.clone(),
        version: "9.9.9".to_owned(),
        objects: Some(Objects {
            store: store.clone(),
            verifier: UrlVerifier::new([urls.public_key()]),
            clock: Clock::system(),
        }),
    };
    let router = gateway::build(&config, behind).unwrap();
    Fixture { router, config, seen, store, urls, shutdown, _folder: folder }
}

/// An empty message for every method, and SERVING (a message with field 1 = 1) for health checks.
fn answer(
    request: &Request<GrpcBody>,
    verifier: &Verifier,
    seen: &Mutex<Vec<Option<Principal>>>,
    up: bool,
) -> Response<GrpcBody> {
    let health = request.uri().path().starts_with("/grpc.health.");
    if !health {
        let token = request.headers().get(rpc::PRINCIPAL_KEY).map(|t| t.to_str().unwrap());
        seen.lock().unwrap().push(token.map(|t| verifier.verify(t).unwrap()));
    }
    let status = if health && !up { "14" } else { "0" };
    let message: &'static [u8] = if health { &[0, 0, 0, 0, 2, 8, 1] } else { &[0, 0, 0, 0, 0] };
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", status.parse().unwrap());
    let frames = [
        Ok::<_, Infallible>(http_body::Frame::data(Bytes::from_static(message))),
        Ok(http_body::Frame::trailers(trailers)),
    ];
    let body = http_body_util::StreamBody::new(futures::stream::iter(frames));
    Response::builder().header("content-type", "application/grpc").body(GrpcBody::new(body)).unwrap()
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {:?}", self.body))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }
}

pub async fn call(
    router: &axum::Router,
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
}

pub async fn get(router: &axum::Router, uri: &str, headers: &[(&str, &str)]) -> Answer {
    call(router, "GET", uri, headers, "").await
}
