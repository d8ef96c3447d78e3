//! Which triangles meet at which edge, by counting sort: 16 bytes a triangle of scratch and no hashing.

use std::sync::atomic::AtomicBool;

use super::{RepairError, poll};
use crate::TriMesh;

pub(super) const NONE: u32 = u32::MAX;

/// Half-edge `3 t + k` of triangle `t` runs from its corner `k` to the next one.
pub(super) fn ends(mesh: &TriMesh, half: u32) -> (u32, u32) {
    let (t, k) = (half as usize / 3, half as usize % 3);
    (mesh.triangles[t][k], mesh.triangles[t][(k + 1) % 3])
}

pub(super) fn next(half: u32) -> u32 {
    if half % 3 == 2 { half - 2 } else { half + 1 }
}

pub(super) fn previous(half: u32) -> u32 {
    if half.is_multiple_of(3) { half + 2 } else { half - 1 }
}

/// Items sorted into numbered buckets, in their own order within each.
pub(super) struct Buckets {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Buckets {
    /// Item `i` goes to the bucket that the `i`-th key names; `count` keys.
    pub(super) fn new(buckets: usize, keys: impl Iterator<Item = u32> + Clone, count: usize) -> Buckets {
        let mut starts = vec![0_u32; buckets + 1];
        for key in keys.clone() {
            starts[key as usize + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut items = vec![0_u32; count];
        // Filling moves each start to the next bucket's; they are moved back afterwards.
        for (item, key) in keys.enumerate() {
            items[starts[key as usize] as usize] = item as u32;
            starts[key as usize] += 1;
        }
        for i in (1..starts.len()).rev() {
            starts[i] = starts[i - 1];
        }
        starts[0] = 0;
        Buckets { starts, items }
    }

    pub(super) fn get_mut(&mut self, bucket: usize) -> &mut [u32] {
        &mut self.items[self.starts[bucket] as usize..self.starts[bucket + 1] as usize]
    }
}

/// The half-edge that runs along the same edge in another triangle, for each half-edge.
pub(super) struct Pairing {
    /// [`NONE`] where the edge has one triangle, or more than two.
    pub(super) twin: Vec<u32>,
    /// Edges with one triangle.
    pub(super) open: usize,
    /// Half-edges of the edges with more than two triangles, edge after edge.
    crowd: Vec<u32>,
    crowd_starts: Vec<u32>,
    is_crowded: Vec<u64>,
}

impl Pairing {
    pub(super) fn of(mesh: &TriMesh, cancel: &AtomicBool) -> Result<Pairing, RepairError> {
        let halves = mesh.triangles.len() * 3;
        let least = (0..halves as u32).map(|half| {
            let (from, to) = ends(mesh, half);
            from.min(to)
        });
        let mut around = Buckets::new(mesh.positions.len(), least, halves);
        let mut pairing = Pairing {
            twin: vec![NONE; halves],
            open: 0,
            crowd: Vec::new(),
            crowd_starts: vec![0],
            is_crowded: Vec::new(),
        };
        let other = |half: u32| {
            let (from, to) = ends(mesh, half);
            from.max(to)
        };
        for vertex in 0..mesh.positions.len() {
            poll(vertex, cancel)?;
            let halves_here = around.get_mut(vertex);
            halves_here.sort_unstable_by_key(|half| (other(*half), *half));
            for edge in halves_here.chunk_by(|a, b| other(*a) == other(*b)) {
                match *edge {
                    [_] => pairing.open += 1,
                    [a, b] => {
                        pairing.twin[a as usize] = b;
                        pairing.twin[b as usize] = a;
                    }
                    _ => pairing.crowd_in(edge, halves),
                }
            }
        }
        Ok(pairing)
    }

    fn crowd_in(&mut self, edge: &[u32], halves: usize) {
        if self.is_crowded.is_empty() {
            self.is_crowded = vec![0; halves / 64 + 1];
        }
        for half in edge {
            self.is_crowded[*half as usize / 64] |= 1 << (half % 64);
        }
        self.crowd.extend_from_slice(edge);
        self.crowd_starts.push(self.crowd.len() as u32);
    }

    pub(super) fn is_crowded(&self, half: u32) -> bool {
        self.is_crowded.get(half as usize / 64).is_some_and(|bits| bits >> (half % 64) & 1 == 1)
    }

    pub(super) fn crowded_edges(&self) -> usize {
        self.crowd_starts.len() - 1
    }

    /// The half-edges of one edge with more than two triangles.
    pub(super) fn crowded(&self, edge: usize) -> &[u32] {
        &self.crowd[self.crowd_starts[edge] as usize..self.crowd_starts[edge + 1] as usize]
    }
}
