//! Checking principals at a server's door.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::HeaderMap;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use crate::error::Error;
use crate::principal::{PRINCIPAL_KEY, Principal, SCOPE_PUBLIC, Verifier};

/// Services that every server mounts and everyone may ask: they say nothing that is not in the published contract.
const OPEN: [&str; 2] = ["/grpc.health.v1.Health/", "/grpc.reflection."];

/// Verifies the principal token, checks the scope that the method requires, and leaves the [`Principal`] in the
/// request's extensions. [`crate::Server::auth`] mounts it; as a tower layer it fits any other HTTP/2 server.
#[derive(Debug, Clone)]
pub struct AuthLayer {
    verifier: Verifier,
    policies: Arc<HashMap<String, String>>,
}

impl AuthLayer {
    /// `policies` maps `/package.Service/Method` to the scope that it requires; a method that is missing there does
    /// not exist for anyone.
    pub fn new(verifier: Verifier, policies: Arc<HashMap<String, String>>) -> Self {
        Self { verifier, policies }
    }

    /// Decides one call. A public method may be called without a token, but not with a bad one.
    pub fn authorize(&self, path: &str, headers: &HeaderMap) -> Result<Option<Arc<Principal>>, Error> {
        if OPEN.iter().any(|prefix| path.starts_with(prefix)) {
            return Ok(None);
        }
        let Some(scope) = self.policies.get(path) else {
            return Err(Error::unimplemented(format!("there is no method {path}")).with_reason("METHOD_UNKNOWN"));
        };
        let Some(token) = headers.get(PRINCIPAL_KEY) else {
            return if scope == SCOPE_PUBLIC {
                Ok(None)
            } else {
                Err(Error::unauthenticated("the call carries no principal").with_reason("PRINCIPAL_MISSING"))
            };
        };
        let refused = |error| Error::unauthenticated(format!("{error}")).with_reason("PRINCIPAL_INVALID");
        let token = token.to_str().map_err(|_| refused(crate::TokenError::Malformed))?;
        let principal = self.verifier.verify_shared(token).map_err(refused)?;
        if !principal.may(scope) {
            return Err(Error::permission_denied(format!("this needs the scope {scope}"))
                .with_reason("SCOPE_MISSING")
                .with_metadata("scope", scope));
        }
        Ok(Some(principal))
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthService { inner, auth: self.clone() }
    }
}

/// A service behind an [`AuthLayer`].
#[derive(Debug, Clone)]
pub struct AuthService<S> {
    inner: S,
    auth: AuthLayer,
}

impl<S, B> Service<http::Request<B>> for AuthService<S>
where
    S: Service<http::Request<B>, Response = http::Response<Body>>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        match self.auth.authorize(request.uri().path(), request.headers()) {
            Ok(principal) => {
                admit(&mut request, principal);
                Box::pin(self.inner.call(request))
            }
            Err(error) => {
                let refusal = Status::from(error).into_http();
                Box::pin(async move { Ok(refusal) })
            }
        }
    }
}

/// Leaves the principal where [`principal_of`] finds it.
pub(crate) fn admit<B>(request: &mut http::Request<B>, principal: Option<Arc<Principal>>) {
    // One from outside must never count, however it got here.
    request.extensions_mut().remove::<Arc<Principal>>();
    if let Some(principal) = principal {
        request.extensions_mut().insert(principal);
    }
}

/// The verified principal of a request.
pub fn principal_of<T>(request: &tonic::Request<T>) -> Result<Principal, Error> {
    let found = request.extensions().get::<Arc<Principal>>();
    found.map(|principal| (**principal).clone()).ok_or_else(|| {
        Error::unauthenticated("this needs a principal and the call carries none").with_reason("PRINCIPAL_MISSING")
    })
}
