//! Objects, their trail, and links to them.

use blob_store::{Provenance, UrlSigner};
use bytes::Bytes;
use futures::Stream;
use ids::ContentHash;
use rpc::Error;
use service_kit::{Parts, blobs_error};
use time::OffsetDateTime;

use crate::app::{ObjectLinks, Objects};

/// Telemetry of weeks of printing; above that something else is wrong.
const MAX_TELEMETRY_BYTES: u64 = 4 * 1024 * 1024 * 1024;

pub(crate) struct TrailObjects(Parts);

impl TrailObjects {
    pub(crate) fn new(parts: Parts) -> Self {
        TrailObjects(parts)
    }
}

impl Objects for TrailObjects {
    async fn put_telemetry(
        &self,
        owner: &str,
        lines: impl Stream<Item = Result<Bytes, Error>> + Send,
        made_from: ContentHash,
    ) -> Result<ContentHash, Error> {
        let provenance = Provenance {
            kind: "telemetry".to_owned(),
            media_type: "application/x-ndjson".to_owned(),
            owner: owner.to_owned(),
            service: crate::SERVICE.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            made_from: vec![made_from],
            created: self.0.clock.now(),
        };
        let stored = self.0.blobs.put_stream(lines, MAX_TELEMETRY_BYTES, provenance).await;
        Ok(stored.map_err(blobs_error)?.hash)
    }
}

/// Links to the gateway.
pub(crate) struct SignedLinks {
    signer: UrlSigner,
    base: String,
    seconds: i64,
}

impl SignedLinks {
    pub(crate) fn new(signer: UrlSigner, base: String, seconds: u32) -> Self {
        SignedLinks { signer, base, seconds: seconds.into() }
    }
}

impl ObjectLinks for SignedLinks {
    fn link(&self, hash: &ContentHash, now: OffsetDateTime) -> String {
        self.signer.sign(&self.base, hash, now.unix_timestamp() + self.seconds)
    }
}
