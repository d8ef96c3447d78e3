//! Requests, validated.

use ids::PictureId;
use proto::pot::render::v1 as pb;
use raytracer::Preset;
use rpc::Error;

use crate::domain::{self, Still};

/// `pictures/{uuid}`.
pub(super) fn picture_name(name: &str) -> Result<PictureId, Error> {
    let id = name.strip_prefix("pictures/").and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::invalid("name", "write it as pictures/{uuid}"))
}

/// `pictures/{uuid}/image`.
pub(super) fn image_name(name: &str) -> Result<PictureId, Error> {
    picture_name(name.strip_suffix("/image").unwrap_or_default())
        .map_err(|_| Error::invalid("name", "write it as pictures/{uuid}/image"))
}

pub(super) fn still(id: PictureId, message: &pb::CreatePictureRequest) -> Result<Still, Error> {
    let mesh_hash = message.mesh_hash.parse();
    let mesh_hash =
        mesh_hash.map_err(|_| Error::invalid("mesh_hash", "has to be a BLAKE3 hash, 64 hexadecimal digits"))?;
    let colour = match message.colour.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|why: String| Error::invalid("colour", why))?),
    };
    let preset = match message.preset() {
        pb::Preset::Unspecified | pb::Preset::Draft => Preset::Draft,
        pb::Preset::Standard => Preset::Standard,
        pb::Preset::High => Preset::High,
        pb::Preset::Ultra => Preset::Ultra,
        pb::Preset::Cinema => Preset::Cinema,
    };
    let (width, height) =
        domain::size(message.width, message.height).map_err(|(field, why)| Error::invalid(field, why))?;
    Ok(Still { id, mesh_hash, colour, samples_per_pixel: preset.samples_per_pixel(), width, height })
}
