//! Bounds, volume, area and centre of mass of a mesh, by the divergence theorem over its triangles.

use serde::{Deserialize, Serialize};

use crate::TriMesh;

/// An axis-aligned bounding box, millimetres.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    pub min: [f64; 3],
    pub max: [f64; 3],
}

impl Bounds {
    pub fn size(&self) -> [f64; 3] {
        std::array::from_fn(|axis| self.max[axis] - self.min[axis])
    }

    pub fn centre(&self) -> [f64; 3] {
        std::array::from_fn(|axis| (self.max[axis] + self.min[axis]) / 2.0)
    }

    pub fn union(&self, other: &Bounds) -> Bounds {
        Bounds {
            min: std::array::from_fn(|axis| self.min[axis].min(other.min[axis])),
            max: std::array::from_fn(|axis| self.max[axis].max(other.max[axis])),
        }
    }
}

/// Volume (mm3), surface area (mm2) and centre of mass (mm) at uniform density.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MassProperties {
    pub volume_mm3: f64,
    pub area_mm2: f64,
    pub centre_of_mass: [f64; 3],
}

impl TriMesh {
    /// The bounding box, or `None` for a mesh without positions.
    pub fn bounds(&self) -> Option<Bounds> {
        let first = *self.positions.first()?;
        Some(self.positions.iter().fold(Bounds { min: first, max: first }, |b, p| Bounds {
            min: std::array::from_fn(|axis| b.min[axis].min(p[axis])),
            max: std::array::from_fn(|axis| b.max[axis].max(p[axis])),
        }))
    }

    /// The volume alone, as [`TriMesh::mass_properties`] has it.
    pub fn volume_mm3(&self) -> f64 {
        let origin = self.positions.first().copied().unwrap_or_default();
        let six = |corners: [[f64; 3]; 3]| {
            let [a, b, c] = corners;
            dot(sub(a, origin), cross(sub(b, origin), sub(c, origin)))
        };
        self.iter_corners().map(six).sum::<f64>() / 6.0
    }

    /// Sums signed tetrahedra against the first position, which keeps the terms small for a part far from the origin.
    /// Meaningful for a closed mesh only.
    pub fn mass_properties(&self) -> MassProperties {
        let origin = self.positions.first().copied().unwrap_or_default();
        let (mut volume, mut area, mut moment) = (0.0, 0.0, [0.0; 3]);
        for [a, b, c] in self.iter_corners() {
            let (a, b, c) = (sub(a, origin), sub(b, origin), sub(c, origin));
            let signed = dot(a, cross(b, c)) / 6.0;
            volume += signed;
            area += norm(cross(sub(b, a), sub(c, a))) / 2.0;
            for axis in 0..3 {
                moment[axis] += signed * (a[axis] + b[axis] + c[axis]) / 4.0;
            }
        }
        let centre = if volume.abs() > 1e-12 { moment.map(|m| m / volume) } else { [0.0; 3] };
        MassProperties {
            volume_mm3: volume,
            area_mm2: area,
            centre_of_mass: std::array::from_fn(|axis| centre[axis] + origin[axis]),
        }
    }
}

pub(crate) fn sub(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub(crate) fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

pub(crate) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn norm(a: [f64; 3]) -> f64 {
    dot(a, a).sqrt()
}

#[cfg(test)]
pub(crate) mod tests {
    use crate::TriMesh;

    pub(crate) fn cube(side: f64) -> TriMesh {
        let positions =
            (0..8).map(|i| [(i & 1) as f64 * side, (i >> 1 & 1) as f64 * side, (i >> 2 & 1) as f64 * side]).collect();
        let quads = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
        let triangles = quads.iter().flat_map(|q| [[q[0], q[1], q[2]], [q[0], q[2], q[3]]]).collect();
        TriMesh::new(positions, triangles)
    }

    #[test]
    fn a_cube_far_from_the_origin_keeps_its_measures() {
        let properties = cube(10.0).translated([1e5, -1e5, 3e4]).mass_properties();
        assert!((properties.volume_mm3 - 1000.0).abs() < 1e-6);
        assert!((cube(10.0).volume_mm3() - 1000.0).abs() < 1e-9);
        assert!((properties.area_mm2 - 600.0).abs() < 1e-6);
        assert!((properties.centre_of_mass[2] - 30_005.0).abs() < 1e-6);
    }

    #[test]
    fn a_cube_is_closed_oriented_and_of_genus_zero() {
        let topology = cube(10.0).topology();
        assert!(topology.is_watertight());
        assert_eq!((topology.components, topology.euler_number, topology.through_holes()), (1, 2, 0));
    }

    #[test]
    fn a_cube_without_one_triangle_is_open() {
        let mut open = cube(10.0);
        open.triangles.pop();
        assert_eq!(open.topology().open_edges, 3);
        assert!(!open.topology().is_watertight());
    }

    #[test]
    fn a_flipped_triangle_is_reported() {
        let mut flipped = cube(10.0);
        flipped.triangles[0].swap(0, 1);
        assert!(!flipped.topology().is_watertight());
    }
}
