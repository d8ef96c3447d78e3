//! Requests, validated.

use ids::{ContentHash, ModelId};
use part::Part;
use proto::pot::model_generation::v1 as pb;
use rpc::Error;

use crate::domain::specification_json;

/// `models/{uuid}`.
pub(super) fn model_name(name: &str) -> Result<ModelId, Error> {
    let id = name.strip_prefix("models/").and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::invalid("name", "write it as models/{uuid}"))
}

/// `models/{uuid}/artefacts/{kind}`.
pub(super) fn artefact_name(name: &str) -> Result<(ModelId, &str), Error> {
    let wrong = || Error::invalid("name", "write it as models/{uuid}/artefacts/{kind}");
    let (model, kind) = name.split_once("/artefacts/").ok_or_else(wrong)?;
    Ok((model_name(model).map_err(|_| wrong())?, kind))
}

/// The part and the hash of its specification. When the caller names what the part was made from, it has to be this
/// very specification: a trail that lies is worse than none.
pub(super) fn part(message: pb::CreateModelRequest) -> Result<(Part, ContentHash), Error> {
    let part = message.part.ok_or_else(|| Error::invalid("part", "is missing"))?;
    let part = part_proto::part_from_proto(part).map_err(|error| Error::invalid(error.field, error.why))?;
    let hash = ContentHash::of(&specification_json(&part));
    if let Some(other) = message.made_from.iter().find(|named| **named != hash.to_string()) {
        return Err(Error::invalid("made_from", format!("{other} is not the hash of this part, which is {hash}")));
    }
    Ok((part, hash))
}
