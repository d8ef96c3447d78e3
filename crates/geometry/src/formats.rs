//! File formats of an evaluated part, each byte-identical for identical input: no times, no random ids.

pub mod edges;
pub mod glb;
pub mod obj;
pub mod step;
pub mod threemf;
pub mod thumbnail;

use std::io::Write;

use crate::Evaluated;

#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    #[error("writing failed: {0}")]
    Io(#[from] std::io::Error),
    #[error("the {format} writer refused the part: {reason}")]
    Refused { format: &'static str, reason: String },
}

/// What a file says about the part beside its shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// Title of the part: its family's name.
    pub title: String,
    /// Base colour, sRGB.
    pub rgb: [u8; 3],
    /// Standard abbreviation of the material, where said.
    pub material: Option<String>,
}

/// Binary STL of all pieces.
pub fn stl(evaluated: &Evaluated, out: &mut impl Write) -> std::io::Result<()> {
    mesh::stl::write(&evaluated.mesh, out)
}
