//! Names and numbers of requests, validated.

use ids::DialogueId;
use rpc::Error;

/// `dialogues/{uuid}`.
pub(super) fn dialogue(field: &str, name: &str) -> Result<DialogueId, Error> {
    let id = name.strip_prefix("dialogues/").and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::invalid(field, "write it as dialogues/{uuid}"))
}

/// `dialogues/{uuid}/specification`.
pub(super) fn specification(name: &str) -> Result<DialogueId, Error> {
    let parent = name.strip_suffix("/specification");
    let parent = parent.ok_or_else(|| Error::invalid("name", "write it as dialogues/{uuid}/specification"))?;
    dialogue("name", parent)
}
