//! Requests, validated.

use ids::{ContentHash, Id, ModelId, Resource};
use part::Part;
use proto::pot::model_generation::v1 as pb;
use rpc::Error;

use crate::domain::{Request, specification_json};

/// Parts that one batch may ask for.
const MAX_BATCH: usize = 100;

/// `{collection}/{uuid}`.
pub(super) fn name<R: Resource>(field: &str, name: &str) -> Result<Id<R>, Error> {
    let wrong = || Error::invalid(field, format!("write it as {}/{{uuid}}", R::COLLECTION));
    let id = name.strip_prefix(R::COLLECTION).and_then(|rest| rest.strip_prefix('/'));
    id.and_then(|id| id.parse().ok()).ok_or_else(wrong)
}

/// `models/{uuid}/artefacts/{kind}`.
pub(super) fn artefact_name(text: &str) -> Result<(ModelId, &str), Error> {
    let wrong = || Error::invalid("name", "write it as models/{uuid}/artefacts/{kind}");
    let (model, kind) = text.split_once("/artefacts/").ok_or_else(wrong)?;
    Ok((name("name", model).map_err(|_| wrong())?, kind))
}

pub(super) fn part(message: Option<proto::pot::part::v1::Part>) -> Result<Part, Error> {
    let part = message.ok_or_else(|| Error::invalid("part", "is missing"))?;
    part_proto::part_from_proto(part).map_err(|error| Error::invalid(error.field, error.why))
}

/// The part and the hash of its specification. When the caller names what the part was made from, it has to be this
/// very specification: a trail that lies is worse than none.
pub(super) fn request(message: pb::CreateModelRequest) -> Result<Request, Error> {
    let part = part(message.part)?;
    let hash = ContentHash::of(&specification_json(&part));
    if let Some(other) = message.made_from.iter().find(|named| **named != hash.to_string()) {
        return Err(Error::invalid("made_from", format!("{other} is not the hash of this part, which is {hash}")));
    }
    let previous = match message.previous.as_str() {
        "" => None,
        previous => Some(name("previous", previous)?),
    };
    Ok(Request { id: ModelId::now_v7(), part, specification_hash: hash, previous })
}

pub(super) fn batch(message: pb::BatchCreateModelsRequest) -> Result<Vec<Request>, Error> {
    let count = message.requests.len();
    if count == 0 || count > MAX_BATCH {
        return Err(Error::invalid("requests", format!("has {count} entries; a batch has 1 to {MAX_BATCH}")));
    }
    message.requests.into_iter().map(request).collect()
}

/// A name to show, nothing more.
pub(super) fn filename(text: &str) -> Result<String, Error> {
    if text.len() > 200 || text.chars().any(char::is_control) {
        return Err(Error::invalid("filename", "has to have at most 200 bytes and no control characters"));
    }
    Ok(text.to_owned())
}
