//! 3MF: core specification with a base material, and the production extension's identifiers: one object and one build item a
//! piece. Title, material and the hashes of what led to the part are metadata.

use std::io::Cursor;

use threemf2::{
    model::{
        UuidResource,
        builder::{ModelBuilder, ObjectType, Unit},
    },
    package::ThreemfPackageBuilder,
};

use super::{FormatError, Metadata};
use crate::{Evaluated, EvaluatedPiece};

/// What a package may carry beside the part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extras {
    /// A PNG picture, shown by file managers and slicers.
    pub thumbnail: Option<Vec<u8>>,
    /// What led to this file, as names and hashes: the specification, the conversation's turns, the build. In this order.
    pub trail: Vec<(String, String)>,
}

/// Largest picture, bytes.
const MOST_THUMBNAIL: usize = 5_000_000;

pub fn write(evaluated: &Evaluated, metadata: &Metadata) -> Result<Vec<u8>, FormatError> {
    write_with(evaluated, metadata, &Extras::default())
}

/// As [`write`], with a picture and the trail. Identifiers are derived from the shapes, so equal parts get equal ones.
pub fn write_with(evaluated: &Evaluated, metadata: &Metadata, extras: &Extras) -> Result<Vec<u8>, FormatError> {
    let refused = |error: &dyn std::fmt::Display| FormatError::Refused { format: "3MF", reason: error.to_string() };
    let mut model = ModelBuilder::new(Unit::Millimeter, true);
    model.add_metadata("Title", Some(&metadata.title)).add_metadata("Application", Some("3D Pot"));
    // The core specification's own names only: others need a namespace that readers do not know.
    let material = metadata.material.iter().map(|material| format!("material: {material}"));
    let trail = extras.trail.iter().map(|(name, hash)| format!("{name}: {hash}"));
    let description: Vec<String> = material.chain(trail).collect();
    if !description.is_empty() {
        model.add_metadata("Description", Some(&description.join("\n")));
    }
    let [r, g, b] = metadata.rgb;
    let colour = format!("#{r:02X}{g:02X}{b:02X}");
    model.add_base_materials(|materials| {
        materials.add_base(metadata.material.as_deref().unwrap_or("unspecified"), &colour);
    });
    // The builder numbers materials and objects from 1 each, but the format wants one sequence for both.
    let base = evaluated.pieces.len() as u32 + 1;
    let hashes: Vec<blake3::Hash> = evaluated.pieces.iter().map(shape_hash).collect();
    let whole = hashes.iter().fold(blake3::Hasher::new(), |mut hasher, hash| {
        hasher.update(hash.as_bytes());
        hasher
    });
    let build = UuidResource::from(uuid("build", &whole.finalize()));
    model.add_build(Some(build)).map_err(|error| refused(&error))?;
    for (index, (piece, hash)) in evaluated.pieces.iter().zip(&hashes).enumerate() {
        let object = model
            .add_mesh_object(|object| {
                object.name(&piece.name).object_type(ObjectType::Model).pid(base).pindex(0);
                object.uuid(&uuid(&format!("object {index}"), hash));
                object.add_vertices(&piece.mesh.positions);
                for triangle in &piece.mesh.triangles {
                    object.add_triangle(&triangle.map(|vertex| vertex as usize));
                }
                Ok(())
            })
            .map_err(|error| refused(&error))?;
        let item = uuid(&format!("item {index}"), hash);
        model
            .add_build_item_advanced(object, |builder| {
                builder.uuid(&item);
            })
            .map_err(|error| refused(&error))?;
    }
    let mut package = ThreemfPackageBuilder::new();
    let mut model = model.build().map_err(|error| refused(&error))?;
    for materials in &mut model.resources.basematerials {
        materials.id = base;
    }
    package.set_root_model(model);
    if let Some(picture) = &extras.thumbnail {
        if !picture.starts_with(b"\x89PNG\r\n\x1a\n") || picture.len() > MOST_THUMBNAIL {
            return Err(refused(&"the thumbnail is not a PNG picture of up to 5 MB"));
        }
        package.add_thumbnail("/Metadata/thumbnail.png", picture.clone()).map_err(|error| refused(&error))?;
    }
    let mut bytes = Cursor::new(Vec::new());
    package.build().map_err(|error| refused(&error))?.write(&mut bytes).map_err(|error| refused(&error))?;
    Ok(bytes.into_inner())
}

/// BLAKE3 over the corners and the triangles.
fn shape_hash(piece: &EvaluatedPiece) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(piece.mesh.positions.len() as u64).to_le_bytes());
    for coordinate in piece.mesh.positions.as_flattened() {
        hasher.update(&coordinate.to_le_bytes());
    }
    for vertex in piece.mesh.triangles.as_flattened() {
        hasher.update(&vertex.to_le_bytes());
    }
    hasher.finalize()
}

/// RFC 9562 version 8: the bits are ours, here those of a hash of what is named and its shape.
fn uuid(what: &str, shape: &blake3::Hash) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(what.as_bytes());
    hasher.update(shape.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    bytes[6] = bytes[6] & 0x0F | 0x80;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let hex =
        |range: std::ops::Range<usize>| -> String { bytes[range].iter().map(|byte| format!("{byte:02x}")).collect() };
    format!("{}-{}-{}-{}-{}", hex(0..4), hex(4..6), hex(6..8), hex(8..10), hex(10..16))
}
