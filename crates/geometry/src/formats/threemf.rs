//! 3MF: core specification with a base material, and the production extension's identifiers: one object and one build item a
//! piece. Title, material and the hashes of what led to the part are metadata.
//!
//! Written by hand: the format wants what is referred to before what refers to it (the material before the objects), and
//! extensions declared that it requires, and strict readers refuse a file that has it otherwise.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::{FormatError, Metadata};
use crate::{Evaluated, EvaluatedPiece};

/// What a package may carry beside the part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extras {
    /// A PNG picture, shown by file managers and slicers.
    pub thumbnail: Option<Vec<u8>>,
    /// What the part was made from, as names and hashes: the specification, the bodies that were brought. In this order.
    pub trail: Vec<(String, String)>,
}

/// Largest picture, bytes.
const MOST_THUMBNAIL: usize = 5_000_000;

const PROLOGUE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const CORE: &str = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02";
const PRODUCTION: &str = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const MODEL: &str = "/3D/3dmodel.model";
const THUMBNAIL: &str = "/Metadata/thumbnail.png";
/// The resource of the material; objects count on from it.
const MATERIAL: usize = 1;

/// Identifiers are derived from the shapes, so equal parts get equal ones.
pub fn write(evaluated: &Evaluated, metadata: &Metadata, extras: &Extras) -> Result<Vec<u8>, FormatError> {
    let refused = |reason: String| FormatError::Refused { format: "3MF", reason };
    let mut files = vec![("[Content_Types].xml", content_types().into_bytes())];
    files.push(("_rels/.rels", relationships(extras.thumbnail.is_some()).into_bytes()));
    files.push((MODEL, model(evaluated, metadata, extras).into_bytes()));
    if let Some(picture) = &extras.thumbnail {
        if !picture.starts_with(b"\x89PNG\r\n\x1a\n") || picture.len() > MOST_THUMBNAIL {
            return Err(refused("the thumbnail is not a PNG picture of up to 5 MB".to_owned()));
        }
        files.push((THUMBNAIL, picture.clone()));
    }
    archive(&files).map_err(|error| refused(error.to_string()))
}

fn archive(files: &[(&str, Vec<u8>)]) -> Result<Vec<u8>, ZipError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // No clock: the same part is the same bytes.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for (name, content) in files {
        archive.start_file(name.trim_start_matches('/'), options)?;
        archive.write_all(content)?;
    }
    Ok(archive.finish()?.into_inner())
}

fn content_types() -> String {
    let types = [
        ("model", "application/vnd.ms-package.3dmanufacturing-3dmodel+xml"),
        ("png", "image/png"),
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
    ];
    let entries = types.map(|(ending, kind)| format!("<Default Extension=\"{ending}\" ContentType=\"{kind}\"/>"));
    format!("{PROLOGUE}<Types xmlns=\"{PACKAGE}/content-types\">{}</Types>\n", entries.concat())
}

fn relationships(pictured: bool) -> String {
    let relation = |id: usize, kind: &str, target: &str| {
        format!("<Relationship Id=\"rel{id}\" Type=\"{kind}\" Target=\"{target}\"/>")
    };
    let mut entries = relation(0, "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel", MODEL);
    if pictured {
        entries += &relation(1, &format!("{PACKAGE}/relationships/metadata/thumbnail"), THUMBNAIL);
    }
    format!("{PROLOGUE}<Relationships xmlns=\"{PACKAGE}/relationships\">{entries}</Relationships>\n")
}

fn model(evaluated: &Evaluated, metadata: &Metadata, extras: &Extras) -> String {
    let mut xml =
        format!("{PROLOGUE}<model unit=\"millimeter\" xml:lang=\"en\" xmlns=\"{CORE}\" xmlns:p=\"{PRODUCTION}\">\n");
    // The core specification's own names only: others need a namespace that readers do not know.
    let material = metadata.material.iter().map(|material| format!("material: {material}"));
    let trail = extras.trail.iter().map(|(name, hash)| format!("{name}: {hash}"));
    let description: Vec<String> = material.chain(trail).collect();
    let entries = [
        ("Title", metadata.title.clone()),
        ("Application", "3D Pot".to_owned()),
        ("Description", description.join("\n")),
    ];
    for (name, value) in entries.iter().filter(|(_, value)| !value.is_empty()) {
        xml += &format!("<metadata name=\"{name}\">{}</metadata>\n", escaped(value));
    }
    let [r, g, b] = metadata.rgb;
    let name = escaped(metadata.material.as_deref().unwrap_or("unspecified"));
    xml += &format!(
        "<resources>\n<basematerials id=\"{MATERIAL}\"><base name=\"{name}\" displaycolor=\"#{r:02X}{g:02X}{b:02X}\"/></basematerials>\n"
    );
    let hashes: Vec<blake3::Hash> = evaluated.pieces.iter().map(shape_hash).collect();
    for (index, (piece, hash)) in evaluated.pieces.iter().zip(&hashes).enumerate() {
        let (id, name) = (MATERIAL + 1 + index, escaped(&piece.name));
        let uuid = uuid(&format!("object {index}"), hash);
        xml += &format!(
            "<object id=\"{id}\" name=\"{name}\" type=\"model\" pid=\"{MATERIAL}\" pindex=\"0\" p:UUID=\"{uuid}\">\n"
        );
        mesh(&mut xml, piece);
        xml += "</object>\n";
    }
    let whole = hashes.iter().fold(blake3::Hasher::new(), |mut hasher, hash| {
        hasher.update(hash.as_bytes());
        hasher
    });
    xml += &format!("</resources>\n<build p:UUID=\"{}\">\n", uuid("build", &whole.finalize()));
    for (index, hash) in hashes.iter().enumerate() {
        let uuid = uuid(&format!("item {index}"), hash);
        xml += &format!("<item objectid=\"{}\" p:UUID=\"{uuid}\"/>\n", MATERIAL + 1 + index);
    }
    xml + "</build>\n</model>\n"
}

fn mesh(xml: &mut String, piece: &EvaluatedPiece) {
    let mut line = |text: std::fmt::Arguments<'_>| {
        // Writing into memory does not fail.
        std::fmt::Write::write_fmt(xml, text).unwrap_or_default();
    };
    line(format_args!("<mesh><vertices>\n"));
    for [x, y, z] in &piece.mesh.positions {
        line(format_args!("<vertex x=\"{x}\" y=\"{y}\" z=\"{z}\"/>\n"));
    }
    line(format_args!("</vertices><triangles>\n"));
    for [a, b, c] in &piece.mesh.triangles {
        line(format_args!("<triangle v1=\"{a}\" v2=\"{b}\" v3=\"{c}\"/>\n"));
    }
    line(format_args!("</triangles></mesh>\n"));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
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
