//! Bodies of calls: requests that can be sent again, responses that end at the deadline.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt as _, Full, StreamBody};
use tokio::time::{Instant, Sleep};
use tonic::Status;
use tonic::body::Body;

/// A request body over this size is not kept for a retry, in bytes.
const REPLAY_BYTES: usize = 1024 * 1024;

/// A request body as it can be sent.
pub(super) enum Outgoing {
    /// As often as needed.
    Replay(Bytes),
    /// Once.
    Once(Body),
}

impl Outgoing {
    /// Reads a body so that it can be sent again, unless it turns out long.
    pub(super) async fn keep(mut body: Body) -> Result<Self, Status> {
        let mut kept = BytesMut::new();
        while let Some(frame) = body.frame().await {
            match frame?.into_data() {
                Ok(data) => kept.extend_from_slice(&data),
                // Requests have no trailers in gRPC.
                Err(_) => continue,
            }
            if kept.len() > REPLAY_BYTES {
                let head = futures::stream::iter([Ok(Frame::data(kept.freeze()))]);
                let rest = http_body_util::BodyStream::new(body);
                let whole = futures::StreamExt::chain(head, rest);
                return Ok(Self::Once(Body::new(StreamBody::new(whole))));
            }
        }
        Ok(Self::Replay(kept.freeze()))
    }

    /// The body of the next attempt, and whether there can be another.
    pub(super) fn take(&mut self) -> (Body, bool) {
        match self {
            Self::Replay(bytes) => (Body::new(Full::new(bytes.clone())), true),
            Self::Once(body) => (std::mem::take(body), false),
        }
    }
}

/// A response body that ends with `DEADLINE_EXCEEDED` when a server sends headers and then hangs.
pub(super) struct UntilDeadline {
    inner: Body,
    sleep: Pin<Box<Sleep>>,
}

impl UntilDeadline {
    pub(super) fn new(inner: Body, deadline: Instant) -> Self {
        Self { inner, sleep: Box::pin(tokio::time::sleep_until(deadline)) }
    }
}

impl http_body::Body for UntilDeadline {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        match self.sleep.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Some(Err(Status::deadline_exceeded("the answer did not end in time")))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
