//! PURE: the indexed triangle mesh that every geometric crate exchanges, its measures, its repair and the STL format.
//!
//! Lengths are millimetres. Triangles are counter-clockwise seen from outside, so a closed mesh that is oriented
//! outwards has a positive volume. Measuring changes nothing; only [`repair`] mends, and it says what it did.

mod measure;
pub mod repair;
pub mod stl;
mod topology;
mod weld;

pub use measure::{Bounds, MassProperties};
pub use topology::Topology;
pub use weld::Welder;

/// An indexed triangle mesh. Indices refer to `positions`; a mesh made by this workspace has no duplicated positions
/// (two corners that coincide share an index), which is what makes the topology measurable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TriMesh {
    pub positions: Vec<[f64; 3]>,
    pub triangles: Vec<[u32; 3]>,
}

impl TriMesh {
    pub fn new(positions: Vec<[f64; 3]>, triangles: Vec<[u32; 3]>) -> Self {
        Self { positions, triangles }
    }

    pub fn is_empty(&self) -> bool {
        self.triangles.is_empty()
    }

    /// The three corners of triangle `index`.
    pub fn corners(&self, index: usize) -> [[f64; 3]; 3] {
        self.corners_of(&self.triangles[index])
    }

    pub fn iter_corners(&self) -> impl Iterator<Item = [[f64; 3]; 3]> + '_ {
        self.triangles.iter().map(|triangle| self.corners_of(triangle))
    }

    /// Written out: `array::map` is not always inlined, and this is at the heart of every measure.
    fn corners_of(&self, [a, b, c]: &[u32; 3]) -> [[f64; 3]; 3] {
        [self.positions[*a as usize], self.positions[*b as usize], self.positions[*c as usize]]
    }

    pub fn translated(mut self, by: [f64; 3]) -> Self {
        for position in &mut self.positions {
            for axis in 0..3 {
                position[axis] += by[axis];
            }
        }
        self
    }

    /// Adds `other` beside this mesh; no boolean is computed.
    pub fn append(&mut self, other: &TriMesh) {
        let offset = self.positions.len() as u32;
        self.positions.extend_from_slice(&other.positions);
        self.triangles.extend(other.triangles.iter().map(|t| t.map(|vertex| vertex + offset)));
    }

    /// Merges corners that are equal to the last bit, and drops triangles that this makes degenerate.
    pub fn welded(&self) -> TriMesh {
        let mut welder = Welder::with_capacity(self.positions.len());
        let remap: Vec<u32> = self.positions.iter().map(|p| welder.index(*p)).collect();
        let triangles = self
            .triangles
            .iter()
            .map(|t| t.map(|vertex| remap[vertex as usize]))
            .filter(|[a, b, c]| a != b && b != c && c != a)
            .collect();
        TriMesh { positions: welder.into_positions(), triangles }
    }
}
