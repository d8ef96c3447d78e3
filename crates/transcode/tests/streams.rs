//! Streams: events, lines, raw content with ranges, uploads, and forwarded gRPC.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::StreamExt as _;
use http::Request;
use http_body_util::BodyExt as _;
use support::{CONTENT, Seen, call, get, router, transcoder};
use tower::ServiceExt as _;
use transcode::{Admission, Authorize, Limits, MethodPolicy, Problem};

const EVENTS: (&str, &str) = ("accept", "text/event-stream");

#[tokio::test]
async fn events_have_ids_and_an_end() {
    let r = router().await;
    let answer = get(&r, "/v1/books:watch?count=2", &[EVENTS]).await;
    assert_eq!(answer.headers["content-type"], "text/event-stream");
    assert_eq!(
        answer.body,
        "retry: 2000\n\n\
         id: 1\ndata: {\"cursor\":\"1\",\"position\":\"10000000000\"}\n\n\
         id: 2\ndata: {\"cursor\":\"2\",\"position\":\"20000000000\"}\n\n\
         event: end\ndata: {}\n\n"
    );
    let resumed = get(&r, "/v1/books:watch?count=2", &[EVENTS, ("last-event-id", "1")]).await;
    assert!(!resumed.body.starts_with(b"retry: 2000\n\nid: 1"), "{:?}", resumed.body);
    let failed = get(&r, "/v1/books:watch?count=91", &[EVENTS, ("last-event-id", "90")]).await;
    let text = String::from_utf8(failed.body.to_vec()).unwrap();
    assert!(text.contains("event: problem\ndata: {") && text.contains("the shelf fell"), "{text}");
}

#[tokio::test]
async fn idle_event_streams_are_kept_open() {
    let r = router().await;
    let request = Request::get("/v1/books:watch?hang=true").header("accept", "text/event-stream").body(Body::empty());
    let mut body = r.oneshot(request.unwrap()).await.unwrap().into_body().into_data_stream();
    let mut seen = String::new();
    while !seen.contains(": keep-alive\n\n") {
        let chunk = tokio::time::timeout(Duration::from_secs(3), body.next()).await.unwrap().unwrap().unwrap();
        seen.push_str(std::str::from_utf8(&chunk).unwrap());
    }
}

#[tokio::test]
async fn draining_ends_event_streams() {
    let (t, _seen) = transcoder(Limits::default()).await;
    let drain = tokio_util::sync::CancellationToken::new();
    let r = t.drain_on(drain.clone()).into_router();
    let request = Request::get("/v1/books:watch?hang=true").header("accept", "text/event-stream").body(Body::empty());
    let response = r.oneshot(request.unwrap()).await.unwrap();
    drain.cancel();
    tokio::time::timeout(Duration::from_secs(2), response.into_body().collect())
        .await
        .expect("the stream ends")
        .unwrap();
}

#[tokio::test]
async fn lines_for_everybody_else() {
    let r = router().await;
    let answer = get(&r, "/v1/books:watch?count=91", &[]).await;
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 92);
    assert_eq!(lines[4]["cursor"], "5");
    assert_eq!(lines[91]["error"]["status"], 409);
    let timed = get(&r, "/v1/books:watch?hang=true", &[("x-request-timeout", "200ms")]).await;
    assert!(String::from_utf8_lossy(&timed.body).contains("DEADLINE_EXCEEDED"), "{:?}", timed.body);
}

#[tokio::test]
async fn raw_content_in_whole_and_in_part() {
    let r = router().await;
    let uri = "/v1/shelves/1/books/2/content";
    let whole = get(&r, uri, &[]).await;
    assert_eq!((whole.status.as_u16(), &whole.body[..]), (200, CONTENT));
    assert_eq!(whole.headers["content-type"], "model/step");
    assert_eq!(whole.headers["content-length"], "36");
    assert_eq!(whole.headers["etag"], "\"abc123\"");
    assert_eq!(whole.headers["accept-ranges"], "bytes");
    for (range, expected, content_range) in [
        ("bytes=0-0", &CONTENT[..1], "bytes 0-0/36"),
        ("bytes=5-8", &CONTENT[5..9], "bytes 5-8/36"),
        ("bytes=30-", &CONTENT[30..], "bytes 30-35/36"),
        ("bytes=-7", &CONTENT[29..], "bytes 29-35/36"),
    ] {
        let part = get(&r, uri, &[("range", range)]).await;
        assert_eq!((part.status.as_u16(), &part.body[..]), (206, expected), "{range}");
        assert_eq!(part.headers["content-range"], content_range);
    }
    let outside = get(&r, uri, &[("range", "bytes=36-")]).await;
    assert_eq!(outside.status, 416);
    assert_eq!(outside.headers["content-range"], "bytes */36");
    let same = get(&r, uri, &[("if-none-match", "\"abc123\"")]).await;
    assert_eq!((same.status.as_u16(), same.body.len()), (304, 0));
    let head = call(&r, "HEAD", uri, &[], "").await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.headers["content-length"], "36");
    assert_eq!(get(&r, "/v1/shelves/1/books/unsized/content", &[("range", "bytes=0-1")]).await.status, 200);
    assert_eq!(get(&r, "/v1/shelves/1/books/none/content", &[]).await.status, 404);
    let request = Request::get("/v1/shelves/1/books/short/content").body(Body::empty()).unwrap();
    assert!(r.oneshot(request).await.unwrap().into_body().collect().await.is_err(), "a short body must not look whole");
}

#[tokio::test]
async fn uploads_stream_and_never_end_early() {
    let (t, mut seen) = transcoder(Limits { upload_bytes: 1 << 20, ..Limits::default() }).await;
    let r = t.into_router();
    let uri = "/v1/shelves/1/books/2/content?checked=true";
    let large = "0123456789".repeat(70_000);
    let answer = call(&r, "PUT", uri, &[("content-type", "model/stl")], &large).await;
    let echo = answer.echo();
    assert_eq!(echo["name"], "shelves/1/books/2");
    assert_eq!(echo["checked"], true);
    assert_eq!(echo["content"]["contentType"], "model/stl");
    assert_eq!(echo["content"]["data"].as_str().unwrap().len(), 700_000usize.div_ceil(3) * 4);
    assert_eq!(seen.recv().await, Some(Seen::UploadFinished(3)));
    assert_eq!(call(&r, "PUT", uri, &[("content-type", "a/b"), ("content-length", "2000000")], "x").await.status, 413);

    let endless = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[7; 10_000])));
    let answer = support::send(&r, Request::put(uri).body(Body::from_stream(endless)).unwrap()).await;
    assert_eq!(answer.status, 413);
    assert_eq!(seen.recv().await, Some(Seen::UploadBroken));
    let broken = futures::stream::iter([Ok(Bytes::from_static(b"abc")), Err(std::io::Error::other("gone"))]);
    let answer = support::send(&r, Request::put(uri).body(Body::from_stream(broken)).unwrap()).await;
    assert_eq!(answer.status, 400);
    assert_eq!(seen.recv().await, Some(Seen::UploadBroken));

    let cover = call(&r, "PUT", "/v1/shelves/1/books/2/cover", &[("content-type", "image/webp")], "abc").await;
    assert_eq!(cover.echo()["content"], serde_json::json!({ "contentType": "image/webp", "data": "YWJj" }));
}

struct OnlyReaders;

impl Authorize for OnlyReaders {
    fn authorize(&self, parts: &http::request::Parts, policy: &MethodPolicy) -> Result<Admission, Problem> {
        if policy.is_internal() {
            return Err(Problem::new(http::StatusCode::FORBIDDEN, "services only"));
        }
        if parts.headers.get("authorization").is_none() {
            return Err(Problem::new(http::StatusCode::UNAUTHORIZED, "a token is needed")
                .with_header(http::header::WWW_AUTHENTICATE, http::HeaderValue::from_static("Bearer")));
        }
        let mut admission = Admission::default();
        admission.metadata.insert("x-pot-principal", http::HeaderValue::from_static("signed"));
        admission.response.insert("ratelimit", http::HeaderValue::from_static("default;r=9"));
        Ok(admission)
    }
}

#[tokio::test]
async fn the_hook_decides_for_rest_and_grpc() {
    let (t, _seen) = transcoder(Limits::default()).await;
    let r = t.authorize(OnlyReaders).into_router();
    let refused = get(&r, "/v1/books/1", &[]).await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.headers["www-authenticate"], "Bearer");
    let let_in = get(&r, "/v1/books/1", &[("authorization", "Bearer t"), ("x-pot-principal", "forged")]).await;
    assert_eq!(let_in.headers["ratelimit"], "default;r=9");
    assert_eq!(let_in.json()["metadata"]["x-pot-principal"], "signed");

    let grpc = |path: &'static str, token: Option<&'static str>| {
        let mut request =
            Request::post(path).header("content-type", "application/grpc").header("x-pot-principal", "forged");
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        let r = r.clone();
        // A GetBookRequest { name: "x" } in gRPC's framing.
        let body = Body::from(support::frame(&[0x0a, 1, b'x']));
        async move { r.oneshot(request.body(body).unwrap()).await.unwrap() }
    };
    let refused = grpc("/test.v1.Library/GetBook", None).await;
    assert_eq!(refused.headers()["grpc-status"], "16");
    assert_eq!(grpc("/test.v1.Library/Sweep", Some("t")).await.headers()["grpc-status"], "7");
    assert_eq!(grpc("/test.v1.Library/Nothing", Some("t")).await.headers()["grpc-status"], "12");
    let answer = grpc("/test.v1.Library/GetBook", Some("t")).await;
    let collected = answer.into_body().collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["grpc-status"], "0");
    let text = String::from_utf8_lossy(&collected.to_bytes()).into_owned();
    assert!(text.contains("signed") && !text.contains("forged") && text.contains("GetBook"), "{text}");
}

#[tokio::test]
async fn the_document_describes_every_route() {
    let (t, _seen) = transcoder(Limits::default()).await;
    let policy = &t.method_policies()["/test.v1.Library/CreateBook"];
    assert_eq!((policy.scope.as_str(), policy.rate_class), ("books:write", transcode::RateClass::Compute));
    assert!(t.method_policies()["/test.v1.Library/Sweep"].is_internal());
    let info = transcode::Info { title: "Test".into(), version: "1".into(), description: String::new() };
    let api = t.openapi(&info);
    assert_eq!(api["openapi"], "3.1.0");
    let get = &api["paths"]["/v1/shelves/{shelve}/books/{book}"]["get"];
    assert_eq!(get["operationId"], "Library_GetBook");
    assert_eq!(get["summary"], "Gets one book");
    assert_eq!(get["x-required-scope"], "books:read");
    assert_eq!(api["components"]["schemas"]["test.v1.Book"]["description"], "A book.");
    assert_eq!(api["components"]["schemas"]["test.v1.Book"]["properties"]["pages"]["format"], "uint64");
    let list = &api["paths"]["/v1/shelves/{shelve}/books"]["get"]["parameters"];
    let names: Vec<_> = list.as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"filter.minPages") && names.contains(&"shelve") && !names.contains(&"parent"), "{names:?}");
    assert!(api["paths"].get("/v1:sweep").is_none());

    // Every reference resolves, every path parameter is declared, every operationId is unique.
    let mut references = Vec::new();
    collect(&api, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        assert!(api.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
    let mut ids = std::collections::BTreeSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()));
            assert!(operation["responses"]["200"]["description"].is_string());
            for name in path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()) {
                let declared = operation["parameters"].as_array().unwrap();
                assert!(
                    declared.iter().any(|p| p["name"] == name && p["in"] == "path" && p["required"] == true),
                    "{path}"
                );
            }
        }
    }
    assert_eq!(ids.len(), 11);
}

fn collect(json: &serde_json::Value, out: &mut Vec<String>) {
    match json {
        serde_json::Value::Object(object) => {
            if let Some(reference) = object.get("$ref") {
                out.push(reference.as_str().unwrap().to_owned());
            }
            object.values().for_each(|v| collect(v, out));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|v| collect(v, out)),
        _ => {}
    }
}

/// A client that is still sending must read the refusal, not a reset connection.
#[tokio::test]
async fn a_refusal_reaches_a_client_that_keeps_sending() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let r = router().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let service = hyper_util::service::TowerToHyperService::new(r.map_request(|q: Request<_>| q.map(Body::new)));
        let builder = hyper_util::server::conn::auto::Builder::new(hyper_util::rt::TokioExecutor::new());
        drop(builder.serve_connection(hyper_util::rt::TokioIo::new(socket), service).await);
    });
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let size = 64 << 20;
    let head = format!(
        "POST /v1/shelves/1/books HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {size}\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&vec![b' '; size]).await.expect("the server reads on");
    let mut answer = vec![0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 413");
}
