//! Cuts a closed mesh by horizontal planes. Contours are chained over the mesh's edge adjacency, never by comparing
//! coordinates, so that they close by construction; a vertex on the plane counts as above it, which is consistent for
//! all triangles around it.

use mesh::TriMesh;

use crate::SliceError;
use crate::region::{Contour, Region, simplified, to_grid};

/// A mesh prepared for cutting: who is whose neighbour, and which triangles each layer meets.
pub(crate) struct Sectioner<'a> {
    mesh: &'a TriMesh,
    offset: [f64; 2],
    /// `neighbours[3 t + k]` is the triangle across edge k (from corner k to corner k + 1) of triangle t.
    neighbours: Vec<u32>,
    planes: Vec<f64>,
    /// Triangles of layer i are `bucket[starts[i]..starts[i + 1]]`.
    starts: Vec<usize>,
    bucket: Vec<u32>,
}

/// Reused between layers of one thread.
#[derive(Default)]
pub(crate) struct Scratch {
    /// Layer (plus one) in which a triangle was last visited.
    visited: Vec<u32>,
}

impl<'a> Sectioner<'a> {
    /// `planes` ascend. Fails where the mesh is not closed and consistently oriented.
    pub(crate) fn new(mesh: &'a TriMesh, offset: [f64; 2], planes: Vec<f64>) -> Result<Self, SliceError> {
        let neighbours = neighbours(mesh)?;
        let ranges: Vec<(usize, usize)> = mesh
            .iter_corners()
            .map(|corners| {
                let z = corners.map(|c| c[2]);
                let (low, high) = (z[0].min(z[1]).min(z[2]), z[0].max(z[1]).max(z[2]));
                // Crossed where low < plane <= high.
                (planes.partition_point(|&p| p <= low), planes.partition_point(|&p| p <= high))
            })
            .collect();
        let mut starts = vec![0usize; planes.len() + 1];
        for &(first, end) in &ranges {
            for layer in first..end {
                starts[layer + 1] += 1;
            }
        }
        for layer in 0..planes.len() {
            starts[layer + 1] += starts[layer];
        }
        let mut fill = starts.clone();
        let mut bucket = vec![0u32; starts[planes.len()]];
        for (triangle, &(first, end)) in ranges.iter().enumerate() {
            for slot in &mut fill[first..end] {
                bucket[*slot] = triangle as u32;
                *slot += 1;
            }
        }
        Ok(Self { mesh, offset, neighbours, planes, starts, bucket })
    }

    /// The section of layer `layer`, moved by the offset to where it is printed.
    pub(crate) fn section(&self, layer: usize, scratch: &mut Scratch) -> Region {
        scratch.visited.resize(self.mesh.triangles.len(), 0);
        let plane = self.planes[layer];
        let stamp = layer as u32 + 1;
        let mut contours: Vec<Contour> = Vec::new();
        for &first in &self.bucket[self.starts[layer]..self.starts[layer + 1]] {
            if scratch.visited[first as usize] == stamp {
                continue;
            }
            let mut contour = Contour::new();
            let mut triangle = first;
            while scratch.visited[triangle as usize] != stamp {
                scratch.visited[triangle as usize] = stamp;
                // Walking with the solid to the left leaves a triangle by the edge that runs upwards.
                let Some(edge) = self.upward_edge(triangle, plane) else { break };
                let point = to_grid(self.crossing(triangle, edge, plane));
                if contour.last() != Some(&point) {
                    contour.push(point);
                }
                triangle = self.neighbours[triangle as usize * 3 + edge];
            }
            if contour.len() >= 3 {
                contours.push(simplified(&contour));
            }
        }
        Region::from_contours(&contours)
    }

    fn upward_edge(&self, triangle: u32, plane: f64) -> Option<usize> {
        let above = self.mesh.triangles[triangle as usize].map(|v| self.mesh.positions[v as usize][2] >= plane);
        (0..3).find(|&k| !above[k] && above[(k + 1) % 3])
    }

    fn crossing(&self, triangle: u32, edge: usize, plane: f64) -> [f64; 2] {
        let corners = self.mesh.triangles[triangle as usize];
        let (a, b) = (corners[edge], corners[(edge + 1) % 3]);
        // The same order from both triangles gives the same point to the last bit.
        let (a, b) = (self.mesh.positions[a.min(b) as usize], self.mesh.positions[a.max(b) as usize]);
        let t = (plane - a[2]) / (b[2] - a[2]);
        [a[0] + t * (b[0] - a[0]) + self.offset[0], a[1] + t * (b[1] - a[1]) + self.offset[1]]
    }
}

/// Pairs each half-edge with one in the opposite direction. Where more than two triangles meet in an edge (solids that
/// touch), any pairing of opposite directions is a closed surface.
fn neighbours(mesh: &TriMesh) -> Result<Vec<u32>, SliceError> {
    // (low vertex, high vertex, direction, half-edge)
    let mut halves: Vec<(u32, u32, bool, u32)> = Vec::with_capacity(mesh.triangles.len() * 3);
    for (index, t) in mesh.triangles.iter().enumerate() {
        for k in 0..3 {
            let (a, b) = (t[k], t[(k + 1) % 3]);
            halves.push((a.min(b), a.max(b), a < b, (index * 3 + k) as u32));
        }
    }
    halves.sort_unstable();
    let mut neighbours = vec![0u32; halves.len()];
    let (mut unpaired, mut first) = (0, None);
    for group in halves.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let split = group.partition_point(|h| !h.2);
        if split * 2 != group.len() {
            unpaired += 1;
            first.get_or_insert(mesh.positions[group[0].0 as usize]);
            continue;
        }
        for (backward, forward) in group[..split].iter().zip(&group[split..]) {
            neighbours[backward.3 as usize] = forward.3 / 3;
            neighbours[forward.3 as usize] = backward.3 / 3;
        }
    }
    match first {
        Some(near) => Err(SliceError::NotClosed { edges: unpaired, near }),
        None => Ok(neighbours),
    }
}
