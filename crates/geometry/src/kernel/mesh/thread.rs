//! The ISO 68-1 thread as a closed mesh.

use std::f64::consts::TAU;

use manifold_rust::{linalg::Vec3, manifold::Manifold};

use super::{Stop, of_triangles, settled, within};
use crate::contour;

/// Sizes of a thread in millimetres.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thread {
    pub(super) diameter: f64,
    pub(super) pitch: f64,
    pub(super) length: f64,
    pub(super) internal: bool,
    pub(super) left_handed: bool,
    pub(super) clearance: f64,
}

/// The basic profile over one pitch, as share of the pitch and share of the depth from the root: a root of P/4, flanks
/// of 60 degrees over 5/16 P each, a crest of P/8 (ISO 68-1:1998, figure 1).
const PROFILE: [(f64, f64); 4] = [(0.0, 0.0), (4.0 / 16.0, 0.0), (9.0 / 16.0, 1.0), (11.0 / 16.0, 1.0)];

impl Thread {
    /// Root and crest radius. The depth of the basic profile is 5/8 H, with H = P sqrt(3) / 2 (ISO 68-1).
    fn radii(&self) -> (f64, f64) {
        let depth = 0.625 * self.pitch * 3_f64.sqrt() / 2.0;
        let off = if self.internal { self.clearance } else { -self.clearance };
        (self.diameter / 2.0 - depth + off, self.diameter / 2.0 + off)
    }

    pub(super) fn build(&self, chord: f64) -> Result<Manifold, Stop> {
        let (root, crest) = self.radii();
        if root <= self.pitch * 0.05 || self.pitch <= 1e-3 || self.length <= 1e-3 {
            return Err(Stop::refused("the thread's pitch is too large for its diameter"));
        }
        let columns = contour::sides(crest, chord);
        let pitches = (self.length / self.pitch).ceil() as usize + 3;
        within(columns.saturating_mul(2 * PROFILE.len()).saturating_mul(pitches))?;
        // Rows follow the helix: row j of column i lies (i / columns) pitches above row j of column 0, so that row j of
        // the column past the last is row j + 4 of the first.
        let rows = pitches * PROFILE.len();
        let mut positions = Vec::with_capacity(3 * columns * rows);
        for i in 0..columns {
            let share = i as f64 / columns as f64;
            let (sin, cos) = (TAU * share).sin_cos();
            for j in 0..rows {
                let (at, depth) = PROFILE[j % PROFILE.len()];
                let radius = root + (crest - root) * depth;
                let z = ((j / PROFILE.len()) as f64 + at + share - 1.5) * self.pitch;
                positions.extend([radius * cos, radius * if self.left_handed { -sin } else { sin }, z]);
            }
        }
        let at = |i: usize, j: usize| if i == columns { j + PROFILE.len() } else { i * rows + j };
        let mut triangles: Vec<[usize; 3]> = Vec::new();
        for i in 0..columns {
            // The last column meets the first one pitch higher, which has four rows fewer above that.
            let height = if i + 1 == columns { rows - PROFILE.len() } else { rows };
            for j in 0..height - 1 {
                let [a, b, c, d] = [at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)];
                triangles.extend([[a, b, c], [a, c, d]]);
            }
        }
        let mut fan = |rim: &[usize], z: f64, up: bool| {
            let apex = positions.len() / 3;
            positions.extend([0.0, 0.0, z]);
            for pair in rim.windows(2) {
                triangles.push(if up { [pair[0], pair[1], apex] } else { [pair[1], pair[0], apex] });
            }
        };
        // Round along the first row, and back down the step to where it began.
        let bottom: Vec<usize> = (0..=columns).map(|i| at(i, 0)).chain((0..PROFILE.len()).rev()).collect();
        fan(&bottom, -2.0 * self.pitch, false);
        let top: Vec<usize> = (0..columns)
            .map(|i| at(i, rows - 1))
            .chain((rows - 1 - PROFILE.len()..rows - 1).rev().map(|j| at(columns - 1, j)))
            .chain([at(0, rows - 1)])
            .collect();
        fan(&top, (pitches as f64 + 0.5) * self.pitch, true);
        if self.left_handed {
            triangles.iter_mut().for_each(|t| t.swap(0, 2));
        }
        let endless = of_triangles(positions, &triangles)?;
        let cut = endless.trim_by_plane(Vec3::new(0.0, 0.0, 1.0), 0.0);
        settled(cut.trim_by_plane(Vec3::new(0.0, 0.0, -1.0), -self.length))
    }

    /// The volume: the area of any section square to the axis, since all are the same one turned, times the length.
    #[cfg(test)]
    fn volume(&self) -> f64 {
        let (root, crest) = self.radii();
        // Along one turn the radius goes once through the profile.
        let mean = root * root * 4.0 / 16.0
            + crest * crest * 2.0 / 16.0
            + (root * root + root * crest + crest * crest) / 3.0 * 10.0 / 16.0;
        TAU / 2.0 * mean * self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_closed_and_have_their_volume() {
        for (internal, left_handed) in [(false, false), (true, false), (false, true)] {
            let thread = Thread { diameter: 8.0, pitch: 1.25, length: 20.3, internal, left_handed, clearance: 0.1 };
            let mesh = thread.build(0.001).unwrap();
            assert_eq!(mesh.genus(), 0);
            let off = mesh.volume() / thread.volume() - 1.0;
            assert!(off.abs() < 0.001, "{off}");
            let size = mesh.bounding_box();
            assert!((size.max.z - 20.3).abs() < 1e-6 && size.min.z.abs() < 1e-6);
            let crest = 4.0 + if internal { 0.1 } else { -0.1 };
            assert!((size.max.x - crest).abs() < 0.01, "{}", size.max.x);
        }
    }
}
