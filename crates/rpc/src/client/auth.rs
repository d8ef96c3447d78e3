//! How a channel's calls prove who makes them.

use http::{HeaderValue, Request};
use tonic::body::Body;

use crate::context;
use crate::principal::{PRINCIPAL_KEY, Principal, Signer};

/// How a channel's calls prove who makes them. Two things win over it, call by call: a principal token that the
/// request carries already, and a [`Principal`] in the request's extensions, which [`Self::Mint`] and
/// [`Self::Service`] sign (that is how the gateway speaks for people).
#[derive(Debug, Clone, Default)]
pub enum ClientAuth {
    /// Nothing is added.
    #[default]
    None,
    /// The service's own principal, acting for the owner named by an [`OnBehalfOf`] extension or, inside a call, for
    /// that call's owner.
    Service {
        /// Signs the tokens.
        signer: Signer,
        /// The service, as [`Principal::service`] makes it.
        principal: Principal,
    },
    /// The token of the call being served, as it came. Outside a call nothing is added.
    Forward,
    /// Signs the principal that each request brings in its extensions; nothing is added to one without.
    Mint {
        /// Signs the tokens.
        signer: Signer,
    },
}

/// Put it into a `tonic::Request`'s extensions to say for which owner a service acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnBehalfOf(pub String);

impl ClientAuth {
    /// The service's own principal.
    pub fn service(signer: Signer, name: &str) -> Self {
        Self::Service { signer, principal: Principal::service(name) }
    }

    pub(super) fn apply(&self, request: &mut Request<Body>) {
        if request.headers().contains_key(PRINCIPAL_KEY) {
            return;
        }
        if let Some(token) = self.token(request) {
            request.headers_mut().insert(PRINCIPAL_KEY, token);
        }
    }

    fn token(&self, request: &Request<Body>) -> Option<HeaderValue> {
        let brought = request.extensions().get::<Principal>();
        let text = match self {
            Self::None => return None,
            Self::Forward => return context::current().and_then(|call| call.token.clone()),
            Self::Mint { signer } => signer.sign(brought?),
            Self::Service { signer, principal } => match brought {
                Some(brought) => signer.sign(brought),
                None => {
                    let named = request.extensions().get::<OnBehalfOf>().map(|owner| owner.0.clone());
                    let owner = named.or_else(|| {
                        let call = context::current()?;
                        call.principal.as_ref().map(|principal| principal.acting_owner().to_owned())
                    });
                    let acting = match owner {
                        Some(owner) if owner != principal.owner => principal.clone().acting_for(owner),
                        _ => principal.clone(),
                    };
                    signer.sign(&acting)
                }
            },
        };
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}
