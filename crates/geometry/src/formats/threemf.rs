//! 3MF, core specification: one object and one build item a piece, title and colour as metadata and base material.

use std::io::Cursor;

use threemf2::{
    model::builder::{ModelBuilder, ObjectType, Unit},
    package::ThreemfPackageBuilder,
};

use super::{FormatError, Metadata};
use crate::Evaluated;

pub fn write(evaluated: &Evaluated, metadata: &Metadata) -> Result<Vec<u8>, FormatError> {
    let refused = |error: &dyn std::fmt::Display| FormatError::Refused { format: "3MF", reason: error.to_string() };
    let mut model = ModelBuilder::new(Unit::Millimeter, true);
    model.add_metadata("Title", Some(&metadata.title)).add_metadata("Application", Some("3D Pot"));
    if let Some(material) = &metadata.material {
        model.add_metadata("Description", Some(&format!("material: {material}")));
    }
    let [r, g, b] = metadata.rgb;
    let colour = format!("#{r:02X}{g:02X}{b:02X}");
    model.add_base_materials(|materials| {
        materials.add_base(metadata.material.as_deref().unwrap_or("unspecified"), &colour);
    });
    // The builder numbers materials and objects from 1 each, but the format wants one sequence for both.
    let base = evaluated.pieces.len() as u32 + 1;
    model.add_build(None).map_err(|error| refused(&error))?;
    for piece in &evaluated.pieces {
        let object = model
            .add_mesh_object(|object| {
                object.name(&piece.name).object_type(ObjectType::Model).pid(base).pindex(0);
                object.add_vertices(&piece.mesh.positions);
                for triangle in &piece.mesh.triangles {
                    object.add_triangle(&triangle.map(|vertex| vertex as usize));
                }
                Ok(())
            })
            .map_err(|error| refused(&error))?;
        model.add_build_item(object).map_err(|error| refused(&error))?;
    }
    let mut package = ThreemfPackageBuilder::new();
    let mut model = model.build().map_err(|error| refused(&error))?;
    for materials in &mut model.resources.basematerials {
        materials.id = base;
    }
    package.set_root_model(model);
    let mut bytes = Cursor::new(Vec::new());
    package.build().map_err(|error| refused(&error))?.write(&mut bytes).map_err(|error| refused(&error))?;
    Ok(bytes.into_inner())
}
