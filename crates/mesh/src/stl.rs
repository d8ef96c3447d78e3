//! STL: binary out, binary and ASCII in, both bounded.

mod ascii;

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{TriMesh, Welder};

/// A binary STL of this many triangles is 500 MB, the upload limit.
pub const MAX_TRIANGLES: usize = 10_000_000;

/// Why a file is not a mesh, and where. Triangles are counted from 1, lines too.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StlError {
    #[error("the file is {bytes} bytes long; a binary STL has at least 84, and an ASCII one begins with `solid`")]
    TooShort { bytes: usize },
    /// The header of a binary file and its length disagree.
    #[error(
        "the header says {declared} triangles, but the file has room for {present}: it is truncated or damaged; export it again"
    )]
    Count { declared: u64, present: u64 },
    #[error("the STL file holds more than {max} triangles; simplify it before uploading")]
    TooManyTriangles { max: usize },
    #[error("triangle {triangle} has a coordinate that is not a finite number")]
    NotFinite { triangle: usize },
    #[error(
        "triangle {triangle} reaches to {coordinate} mm, further than {max} mm from the origin; check the file's unit"
    )]
    TooFar { triangle: usize, coordinate: f64, max: f64 },
    #[error("line {line}: expected {expected}, found `{found}`")]
    Syntax { line: usize, expected: &'static str, found: String },
    #[error("the file ends in line {line} where {expected} was expected: it is truncated; export it again")]
    Truncated { line: usize, expected: &'static str },
    #[error("reading was cancelled")]
    Cancelled,
}

/// What a file may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    pub triangles: usize,
    /// Greatest absolute coordinate, millimetres.
    pub reach: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { triangles: MAX_TRIANGLES, reach: f64::INFINITY }
    }
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

/// Reads binary or ASCII STL and merges equal corners.
pub fn read(bytes: &[u8]) -> Result<TriMesh, StlError> {
    Ok(read_within(bytes, &Limits::default(), &AtomicBool::new(false))?.0)
}

/// As [`read`], within limits, and with the number of triangles that were left out because two of their corners coincide.
/// `cancel` set to true stops it within milliseconds. Memory is at most four times the file's length and is not reserved
/// by what a header claims.
pub fn read_within(bytes: &[u8], limits: &Limits, cancel: &AtomicBool) -> Result<(TriMesh, usize), StlError> {
    let declared = bytes.get(80..84).map(|n| u64::from(u32::from_le_bytes([n[0], n[1], n[2], n[3]])));
    let records = bytes.len().saturating_sub(84) as u64;
    let fits = declared.is_some_and(|n| n * 50 == records);
    // Binary headers may begin with `solid` too, so an exact length decides first.
    let mut mesh = Collector::new(limits, cancel, bytes.len());
    match declared {
        _ if !fits && looks_ascii(bytes) => ascii::read(bytes, &mut mesh)?,
        Some(_) if fits => read_binary(&bytes[84..], &mut mesh)?,
        Some(declared) => return Err(StlError::Count { declared, present: records / 50 }),
        None => return Err(StlError::TooShort { bytes: bytes.len() }),
    }
    Ok(mesh.finish())
}

/// Whether the bytes begin with the keyword of the ASCII form, whatever follows.
pub fn looks_ascii(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    start.get(..5).is_some_and(|word| word.eq_ignore_ascii_case(b"solid"))
        && start.get(5).is_none_or(u8::is_ascii_whitespace)
}

/// The mesh so far, checked corner by corner.
struct Collector<'a> {
    welder: Welder,
    triangles: Vec<[u32; 3]>,
    /// How many triangles were given, the dropped ones included.
    given: usize,
    limits: &'a Limits,
    cancel: &'a AtomicBool,
}

impl<'a> Collector<'a> {
    fn new(limits: &'a Limits, cancel: &'a AtomicBool, bytes: usize) -> Self {
        // A closed mesh has half as many vertices as triangles; neither form packs a triangle into fewer than 50 bytes.
        let triangles = (bytes / 50).min(limits.triangles);
        Collector {
            welder: Welder::with_capacity(triangles / 2 + 8),
            triangles: Vec::with_capacity(triangles),
            given: 0,
            limits,
            cancel,
        }
    }

    fn push(&mut self, corners: [[f64; 3]; 3]) -> Result<(), StlError> {
        if self.given == self.limits.triangles {
            return Err(StlError::TooManyTriangles { max: self.limits.triangles });
        }
        self.given += 1;
        if self.given.is_multiple_of(1 << 16) && self.cancel.load(Ordering::Relaxed) {
            return Err(StlError::Cancelled);
        }
        for &coordinate in corners.as_flattened() {
            if !coordinate.is_finite() {
                return Err(StlError::NotFinite { triangle: self.given });
            }
            if coordinate.abs() > self.limits.reach {
                return Err(StlError::TooFar { triangle: self.given, coordinate, max: self.limits.reach });
            }
        }
        let [a, b, c] = corners.map(|corner| self.welder.index(corner));
        if a != b && b != c && c != a {
            self.triangles.push([a, b, c]);
        }
        Ok(())
    }

    fn finish(self) -> (TriMesh, usize) {
        let dropped = self.given - self.triangles.len();
        (TriMesh::new(self.welder.into_positions(), self.triangles), dropped)
    }
}

fn read_binary(records: &[u8], mesh: &mut Collector<'_>) -> Result<(), StlError> {
    let present = records.len() / 50;
    if present > mesh.limits.triangles {
        return Err(StlError::TooManyTriangles { max: mesh.limits.triangles });
    }
    for record in records.chunks_exact(50) {
        let float = |at: usize| f32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]) as f64;
        let corner = |at: usize| [float(at), float(at + 4), float(at + 8)];
        mesh.push([corner(12), corner(24), corner(36)])?;
    }
    Ok(())
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

    fn tetrahedron() -> TriMesh {
        TriMesh::new(
            vec![[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            vec![[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]],
        )
    }

    fn binary() -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&tetrahedron(), &mut bytes).unwrap();
        bytes
    }

    const ASCII: &str = "solid t\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid t\n";

    #[test]
    fn a_tetrahedron_survives_the_round_trip() {
        let back = read(&binary()).unwrap();
        assert_eq!(back.positions.len(), 4);
        assert!((back.mass_properties().volume_mm3 - 1.0 / 6.0).abs() < 1e-6);
        assert!(back.topology().is_watertight());
    }

    #[test]
    fn ascii_is_read() {
        assert_eq!(read(ASCII.as_bytes()).unwrap().triangles.len(), 1);
        let flat = ASCII.to_uppercase().replace('\n', " ").replace("SOLID T", "SOLID T\n");
        assert_eq!(read(flat.as_bytes()).unwrap().triangles.len(), 1);
        let twice = format!("{ASCII}{}", ASCII.replace("0 0 0", "0 0 -1.5e0"));
        assert_eq!(read(twice.as_bytes()).unwrap().triangles.len(), 2);
    }

    #[test]
    fn errors_say_where() {
        let mut short = binary();
        short.truncate(200);
        assert_eq!(read(&short), Err(StlError::Count { declared: 4, present: 2 }));
        let mut lying = binary();
        lying[80..84].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(read(&lying), Err(StlError::Count { declared: u64::from(u32::MAX), present: 4 }));
        let mut nan = binary();
        nan[84 + 50 + 12..84 + 50 + 16].copy_from_slice(&f32::NAN.to_le_bytes());
        assert_eq!(read(&nan), Err(StlError::NotFinite { triangle: 2 }));
        assert_eq!(read(b"junk"), Err(StlError::TooShort { bytes: 4 }));
        let cut = &ASCII[..ASCII.find("endloop").unwrap()];
        assert_eq!(read(cut.as_bytes()), Err(StlError::Truncated { line: 7, expected: "`endloop`" }));
        let words = ASCII.replace("1 0 0", "1 zero 0");
        assert_eq!(
            read(words.as_bytes()),
            Err(StlError::Syntax { line: 5, expected: "a number", found: "zero".to_owned() })
        );
        assert_eq!(read(ASCII.replace("1 0 0", "1 inf 0").as_bytes()), Err(StlError::NotFinite { triangle: 1 }));
        let limits = Limits { triangles: 3, reach: 0.5 };
        let cancel = AtomicBool::new(false);
        assert_eq!(read_within(&binary(), &limits, &cancel), Err(StlError::TooManyTriangles { max: 3 }));
        let near = Limits { triangles: 4, ..limits };
        assert_eq!(
            read_within(&binary(), &near, &cancel),
            Err(StlError::TooFar { triangle: 1, coordinate: 1.0, max: 0.5 })
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _answer = read(&bytes);
        }

        #[test]
        fn it_agrees_with_another_reader(coordinates in proptest::collection::vec(-1e3_f32..1e3, 9..90)) {
            let triangles: Vec<stl_io::Triangle> = coordinates
                .chunks_exact(9)
                .map(|c| stl_io::Triangle {
                    normal: stl_io::Normal::new([0.0, 0.0, 1.0]),
                    vertices: std::array::from_fn(|i| stl_io::Vertex::new([c[3 * i], c[3 * i + 1], c[3 * i + 2]])),
                })
                .collect();
            let mut bytes = Vec::new();
            stl_io::write_stl(&mut bytes, triangles.iter()).unwrap();
            let ours = read(&bytes).unwrap();
            prop_assert_eq!(ours.triangles.len(), triangles.len());
            let mut ascii = String::from("solid\n");
            for triangle in &triangles {
                ascii.push_str("facet normal 0 0 1\nouter loop\n");
                for vertex in &triangle.vertices {
                    ascii.push_str(&format!("vertex {} {} {}\n", vertex[0], vertex[1], vertex[2]));
                }
                ascii.push_str("endloop\nendfacet\n");
            }
            ascii.push_str("endsolid\n");
            let read = read(ascii.as_bytes()).unwrap();
            prop_assert_eq!(&read.triangles, &ours.triangles);
            let as_single = |mesh: &TriMesh| mesh.positions.iter().flatten().map(|c| *c as f32).collect::<Vec<_>>();
            prop_assert_eq!(as_single(&read), as_single(&ours));
        }
    }
}
