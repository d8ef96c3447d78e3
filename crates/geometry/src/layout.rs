//! Print pose: quarter turns of a mesh and the place of each piece on the bed.

use mesh::{MassProperties, TriMesh};

/// Gap between two pieces laid side by side.
pub(crate) const GAP: f64 = 10.0;

/// Turns by quarter turns about X, then Y; exact, because it only swaps and negates coordinates.
pub(crate) fn turned(mut mesh: TriMesh, turns: [u8; 2]) -> TriMesh {
    for p in &mut mesh.positions {
        *p = turned_point(*p, turns);
    }
    mesh
}

/// The same turns of a point or a direction.
pub(crate) fn turned_point(mut p: [f64; 3], turns: [u8; 2]) -> [f64; 3] {
    for _ in 0..turns[0] % 4 {
        p = [p[0], -p[2], p[1]];
    }
    for _ in 0..turns[1] % 4 {
        p = [p[2], p[1], -p[0]];
    }
    p
}

/// The same turns of what was measured before them.
pub(crate) fn turned_mass(mass: MassProperties, turns: [u8; 2]) -> MassProperties {
    MassProperties { centre_of_mass: turned_point(mass.centre_of_mass, turns), ..mass }
}

/// How far to move a turned piece: down onto the bed, and beside what lies there already. The first piece stays where its
/// body's axis is, unless it was turned, which would leave it off the middle.
pub(crate) fn offset(bounds: &mesh::Bounds, turned: bool, taken_to: Option<f64>) -> [f64; 3] {
    let centre = bounds.centre();
    let down = -bounds.min[2];
    match taken_to {
        Some(x) => [x + GAP - bounds.min[0], -centre[1], down],
        None if turned => [-centre[0], -centre[1], down],
        None => [0.0, 0.0, down],
    }
}

/// Removes the last digits that rotations and trigonometry leave, so that what rests on the bed is at exactly zero.
pub(crate) fn snapped(mut mesh: TriMesh) -> TriMesh {
    for c in mesh.positions.iter_mut().flatten() {
        *c = (*c * 1e9).round() / 1e9 + 0.0;
    }
    mesh
}
