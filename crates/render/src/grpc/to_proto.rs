//! Pictures as the contract writes them; cannot fail.

use proto::pot::render::v1 as pb;
use service_kit::timestamp;

use crate::domain::Picture;

pub(super) fn picture(picture: Picture) -> pb::Picture {
    let preset = match picture.preset.as_str() {
        "standard" => pb::Preset::Standard,
        "high" => pb::Preset::High,
        "ultra" => pb::Preset::Ultra,
        "cinema" => pb::Preset::Cinema,
        _ => pb::Preset::Draft,
    };
    pb::Picture {
        name: picture.id.to_string(),
        mesh_hash: picture.mesh_hash.to_string(),
        hash: picture.hash.to_string(),
        media_type: picture.media_type,
        width: picture.width,
        height: picture.height,
        preset: preset.into(),
        size_bytes: picture.size_bytes,
        create_time: Some(timestamp(picture.created_at)),
    }
}
