//! Patches of spheres and tori between two parallels and two meridians, as a grid of equal steps both ways. A parallel at a
//! pole is one point.

use arris::{
    math::Interval,
    topo::{Model, entity::Coedge},
};

use super::{Patch, Points, Stop};

/// Corners of one grid.
const MOST: usize = 1 << 20;

/// The greatest steps along u and v whose chords stay within the tolerance.
fn steps(patch: &Patch<'_>, chord: f64) -> [f64; 2] {
    patch.surface.chord_steps(chord, [Interval::TURN; 2])
}

/// The steps that an edge needs when each may be this long in the surface's parameter, which the edge's own is.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by the largest grid")]
fn count(model: &Model, coedge: &Coedge, step: f64) -> Result<usize, Stop> {
    let range = model.edge(coedge.edge()).map_err(Stop::refused)?.range();
    let n = (range.length() / step).ceil();
    Ok(if n.is_finite() { n.clamp(1.0, MOST as f64) as usize } else { MOST })
}

impl Points {
    /// Notes what the patch asks of its edges, before any of them is divided.
    pub(super) fn require(&mut self, model: &Model, patch: &Patch<'_>, chord: f64) -> Result<(), Stop> {
        let [u, v] = steps(patch, chord);
        for (coedge, step) in patch.edges.into_iter().zip([u, v, u, v]) {
            let n = count(model, coedge, step)?;
            let least = self.required.entry(coedge.edge()).or_insert(1);
            *least = n.max(*least);
        }
        Ok(())
    }

    pub(super) fn lattice(&mut self, model: &Model, patch: &Patch<'_>, chord: f64) -> Result<Option<()>, Stop> {
        let [there, up, back, down] = patch.edges;
        let low = self.walked(model, there, chord)?;
        let right = self.walked(model, up, chord)?;
        let mut high = self.walked(model, back, chord)?;
        let mut left = self.walked(model, down, chord)?;
        high.reverse();
        left.reverse();
        // A pole has no steps of its own.
        let columns = match (low.len(), high.len()) {
            (1, 1) => count(model, there, steps(patch, chord)[0])?,
            (1, n) | (n, 1) => n - 1,
            (n, m) if n == m => n - 1,
            _ => return Ok(None),
        };
        let rows = left.len() - 1;
        if left.len() != right.len() || rows == 0 || columns == 0 || rows.saturating_mul(columns) > MOST {
            return Ok(None);
        }
        let ends = |coedge: &Coedge| -> Result<[[f64; 2]; 2], Stop> {
            let range = model.edge(coedge.edge()).map_err(Stop::refused)?.range();
            let pcurve = model.curve2(coedge.pcurve()).map_err(Stop::refused)?;
            let [a, b] = [pcurve.point(range.lo()), pcurve.point(range.hi())];
            Ok([[a.x, a.y], [b.x, b.y]])
        };
        let (across, along) = (ends(there)?, ends(up)?);
        let [u0, u1] = [across[0][0].min(across[1][0]), across[0][0].max(across[1][0])];
        let [v0, v1] = [along[0][1].min(along[1][1]), along[0][1].max(along[1][1])];
        let mut below = spread(&low, columns);
        for row in 1..=rows {
            let above = if row == rows {
                spread(&high, columns)
            } else {
                let v = v0 + (v1 - v0) * row as f64 / rows as f64;
                let mut line = vec![left[row]];
                for column in 1..columns {
                    let point = patch.surface.point(u0 + (u1 - u0) * column as f64 / columns as f64, v);
                    line.push(self.push([point.x, point.y, point.z]));
                }
                line.push(right[row]);
                line
            };
            for column in 0..columns {
                let (a, b, c, d) = (below[column], below[column + 1], above[column + 1], above[column]);
                self.triangle([a, b, c]);
                self.triangle([a, c, d]);
            }
            below = above;
        }
        Ok(Some(()))
    }
}

/// A row of corners; a pole is the same one all along.
fn spread(line: &[u32], columns: usize) -> Vec<u32> {
    match line {
        [pole] => vec![*pole; columns + 1],
        _ => line.to_vec(),
    }
}
