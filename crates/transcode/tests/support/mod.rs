//! A small gRPC service on a real HTTP/2 connection, written against descriptors only.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use bytes::{BufMut as _, Bytes, BytesMut};
use futures::StreamExt as _;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};
use tokio::sync::mpsc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};
use tower::ServiceExt as _;
use transcode::{Limits, Transcoder};

pub const SERVICE: &str = "test.v1.Library";
pub const CONTENT: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

pub fn descriptors() -> Vec<u8> {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut compiler = protox::Compiler::new([format!("{root}/tests/proto"), format!("{root}/../../proto")]).unwrap();
    compiler.include_imports(true).include_source_info(true);
    compiler.open_file("test/v1/library.proto").unwrap();
    compiler.encode_file_descriptor_set()
}

/// Events of the service that a test can wait for.
#[derive(Debug, PartialEq)]
pub enum Seen {
    UploadFinished(usize),
    UploadBroken,
}

pub async fn channel() -> (Channel, mpsc::UnboundedReceiver<Seen>) {
    let pool = DescriptorPool::decode(descriptors().as_slice()).unwrap();
    let (seen, watch) = mpsc::unbounded_channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    #[allow(clippy::disallowed_methods)]
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (pool, seen) = (pool.clone(), seen.clone());
            let service = hyper_util::service::TowerToHyperService::new(tower::service_fn(move |request| {
                let (pool, seen) = (pool.clone(), seen.clone());
                async move { Ok::<_, Infallible>(serve(&pool, request, &seen).await) }
            }));
            tokio::spawn(async move {
                let io = hyper_util::rt::TokioIo::new(socket);
                let builder = hyper_util::server::conn::auto::Builder::new(hyper_util::rt::TokioExecutor::new());
                drop(builder.http2_only().serve_connection(io, service).await);
            });
        }
    });
    (Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy(), watch)
}

pub async fn transcoder(limits: Limits) -> (Transcoder, mpsc::UnboundedReceiver<Seen>) {
    let (channel, seen) = channel().await;
    (Transcoder::new(&descriptors(), limits).unwrap().route(SERVICE, channel).unwrap(), seen)
}

pub async fn router() -> axum::Router {
    transcoder(Limits { heartbeat_seconds: 1, ..Limits::default() }).await.0.into_router()
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

    /// The request message that the service saw, for methods that answer with an Echo.
    pub fn echo(&self) -> serde_json::Value {
        assert_eq!(self.status, 200, "{:?}", self.body);
        serde_json::from_str(self.json()["requestJson"].as_str().unwrap()).unwrap()
    }
}

pub async fn send(router: &axum::Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = tokio::time::timeout(Duration::from_secs(10), body.collect()).await.expect("the body ends");
    Answer { status: parts.status, headers: parts.headers, body: body.map(|b| b.to_bytes()).unwrap_or_default() }
}

pub async fn get(router: &axum::Router, uri: &str, headers: &[(&str, &str)]) -> Answer {
    call(router, "GET", uri, headers, "").await
}

pub async fn call(router: &axum::Router, method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/json");
    }
    send(router, request.body(Body::from(body.to_owned())).unwrap()).await
}

pub fn frame(message: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(message.len() + 5);
    out.put_u8(0);
    out.put_u32(u32::try_from(message.len()).unwrap());
    out.put_slice(message);
    out.freeze()
}

/// The messages of a gRPC body, and whether it ended properly.
pub async fn unframe<B: http_body::Body<Data = Bytes> + Unpin>(body: B) -> (Vec<Bytes>, bool) {
    let (mut buffer, mut whole) = (BytesMut::new(), true);
    let mut stream = http_body_util::BodyDataStream::new(body);
    while let Some(chunk) = stream.next().await {
        match chunk {
            Ok(chunk) => buffer.extend_from_slice(&chunk),
            Err(_) => {
                whole = false;
                break;
            }
        }
    }
    let mut out = Vec::new();
    while buffer.len() >= 5 {
        let length = u32::from_be_bytes(buffer[1..5].try_into().unwrap()) as usize;
        if buffer.len() < 5 + length {
            break;
        }
        let mut message = buffer.split_to(5 + length);
        out.push(message.split_off(5).freeze());
    }
    (out, whole)
}

async fn serve(
    pool: &DescriptorPool,
    request: Request<hyper::body::Incoming>,
    seen: &mpsc::UnboundedSender<Seen>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let name = parts.uri.path().rsplit('/').next().unwrap().to_owned();
    let service = pool.get_service_by_name(SERVICE).unwrap();
    let method = service.methods().find(|m| m.name() == name).unwrap();
    let (messages, whole) = unframe(body).await;
    let inputs: Vec<DynamicMessage> =
        messages.iter().map(|m| DynamicMessage::decode(method.input(), m.clone()).unwrap()).collect();
    let Some(input) = inputs.first() else {
        seen.send(Seen::UploadBroken).ok();
        return status(&Status::cancelled("nothing came"));
    };
    match name.as_str() {
        "Fail" => fail(input).await,
        "WatchBooks" => watch(&method, input),
        "Download" => download(&method, input),
        "UpdateBook" => {
            let mut book = input.get_field_by_name("book").unwrap().as_message().unwrap().clone();
            let mask = input.get_field_by_name("update_mask").unwrap().as_message().unwrap().clone();
            let paths = mask.get_field_by_name("paths").unwrap().into_owned();
            let paths: Vec<_> = paths.as_list().unwrap().iter().map(|p| p.as_str().unwrap().to_owned()).collect();
            book.set_field_by_name("paper", Value::String(paths.join(",")));
            ok([frame(&book.encode_to_vec())], &[])
        }
        "Upload" => {
            seen.send(if whole { Seen::UploadFinished(inputs.len()) } else { Seen::UploadBroken }).ok();
            let mut joined = input.clone();
            let mut data = Vec::new();
            for message in &inputs {
                let content = message.get_field_by_name("content").unwrap().into_owned();
                data.extend_from_slice(
                    content.as_message().unwrap().get_field_by_name("data").unwrap().as_bytes().unwrap(),
                );
            }
            let content = joined.get_field_by_name_mut("content").unwrap().as_message_mut().unwrap();
            content.set_field_by_name("data", Value::Bytes(Bytes::from(data)));
            echo(&method, &joined, &parts.headers)
        }
        _ => echo(&method, input, &parts.headers),
    }
}

fn echo(method: &MethodDescriptor, input: &DynamicMessage, headers: &HeaderMap) -> Response<Body> {
    let mut out = DynamicMessage::new(method.output());
    out.set_field_by_name("method", Value::String(method.name().to_owned()));
    out.set_field_by_name("request_json", Value::String(serde_json::to_string(input).unwrap()));
    let metadata = headers.iter().map(|(k, v)| {
        (prost_reflect::MapKey::String(k.to_string()), Value::String(v.to_str().unwrap_or_default().to_owned()))
    });
    out.set_field_by_name("metadata", Value::Map(metadata.collect()));
    ok([frame(&out.encode_to_vec())], &[])
}

async fn fail(input: &DynamicMessage) -> Response<Body> {
    if input.get_field_by_name("slow").unwrap().as_bool().unwrap() {
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    let code = Code::from_i32(input.get_field_by_name("code").unwrap().as_i32().unwrap());
    let mut details = ErrorDetails::new();
    details.add_bad_request_violation("part.wall", "is 0 mm; give a positive length");
    details.set_error_info(
        "WALL_TOO_THIN",
        "3dpot",
        std::collections::HashMap::from([("min_mm".into(), "0.4".into())]),
    );
    details.set_retry_info(Some(Duration::from_secs(3)));
    status(&Status::with_error_details(code, "the wall is too thin", details))
}

fn watch(method: &MethodDescriptor, input: &DynamicMessage) -> Response<Body> {
    let after = input.get_field_by_name("after_cursor").unwrap().as_str().unwrap().parse().unwrap_or(0i64);
    let count = i64::from(input.get_field_by_name("count").unwrap().as_i32().unwrap());
    let hang = input.get_field_by_name("hang").unwrap().as_bool().unwrap();
    let output = method.output();
    let frames = (after + 1..=count).map(move |n| {
        let mut event = DynamicMessage::new(output.clone());
        event.set_field_by_name("cursor", Value::String(n.to_string()));
        event.set_field_by_name("position", Value::I64(n * 10_000_000_000));
        Ok::<_, Infallible>(http_body::Frame::data(frame(&event.encode_to_vec())))
    });
    let end: futures::stream::BoxStream<'static, _> = if hang {
        futures::stream::pending().boxed()
    } else {
        let status = if count > 90 { Status::aborted("the shelf fell") } else { Status::ok("") };
        futures::stream::iter([Ok(http_body::Frame::trailers(trailers(&status)))]).boxed()
    };
    let body = http_body_util::StreamBody::new(futures::stream::iter(frames.collect::<Vec<_>>()).chain(end));
    Response::builder().header("content-type", "application/grpc").body(Body::new(body)).unwrap()
}

fn download(method: &MethodDescriptor, input: &DynamicMessage) -> Response<Body> {
    let name = input.get_field_by_name("name").unwrap().as_str().unwrap().to_owned();
    if name.ends_with("/none") {
        return status(&Status::not_found("there is no such book"));
    }
    let announced = if name.ends_with("/short") { CONTENT.len() + 5 } else { CONTENT.len() };
    let frames: Vec<Bytes> = (CONTENT.chunks(7).enumerate())
        .map(|(n, chunk)| {
            let mut body = DynamicMessage::new(method.output());
            if n == 0 {
                body.set_field_by_name("content_type", Value::String("model/step".into()));
            }
            body.set_field_by_name("data", Value::Bytes(Bytes::copy_from_slice(chunk)));
            frame(&body.encode_to_vec())
        })
        .collect();
    if name.ends_with("/unsized") {
        return ok(frames, &[]);
    }
    ok(frames, &[("x-pot-size", &announced.to_string()), ("x-pot-etag", "abc123")])
}

fn ok(frames: impl IntoIterator<Item = Bytes>, headers: &[(&str, &str)]) -> Response<Body> {
    let frames: Vec<_> = frames.into_iter().map(|f| Ok::<_, Infallible>(http_body::Frame::data(f))).collect();
    let end = Ok(http_body::Frame::trailers(trailers(&Status::ok(""))));
    let body = http_body_util::StreamBody::new(futures::stream::iter(frames.into_iter().chain([end])));
    let mut response = Response::builder().header("content-type", "application/grpc");
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Body::new(body)).unwrap()
}

fn status(status: &Status) -> Response<Body> {
    let mut response = Response::builder().header("content-type", "application/grpc").body(Body::empty()).unwrap();
    status.add_header(response.headers_mut()).unwrap();
    response
}

fn trailers(status: &Status) -> HeaderMap {
    let mut headers = HeaderMap::new();
    status.add_header(&mut headers).unwrap();
    headers
}

/// The descriptors with `CreateBook` answering its own request message type.
pub fn descriptors_with_echo_as(message: &str) -> Vec<u8> {
    let root = env!("CARGO_MANIFEST_DIR");
    let text = std::fs::read_to_string(format!("{root}/tests/proto/test/v1/library.proto")).unwrap();
    let edited = text.replace(
        "CreateBook(CreateBookRequest) returns (Echo)",
        &format!("CreateBook(CreateBookRequest) returns ({message})"),
    );
    assert_ne!(text, edited);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("test/v1")).unwrap();
    std::fs::write(folder.path().join("test/v1/library.proto"), edited).unwrap();
    let mut compiler = protox::Compiler::new([folder.path().to_owned(), format!("{root}/../../proto").into()]).unwrap();
    compiler.include_imports(true);
    compiler.open_file("test/v1/library.proto").unwrap();
    compiler.encode_file_descriptor_set()
}
