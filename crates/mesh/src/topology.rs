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
        // Net direction and count per undirected edge.
        let mut edges: HashMap<(u32, u32), (i32, u32)> = HashMap::with_capacity(self.triangles.len() * 3 / 2);
        let mut parent: Vec<u32> = (0..self.positions.len() as u32).collect();
        let mut used = vec![false; self.positions.len()];
        for &[a, b, c] in &self.triangles {
            for (from, to) in [(a, b), (b, c), (c, a)] {
                let entry = edges.entry((from.min(to), from.max(to))).or_default();
                entry.0 += if from < to { 1 } else { -1 };
                entry.1 += 1;
                used[from as usize] = true;
                unite(&mut parent, from, to);
            }
        }
        let vertices = used.iter().filter(|&&u| u).count();
        let components = (0..parent.len() as u32).filter(|&v| used[v as usize] && find(&mut parent, v) == v).count();
        let open_edges = edges.values().filter(|(_, count)| *count == 1).count();
        let bad_edges = edges.values().filter(|(net, count)| *count > 1 && (*net != 0 || *count != 2)).count();
        Topology {
            components,
            euler_number: vertices as i64 - edges.len() as i64 + self.triangles.len() as i64,
            open_edges,
            bad_edges,
        }
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
