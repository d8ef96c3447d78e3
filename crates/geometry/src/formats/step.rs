//! STEP AP214 with one product a piece, in the part's colour.

use arris::{
    Control,
    io::step::{Occurrence, ProductTree, Rgb, WriteOptions, write_products_with},
    math::Isometry,
};

use super::{FormatError, Metadata};
use crate::Evaluated;

/// The file's text, or `None` when a piece came from the mesh kernel and there are no exact surfaces to write.
pub fn write(evaluated: &Evaluated, metadata: &Metadata) -> Result<Option<String>, FormatError> {
    let Some(solids) = &evaluated.solids else { return Ok(None) };
    let roots = evaluated
        .pieces
        .iter()
        .enumerate()
        .map(|(index, piece)| Occurrence {
            product: None,
            name: if evaluated.pieces.len() == 1 {
                metadata.title.clone()
            } else {
                format!("{} {}", metadata.title, piece.name)
            },
            placement: Ok(Isometry::identity()),
            colour: Some(Rgb(metadata.rgb.map(|channel| f64::from(channel) / 255.0))),
            solids: vec![index],
            children: Vec::new(),
        })
        .collect();
    let tree = ProductTree { roots, faces: Vec::new() };
    write_products_with(&solids.model, &solids.bodies, &tree, &WriteOptions::default(), &Control::NONE)
        .map(Some)
        .map_err(|error| FormatError::Refused { format: "STEP", reason: error.to_string() })
}
