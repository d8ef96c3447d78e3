//! Minting and verifying principal tokens.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use boot::Clock;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use super::Principal;

/// How long a token is valid.
pub const TOKEN_LIFETIME: Duration = Duration::from_secs(60);
/// How far the clocks of two machines may be apart, in seconds.
const SKEW_SECONDS: i64 = 5;
/// A signed token is handed out again for this many seconds; half its life is left for the call it is used in.
const REUSE_SECONDS: i64 = 30;
/// Tokens over this length are refused unread.
const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// Bound of the caches of signed and of verified tokens.
const CACHE_ENTRIES: usize = 1_024;
/// The one header that we write and the one that we accept: no algorithm is negotiated.
const HEADER: &str = r#"{"alg":"EdDSA","typ":"JWT"}"#;

/// Why a token was refused, or a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a compact JWS of our form.
    #[error("the principal token is malformed")]
    Malformed,
    /// Signed by none of the known keys, or altered.
    #[error("the principal token's signature is not valid")]
    Signature,
    /// Too old.
    #[error("the principal token has expired")]
    Expired,
    /// From the future: the clocks of two machines disagree.
    #[error("the principal token is not valid yet; compare the machines' clocks")]
    NotYetValid,
    /// Not an Ed25519 key in PKCS #8 form.
    #[error("the signing key is not an Ed25519 key in PKCS #8 form")]
    Key,
}

/// An Ed25519 key pair.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<Ed25519KeyPair>,
    pkcs8: Arc<[u8]>,
}

/// The public half of a [`SigningKey`], 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(pub [u8; 32]);

impl SigningKey {
    /// Makes a new key out of the system's randomness.
    pub fn generate() -> Result<Self, TokenError> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| TokenError::Key)?;
        Self::from_pkcs8(document.as_ref())
    }

    /// Reads a key as [`Self::pkcs8`] wrote it, or as `openssl genpkey -algorithm ed25519 -outform DER` does.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, TokenError> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes).map_err(|_| TokenError::Key)?;
        Ok(Self { pair: Arc::new(pair), pkcs8: bytes.into() })
    }

    /// The private key, to be stored with mode 0600.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The public key.
    pub fn public_key(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.pair.public_key().as_ref());
        PublicKey(bytes)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public_key()).finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    #[serde(flatten)]
    principal: Principal,
    iat: i64,
    exp: i64,
}

/// Mints tokens. Clones share a cache, so that a busy gateway signs once a principal and half minute.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    clock: Clock,
    recent: Arc<Mutex<HashMap<Principal, (String, i64)>>>,
}

impl Signer {
    /// A signer with a key and a clock.
    pub fn new(key: SigningKey, clock: Clock) -> Self {
        Self { key, clock, recent: Arc::default() }
    }

    /// The key that verifies what this signs.
    pub fn public_key(&self) -> PublicKey {
        self.key.public_key()
    }

    /// A token for a principal, valid for at least half of [`TOKEN_LIFETIME`].
    pub fn sign(&self, principal: &Principal) -> String {
        let now = self.clock.unix_seconds();
        {
            let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((token, made)) = recent.get(principal)
                && (*made..*made + REUSE_SECONDS).contains(&now)
            {
                return token.clone();
            }
        }
        let token = self.mint(principal, now);
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() >= CACHE_ENTRIES {
            recent.clear();
        }
        recent.insert(principal.clone(), (token.clone(), now));
        token
    }

    fn mint(&self, principal: &Principal, now: i64) -> String {
        let exp = now + TOKEN_LIFETIME.as_secs().cast_signed();
        let claims = Claims { principal: principal.clone(), iat: now, exp };
        // Strings and integers always serialise; an empty payload would be refused by every verifier.
        let payload = serde_json::to_vec(&claims).unwrap_or_default();
        let signed = format!("{}.{}", BASE64.encode(HEADER), BASE64.encode(payload));
        let signature = self.key.pair.sign(signed.as_bytes());
        format!("{signed}.{}", BASE64.encode(signature.as_ref()))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Verified tokens with their principals and expiry, in Unix seconds.
type Verified = HashMap<String, (Arc<Principal>, i64)>;

/// Verifies tokens against one or more public keys (two while a key is being replaced).
#[derive(Clone)]
pub struct Verifier {
    keys: Arc<[PublicKey]>,
    clock: Clock,
    recent: Arc<Mutex<Verified>>,
}

impl Verifier {
    /// A verifier that trusts these keys.
    pub fn new(keys: impl Into<Vec<PublicKey>>, clock: Clock) -> Self {
        Self { keys: keys.into().into(), clock, recent: Arc::default() }
    }

    /// The principal that a token proves.
    pub fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        self.verify_shared(token).map(|principal| (*principal).clone())
    }

    pub(crate) fn verify_shared(&self, token: &str) -> Result<Arc<Principal>, TokenError> {
        let now = self.clock.unix_seconds();
        {
            let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((principal, exp)) = recent.get(token) {
                return if now < exp + SKEW_SECONDS { Ok(Arc::clone(principal)) } else { Err(TokenError::Expired) };
            }
        }
        let claims = self.check(token, now)?;
        let principal = Arc::new(claims.principal);
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() >= CACHE_ENTRIES {
            recent.retain(|_, (_, exp)| now < *exp + SKEW_SECONDS);
            if recent.len() >= CACHE_ENTRIES {
                recent.clear();
            }
        }
        recent.insert(token.to_owned(), (Arc::clone(&principal), claims.exp));
        Ok(principal)
    }

    fn check(&self, token: &str, now: i64) -> Result<Claims, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        if BASE64.decode(header).map_err(|_| TokenError::Malformed)? != HEADER.as_bytes() {
            return Err(TokenError::Malformed);
        }
        let signature = BASE64.decode(signature).map_err(|_| TokenError::Malformed)?;
        // The signature before the content: nothing unproven is parsed.
        let known =
            |key: &PublicKey| UnparsedPublicKey::new(&ED25519, key.0).verify(signed.as_bytes(), &signature).is_ok();
        if !self.keys.iter().any(known) {
            return Err(TokenError::Signature);
        }
        let payload = BASE64.decode(payload).map_err(|_| TokenError::Malformed)?;
        let claims: Claims = serde_json::from_slice(&payload).map_err(|_| TokenError::Malformed)?;
        if now >= claims.exp + SKEW_SECONDS {
            return Err(TokenError::Expired);
        }
        if now < claims.iat - SKEW_SECONDS {
            return Err(TokenError::NotYetValid);
        }
        Ok(claims)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("keys", &self.keys).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    fn ana() -> Principal {
        Principal {
            subject: "users/ana".into(),
            owner: "users/ana".into(),
            scopes: vec!["models:write".into()],
            on_behalf_of: None,
        }
    }

    #[test]
    fn a_token_proves_its_principal_until_it_expires() {
        let (clock, hand) = Clock::manual(datetime!(2026-01-01 0:00 UTC));
        let signer = Signer::new(SigningKey::generate().unwrap(), clock.clone());
        let verifier = Verifier::new([signer.public_key()], clock.clone());
        let token = signer.sign(&ana());
        assert_eq!(verifier.verify(&token), Ok(ana()));
        assert_eq!(signer.sign(&ana()), token);
        hand.advance(Duration::from_secs(40));
        assert_ne!(signer.sign(&ana()), token);
        hand.advance(Duration::from_secs(26));
        // Once remembered and once unknown: both must see the expiry.
        assert_eq!(verifier.verify(&token), Err(TokenError::Expired));
        assert_eq!(Verifier::new([signer.public_key()], clock).verify(&token), Err(TokenError::Expired));
        hand.set(datetime!(2025-12-31 23:00 UTC));
        let early = Verifier::new([signer.public_key()], signer.clock.clone());
        assert_eq!(early.verify(&token), Err(TokenError::NotYetValid));
    }

    #[test]
    fn forgeries_are_refused() {
        let clock = Clock::system();
        let signer = Signer::new(SigningKey::generate().unwrap(), clock.clone());
        let stranger = Signer::new(SigningKey::generate().unwrap(), clock.clone());
        let verifier = Verifier::new([signer.public_key()], clock.clone());
        assert_eq!(verifier.verify(&stranger.sign(&ana())), Err(TokenError::Signature));

        let token = signer.sign(&ana());
        let parts: Vec<&str> = token.split('.').collect();
        let more = String::from_utf8(BASE64.decode(parts[1]).unwrap()).unwrap().replace("models:write", "internal");
        let altered = format!("{}.{}.{}", parts[0], BASE64.encode(more), parts[2]);
        assert_eq!(verifier.verify(&altered), Err(TokenError::Signature));
        let unsigned = format!("{}.{}.", BASE64.encode(r#"{"alg":"none","typ":"JWT"}"#), parts[1]);
        assert_eq!(verifier.verify(&unsigned), Err(TokenError::Malformed));
        assert_eq!(verifier.verify(&"a".repeat(9_000)), Err(TokenError::Malformed));

        let both = Verifier::new([stranger.public_key(), signer.public_key()], clock);
        assert_eq!(both.verify(&token), Ok(ana()));
    }

    #[test]
    fn a_key_is_stored_and_read_back() {
        let key = SigningKey::generate().unwrap();
        let again = SigningKey::from_pkcs8(key.pkcs8()).unwrap();
        assert_eq!(key.public_key(), again.public_key());
        assert_eq!(SigningKey::from_pkcs8(b"not a key").unwrap_err(), TokenError::Key);
        let shown = format!("{key:?}");
        assert!(!shown.contains(&format!("{:?}", &key.pkcs8()[..8])), "{shown}");
    }

    proptest! {
        #[test]
        fn no_text_panics_the_verifier(token in "\\PC{0,200}|[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,90}") {
            let verifier = Verifier::new([PublicKey([7; 32])], Clock::system());
            prop_assert!(verifier.verify(&token).is_err());
        }
    }
}
