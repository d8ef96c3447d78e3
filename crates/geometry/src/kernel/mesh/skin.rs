//! Closed meshes from rings of points: lofts, sweeps, coils and drafted walls.

use manifold_rust::{linalg::Vec2, manifold::Manifold, polygon, types::Polygons};

use super::{Stop, of_triangles};

/// Rings in a row, each of the same loops of the same numbers of points: the outer loop counter-clockwise seen from
/// ahead, holes clockwise.
pub(super) struct Skin {
    pub(super) rings: Vec<Vec<Vec<[f64; 3]>>>,
    /// The flat ends, or `None` where the last ring joins the first.
    pub(super) caps: Option<[Polygons; 2]>,
}

impl Skin {
    pub(super) fn build(&self) -> Result<Manifold, Stop> {
        let loops: Vec<usize> = self.rings.first().map(|ring| ring.iter().map(Vec::len).collect()).unwrap_or_default();
        if self.rings.len() < 2 || loops.iter().any(|n| *n < 3) {
            return Err(Stop::refused("there is nothing between the ends"));
        }
        let per_ring: usize = loops.iter().sum();
        let mut positions: Vec<f64> = Vec::with_capacity(3 * per_ring * self.rings.len());
        positions.extend(self.rings.iter().flatten().flatten().flatten());
        let mut triangles: Vec<[usize; 3]> = Vec::with_capacity(2 * per_ring * self.rings.len());
        let spans = if self.caps.is_some() { self.rings.len() - 1 } else { self.rings.len() };
        for k in 0..spans {
            let (low, high) = (k * per_ring, (k + 1) % self.rings.len() * per_ring);
            let mut first = 0;
            for n in &loops {
                for i in 0..*n {
                    let j = (i + 1) % n;
                    let [a, b, c, d] = [low + first + i, low + first + j, high + first + j, high + first + i];
                    // On twisted walls one diagonal lies inside and the other outside: in turns they cancel out.
                    if (i + k) % 2 == 0 {
                        triangles.extend([[a, b, c], [a, c, d]]);
                    } else {
                        triangles.extend([[a, b, d], [b, c, d]]);
                    }
                }
                first += n;
            }
        }
        if let Some([bottom, top]) = &self.caps {
            let last = (self.rings.len() - 1) * per_ring;
            for t in polygon::triangulate(bottom, -1.0, true) {
                triangles.push([t.z as usize, t.y as usize, t.x as usize]);
            }
            for t in polygon::triangulate(top, -1.0, true) {
                triangles.push([last + t.x as usize, last + t.y as usize, last + t.z as usize]);
            }
        }
        if volume(&positions, &triangles) < 0.0 {
            triangles.iter_mut().for_each(|t| t.swap(0, 2));
        }
        of_triangles(positions, &triangles)
    }
}

/// Six times the signed volume.
fn volume(positions: &[f64], triangles: &[[usize; 3]]) -> f64 {
    let p = |i: usize| [positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]];
    triangles
        .iter()
        .map(|t| {
            let ([a, b, c], [d, e, f], [g, h, i]) = (p(t[0]), p(t[1]), p(t[2]));
            a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
        })
        .sum()
}

pub(super) fn polygons(rings: &[Vec<[f64; 2]>]) -> Polygons {
    rings.iter().map(|ring| ring.iter().map(|[x, y]| Vec2::new(*x, *y)).collect()).collect()
}
