//! The outside: objects and their trail, servers of language models.

mod llm;

use ids::ContentHash;
use rpc::Error;
use service_kit::Parts;

pub use llm::Client as LlmClient;

use crate::app::Objects;

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
}
