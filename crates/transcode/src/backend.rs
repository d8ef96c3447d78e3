//! The channel to a service, whatever its kind: a network channel or a service in the same process.

use bytes::Bytes;
use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Service, ServiceExt as _};

/// The error is concrete, since a boxed one keeps the compiler from proving calls `Send`.
pub(crate) type Inner = BoxCloneSyncService<Request<Body>, Response<Body>, Status>;

/// A cloneable, type-erased gRPC transport.
#[derive(Clone, Debug)]
pub(crate) struct Backend(pub(crate) Inner);

impl Backend {
    pub(crate) fn new<S, B>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(BoxCloneSyncService::new(
            service
                .map_response(|response: Response<B>| response.map(Body::new))
                .map_err(|cause| Status::from_error(cause.into())),
        ))
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Status> {
        self.0.clone().oneshot(request).await
    }
}
