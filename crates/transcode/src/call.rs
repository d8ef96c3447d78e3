//! One call to the owning service: metadata, deadline, message limits.

use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName};
use tonic::client::Grpc;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming};

use crate::backend::Backend;
use crate::codec::BytesCodec;
use crate::limits::Limits;

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

pub(crate) struct Call<'a> {
    pub(crate) backend: &'a Backend,
    pub(crate) path: PathAndQuery,
    pub(crate) metadata: HeaderMap,
    pub(crate) limits: &'a Limits,
    /// Until the response's head for streams, until its end otherwise.
    pub(crate) timeout: Duration,
    /// What the service is told: for streams only what the caller asked for.
    pub(crate) announced: Option<Duration>,
}

impl Call<'_> {
    pub(crate) async fn unary(self, message: Bytes) -> Result<Response<Bytes>, Status> {
        let mut client = self.client().await?;
        let call = client.unary(self.request(message), self.path.clone(), BytesCodec);
        within(self.timeout, call).await
    }

    pub(crate) async fn server_streaming(self, message: Bytes) -> Result<Response<Streaming<Bytes>>, Status> {
        let mut client = self.client().await?;
        let call = client.server_streaming(self.request(message), self.path.clone(), BytesCodec);
        within(self.timeout, call).await
    }

    pub(crate) async fn client_streaming(
        self,
        messages: impl Stream<Item = Bytes> + Send + 'static,
    ) -> Result<Response<Bytes>, Status> {
        let mut client = self.client().await?;
        let call = client.client_streaming(self.request(messages), self.path.clone(), BytesCodec);
        within(self.timeout, call).await
    }

    async fn client(&self) -> Result<Grpc<crate::backend::Inner>, Status> {
        let mut client = Grpc::new(self.backend.0.clone())
            .max_decoding_message_size(self.limits.message_bytes)
            .max_encoding_message_size(self.limits.message_bytes);
        let ready = within(self.timeout, async { client.ready().await.map_err(Status::from_error) });
        ready.await?;
        Ok(client)
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::from_parts(
            MetadataMap::from_headers(self.metadata.clone()),
            tonic::Extensions::default(),
            message,
        );
        if let Some(timeout) = self.announced {
            request.set_timeout(timeout);
        }
        request
    }
}

async fn within<T>(timeout: Duration, call: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    match tokio::time::timeout(timeout, call).await {
        Ok(result) => result,
        Err(_) => Err(Status::deadline_exceeded(format!(
            "no answer within {} s; long work is better watched as an operation, or ask for more with X-Request-Timeout",
            timeout.as_secs_f64()
        ))),
    }
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
