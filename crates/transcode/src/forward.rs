//! Raw gRPC, forwarded by path to the owning service: any message, any streaming, trailers kept.

use http::header::{AUTHORIZATION, CONTENT_LENGTH, COOKIE, HOST, TE};
use http::{HeaderMap, HeaderValue, Request, Response};
use tonic::body::Body;
use tonic::{Code, Status};

use crate::transcoder::Transcoder;

/// Headers that end at the edge: credentials, which the signed principal replaces, and what belongs to one connection.
const HOP: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

impl Transcoder {
    /// Whether a request is raw gRPC (gRPC-Web excepted, which a layer turns into gRPC first).
    pub fn is_grpc(headers: &HeaderMap) -> bool {
        let value = headers.get(http::header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        value.starts_with(b"application/grpc") && !value.starts_with(b"application/grpc-web")
    }

    /// Forwards `/pkg.Service/Method` to the service's channel. Errors of the edge are gRPC statuses.
    pub async fn forward_grpc(&self, request: Request<Body>) -> Response<Body> {
        match self.try_forward(request).await {
            Ok(response) => response,
            Err(status) => status.into_http(),
        }
    }

    async fn try_forward(&self, request: Request<Body>) -> Result<Response<Body>, Status> {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path();
        let policy = self.method_policies().get(path).ok_or_else(|| {
            Status::unimplemented(format!("there is no method {}", path.chars().take(200).collect::<String>()))
        })?;
        let service = path[1..].split('/').next().unwrap_or_default().to_owned();
        let backend = self.backend(&service).map_err(|problem| problem.to_status())?.clone();
        let admission = self.admit(&parts, policy).map_err(|problem| {
            let mut status = problem.to_status();
            *status.metadata_mut() = tonic::metadata::MetadataMap::from_headers(problem.headers.clone());
            status
        })?;
        for name in HOP {
            parts.headers.remove(name);
        }
        for name in [AUTHORIZATION, COOKIE, HOST, CONTENT_LENGTH] {
            parts.headers.remove(name);
        }
        let reserved: Vec<_> =
            parts.headers.keys().filter(|name| name.as_str().starts_with("x-pot-")).cloned().collect();
        for name in reserved {
            parts.headers.remove(name);
        }
        parts.headers.extend(admission.metadata);
        parts.headers.insert(TE, HeaderValue::from_static("trailers"));
        parts.version = http::Version::HTTP_2;
        let response = backend.send(Request::from_parts(parts, body)).await.map_err(|cause| {
            if matches!(cause.code(), Code::DeadlineExceeded | Code::Cancelled) {
                return Status::deadline_exceeded(format!("{service} did not answer in time"));
            }
            tracing::warn!(error = %cause, %service, "a service could not be reached");
            Status::unavailable(format!("{service} cannot be reached; try again shortly"))
        });
        let mut response = response?;
        response.headers_mut().extend(admission.response);
        Ok(response)
    }
}
