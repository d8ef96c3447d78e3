//! One call to the owning service: metadata, deadline, message limits.

use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt as _, Stream, StreamExt as _};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName};
use tokio::time::Instant;
use tonic::client::Grpc;
use tonic::metadata::MetadataMap;
use tonic::{Code, Request, Response, Status, Streaming};

use crate::backend::{Backend, Inner};
use crate::codec::BytesCodec;

/// Request headers that services see as metadata. Everything else stays at the edge: credentials above all, which the
/// signed principal replaces.
const FORWARDED: [&str; 6] = ["traceparent", "tracestate", "baggage", "x-request-id", "accept-language", "user-agent"];

/// Response metadata that REST callers see as headers.
const RETURNED: [&str; 8] = [
    "cache-control",
    "content-disposition",
    "content-language",
    "deprecation",
    "link",
    "location",
    "retry-after",
    "sunset",
];

/// How far two timers for one deadline can be apart.
const SLACK: Duration = Duration::from_millis(20);

pub(crate) struct Call {
    pub(crate) backend: Backend,
    pub(crate) path: PathAndQuery,
    pub(crate) metadata: HeaderMap,
    /// Bytes of one message in either direction.
    pub(crate) message_bytes: usize,
    /// Until the response's head for streams, until its end otherwise.
    pub(crate) timeout: Duration,
    /// What the service is told: for streams only what the caller asked for.
    pub(crate) announced: Option<Duration>,
}

// The futures own all they need and are boxed: tonic's client is generic enough that the compiler otherwise fails to
// prove them `Send` for every lifetime of the request they serve.
impl Call {
    pub(crate) fn unary(self, message: Bytes) -> BoxFuture<'static, Result<Response<Bytes>, Status>> {
        let (timeout, request, path) = (self.timeout, self.request(message), self.path.clone());
        within(timeout, async move { self.client().await?.unary(request, path, BytesCodec).await })
    }

    pub(crate) fn server_streaming(
        self,
        message: Bytes,
    ) -> BoxFuture<'static, Result<Response<Streaming<Bytes>>, Status>> {
        let (timeout, request, path) = (self.timeout, self.request(message), self.path.clone());
        within(timeout, async move { self.client().await?.server_streaming(request, path, BytesCodec).await })
    }

    pub(crate) fn client_streaming(
        self,
        messages: impl Stream<Item = Bytes> + Send + 'static,
    ) -> BoxFuture<'static, Result<Response<Bytes>, Status>> {
        let (timeout, request, path) = (self.timeout, self.request(messages.boxed()), self.path.clone());
        within(timeout, async move { self.client().await?.client_streaming(request, path, BytesCodec).await })
    }

    async fn client(self) -> Result<Grpc<Inner>, Status> {
        let mut client = Grpc::new(self.backend.0)
            .max_decoding_message_size(self.message_bytes)
            .max_encoding_message_size(self.message_bytes);
        client.ready().await?;
        Ok(client)
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let metadata = MetadataMap::from_headers(self.metadata.clone());
        let mut request = Request::from_parts(metadata, tonic::Extensions::default(), message);
        if let Some(timeout) = self.announced {
            request.set_timeout(timeout);
        }
        request
    }
}

fn within<T: Send + 'static>(
    timeout: Duration,
    call: impl Future<Output = Result<T, Status>> + Send + 'static,
) -> BoxFuture<'static, Result<T, Status>> {
    let call = call.boxed();
    let timed = async move {
        let began = Instant::now();
        let late = || {
            Status::deadline_exceeded(format!(
                "no answer within {} s; long work is better watched as an operation, or ask for more with X-Request-Timeout",
                timeout.as_secs_f64()
            ))
        };
        match tokio::time::timeout(timeout, call).await {
            // The transport watches the same deadline, and calls its passing a cancellation.
            Ok(Err(status)) if status.code() == Code::Cancelled && began.elapsed() + SLACK >= timeout => Err(late()),
            Ok(result) => result,
            Err(_) => Err(late()),
        }
    };
    timed.boxed()
}

pub(crate) fn forwarded(headers: &HeaderMap) -> HeaderMap {
    let mut out = HeaderMap::new();
    for name in FORWARDED {
        // gRPC reserves user-agent for the client library, so the caller's goes under another name.
        let to = if name == "user-agent" { "x-forwarded-user-agent" } else { name };
        if let Some(value) = headers.get(name) {
            out.insert(HeaderName::from_static(to), value.clone());
        }
    }
    out
}

pub(crate) fn returned(metadata: &MetadataMap, headers: &mut HeaderMap) {
    for name in RETURNED {
        if let Some(value) = metadata.as_ref().get(name) {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
}
