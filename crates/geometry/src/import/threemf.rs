//! 3MF: meshes of the core specification and the components of the production extension, placed and scaled to millimetres.

use std::{
    collections::{BTreeMap, HashMap},
    sync::atomic::{AtomicBool, Ordering},
};

use ::mesh::{TriMesh, Welder};
use threemf2::{
    model::domain::{
        mesh::Mesh,
        model::{Model, Unit},
        object::{Object, ObjectKind, ObjectType},
        transform::Transform,
    },
    package::domain::relationship::{RelationshipType, Relationships},
};

use super::{Bounds, ImportError, guarded, package::Package};

/// What is wrong with a 3MF file's content.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ThreemfError {
    #[error("`{part}` cannot be read: {reason}")]
    Xml { part: String, reason: String },
    #[error("the package names no model")]
    NoModel,
    #[error("`{part}` builds nothing: its build has no items that are bodies")]
    NothingBuilt { part: String },
    #[error("`{part}` refers to object {object}, which it does not have")]
    NoSuchObject { part: String, object: u32 },
    #[error("object {object} of `{part}` lies more than {max} objects deep, or within itself")]
    TooDeep { part: String, object: u32, max: usize },
    #[error("object {object} of `{part}` is of a kind that is not read: {kind}; export it as a plain mesh")]
    Unsupported { part: String, object: u32, kind: &'static str },
    #[error("triangle {triangle} of object {object} names corner {corner}, but there are {corners} corners")]
    NoSuchCorner { object: u32, triangle: usize, corner: u32, corners: usize },
    #[error("corner {corner} of object {object} is not a finite number once it is placed")]
    NotFinite { object: u32, corner: usize },
    #[error(
        "corner {corner} of object {object} lies {coordinate:.0} mm from the origin, further than {max} mm; check the unit"
    )]
    TooFar { object: u32, corner: usize, coordinate: f64, max: f64 },
    #[error("the placement of object {object} flattens it")]
    Flattened { object: u32 },
}

struct Part {
    model: Model,
    /// Index among the model's objects, by number.
    objects: HashMap<u32, usize>,
}

/// An object to place: the part that has it, its number, its placement and its depth.
struct Visit {
    part: String,
    object: u32,
    placement: Placement,
    depth: usize,
}

pub(super) fn read(bytes: &[u8], bounds: &Bounds, cancel: &AtomicBool) -> Result<Vec<TriMesh>, ImportError> {
    let mut package = Package::open(bytes, bounds, cancel)?;
    let root = root_part(&mut package)?;
    let mut parts = BTreeMap::from([(root.clone(), load(&mut package, &root, bounds)?)]);
    let model = &parts[&root].model;
    let scale = millimetres(model.unit.as_ref());
    let scaled = Placement::scaled(scale);
    // Last first, so that the stack gives them in the file's order.
    let mut pending: Vec<Visit> = Vec::new();
    for item in model.build.item.iter().rev() {
        pending.push(Visit {
            part: item.path.as_ref().map_or_else(|| root.clone(), |path| path.as_str().to_owned()),
            object: item.objectid,
            placement: Placement::of(item.transform.as_ref()).then(&scaled),
            depth: 0,
        });
    }
    let mut meshes = Vec::new();
    let (mut placed, mut triangles) = (0, 0);
    while let Some(visit) = pending.pop() {
        placed += 1;
        if placed > bounds.objects {
            return Err(ImportError::TooManyObjects { max: bounds.objects });
        }
        if cancel.load(Ordering::Relaxed) {
            return Err(ImportError::Cancelled);
        }
        if !parts.contains_key(&visit.part) {
            let loaded = load(&mut package, &visit.part, bounds)?;
            parts.insert(visit.part.clone(), loaded);
        }
        let part = &parts[&visit.part];
        let index = part.objects.get(&visit.object);
        let object = index
            .map(|index| &part.model.resources.object[*index])
            .ok_or_else(|| ThreemfError::NoSuchObject { part: visit.part.clone(), object: visit.object })?;
        if matches!(object.objecttype, Some(ObjectType::Support | ObjectType::SolidSupport | ObjectType::Other)) {
            continue;
        }
        let unsupported = |kind| ThreemfError::Unsupported { part: visit.part.clone(), object: visit.object, kind };
        match &object.kind {
            Some(ObjectKind::Mesh(mesh)) if mesh.beamlattice.is_some() => {
                return Err(unsupported("a beam lattice").into());
            }
            Some(ObjectKind::Mesh(mesh)) => {
                triangles += mesh.triangles.triangle.len();
                if triangles > bounds.triangles {
                    return Err(ImportError::TooManyTriangles { max: bounds.triangles });
                }
                meshes.push(place(object, mesh, &visit.placement, bounds)?);
            }
            Some(ObjectKind::Components(components)) => {
                if visit.depth == bounds.depth {
                    let (part, object) = (visit.part.clone(), visit.object);
                    return Err(ThreemfError::TooDeep { part, object, max: bounds.depth }.into());
                }
                if components.component.len() + pending.len() > bounds.objects {
                    return Err(ImportError::TooManyObjects { max: bounds.objects });
                }
                for component in components.component.iter().rev() {
                    pending.push(Visit {
                        part: component.path.as_ref().map_or_else(|| visit.part.clone(), |p| p.as_str().to_owned()),
                        object: component.objectid,
                        placement: Placement::of(component.transform.as_ref()).then(&visit.placement),
                        depth: visit.depth + 1,
                    });
                }
            }
            Some(ObjectKind::BooleanShape(_)) => return Err(unsupported("a boolean of other objects").into()),
            Some(ObjectKind::DisplacementMesh(_)) => return Err(unsupported("a mesh with displacement").into()),
            Some(_) => return Err(unsupported("an unknown extension").into()),
            None => {}
        }
    }
    meshes.retain(|mesh| !mesh.is_empty());
    if meshes.is_empty() {
        return Err(ThreemfError::NothingBuilt { part: root }.into());
    }
    Ok(meshes)
}

fn root_part(package: &mut Package<'_>) -> Result<String, ImportError> {
    const RELATIONSHIPS: &str = "_rels/.rels";
    let text = package.text(RELATIONSHIPS)?;
    let relationships: Relationships = parse(RELATIONSHIPS, &text)?;
    let root = relationships.relationships.iter().find(|r| r.relationship_type == RelationshipType::Model);
    Ok(root.ok_or(ThreemfError::NoModel)?.target.as_str().to_owned())
}

fn load(package: &mut Package<'_>, part: &str, bounds: &Bounds) -> Result<Part, ImportError> {
    let text = package.text(part)?;
    // Before anything is built from it: a corner or a triangle takes several times its text's length.
    if text.matches("<triangle ").count() > bounds.triangles {
        return Err(ImportError::TooManyTriangles { max: bounds.triangles });
    }
    let model: Model = parse(part, &text)?;
    let objects = model.resources.object.iter().enumerate().map(|(index, object)| (object.id, index)).collect();
    Ok(Part { model, objects })
}

fn parse<T: instant_xml::FromXmlOwned>(part: &str, text: &str) -> Result<T, ThreemfError> {
    let refused = |reason: String| ThreemfError::Xml { part: part.to_owned(), reason };
    match guarded(|| instant_xml::from_str(text)) {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(refused(error.to_string())),
        None => Err(refused("the XML reader failed on it".to_owned())),
    }
}

fn millimetres(unit: Option<&Unit>) -> f64 {
    match unit {
        Some(Unit::Micron) => 0.001,
        None | Some(Unit::Millimeter) => 1.0,
        Some(Unit::Centimeter) => 10.0,
        Some(Unit::Inch) => 25.4,
        Some(Unit::Foot) => 304.8,
        Some(Unit::Meter) => 1000.0,
    }
}

/// An affine map of row vectors: three rows of the linear part, then the shift.
#[derive(Clone, Copy)]
struct Placement([f64; 12]);

impl Placement {
    fn scaled(by: f64) -> Placement {
        Placement([by, 0.0, 0.0, 0.0, by, 0.0, 0.0, 0.0, by, 0.0, 0.0, 0.0])
    }

    fn of(transform: Option<&Transform>) -> Placement {
        transform.map_or(Placement::scaled(1.0), |transform| Placement(transform.0))
    }

    /// This map, and then `outer`.
    fn then(&self, outer: &Placement) -> Placement {
        let mut rows = [0.0; 12];
        for row in 0..4 {
            let own: [f64; 3] = std::array::from_fn(|column| self.0[3 * row + column]);
            let moved = if row < 3 { outer.turn(own) } else { outer.apply(own) };
            rows[3 * row..3 * row + 3].copy_from_slice(&moved);
        }
        Placement(rows)
    }

    fn turn(&self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        std::array::from_fn(|column| x * self.0[column] + y * self.0[3 + column] + z * self.0[6 + column])
    }

    fn apply(&self, point: [f64; 3]) -> [f64; 3] {
        let turned = self.turn(point);
        std::array::from_fn(|column| turned[column] + self.0[9 + column])
    }

    fn determinant(&self) -> f64 {
        let m = &self.0;
        m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6])
    }
}

fn place(object: &Object, mesh: &Mesh, placement: &Placement, bounds: &Bounds) -> Result<TriMesh, ThreemfError> {
    let object = object.id;
    let determinant = placement.determinant();
    if !determinant.is_finite() || determinant.abs() < 1e-12 {
        return Err(ThreemfError::Flattened { object });
    }
    let count = mesh.vertices.vertex.len();
    let mut welder = Welder::with_capacity(count);
    let mut corners = Vec::with_capacity(count);
    for (index, vertex) in mesh.vertices.vertex.iter().enumerate() {
        let point = placement.apply([vertex.x.value(), vertex.y.value(), vertex.z.value()]);
        for coordinate in point {
            if !coordinate.is_finite() {
                return Err(ThreemfError::NotFinite { object, corner: index + 1 });
            }
            if coordinate.abs() > bounds.reach_mm {
                let max = bounds.reach_mm;
                return Err(ThreemfError::TooFar { object, corner: index + 1, coordinate, max });
            }
        }
        corners.push(welder.index(point));
    }
    let mut triangles = Vec::with_capacity(mesh.triangles.triangle.len());
    for (index, triangle) in mesh.triangles.triangle.iter().enumerate() {
        let mut own = [0; 3];
        for (own, corner) in own.iter_mut().zip([triangle.v1, triangle.v2, triangle.v3]) {
            *own = *corners.get(corner as usize).ok_or(ThreemfError::NoSuchCorner {
                object,
                triangle: index + 1,
                corner,
                corners: count,
            })?;
        }
        // A mirrored body would be inside out.
        if determinant < 0.0 {
            own.swap(1, 2);
        }
        triangles.push(own);
    }
    Ok(TriMesh::new(welder.into_positions(), triangles))
}
