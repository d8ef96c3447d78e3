//! Channels to other services: lazily connected, with a deadline on every call and retries where they are safe.
//!
//! A [`Channel`] is the `T` of every generated client. It signs or forwards a principal, carries the trace and the
//! remaining deadline on, and retries unary idempotent calls that found nobody, within a budget, so that retries
//! cannot multiply an outage.

mod address;
mod auth;
mod body;
mod budget;
mod call;
mod transport;

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use tonic::body::Body;
use tower::Service;
use tower::util::BoxCloneSyncService;

use crate::error::Error;
use crate::local;
use crate::policy::Methods;

pub use address::Address;
pub use auth::{ClientAuth, OnBehalfOf};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;
type Inner = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, BoxError>;

/// How a channel behaves.
#[derive(Debug, Clone)]
pub struct ChannelOptions {
    /// How calls prove who makes them.
    pub auth: ClientAuth,
    /// What the contract says of the methods; by name where it is not given.
    pub methods: Methods,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// The deadline of a unary call that sets none itself. The deadline of the call being served shortens it.
    pub deadline: Duration,
    /// The deadline of a streaming call that sets none itself; none by default, because watches are long.
    pub streaming_deadline: Option<Duration>,
    /// How often an idempotent call is sent at most.
    pub attempts: u32,
    /// Retries as a share of calls, over time: 0.2 is one in five.
    pub retry_budget: f64,
}

impl Default for ChannelOptions {
    fn default() -> Self {
        Self {
            auth: ClientAuth::None,
            methods: Methods::default(),
            connect_timeout: Duration::from_secs(2),
            deadline: Duration::from_secs(15),
            streaming_deadline: None,
            attempts: 3,
            retry_budget: 0.2,
        }
    }
}

impl ChannelOptions {
    /// The same with another way to prove who calls.
    #[must_use]
    pub fn with_auth(mut self, auth: ClientAuth) -> Self {
        self.auth = auth;
        self
    }

    /// The same with the contract's methods.
    #[must_use]
    pub fn with_methods(mut self, methods: Methods) -> Self {
        self.methods = methods;
        self
    }

    /// The same with another default deadline.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

/// A way to a service. Clones are cheap and share connections and the retry budget.
#[derive(Clone)]
pub struct Channel {
    inner: Inner,
}

impl Channel {
    /// A channel over the network. It connects at the first call and again after every loss. Call it inside the
    /// runtime.
    pub fn connect(address: &Address, options: ChannelOptions) -> Result<Self, Error> {
        Ok(Self::over(transport::to(address, &options)?, options))
    }

    /// A channel to a service in this process.
    pub fn local(connector: local::Connector, options: ChannelOptions) -> Self {
        Self::over(transport::local(connector, &options), options)
    }

    /// A channel over any HTTP/2 transport, such as a server's own routes.
    pub fn over<S>(transport: S, options: ChannelOptions) -> Self
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
    {
        let shared = Arc::new(call::Shared::new(options));
        let service = tower::service_fn(move |request| {
            let (shared, transport) = (Arc::clone(&shared), transport.clone());
            async move { shared.call(transport, request).await }
        });
        Self { inner: BoxCloneSyncService::new(service) }
    }
}

impl Service<http::Request<Body>> for Channel {
    type Response = http::Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        self.inner.call(request)
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").finish_non_exhaustive()
    }
}
