//! The readers of foreign bodies. What they accept must be closed.

use std::io::{Cursor, Write};
use std::sync::atomic::AtomicBool;

use geometry::import::{self, Bounds, Format};

pub(crate) fn stl(bytes: &[u8]) {
    read(Format::Stl, bytes);
}

pub(crate) fn obj(bytes: &[u8]) {
    read(Format::Obj, bytes);
}

pub(crate) fn step(bytes: &[u8]) {
    read(Format::Step, bytes);
}

/// An archive as it is, or the text of its model: most changes to a packed text only break a checksum.
pub(crate) fn threemf(bytes: &[u8]) {
    if bytes.starts_with(b"PK") {
        read(Format::Threemf, bytes);
    } else if let Ok(package) = packed(bytes) {
        read(Format::Threemf, &package);
    }
}

fn packed(model: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    const RELATIONSHIPS: &[u8] = br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel" Target="/3D/3dmodel.model"/></Relationships>"#;
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::with_capacity(model.len() + 1024)));
    for (name, bytes) in [("_rels/.rels", RELATIONSHIPS), ("3D/3dmodel.model", model)] {
        zip.start_file(name, stored)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn read(format: Format, bytes: &[u8]) {
    let _format = import::sniff(bytes);
    if let Ok(imported) = import::read(format, bytes, &Bounds::default(), &AtomicBool::new(false)) {
        assert!(imported.mesh.topology().is_watertight(), "an accepted body is open");
        assert!(imported.mesh.positions.iter().flatten().all(|c| c.is_finite()), "an accepted body has no place");
    }
}
