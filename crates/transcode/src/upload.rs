//! Request bodies: bounded reading of JSON, and raw uploads streamed to the service.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, EXPECT};
use http::{HeaderMap, StatusCode};
use http_body::Body as _;
use tokio::sync::oneshot;

use crate::problem::Problem;

/// A chunk handed to the service; below gRPC's default bound of 4 MiB a message.
const CHUNK: usize = 256 << 10;
const LINGER: Duration = Duration::from_secs(5);

/// Refuses on the header alone what announces more than `limit` bytes, or an encoding.
pub(crate) fn check_head(headers: &HeaderMap, limit: u64) -> Result<(), Problem> {
    if headers.get(CONTENT_ENCODING).is_some_and(|v| !v.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send the body without Content-Encoding"));
    }
    let length = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit) { Err(too_large(limit)) } else { Ok(()) }
}

pub(crate) fn too_large(limit: u64) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body has more than the {limit} bytes that are accepted"))
}

/// The whole body, at most `limit` bytes, within `patience`.
pub(crate) async fn read(body: Body, limit: usize, patience: Duration) -> Result<Bytes, Problem> {
    let reading = async {
        let mut stream = body.into_data_stream();
        let mut out = BytesMut::new();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|_| broken())?;
            if out.len() + chunk.len() > limit {
                linger(stream);
                return Err(too_large(limit as u64));
            }
            out.extend_from_slice(&chunk);
        }
        Ok(out.freeze())
    };
    tokio::time::timeout(patience, reading)
        .await
        .unwrap_or_else(|_| Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time")))
}

/// What a refused client may still send is read and thrown away for a while: closing at once would reset the
/// connection, and a client in the middle of sending would see that instead of the refusal.
pub(crate) fn linger(mut rest: BodyDataStream) {
    let drain = async move {
        while let Some(Ok(_)) = rest.next().await {
            // A sender as fast as this loop must not keep the deadline from being looked at.
            tokio::task::yield_now().await;
        }
    };
    #[expect(clippy::disallowed_methods, reason = "ends by itself within LINGER, and holds nothing but the connection")]
    let task = tokio::spawn(tokio::time::timeout(LINGER, drain));
    drop(task);
}

/// The same for a body that nobody began to read. A client that waits for 100-continue sends none.
pub(crate) fn linger_unread(headers: &HeaderMap, body: Option<Body>) {
    if let Some(body) = body.filter(|body| !body.is_end_stream() && !headers.contains_key(EXPECT)) {
        linger(body.into_data_stream());
    }
}

fn broken() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "the connection broke while the body was being sent")
}

/// The body in chunks, as a stream that only ever ends when the body was received whole. When it is too large or
/// breaks, the stream stays pending and the receiver learns why: the call is then dropped, which the service sees as
/// cancelled and never as a short but finished upload.
pub(crate) fn chunks(
    body: Body,
    limit: u64,
) -> (impl Stream<Item = Bytes> + Send + 'static, oneshot::Receiver<Problem>) {
    let (fail, failed) = oneshot::channel();
    let stream = async_stream::stream! {
        let mut body = body.into_data_stream();
        let mut seen = 0u64;
        let mut empty = true;
        let problem = loop {
            match body.next().await {
                None => break None,
                Some(Err(_)) => break Some(broken()),
                Some(Ok(mut chunk)) => {
                    seen += chunk.len() as u64;
                    if seen > limit {
                        linger(body);
                        break Some(too_large(limit));
                    }
                    while !chunk.is_empty() {
                        empty = false;
                        yield chunk.split_to(CHUNK.min(chunk.len()));
                    }
                }
            }
        };
        if let Some(problem) = problem {
            // The receiver is gone only when the call is over, and then nobody asks any more.
            drop(fail.send(problem));
            std::future::pending::<()>().await;
        }
        if empty {
            yield Bytes::new();
        }
    };
    (stream, failed)
}
