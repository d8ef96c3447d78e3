//! STL: binary out, binary and ASCII in, both bounded.

use std::io::{Cursor, Write};

use crate::TriMesh;

/// A binary STL of this many triangles is 500 MB, the upload limit.
pub const MAX_TRIANGLES: usize = 10_000_000;

#[derive(Debug, thiserror::Error)]
pub enum StlError {
    #[error("the STL file cannot be read: {0}")]
    Malformed(#[source] std::io::Error),
    #[error("the STL file holds more than {MAX_TRIANGLES} triangles")]
    TooManyTriangles,
    #[error("the STL file has a coordinate that is not a finite number")]
    NotFinite,
}

/// Writes binary STL. Coordinates are single precision, as the format has it; the header is fixed so that equal meshes
/// give equal bytes.
pub fn write(mesh: &TriMesh, out: &mut impl Write) -> std::io::Result<()> {
    let mut bytes = Vec::with_capacity(84 + mesh.triangles.len() * 50);
    bytes.extend_from_slice(b"3D Pot binary STL, millimetres");
    bytes.resize(80, b' ');
    bytes.extend_from_slice(&(mesh.triangles.len() as u32).to_le_bytes());
    for [a, b, c] in mesh.iter_corners() {
        let normal = unit_normal(a, b, c);
        for vector in [normal, a, b, c] {
            for coordinate in vector {
                bytes.extend_from_slice(&(coordinate as f32).to_le_bytes());
            }
        }
        bytes.extend_from_slice(&[0, 0]);
    }
    out.write_all(&bytes)
}

/// Reads binary or ASCII STL and welds equal corners.
pub fn read(bytes: &[u8]) -> Result<TriMesh, StlError> {
    if bytes.len() > 84 + MAX_TRIANGLES * 50 {
        return Err(StlError::TooManyTriangles);
    }
    let binary = bytes.get(80..84).map(|n| u32::from_le_bytes([n[0], n[1], n[2], n[3]]) as usize);
    if binary.is_some_and(|n| bytes.len() == 84 + n.saturating_mul(50)) {
        return finite(read_binary(&bytes[84..]));
    }
    let mut cursor = Cursor::new(bytes);
    let reader = stl_io::create_stl_reader(&mut cursor).map_err(StlError::Malformed)?.take(MAX_TRIANGLES + 1);
    let mut mesh = TriMesh::default();
    for triangle in reader {
        let triangle = triangle.map_err(StlError::Malformed)?;
        let first = mesh.positions.len() as u32;
        mesh.positions.extend(triangle.vertices.iter().map(|v| [v[0] as f64, v[1] as f64, v[2] as f64]));
        mesh.triangles.push([first, first + 1, first + 2]);
    }
    if mesh.triangles.len() > MAX_TRIANGLES {
        return Err(StlError::TooManyTriangles);
    }
    finite(mesh)
}

fn read_binary(records: &[u8]) -> TriMesh {
    let mut mesh = TriMesh::default();
    for record in records.chunks_exact(50) {
        let float = |at: usize| f32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]) as f64;
        let first = mesh.positions.len() as u32;
        for corner in 0..3 {
            let at = 12 + corner * 12;
            mesh.positions.push([float(at), float(at + 4), float(at + 8)]);
        }
        mesh.triangles.push([first, first + 1, first + 2]);
    }
    mesh
}

fn finite(mesh: TriMesh) -> Result<TriMesh, StlError> {
    if mesh.positions.iter().flatten().all(|c| c.is_finite()) { Ok(mesh.welded()) } else { Err(StlError::NotFinite) }
}

fn unit_normal(a: [f64; 3], b: [f64; 3], c: [f64; 3]) -> [f64; 3] {
    let (u, v): ([f64; 3], [f64; 3]) = (std::array::from_fn(|i| b[i] - a[i]), std::array::from_fn(|i| c[i] - a[i]));
    let n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    let length = (n[0] * n[0] + n[1] * n[1] + n[2] * n[2]).sqrt();
    if length > 0.0 { n.map(|x| x / length) } else { [0.0; 3] }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_tetrahedron_survives_the_round_trip() {
        let mesh = TriMesh::new(
            vec![[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            vec![[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]],
        );
        let mut bytes = Vec::new();
        write(&mesh, &mut bytes).unwrap();
        let back = read(&bytes).unwrap();
        assert_eq!(back.positions.len(), 4);
        assert!((back.mass_properties().volume_mm3 - 1.0 / 6.0).abs() < 1e-6);
        assert!(back.topology().is_watertight());
    }

    #[test]
    fn ascii_is_read() {
        let text = "solid t\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid t\n";
        assert_eq!(read(text.as_bytes()).unwrap().triangles.len(), 1);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _answer = read(&bytes);
        }
    }
}
