//! Wavefront OBJ: corners and polygons; what only concerns looks (normals, textures, materials) is passed over.
//!
//! An own reader, because errors here must say the line, and a concave polygon must not be cut into a fan.

use std::sync::atomic::{AtomicBool, Ordering};

use ::mesh::{TriMesh, Welder};

use super::{Bounds, ImportError, polygon};

/// Corners of one polygon: cutting it takes their square.
const MOST_CORNERS: usize = 2048;

/// What is wrong with an OBJ file; lines are counted from 1.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ObjError {
    #[error("line {line}: a corner needs three numbers, found `{found}`")]
    Corner { line: usize, found: String },
    #[error("line {line}: a coordinate is not a finite number")]
    NotFinite { line: usize },
    #[error("line {line}: {coordinate} lies further than {max} mm from the origin; check the file's unit")]
    TooFar { line: usize, coordinate: f64, max: f64 },
    #[error("line {line}: `{found}` is no corner of a face")]
    Face { line: usize, found: String },
    #[error("line {line}: corner {index} does not exist; {corners} are defined above")]
    NoSuchCorner { line: usize, index: i64, corners: usize },
    #[error("line {line}: a face needs 3 to {MOST_CORNERS} corners, this one has {corners}")]
    Corners { line: usize, corners: usize },
    #[error("line {line}: `{keyword}` is a free-form surface; export the body as a mesh or as STEP")]
    FreeForm { line: usize, keyword: String },
    #[error("line {line}: `{found}` is not an OBJ keyword")]
    Keyword { line: usize, found: String },
    #[error("the file has no faces")]
    NoFaces,
}

/// Whether the text's first statements are those of an OBJ file.
pub(super) fn looks_so(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(1 << 16)];
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.find(|line| !line.is_empty() && line[0] != b'#');
    const FIRST: [&[u8]; 8] = [b"v", b"o", b"g", b"s", b"mtllib", b"usemtl", b"vn", b"vt"];
    let word = first.and_then(|line| line.split(u8::is_ascii_whitespace).next());
    word.is_some_and(|word| FIRST.contains(&word)) && head.windows(3).any(|w| w == b"\nv " || w == b"\nf ")
}

pub(super) fn read(bytes: &[u8], bounds: &Bounds, cancel: &AtomicBool) -> Result<TriMesh, ImportError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    // A corner and its two triangles take about sixty bytes of text.
    let mut welder = Welder::with_capacity(bytes.len() / 60);
    // The numbers of the file's corners among the distinct ones.
    let mut corners: Vec<u32> = Vec::new();
    let mut triangles: Vec<[u32; 3]> = Vec::new();
    let mut positions: Vec<[f64; 3]> = Vec::new();
    let (mut face, mut around, mut ears) = (Vec::new(), Vec::new(), Vec::new());
    let mut joined = Vec::new();
    let mut lines = bytes.split(|byte| *byte == b'\n').enumerate();
    while let Some((index, raw)) = lines.next() {
        let line = index + 1;
        if line % 65_536 == 0 && cancel.load(Ordering::Relaxed) {
            return Err(ImportError::Cancelled);
        }
        let mut text = raw.trim_ascii();
        // A backslash at the end goes on in the next line.
        if text.ends_with(b"\\") {
            joined.clear();
            while let Some(part) = text.strip_suffix(b"\\") {
                joined.extend_from_slice(part);
                joined.push(b' ');
                text = lines.next().map_or(&[][..], |(_, raw)| raw.trim_ascii());
            }
            joined.extend_from_slice(text);
            text = &joined;
        }
        let mut words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        match words.next() {
            None => {}
            Some(b"v") => {
                let mut position = [0.0; 3];
                for coordinate in &mut position {
                    let word = words.next().unwrap_or_default();
                    let number = std::str::from_utf8(word).ok().and_then(|word| word.parse::<f64>().ok());
                    *coordinate = number.ok_or_else(|| ObjError::Corner { line, found: shown(text) })?;
                    if !coordinate.is_finite() {
                        return Err(ObjError::NotFinite { line }.into());
                    }
                    if coordinate.abs() > bounds.reach_mm {
                        return Err(ObjError::TooFar { line, coordinate: *coordinate, max: bounds.reach_mm }.into());
                    }
                }
                let number = welder.index(position);
                if number as usize == positions.len() {
                    positions.push(position);
                }
                corners.push(number);
            }
            Some(b"f") => {
                face.clear();
                for word in words {
                    if face.len() == MOST_CORNERS {
                        return Err(ObjError::Corners { line, corners: MOST_CORNERS + 1 }.into());
                    }
                    face.push(corner(word, &corners, line)?);
                }
                if face.len() < 3 {
                    return Err(ObjError::Corners { line, corners: face.len() }.into());
                }
                if triangles.len() + face.len() - 2 > bounds.triangles {
                    return Err(ImportError::TooManyTriangles { max: bounds.triangles });
                }
                around.clear();
                around.extend(face.iter().map(|vertex| positions[*vertex as usize]));
                ears.clear();
                polygon::triangulate(&around, &mut ears);
                triangles.extend(ears.iter().map(|ear| ear.map(|i| face[i])));
            }
            Some(word) => other(word, line)?,
        }
    }
    if triangles.is_empty() {
        return Err(ObjError::NoFaces.into());
    }
    Ok(TriMesh::new(positions, triangles))
}

/// `7`, `7/1`, `7//3` or `7/1/3`, the number counted from 1, or back from the last corner when negative.
fn corner(word: &[u8], corners: &[u32], line: usize) -> Result<u32, ObjError> {
    let number = word.split(|byte| *byte == b'/').next().unwrap_or_default();
    let parsed = std::str::from_utf8(number).ok().and_then(|number| number.parse::<i64>().ok());
    let index = parsed.ok_or_else(|| ObjError::Face { line, found: shown(word) })?;
    let at = if index > 0 { index - 1 } else { corners.len() as i64 + index };
    let known = usize::try_from(at).ok().filter(|_| index != 0).and_then(|at| corners.get(at));
    known.copied().ok_or(ObjError::NoSuchCorner { line, index, corners: corners.len() })
}

fn other(word: &[u8], line: usize) -> Result<(), ObjError> {
    const LOOKS: [&[u8]; 20] = [
        b"vn",
        b"vt",
        b"vp",
        b"o",
        b"g",
        b"s",
        b"mg",
        b"usemtl",
        b"mtllib",
        b"l",
        b"p",
        b"bevel",
        b"c_interp",
        b"d_interp",
        b"lod",
        b"usemap",
        b"maplib",
        b"shadow_obj",
        b"trace_obj",
        b"call",
    ];
    const FREE_FORM: [&[u8]; 4] = [b"cstype", b"curv", b"curv2", b"surf"];
    if word[0] == b'#' || LOOKS.contains(&word) {
        Ok(())
    } else if FREE_FORM.contains(&word) {
        Err(ObjError::FreeForm { line, keyword: shown(word) })
    } else {
        Err(ObjError::Keyword { line, found: shown(word) })
    }
}

/// The beginning of what was found, for a message.
fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned()
}
