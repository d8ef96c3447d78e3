//! Server streams of messages: server-sent events for browsers, newline-delimited JSON for everybody else.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use prost_reflect::{DynamicMessage, Value};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::metadata::MetadataMap;
use tonic::{Status, Streaming};

use std::sync::Arc;

use crate::binding::Binding;
use crate::call::returned;
use crate::problem::Problem;
use crate::respond::{document, vary_accept};

/// What a stream needs beside its messages.
pub(crate) struct Watch {
    pub(crate) binding: Arc<Binding>,
    pub(crate) heartbeat: Duration,
    /// When the caller's deadline passes.
    pub(crate) until: Option<Instant>,
    /// Ends the stream when the server drains; the client reconnects elsewhere with its last cursor.
    pub(crate) drain: CancellationToken,
    pub(crate) request_id: Option<String>,
}

enum Step {
    Message(Bytes),
    Failed(Status),
    Finished,
    Idle,
    Drain,
}

pub(crate) fn wants_events(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter().filter_map(|v| v.to_str().ok());
    values.flat_map(|v| v.split(',')).any(|item| item.split(';').next().unwrap_or("").trim() == "text/event-stream")
}

pub(crate) fn respond(parts: &Parts, metadata: &MetadataMap, stream: Streaming<Bytes>, watch: Watch) -> Response {
    let events = wants_events(&parts.headers);
    let mut headers = HeaderMap::new();
    returned(metadata, &mut headers);
    let content_type = if events { "text/event-stream" } else { "application/x-ndjson" };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Reverse proxies otherwise hold events back until their buffer is full.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    vary_accept(&mut headers);
    let body = if events {
        Body::from_stream(sse(stream, watch).map(Ok::<_, std::convert::Infallible>))
    } else {
        Body::from_stream(lines(stream, watch).map(Ok::<_, std::convert::Infallible>))
    };
    (headers, body).into_response()
}

fn sse(mut stream: Streaming<Bytes>, watch: Watch) -> impl Stream<Item = Bytes> + Send + 'static {
    async_stream::stream! {
        yield Bytes::from_static(b"retry: 2000\n\n");
        loop {
            match step(&mut stream, &watch).await {
                Step::Message(bytes) => match document(&watch.binding, bytes) {
                    Ok((message, text)) => yield event(cursor(&message).as_deref(), None, &text),
                    Err(problem) => {
                        yield event(None, Some("problem"), watch.problem(problem).as_bytes());
                        break;
                    }
                },
                Step::Failed(status) => {
                    yield event(None, Some("problem"), watch.problem(status.into()).as_bytes());
                    break;
                }
                // Without this a browser would take the end for a lost connection and begin again.
                Step::Finished => {
                    yield event(None, Some("end"), b"{}");
                    break;
                }
                Step::Idle => yield Bytes::from_static(b": keep-alive\n\n"),
                Step::Drain => break,
            }
        }
    }
}

fn lines(mut stream: Streaming<Bytes>, watch: Watch) -> impl Stream<Item = Bytes> + Send + 'static {
    async_stream::stream! {
        loop {
            let problem = match step(&mut stream, &watch).await {
                Step::Message(bytes) => match document(&watch.binding, bytes) {
                    Ok((_, mut text)) => {
                        text.push(b'\n');
                        yield Bytes::from(text);
                        continue;
                    }
                    Err(problem) => problem,
                },
                Step::Failed(status) => status.into(),
                Step::Idle => continue,
                Step::Finished => break,
                Step::Drain => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping; reconnect"),
            };
            yield Bytes::from(format!("{{\"error\":{}}}\n", watch.problem(problem)));
            break;
        }
    }
}

async fn step(stream: &mut Streaming<Bytes>, watch: &Watch) -> Step {
    let deadline = watch.until.unwrap_or_else(|| Instant::now() + Duration::from_secs(365 * 86_400));
    tokio::select! {
        biased;
        message = stream.message() => match message {
            Ok(Some(bytes)) => Step::Message(bytes),
            Ok(None) => Step::Finished,
            Err(status) => Step::Failed(status),
        },
        () = watch.drain.cancelled() => Step::Drain,
        () = tokio::time::sleep_until(deadline) => Step::Failed(Status::deadline_exceeded("the deadline asked for passed")),
        () = tokio::time::sleep(watch.heartbeat) => Step::Idle,
    }
}

impl Watch {
    fn problem(&self, problem: Problem) -> String {
        problem.with_instance(self.request_id.as_deref()).to_json()
    }
}

/// `data` is one line, since JSON text has no raw line breaks.
fn event(id: Option<&str>, name: Option<&str>, data: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(data.len() + 48);
    for (field, value) in [("id", id), ("event", name)] {
        if let Some(value) = value {
            out.extend_from_slice(format!("{field}: {value}\n").as_bytes());
        }
    }
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(data);
    out.extend_from_slice(b"\n\n");
    Bytes::from(out)
}

fn cursor(message: &DynamicMessage) -> Option<String> {
    let cursor = match message.get_field_by_name("cursor")?.as_ref() {
        Value::String(text) => text.clone(),
        Value::I64(n) => n.to_string(),
        Value::U64(n) => n.to_string(),
        Value::I32(n) => n.to_string(),
        Value::U32(n) => n.to_string(),
        _ => return None,
    };
    (!cursor.is_empty() && !cursor.contains(['\n', '\r', '\0'])).then_some(cursor)
}
