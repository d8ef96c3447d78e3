//! Binary glTF 2.0: metres, +Y up, one mesh a piece, smooth normals across edges under the crease angle; the edges above
//! it are lines of their own beside it.

use std::collections::HashMap;

use gltf_json as json;
use json::validation::{Checked::Valid, USize64};
use mesh::TriMesh;

use super::{FormatError, Metadata, edges};
use crate::Evaluated;

/// Faces that meet at less than this many degrees are shaded as one surface.
const CREASE: f64 = 30.0;

struct Shaded {
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    indices: Vec<u32>,
}

pub fn write(evaluated: &Evaluated, metadata: &Metadata) -> Result<Vec<u8>, FormatError> {
    let mut root = json::Root {
        asset: json::Asset { generator: Some("3D Pot".to_owned()), ..json::Asset::default() },
        ..json::Root::default()
    };
    let linear = |c: u8| {
        let c = f32::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    let [r, g, b] = metadata.rgb.map(linear);
    let material = root.push(json::Material {
        name: metadata.material.clone(),
        pbr_metallic_roughness: json::material::PbrMetallicRoughness {
            base_color_factor: json::material::PbrBaseColorFactor([r, g, b, 1.0]),
            metallic_factor: json::material::StrengthFactor(0.0),
            roughness_factor: json::material::StrengthFactor(0.5),
            ..Default::default()
        },
        ..json::Material::default()
    });
    let ink = root.push(json::Material {
        name: Some("edges".to_owned()),
        pbr_metallic_roughness: json::material::PbrMetallicRoughness {
            base_color_factor: json::material::PbrBaseColorFactor([0.02, 0.02, 0.02, 1.0]),
            metallic_factor: json::material::StrengthFactor(0.0),
            roughness_factor: json::material::StrengthFactor(1.0),
            ..Default::default()
        },
        ..json::Material::default()
    });
    let mut bytes: Vec<u8> = Vec::new();
    let buffer = root.push(json::Buffer {
        byte_length: USize64(0),
        name: None,
        uri: None,
        extensions: None,
        extras: json::Extras::default(),
    });
    let mut nodes = Vec::new();
    for piece in &evaluated.pieces {
        let shaded = shade(&piece.mesh);
        let position = vectors(&mut root, &mut bytes, buffer, &shaded.positions, true);
        let normal = vectors(&mut root, &mut bytes, buffer, &shaded.normals, false);
        let indices = numbers(&mut root, &mut bytes, buffer, &shaded.indices);
        let attributes = vec![(json::mesh::Semantic::Positions, position), (json::mesh::Semantic::Normals, normal)];
        nodes.push(node(&mut root, &piece.name, attributes, indices, material, json::mesh::Mode::Triangles));
        let lines = edges::of(&piece.mesh, CREASE);
        // A ball has none, and a mesh without lines is not allowed.
        if !lines.segments.is_empty() {
            let corners: Vec<[f32; 3]> = lines.positions.iter().map(|p| turned(*p, 0.001)).collect();
            let position = vectors(&mut root, &mut bytes, buffer, &corners, true);
            let indices = numbers(&mut root, &mut bytes, buffer, lines.segments.as_flattened());
            let name = format!("{} edges", piece.name);
            let attributes = vec![(json::mesh::Semantic::Positions, position)];
            nodes.push(node(&mut root, &name, attributes, indices, ink, json::mesh::Mode::Lines));
        }
    }
    let scene = root.push(json::Scene {
        name: Some(metadata.title.clone()),
        nodes,
        extensions: None,
        extras: json::Extras::default(),
    });
    root.scene = Some(scene);
    root.buffers[0].byte_length = USize64(bytes.len() as u64);
    let mut text = json::serialize::to_vec(&root)
        .map_err(|error| FormatError::Refused { format: "GLB", reason: error.to_string() })?;
    text.resize(text.len().next_multiple_of(4), b' ');
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let total = 12 + 8 + text.len() + 8 + bytes.len();
    if u32::try_from(total).is_err() {
        let reason = "the format holds up to 4 GB; use a coarser chord".to_owned();
        return Err(FormatError::Refused { format: "GLB", reason });
    }
    let mut file = Vec::with_capacity(total);
    for word in [0x4654_6C67, 2, total as u32, text.len() as u32, 0x4E4F_534A] {
        file.extend(u32::to_le_bytes(word));
    }
    file.extend(text);
    for word in [bytes.len() as u32, 0x004E_4942] {
        file.extend(u32::to_le_bytes(word));
    }
    file.extend(bytes);
    Ok(file)
}

/// A mesh of one primitive, in a node of the same name.
fn node(
    root: &mut json::Root,
    name: &str,
    attributes: Vec<(json::mesh::Semantic, json::Index<json::Accessor>)>,
    indices: json::Index<json::Accessor>,
    material: json::Index<json::Material>,
    mode: json::mesh::Mode,
) -> json::Index<json::Node> {
    let primitive = json::mesh::Primitive {
        attributes: attributes.into_iter().map(|(semantic, accessor)| (Valid(semantic), accessor)).collect(),
        indices: Some(indices),
        material: Some(material),
        mode: Valid(mode),
        extensions: None,
        extras: json::Extras::default(),
        targets: None,
    };
    let mesh = root.push(json::Mesh {
        name: Some(name.to_owned()),
        primitives: vec![primitive],
        extensions: None,
        extras: json::Extras::default(),
        weights: None,
    });
    root.push(json::Node { mesh: Some(mesh), name: Some(name.to_owned()), ..json::Node::default() })
}

fn numbers(
    root: &mut json::Root,
    bytes: &mut Vec<u8>,
    buffer: json::Index<json::Buffer>,
    values: &[u32],
) -> json::Index<json::Accessor> {
    let view = view(root, buffer, bytes.len(), values.len() * 4, json::buffer::Target::ElementArrayBuffer);
    bytes.extend(values.iter().flat_map(|i| i.to_le_bytes()));
    root.push(json::Accessor {
        component_type: Valid(json::accessor::GenericComponentType(json::accessor::ComponentType::U32)),
        type_: Valid(json::accessor::Type::Scalar),
        ..accessor(view, values.len())
    })
}

fn accessor(view: json::Index<json::buffer::View>, count: usize) -> json::Accessor {
    json::Accessor {
        buffer_view: Some(view),
        byte_offset: Some(USize64(0)),
        count: USize64(count as u64),
        component_type: Valid(json::accessor::GenericComponentType(json::accessor::ComponentType::F32)),
        type_: Valid(json::accessor::Type::Vec3),
        min: None,
        max: None,
        name: None,
        normalized: false,
        sparse: None,
        extensions: None,
        extras: json::Extras::default(),
    }
}

fn view(
    root: &mut json::Root,
    buffer: json::Index<json::Buffer>,
    offset: usize,
    length: usize,
    target: json::buffer::Target,
) -> json::Index<json::buffer::View> {
    root.push(json::buffer::View {
        buffer,
        byte_length: USize64(length as u64),
        byte_offset: Some(USize64(offset as u64)),
        byte_stride: None,
        name: None,
        target: Some(Valid(target)),
        extensions: None,
        extras: json::Extras::default(),
    })
}

fn vectors(
    root: &mut json::Root,
    bytes: &mut Vec<u8>,
    buffer: json::Index<json::Buffer>,
    values: &[[f32; 3]],
    bounded: bool,
) -> json::Index<json::Accessor> {
    let view = view(root, buffer, bytes.len(), values.len() * 12, json::buffer::Target::ArrayBuffer);
    bytes.extend(values.iter().flatten().flat_map(|c| c.to_le_bytes()));
    let extreme = |pick: fn(f32, f32) -> f32, start: f32| {
        let ends: [f32; 3] = std::array::from_fn(|axis| values.iter().map(|v| v[axis]).fold(start, pick));
        Some(serde_json::json!(ends))
    };
    root.push(json::Accessor {
        min: bounded.then(|| extreme(f32::min, f32::INFINITY)).flatten(),
        max: bounded.then(|| extreme(f32::max, f32::NEG_INFINITY)).flatten(),
        ..accessor(view, values.len())
    })
}

/// Corners that share a position and whose faces are within the crease angle share a vertex with their mean normal.
fn shade(mesh: &TriMesh) -> Shaded {
    let normals: Vec<[f64; 3]> = mesh.iter_corners().map(|c| unit(area_normal(c))).collect();
    let weighted: Vec<[f64; 3]> = mesh.iter_corners().map(area_normal).collect();
    let mut around: Vec<Vec<u32>> = vec![Vec::new(); mesh.positions.len()];
    for (index, triangle) in mesh.triangles.iter().enumerate() {
        for vertex in triangle {
            around[*vertex as usize].push(index as u32);
        }
    }
    let least = CREASE.to_radians().cos();
    let mut shaded = Shaded { positions: Vec::new(), normals: Vec::new(), indices: Vec::new() };
    let mut known: HashMap<(u32, [u32; 3]), u32> = HashMap::new();
    for (index, triangle) in mesh.triangles.iter().enumerate() {
        for vertex in triangle {
            let mut sum = [0.0; 3];
            for other in &around[*vertex as usize] {
                if dot(normals[index], normals[*other as usize]) >= least {
                    for (s, w) in sum.iter_mut().zip(weighted[*other as usize]) {
                        *s += w;
                    }
                }
            }
            let n = if sum == [0.0; 3] { [0.0, 0.0, 1.0] } else { unit(sum) };
            let normal = turned(n, 1.0);
            let next = shaded.positions.len() as u32;
            let corner = *known.entry((*vertex, normal.map(f32::to_bits))).or_insert(next);
            if corner == next {
                shaded.positions.push(turned(mesh.positions[*vertex as usize], 0.001));
                shaded.normals.push(normal);
            }
            shaded.indices.push(corner);
        }
    }
    shaded
}

/// Metres and +Y up: (x, y, z) becomes (x, z, -y).
fn turned([x, y, z]: [f64; 3], scale: f64) -> [f32; 3] {
    [(x * scale) as f32, (z * scale) as f32, (0.0 - y * scale) as f32]
}

fn area_normal([a, b, c]: [[f64; 3]; 3]) -> [f64; 3] {
    let u: [f64; 3] = std::array::from_fn(|i| b[i] - a[i]);
    let v: [f64; 3] = std::array::from_fn(|i| c[i] - a[i]);
    [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn unit(v: [f64; 3]) -> [f64; 3] {
    let length = dot(v, v).sqrt();
    if length > 0.0 { v.map(|c| c / length) } else { [0.0, 0.0, 1.0] }
}
