//! A gRPC server with everything around the handlers: authentication, tracing, metrics, limits, health, reflection
//! and a drain that ends.

mod body;
mod edge;
mod record;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use boot::Shutdown;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;
use tonic_health::server::{HealthReporter, health_reporter};
use tower::Service;

use crate::auth::AuthLayer;
use crate::error::Error;
use crate::local;
use crate::policy::Methods;

/// The largest message a service should accept, in bytes. Generated servers take it one by one:
/// `FooServer::new(foo).max_decoding_message_size(MAX_DECODING_MESSAGE_BYTES)`; without, tonic's 4 MiB apply.
pub const MAX_DECODING_MESSAGE_BYTES: usize = 16 * 1024 * 1024;

/// How long connections get to close once their calls are cut, at the end of a drain.
const CLOSE_GRACE: Duration = Duration::from_secs(1);

/// What a server takes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Handlers that run at once; a call beyond that is refused with `RESOURCE_EXHAUSTED` and told to come back.
    /// Health and reflection are not counted, nor are streams once they have begun to answer.
    pub concurrent_calls: usize,
    /// Streams that one connection may have open.
    pub streams_per_connection: u32,
    /// How long calls may go on after shutdown begins.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { concurrent_calls: 1_024, streams_per_connection: 1_024, drain: Duration::from_secs(10) }
    }
}

/// Where a server listens.
#[derive(Debug)]
pub enum Listen {
    /// On a bound socket.
    Tcp(TcpListener),
    /// In this process, for the [`local::Connector`] of the pair.
    Local(local::Incoming),
}

/// A server that could not start, or stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// What was asked for.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The descriptor set cannot be read.
    #[error("the server's descriptors cannot be read: {0}")]
    Descriptor(String),
    /// The listener failed.
    #[error("the server of {name} stopped: {source}")]
    Transport {
        /// The server's name.
        name: String,
        /// Why.
        source: tonic::transport::Error,
    },
}

impl Listen {
    /// Binds a socket; port 0 takes a free one.
    pub async fn bind(address: SocketAddr) -> Result<Self, ServeError> {
        let bound = TcpListener::bind(address).await;
        bound.map(Self::Tcp).map_err(|source| ServeError::Bind { address, source })
    }

    /// The socket's address, the real port filled in; none in process.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            Self::Local(_) => None,
        }
    }
}

/// Collects what a server serves. See [`Self::serve`].
#[derive(Debug)]
pub struct Server {
    name: String,
    routes: Routes,
    services: Vec<&'static str>,
    auth: Option<AuthLayer>,
    descriptors: Vec<Vec<u8>>,
    limits: Limits,
    reporter: HealthReporter,
}

impl Server {
    /// A server with health checking and nothing else. The name is for logs and metrics.
    pub fn new(name: impl Into<String>) -> Self {
        let (reporter, health) = health_reporter();
        Self {
            name: name.into(),
            routes: Routes::default().add_service(health),
            services: Vec::new(),
            auth: None,
            descriptors: Vec::new(),
            limits: Limits::default(),
            reporter,
        }
    }

    /// Mounts a generated server.
    #[must_use]
    pub fn service<S>(mut self, service: S) -> Self
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        self.services.push(S::NAME);
        self.routes = self.routes.add_service(service);
        self
    }

    /// Requires principals. A server without this lets everyone do everything: tests, and servers whose routes are
    /// guarded elsewhere.
    #[must_use]
    pub fn auth(mut self, auth: AuthLayer) -> Self {
        self.auth = Some(auth);
        self
    }

    /// Serves reflection from an encoded `FileDescriptorSet`, and names metrics by its methods.
    #[must_use]
    pub fn descriptor(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.descriptors.push(bytes.into());
        self
    }

    /// Sets the limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Tells health checkers about a service, such as that its database is away.
    pub fn health(&self) -> HealthReporter {
        self.reporter.clone()
    }

    /// Serves until shutdown begins and the calls in progress have ended, or the drain's deadline has passed. Watches
    /// (`Watch...` methods) end at once with `UNAVAILABLE`: their callers resume from a cursor elsewhere.
    pub async fn serve(mut self, listen: Listen, shutdown: Shutdown) -> Result<(), ServeError> {
        let methods = self.mount_reflection()?;
        for service in &self.services {
            self.reporter.set_service_status(service, ServingStatus::Serving).await;
        }
        let cut = Shutdown::new();
        let edge = edge::Edge::new(edge::EdgeShared {
            routes: self.routes.prepare(),
            auth: self.auth,
            methods,
            permits: Arc::new(tokio::sync::Semaphore::new(self.limits.concurrent_calls.max(1))),
            draining: shutdown.clone(),
            cut: cut.clone(),
        });
        let builder = tonic::transport::Server::builder()
            .max_concurrent_streams(self.limits.streams_per_connection)
            .http2_keepalive_interval(Some(Duration::from_secs(30)))
            .http2_keepalive_timeout(Some(Duration::from_secs(10)))
            .http2_adaptive_window(Some(true));

        let stop = shutdown.clone();
        let reporter = self.reporter.clone();
        let services = self.services.clone();
        let begin = async move {
            stop.triggered().await;
            for service in services.iter().chain([&""]) {
                reporter.set_service_status(service, ServingStatus::NotServing).await;
            }
        };
        let serving = async move {
            match listen {
                Listen::Tcp(listener) => {
                    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
                    builder.serve_with_incoming_shutdown(edge, incoming, begin).await
                }
                Listen::Local(incoming) => builder.serve_with_incoming_shutdown(edge, incoming, begin).await,
            }
        };
        let overrun = async {
            shutdown.triggered().await;
            tokio::select! {
                () = tokio::time::sleep(self.limits.drain) => {}
                () = shutdown.immediately() => {}
            }
        };
        let mut serving = std::pin::pin!(serving);
        let ended = tokio::select! {
            ended = &mut serving => ended,
            () = overrun => {
                tracing::warn!(server = %self.name, "drain deadline passed: cutting the calls in progress");
                cut.trigger();
                tokio::time::timeout(CLOSE_GRACE, serving).await.unwrap_or(Ok(()))
            }
        };
        ended.map_err(|source| ServeError::Transport { name: self.name, source })
    }

    fn mount_reflection(&mut self) -> Result<Methods, ServeError> {
        let mut methods = Methods::default();
        if self.descriptors.is_empty() {
            return Ok(methods);
        }
        for bytes in &self.descriptors {
            let more = Methods::from_descriptor(bytes)
                .map_err(|error: Error| ServeError::Descriptor(error.cause_chain().unwrap_or_default()))?;
            methods = methods.merged(&more);
        }
        let unreadable = |error: tonic_reflection::server::Error| ServeError::Descriptor(error.to_string());
        let configure = || {
            let builder = tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
            self.descriptors.iter().fold(builder, |b, bytes| b.register_encoded_file_descriptor_set(bytes))
        };
        let (current, older) =
            (configure().build_v1().map_err(unreadable)?, configure().build_v1alpha().map_err(unreadable)?);
        self.routes = std::mem::take(&mut self.routes).add_service(current).add_service(older);
        Ok(methods)
    }
}
