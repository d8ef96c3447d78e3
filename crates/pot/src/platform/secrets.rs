//! The platform's keys and the owner's token, made at the first start and kept readable by their owner alone.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use blob_store::UrlSigner;
use boot::Clock;
use ring::rand::{SecureRandom, SystemRandom};
use rpc::{PublicKey, Signer, SigningKey};

use crate::failure::Failure;

pub(super) struct Secrets {
    /// What the owner sends as a bearer token.
    pub(super) token: String,
    principal: Vec<u8>,
    pub(super) urls: UrlSigner,
}

impl Secrets {
    /// The token of a platform that runs on this folder.
    pub(super) fn token(data: &Path) -> Result<String, Failure> {
        let path = data.join("token");
        let token = fs::read_to_string(&path)
            .map_err(|e| Failure::failed(format!("the token {} cannot be read: {e}", path.display())))?;
        Ok(token.trim().to_owned())
    }

    pub(super) fn open(data: &Path) -> Result<Self, Failure> {
        let damaged = |name: &str, why: &dyn std::fmt::Display| {
            Failure::failed(format!("{}: {why}; remove the file to have a new one made", data.join(name).display()))
        };
        let token = load_or_make(data, "token", || {
            let mut random = [0; 32];
            SystemRandom::new().fill(&mut random).map_err(|_| Failure::failed("the system gives no random numbers"))?;
            Ok(URL_SAFE_NO_PAD.encode(random).into_bytes())
        })?;
        let token = String::from_utf8(token).map_err(|e| damaged("token", &e))?.trim().to_owned();
        let principal = load_or_make(data, "principal.pk8", || {
            let key = SigningKey::generate().map_err(|e| Failure::failed(e.to_string()))?;
            Ok(key.pkcs8().to_vec())
        })?;
        SigningKey::from_pkcs8(&principal).map_err(|e| damaged("principal.pk8", &e))?;
        let urls = load_or_make(data, "urls.pk8", || {
            let key = UrlSigner::generate().map_err(|e| Failure::failed(e.to_string()))?;
            Ok(key.pkcs8().to_vec())
        })?;
        let urls = UrlSigner::from_pkcs8(&urls).map_err(|e| damaged("urls.pk8", &e))?;
        Ok(Secrets { token, principal, urls })
    }

    fn key(&self) -> Result<SigningKey, Failure> {
        SigningKey::from_pkcs8(&self.principal).map_err(|e| Failure::failed(e.to_string()))
    }

    pub(super) fn signer(&self, clock: Clock) -> Result<Signer, Failure> {
        Ok(Signer::new(self.key()?, clock))
    }

    pub(super) fn public_key(&self) -> Result<PublicKey, Failure> {
        Ok(self.key()?.public_key())
    }
}

/// A half-written secret would lock everybody out, so it appears whole or not at all.
fn load_or_make(data: &Path, name: &str, make: impl Fn() -> Result<Vec<u8>, Failure>) -> Result<Vec<u8>, Failure> {
    let path = data.join(name);
    match fs::read(&path) {
        Ok(bytes) => return Ok(bytes),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => return Err(Failure::failed(format!("{} cannot be read: {e}", path.display()))),
    }
    let bytes = make()?;
    let partial = data.join(format!(".{name}.partial"));
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&partial)
        .and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&partial, &path));
    written.map_err(|e| Failure::failed(format!("{} cannot be written: {e}", path.display())))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn secrets_stay_the_same_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = Secrets::open(dir.path()).unwrap();
        let second = Secrets::open(dir.path()).unwrap();
        assert_eq!((&first.token, &first.principal), (&second.token, &second.principal));
        assert_eq!(Secrets::token(dir.path()).unwrap(), first.token);
        for name in ["token", "principal.pk8", "urls.pk8"] {
            let mode = fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn a_damaged_key_names_its_file() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("urls.pk8"), b"junk").unwrap();
        assert!(Secrets::open(dir.path()).err().unwrap().to_string().contains("urls.pk8"));
    }
}
