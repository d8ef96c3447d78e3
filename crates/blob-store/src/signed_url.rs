//! URLs that let their holder read one object until a time, without an account: what a printer fetches its G-code by.
//!
//! `{base}/v1/objects/{hash}?expiry=UNIX&signature=BASE64URL`; the signature is Ed25519 over the hash and the expiry.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ids::ContentHash;
use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

/// Why a URL was refused, or a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// The signature is not base64url of 64 bytes.
    #[error("the link's signature is malformed")]
    Malformed,
    /// Not signed by us for this object and time.
    #[error("the link's signature does not fit this object and expiry")]
    Signature,
    /// Its time is over.
    #[error("the link has expired; ask for a new one")]
    Expired,
    /// Not an Ed25519 key in PKCS #8 form.
    #[error("the signing key is not an Ed25519 key in PKCS #8 form")]
    Key,
}

/// Makes signed URLs.
#[derive(Clone)]
pub struct UrlSigner {
    pair: Arc<Ed25519KeyPair>,
    pkcs8: Arc<[u8]>,
}

impl UrlSigner {
    /// With a new key.
    pub fn generate() -> Result<Self, UrlError> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| UrlError::Key)?;
        Self::from_pkcs8(document.as_ref())
    }

    /// With a stored key.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, UrlError> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes).map_err(|_| UrlError::Key)?;
        Ok(Self { pair: Arc::new(pair), pkcs8: bytes.into() })
    }

    /// The private key, to be stored with mode 0600.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The key for a [`UrlVerifier`].
    pub fn public_key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        key.copy_from_slice(self.pair.public_key().as_ref());
        key
    }

    /// A URL under `base` (`http://host:port`) that reads the object until `expiry`, in Unix seconds.
    pub fn sign(&self, base: &str, hash: &ContentHash, expiry: i64) -> String {
        let signature = BASE64.encode(self.pair.sign(&message(hash, expiry)).as_ref());
        format!("{}/v1/objects/{hash}?expiry={expiry}&signature={signature}", base.trim_end_matches('/'))
    }
}

impl std::fmt::Debug for UrlSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UrlSigner").finish_non_exhaustive()
    }
}

/// Checks signed URLs.
#[derive(Debug, Clone)]
pub struct UrlVerifier {
    keys: Vec<[u8; 32]>,
}

impl UrlVerifier {
    /// Trusts these keys; two while one is being replaced.
    pub fn new(keys: impl Into<Vec<[u8; 32]>>) -> Self {
        Self { keys: keys.into() }
    }

    /// Whether the object may be read now; `expiry` and `now` in Unix seconds.
    pub fn verify(&self, hash: &ContentHash, expiry: i64, signature: &str, now: i64) -> Result<(), UrlError> {
        let signature = BASE64.decode(signature).map_err(|_| UrlError::Malformed)?;
        if signature.len() != 64 {
            return Err(UrlError::Malformed);
        }
        let message = message(hash, expiry);
        let fits = |key: &[u8; 32]| UnparsedPublicKey::new(&ED25519, key).verify(&message, &signature).is_ok();
        if !self.keys.iter().any(fits) {
            return Err(UrlError::Signature);
        }
        // After the signature: a forger learns nothing of clocks.
        if now >= expiry { Err(UrlError::Expired) } else { Ok(()) }
    }
}

/// What is signed. The prefix keeps signatures of other things with the same key from being taken for this one.
fn message(hash: &ContentHash, expiry: i64) -> Vec<u8> {
    let mut message = b"3dpot object url v1\0".to_vec();
    message.extend_from_slice(hash.as_bytes());
    message.extend_from_slice(&expiry.to_be_bytes());
    message
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(url: &str) -> (String, i64, String) {
        let (path, query) = url.split_once('?').unwrap();
        let (expiry, signature) = query.split_once('&').unwrap();
        (
            path.rsplit('/').next().unwrap().to_owned(),
            expiry.strip_prefix("expiry=").unwrap().parse().unwrap(),
            signature.strip_prefix("signature=").unwrap().to_owned(),
        )
    }

    #[test]
    fn a_url_opens_its_object_until_it_expires_and_nothing_else() {
        let signer = UrlSigner::generate().unwrap();
        let verifier = UrlVerifier::new([signer.public_key()]);
        let (hash, other) = (ContentHash::of(b"one"), ContentHash::of(b"two"));
        let url = signer.sign("http://pot:8080/", &hash, 1_000);
        assert!(url.starts_with(&format!("http://pot:8080/v1/objects/{hash}?expiry=1000&signature=")), "{url}");
        let (named, expiry, signature) = parts(&url);
        assert_eq!(named, hash.to_string());
        assert_eq!(verifier.verify(&hash, expiry, &signature, 999), Ok(()));
        assert_eq!(verifier.verify(&hash, expiry, &signature, 1_000), Err(UrlError::Expired));
        assert_eq!(verifier.verify(&hash, expiry + 1, &signature, 999), Err(UrlError::Signature));
        assert_eq!(verifier.verify(&other, expiry, &signature, 999), Err(UrlError::Signature));
        let stranger = UrlVerifier::new([UrlSigner::generate().unwrap().public_key()]);
        assert_eq!(stranger.verify(&hash, expiry, &signature, 999), Err(UrlError::Signature));
        let again = UrlSigner::from_pkcs8(signer.pkcs8()).unwrap();
        assert_eq!(again.sign("http://pot:8080", &hash, 1_000), url);
    }

    proptest! {
        #[test]
        fn no_text_is_a_signature(text in "\\PC{0,100}|[A-Za-z0-9_-]{86}", expiry in any::<i64>()) {
            let verifier = UrlVerifier::new([[9; 32]]);
            prop_assert!(verifier.verify(&ContentHash::of(b"x"), expiry, &text, 0).is_err());
        }
    }
}
