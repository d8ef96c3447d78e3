//! The outside: objects and their trail, servers of language models.

mod llm;

use ids::ContentHash;
use rpc::Error;
use service_kit::Parts;

pub use llm::Client as LlmClient;

use crate::app::Objects;

/// Larger than any turn or specification.
const MAX_OBJECT: u64 = 64 << 20;

pub(crate) struct TrailObjects(Parts);

impl TrailObjects {
    pub(crate) fn new(parts: Parts) -> Self {
        TrailObjects(parts)
    }
}

impl Objects for TrailObjects {
    async fn put(
        &self,
        owner: &str,
        kind: &'static str,
        bytes: Vec<u8>,
        made_from: Vec<ContentHash>,
    ) -> Result<ContentHash, Error> {
        self.0.store(owner, (kind, "application/json"), bytes, made_from).await
    }
    async fn get(&self, hash: &ContentHash) -> Result<Vec<u8>, Error> {
        Ok(self.0.read(hash, MAX_OBJECT).await?.into())
    }
}
