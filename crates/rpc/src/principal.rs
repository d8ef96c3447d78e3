//! Who calls: a principal, and the 60-second token that proves it between services.
//!
//! The token is a compact JWS with algorithm EdDSA (Ed25519), carried in the metadata key `x-pot-principal`. The
//! gateway and the workers hold signing keys; services hold public keys only.

mod token;

use serde::{Deserialize, Serialize};

pub use token::{PublicKey, Signer, SigningKey, TOKEN_LIFETIME, TokenError, Verifier};

/// Metadata key of the token.
pub const PRINCIPAL_KEY: &str = "x-pot-principal";

/// The scope that needs no principal.
pub const SCOPE_PUBLIC: &str = "public";
/// The scope that services hold and people never do; it includes every other.
pub const SCOPE_INTERNAL: &str = "internal";
/// Holds every scope but [`SCOPE_INTERNAL`]: the owner of an embedded platform.
pub const SCOPE_ALL: &str = "*";

/// Who calls and what they may do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Principal {
    /// The one who acts: a user, an API key, a service.
    #[serde(rename = "sub")]
    pub subject: String,
    /// Whose data is acted on: a user or an organisation; a service's own name when it acts for nobody.
    #[serde(rename = "own")]
    pub owner: String,
    /// What the subject may do, such as `models:write`.
    #[serde(rename = "scp")]
    pub scopes: Vec<String>,
    /// The owner that a service acts for. Honoured only together with the scope `internal`.
    #[serde(rename = "obo", default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
}

impl Principal {
    /// A service acting as itself.
    pub fn service(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            subject: format!("services/{name}"),
            owner: format!("services/{name}"),
            scopes: vec![SCOPE_INTERNAL.to_owned()],
            on_behalf_of: None,
        }
    }

    /// The same service acting for an owner.
    #[must_use]
    pub fn acting_for(mut self, owner: impl Into<String>) -> Self {
        self.on_behalf_of = Some(owner.into());
        self
    }

    /// True for services.
    pub fn is_internal(&self) -> bool {
        self.scopes.iter().any(|scope| scope == SCOPE_INTERNAL)
    }

    /// Whose rows this call reads and writes: the owner, or the one that a service acts for.
    pub fn acting_owner(&self) -> &str {
        match &self.on_behalf_of {
            Some(owner) if self.is_internal() => owner,
            _ => &self.owner,
        }
    }

    /// True when this principal may use what requires `scope`.
    pub fn may(&self, scope: &str) -> bool {
        scope == SCOPE_PUBLIC
            || self.is_internal()
            || (scope != SCOPE_INTERNAL && self.scopes.iter().any(|held| held == scope || held == SCOPE_ALL))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(scopes: &[&str]) -> Principal {
        Principal {
            subject: "users/ana".into(),
            owner: "users/ana".into(),
            scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
            on_behalf_of: Some("users/bob".into()),
        }
    }

    #[test]
    fn scopes_decide() {
        assert!(person(&["models:write"]).may("models:write"));
        assert!(!person(&["models:read"]).may("models:write"));
        assert!(person(&["*"]).may("models:write"));
        assert!(!person(&["*"]).may(SCOPE_INTERNAL));
        assert!(person(&[]).may(SCOPE_PUBLIC));
        assert!(Principal::service("render").may("models:write"));
        assert!(Principal::service("render").may(SCOPE_INTERNAL));
    }

    #[test]
    fn only_a_service_acts_for_others() {
        assert_eq!(person(&["*"]).acting_owner(), "users/ana");
        assert_eq!(Principal::service("render").acting_for("users/bob").acting_owner(), "users/bob");
        assert_eq!(Principal::service("render").acting_owner(), "services/render");
    }
}
