//! What was built before, by what it was built from: a bounded store in the process, and an optional one behind it.
//!
//! A key is the BLAKE3 hash of everything that a result depends on: the kernels' versions, which kernel, how finely, and
//! the planned steps up to that point. Changing one number therefore rebuilds only what follows it.

mod bytes;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use arris::geom::{Curve, Surface};

pub(crate) use bytes::{Finished, decoded, encoded};

use crate::{kernel::exact::SavedExact, kernel::mesh::MeshBody, plan::Task};

/// Changes when the same steps would give another result: with either kernel's version, and with this crate's own rules.
const VERSION: &str = "arris-0.9.1 manifold-rust-0.19.2 rules-3";

/// A store of finished pieces that outlives the process, such as a blob store. Values are opaque; a lost or broken one
/// only costs the time to build it again.
pub trait Tier: Send + Sync {
    fn get(&self, key: &[u8; 32]) -> Option<Vec<u8>>;
    fn put(&self, key: &[u8; 32], value: Vec<u8>);
}

/// How much an evaluator remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    pub entries: usize,
    /// Estimated bytes of all entries.
    pub bytes: usize,
}

impl Default for CacheLimits {
    fn default() -> Self {
        CacheLimits { entries: 512, bytes: 256 << 20 }
    }
}

/// What the cache has done since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheCounts {
    /// Whole pieces found in the process.
    pub piece_hits: u64,
    /// Whole pieces found in the tier behind it.
    pub tier_hits: u64,
    /// Pieces that had to be built, wholly or in part.
    pub piece_misses: u64,
    /// Bodies after some step that building went on from.
    pub step_hits: u64,
    /// Batches of steps that a kernel built.
    pub steps_built: u64,
    pub entries: u64,
    pub bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(pub(crate) [u8; 32]);

impl Key {
    pub(crate) const NONE: Key = Key([0; 32]);

    /// The key of a kind of result, before any step.
    pub(crate) fn seed(kind: &str, numbers: &[f64]) -> Key {
        let mut hasher = blake3::Hasher::new();
        hasher.update(VERSION.as_bytes()).update(&[0]).update(kind.as_bytes()).update(&[0]);
        for number in numbers {
            hasher.update(&number.to_bits().to_le_bytes());
        }
        Key(*hasher.finalize().as_bytes())
    }

    /// The key after these tasks.
    pub(crate) fn then(&self, tasks: &[Task]) -> Key {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.0);
        for task in tasks {
            // Numbers print in the shortest form that reads back the same: equal bytes are equal steps.
            let step = serde_json::to_vec(&task.step).unwrap_or_default();
            hasher.update(&(step.len() as u64).to_le_bytes()).update(&step);
            for credit in &task.credits {
                let edge = credit.edge.map_or(u64::MAX, |edge| edge as u64);
                hasher.update(&(credit.outline as u64).to_le_bytes()).update(&edge.to_le_bytes());
                hasher.update(&(credit.operation.len() as u64).to_le_bytes()).update(credit.operation.as_bytes());
            }
        }
        Key(*hasher.finalize().as_bytes())
    }
}

/// A result that is kept.
#[derive(Clone)]
pub(crate) enum Saved {
    Exact(Arc<SavedExact>),
    /// With what was done otherwise than asked on the way to it.
    Mesh(Arc<MeshBody>, Vec<String>),
    Piece(Arc<Finished>),
}

impl Saved {
    fn bytes(&self) -> usize {
        match self {
            Saved::Exact(saved) => exact_bytes(saved),
            Saved::Mesh(body, _) => 1024 + body.triangle_count() * 400,
            Saved::Piece(piece) => {
                1024 + piece.mesh.positions.len() * 24
                    + piece.mesh.triangles.len() * 12
                    + piece.solid.as_ref().map_or(0, |solid| exact_bytes(solid))
            }
        }
    }
}

/// Roughly: records of a few hundred bytes, and the control points of skins.
fn exact_bytes(saved: &SavedExact) -> usize {
    let Ok(closure) = saved.model.closure(saved.body.body) else { return 1024 };
    let skins: usize = closure
        .surfaces
        .iter()
        .filter_map(|id| saved.model.surface(*id).ok())
        .map(|surface| if let Surface::Nurbs(skin) = surface { skin.control_points().len() * 40 } else { 0 })
        .sum();
    let curves: usize = closure
        .curves
        .iter()
        .filter_map(|id| saved.model.curve(*id).ok())
        .map(|curve| if let Curve::Nurbs(curve) = curve { curve.control_points().len() * 40 } else { 0 })
        .sum();
    1024 + skins + curves + 400 * (closure.vertices.len() + 2 * closure.edges.len() + 2 * closure.faces.len())
}

/// Where kernels look for bodies that they have built before.
pub(crate) trait Memory {
    fn get(&self, key: &Key) -> Option<Saved>;
    fn put(&self, key: Key, save: &dyn Fn() -> Saved);
}

pub(crate) struct NoMemory;

impl Memory for NoMemory {
    fn get(&self, _: &Key) -> Option<Saved> {
        None
    }

    fn put(&self, _: Key, _: &dyn Fn() -> Saved) {}
}

/// Entries by key; the one used longest ago goes first.
pub(crate) struct Cache {
    limits: CacheLimits,
    store: Mutex<Store>,
    piece_hits: AtomicU64,
    tier_hits: AtomicU64,
    piece_misses: AtomicU64,
    step_hits: AtomicU64,
    steps_built: AtomicU64,
    tier: Option<Arc<dyn Tier>>,
}

#[derive(Default)]
struct Store {
    entries: HashMap<Key, (Saved, usize, u64)>,
    bytes: usize,
    uses: u64,
}

impl Cache {
    pub(crate) fn new(limits: CacheLimits, tier: Option<Arc<dyn Tier>>) -> Cache {
        let zero = || AtomicU64::new(0);
        Cache {
            limits,
            store: Mutex::default(),
            piece_hits: zero(),
            tier_hits: zero(),
            piece_misses: zero(),
            step_hits: zero(),
            steps_built: zero(),
            tier,
        }
    }

    fn find(&self, key: &Key) -> Option<Saved> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.uses += 1;
        let now = store.uses;
        let (saved, _, used) = store.entries.get_mut(key)?;
        *used = now;
        Some(saved.clone())
    }

    fn keep(&self, key: Key, saved: Saved) {
        let bytes = saved.bytes();
        if bytes > self.limits.bytes / 2 || self.limits.entries == 0 {
            return;
        }
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.uses += 1;
        let now = store.uses;
        if let Some((_, old, _)) = store.entries.insert(key, (saved, bytes, now)) {
            store.bytes -= old;
        }
        store.bytes += bytes;
        while store.entries.len() > self.limits.entries || store.bytes > self.limits.bytes {
            let Some(oldest) = store.entries.iter().min_by_key(|(_, (_, _, used))| *used).map(|(key, _)| *key) else {
                break;
            };
            if let Some((_, bytes, _)) = store.entries.remove(&oldest) {
                store.bytes -= bytes;
            }
        }
    }

    /// A whole piece, from the process or from the tier behind it.
    pub(crate) fn piece(&self, key: &Key) -> Option<Arc<Finished>> {
        if let Some(Saved::Piece(piece)) = self.find(key) {
            self.piece_hits.fetch_add(1, Ordering::Relaxed);
            return Some(piece);
        }
        let found = self.tier.as_ref().and_then(|tier| tier.get(&key.0)).and_then(|bytes| decoded(&bytes));
        let Some(piece) = found.map(Arc::new) else {
            self.piece_misses.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        self.tier_hits.fetch_add(1, Ordering::Relaxed);
        self.keep(*key, Saved::Piece(piece.clone()));
        Some(piece)
    }

    pub(crate) fn keep_piece(&self, key: Key, piece: &Arc<Finished>) {
        self.keep(key, Saved::Piece(piece.clone()));
        if let Some(tier) = &self.tier
            && let Some(bytes) = encoded(piece)
        {
            tier.put(&key.0, bytes);
        }
    }

    pub(crate) fn counts(&self) -> CacheCounts {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CacheCounts {
            piece_hits: of(&self.piece_hits),
            tier_hits: of(&self.tier_hits),
            piece_misses: of(&self.piece_misses),
            step_hits: of(&self.step_hits),
            steps_built: of(&self.steps_built),
            entries: store.entries.len() as u64,
            bytes: store.bytes as u64,
        }
    }
}

impl Memory for Cache {
    fn get(&self, key: &Key) -> Option<Saved> {
        let found = self.find(key);
        if found.is_some() {
            self.step_hits.fetch_add(1, Ordering::Relaxed);
        }
        found
    }

    fn put(&self, key: Key, save: &dyn Fn() -> Saved) {
        self.steps_built.fetch_add(1, Ordering::Relaxed);
        if self.limits.entries > 0 {
            self.keep(key, save());
        }
    }
}
