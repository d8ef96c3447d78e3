//! Binary STL and the topology of the solid in it.

use std::collections::HashMap;

/// Triangles as stored, in millimetres.
#[derive(Clone, Debug)]
pub struct Stl {
    pub triangles: Vec<[[f64; 3]; 3]>,
}

/// One connected piece of a closed surface.
#[derive(Clone, Debug)]
pub struct Piece {
    pub min: [f64; 3],
    pub max: [f64; 3],
    pub volume: f64,
    /// Through holes.
    pub genus: i64,
}

impl Piece {
    pub fn size(&self) -> [f64; 3] {
        [0, 1, 2].map(|axis| self.max[axis] - self.min[axis])
    }
}

impl Stl {
    pub fn read(bytes: &[u8]) -> Result<Stl, String> {
        let count = bytes.get(80..84).ok_or("shorter than a header")?;
        let count = u32::from_le_bytes([count[0], count[1], count[2], count[3]]) as usize;
        if bytes.len() != 84 + 50 * count {
            return Err(format!("{count} triangles are announced and {} bytes are there", bytes.len()));
        }
        let number =
            |at: usize| f64::from(f32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]));
        let point = |at: usize| [number(at), number(at + 4), number(at + 8)];
        let triangles: Vec<_> =
            (0..count).map(|n| 84 + 50 * n + 12).map(|at| [0, 12, 24].map(|o| point(at + o))).collect();
        if triangles.iter().flatten().flatten().any(|value| !value.is_finite()) {
            return Err("a coordinate is not finite".to_owned());
        }
        Ok(Stl { triangles })
    }

    /// The pieces, lowest x first. An error names the first edge that does not join exactly two triangles in opposite
    /// directions: then the surface is not watertight.
    pub fn pieces(&self) -> Result<Vec<Piece>, String> {
        let mut numbers: HashMap<[u64; 3], usize> = HashMap::new();
        let mut points = Vec::new();
        let mut faces = Vec::new();
        for triangle in &self.triangles {
            faces.push(triangle.map(|point| {
                // Adding zero makes -0 and 0 one.
                *numbers.entry(point.map(|c| (c + 0.0).to_bits())).or_insert_with(|| {
                    points.push(point);
                    points.len() - 1
                })
            }));
        }
        let mut edges: HashMap<(usize, usize), usize> = HashMap::new();
        for face in &faces {
            for (a, b) in [(face[0], face[1]), (face[1], face[2]), (face[2], face[0])] {
                if a == b {
                    return Err(format!("a triangle has two corners at {:?}", points[a]));
                }
                *edges.entry((a, b)).or_default() += 1;
            }
        }
        for (&(a, b), &count) in &edges {
            if count != 1 || edges.get(&(b, a)) != Some(&1) {
                return Err(format!("the edge {:?} - {:?} does not join two triangles", points[a], points[b]));
            }
        }
        Ok(split(&points, &faces))
    }
}

fn split(points: &[[f64; 3]], faces: &[[usize; 3]]) -> Vec<Piece> {
    let mut parent: Vec<usize> = (0..points.len()).collect();
    fn root(parent: &mut [usize], mut of: usize) -> usize {
        while parent[of] != of {
            parent[of] = parent[parent[of]];
            of = parent[of];
        }
        of
    }
    for face in faces {
        for other in [face[1], face[2]] {
            let (a, b) = (root(&mut parent, face[0]), root(&mut parent, other));
            parent[a] = b;
        }
    }
    // Corners and faces by piece; a closed surface has half as many edges again as faces.
    let mut found: HashMap<usize, (Piece, i64, i64)> = HashMap::new();
    let empty = || Piece { min: [f64::INFINITY; 3], max: [f64::NEG_INFINITY; 3], volume: 0.0, genus: 0 };
    for (number, point) in points.iter().enumerate() {
        let (piece, corners, _) = found.entry(root(&mut parent, number)).or_insert_with(|| (empty(), 0, 0));
        *corners += 1;
        for (axis, value) in point.iter().enumerate() {
            piece.min[axis] = piece.min[axis].min(*value);
            piece.max[axis] = piece.max[axis].max(*value);
        }
    }
    for face in faces {
        let Some((piece, _, count)) = found.get_mut(&root(&mut parent, face[0])) else { continue };
        *count += 1;
        let [a, b, c] = face.map(|corner| points[corner]);
        let cross = [b[1] * c[2] - b[2] * c[1], b[2] * c[0] - b[0] * c[2], b[0] * c[1] - b[1] * c[0]];
        piece.volume += (a[0] * cross[0] + a[1] * cross[1] + a[2] * cross[2]) / 6.0;
    }
    let finish = |(piece, corners, faces): (Piece, i64, i64)| {
        let characteristic = corners - faces * 3 / 2 + faces;
        Piece { genus: (2 - characteristic) / 2, ..piece }
    };
    let mut pieces: Vec<_> = found.into_values().map(finish).collect();
    pieces.sort_by(|a, b| a.min[0].total_cmp(&b.min[0]));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square frame: the outer and inner walls and two rings, so one through hole.
    fn frame() -> Vec<[[f64; 3]; 3]> {
        let corner = |s: f64, z: f64| [[-s, -s, z], [s, -s, z], [s, s, z], [-s, s, z]];
        let (lo, hi, li, hi_in) = (corner(2.0, 0.0), corner(2.0, 1.0), corner(1.0, 0.0), corner(1.0, 1.0));
        let mut all = Vec::new();
        let mut quad = |a, b, c, d| all.extend([[a, b, c], [a, c, d]]);
        for n in 0..4 {
            let m = (n + 1) % 4;
            quad(lo[n], lo[m], hi[m], hi[n]);
            quad(li[m], li[n], hi_in[n], hi_in[m]);
            quad(hi[n], hi[m], hi_in[m], hi_in[n]);
            quad(lo[m], lo[n], li[n], li[m]);
        }
        all
    }

    fn bytes(triangles: &[[[f64; 3]; 3]]) -> Vec<u8> {
        let mut out = vec![0; 80];
        out.extend((triangles.len() as u32).to_le_bytes());
        for triangle in triangles {
            out.extend([0; 12]);
            out.extend(triangle.iter().flatten().flat_map(|c| (*c as f32).to_le_bytes()));
            out.extend([0; 2]);
        }
        out
    }

    #[test]
    fn a_frame_has_one_hole_and_its_volume() {
        let pieces = Stl::read(&bytes(&frame())).unwrap().pieces().unwrap();
        assert_eq!((pieces.len(), pieces[0].genus, pieces[0].size()), (1, 1, [4.0, 4.0, 1.0]));
        assert!((pieces[0].volume - 12.0).abs() < 1e-9);
    }

    #[test]
    fn a_missing_or_turned_triangle_is_no_closed_surface() {
        let mut open = frame();
        open.pop();
        assert!(Stl::read(&bytes(&open)).unwrap().pieces().is_err());
        let mut turned = frame();
        turned[3].swap(0, 1);
        assert!(Stl::read(&bytes(&turned)).unwrap().pieces().is_err());
        assert!(Stl::read(&bytes(&frame())[..200]).is_err());
    }
}
