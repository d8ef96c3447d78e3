//! Copies of a part side by side on the bed.

use mesh::TriMesh;

/// Free space between two copies, millimetres.
pub const GAP: f64 = 5.0;
/// The slicer's skirt goes around everything; copies leave it this much room at each edge of the bed, millimetres.
pub(super) const SKIRT_MARGIN: f64 = 5.0;

/// A grid of copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub columns: u32,
    pub rows: u32,
    /// At most columns times rows; the last row may be short.
    pub copies: u32,
}

/// As many copies of a part `size` mm wide and deep as were asked for and fit a bed; at least one, so that a part that
/// fits no bed is refused by the slicer in its own words.
pub fn grid(size: [f64; 2], bed: [f64; 2], wanted: u32, skirt: bool) -> Grid {
    let wanted = wanted.max(1);
    let margin = if skirt && wanted > 1 { 2.0 * SKIRT_MARGIN } else { 0.0 };
    let fit = |axis: usize| -> u32 {
        let room = bed[axis] - margin;
        // Saturates: a size of nothing or NaN gives no more than was asked for.
        let count = ((room + GAP) / (size[axis].max(0.0) + GAP) + 1e-9).floor();
        (count as u32).min(wanted)
    };
    let (most_columns, most_rows) = (fit(0), fit(1));
    if most_columns.min(most_rows) == 0 {
        return Grid { columns: 1, rows: 1, copies: 1 };
    }
    let copies = wanted.min(most_columns.saturating_mul(most_rows));
    // As square as the bed allows: travels are short and the heated patch is compact.
    let mut columns =
        ((f64::from(copies) * (size[1] + GAP) / (size[0] + GAP)).sqrt().ceil() as u32).clamp(1, most_columns);
    while copies.div_ceil(columns) > most_rows {
        columns += 1;
    }
    Grid { columns, rows: copies.div_ceil(columns), copies }
}

/// The copies as one mesh.
pub fn copies(mesh: &TriMesh, grid: Grid) -> TriMesh {
    let Some(bounds) = mesh.bounds() else { return mesh.clone() };
    let pitch = [bounds.size()[0] + GAP, bounds.size()[1] + GAP];
    let mut all = TriMesh::default();
    for copy in 0..grid.copies {
        let (column, row) = (copy % grid.columns, copy / grid.columns);
        all.append(&mesh.clone().translated([f64::from(column) * pitch[0], f64::from(row) * pitch[1], 0.0]));
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_copy_may_fill_the_bed_and_many_leave_room_for_the_skirt() {
        assert_eq!(grid([220.0, 220.0], [220.0, 220.0], 1, true).copies, 1);
        assert_eq!(grid([220.0, 220.0], [220.0, 220.0], 9, true).copies, 1);
        // 210 mm for copies: 100 + 5 + 100 fits, a third does not.
        assert_eq!(grid([100.0, 100.0], [220.0, 220.0], 9, true).copies, 4);
        assert_eq!(grid([20.0, 20.0], [220.0, 220.0], 4, true), Grid { columns: 2, rows: 2, copies: 4 });
    }

    #[test]
    fn copies_keep_their_distance() {
        let tetrahedron = TriMesh::new(
            vec![[0.0, 0.0, 0.0], [10.0, 0.0, 0.0], [0.0, 10.0, 0.0], [0.0, 0.0, 10.0]],
            vec![[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]],
        );
        let all = copies(&tetrahedron, Grid { columns: 2, rows: 2, copies: 3 });
        assert_eq!(all.topology().components, 3);
        assert_eq!(all.bounds().unwrap().size(), [25.0, 25.0, 10.0]);
        assert!((all.mass_properties().volume_mm3 - 500.0).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn a_grid_stays_on_the_bed(w in 1.0f64..300.0, d in 1.0f64..300.0, wanted in 0u32..400, skirt in any::<bool>()) {
            let bed = [220.0, 200.0];
            let grid = grid([w, d], bed, wanted, skirt);
            prop_assert!(grid.copies >= 1 && grid.copies <= wanted.max(1));
            prop_assert!(grid.columns * grid.rows >= grid.copies && (grid.rows - 1) * grid.columns < grid.copies);
            if grid.copies > 1 {
                prop_assert!(f64::from(grid.columns) * (w + GAP) - GAP <= bed[0] + 1e-6);
                prop_assert!(f64::from(grid.rows) * (d + GAP) - GAP <= bed[1] + 1e-6);
            }
        }
    }
}
