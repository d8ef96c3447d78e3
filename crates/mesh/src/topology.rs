//! Closedness, orientation, components and genus of a mesh, from its edges alone.

use std::collections::HashMap;

use crate::TriMesh;

/// What the edges say. An edge is shared by two triangles that run it in opposite directions in a closed, oriented
/// 2-manifold; every deviation is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Topology {
    pub components: usize,
    /// V - E + F, over the vertices that triangles use.
    pub euler_number: i64,
    /// Edges with one triangle.
    pub open_edges: usize,
    /// Edges whose triangles do not pair up in opposite directions, or that have more than two.
    pub bad_edges: usize,
}

impl Topology {
    /// Closed and consistently oriented.
    pub fn is_watertight(&self) -> bool {
        self.components > 0 && self.open_edges == 0 && self.bad_edges == 0
    }

    /// Handles summed over the components: chi = 2 (components - genus).
    pub fn through_holes(&self) -> i64 {
        self.components as i64 - self.euler_number / 2
    }
}

impl TriMesh {
    pub fn topology(&self) -> Topology {
        let mut parent: Vec<u32> = (0..self.positions.len() as u32).collect();
        let mut used = vec![false; self.positions.len()];
        for &[a, b, c] in &self.triangles {
            for vertex in [a, b, c] {
                used[vertex as usize] = true;
            }
            unite(&mut parent, a, b);
            unite(&mut parent, b, c);
        }
        let vertices = used.iter().filter(|&&u| u).count();
        let components = (0..parent.len() as u32).filter(|&v| used[v as usize] && find(&mut parent, v) == v).count();
        let (mut edges, mut open_edges, mut bad_edges) = (0_i64, 0, 0);
        for ends in EdgeEnds::of(self).by_vertex() {
            for run in ends.chunk_by(|a, b| a >> 1 == b >> 1) {
                let back = run.iter().filter(|end| **end & 1 == 1).count();
                edges += 1;
                open_edges += usize::from(run.len() == 1);
                bad_edges += usize::from(run.len() > 1 && (run.len() != 2 || back != 1));
            }
        }
        Topology {
            components,
            euler_number: vertices as i64 - edges + self.triangles.len() as i64,
            open_edges,
            bad_edges,
        }
    }

    /// The connected surfaces as meshes of their own, in the order of their first triangles. A body with a void inside is
    /// two of them.
    pub fn components(&self) -> Vec<TriMesh> {
        let mut parent: Vec<u32> = (0..self.positions.len() as u32).collect();
        for &[a, b, c] in &self.triangles {
            unite(&mut parent, a, b);
            unite(&mut parent, b, c);
        }
        let mut number: HashMap<u32, usize> = HashMap::new();
        let mut renamed: Vec<Option<u32>> = vec![None; self.positions.len()];
        let mut components: Vec<TriMesh> = Vec::new();
        for triangle in &self.triangles {
            let index = *number.entry(find(&mut parent, triangle[0])).or_insert_with(|| {
                components.push(TriMesh::default());
                components.len() - 1
            });
            let component = &mut components[index];
            let corners = triangle.map(|vertex| {
                *renamed[vertex as usize].get_or_insert_with(|| {
                    component.positions.push(self.positions[vertex as usize]);
                    (component.positions.len() - 1) as u32
                })
            });
            component.triangles.push(corners);
        }
        components
    }
}

/// The triangles' edges in buckets by their lower vertex: the other vertex and the direction in one number, sorted within
/// each. Counting sort: no edge is hashed.
struct EdgeEnds {
    ends: Vec<u64>,
    /// Where each vertex's bucket begins; one more than there are vertices.
    starts: Vec<usize>,
}

impl EdgeEnds {
    fn of(mesh: &TriMesh) -> EdgeEnds {
        let directed = || mesh.triangles.iter().flat_map(|&[a, b, c]| [(a, b), (b, c), (c, a)]);
        let mut starts = vec![0; mesh.positions.len() + 1];
        for (from, to) in directed() {
            starts[from.min(to) as usize + 1] += 1;
        }
        for vertex in 1..starts.len() {
            starts[vertex] += starts[vertex - 1];
        }
        let mut next = starts.clone();
        let mut ends = vec![0; 3 * mesh.triangles.len()];
        for (from, to) in directed() {
            let place = &mut next[from.min(to) as usize];
            ends[*place] = u64::from(from.max(to)) << 1 | u64::from(from > to);
            *place += 1;
        }
        for vertex in 1..starts.len() {
            ends[starts[vertex - 1]..starts[vertex]].sort_unstable();
        }
        EdgeEnds { ends, starts }
    }

    fn by_vertex(&self) -> impl Iterator<Item = &[u64]> {
        self.starts.windows(2).map(|range| &self.ends[range[0]..range[1]])
    }
}

fn find(parent: &mut [u32], mut vertex: u32) -> u32 {
    while parent[vertex as usize] != vertex {
        let grand = parent[parent[vertex as usize] as usize];
        parent[vertex as usize] = grand;
        vertex = grand;
    }
    vertex
}

fn unite(parent: &mut [u32], a: u32, b: u32) {
    let (a, b) = (find(parent, a), find(parent, b));
    if a != b {
        parent[a.max(b) as usize] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_the_parts_of_a_mesh_again() {
        let tetrahedron = TriMesh::new(
            vec![[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            vec![[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]],
        );
        let others: Vec<TriMesh> =
            (1..4).map(|i| tetrahedron.clone().translated([f64::from(i) * 3.0, 0.0, 0.0])).collect();
        let mut all = TriMesh::default();
        others.iter().for_each(|mesh| all.append(mesh));
        let components = all.components();
        assert_eq!(components.len(), 3);
        for (component, mesh) in components.iter().zip(&others) {
            assert_eq!(component.bounds(), mesh.bounds());
            assert!(component.topology().is_watertight());
            assert_eq!(component.mass_properties(), mesh.mass_properties());
        }
        assert!(TriMesh::default().components().is_empty());
    }
}
