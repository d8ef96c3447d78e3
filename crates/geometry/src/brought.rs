//! Bodies that somebody brought: what a part's `Imported` shapes stand for, by the hash of their file.

use std::{collections::BTreeMap, sync::Arc};

use mesh::TriMesh;

/// A body read from a foreign file, in millimetres.
#[derive(Clone, Debug, PartialEq)]
pub enum Imported {
    /// A closed mesh, as an STL, OBJ or 3MF reader repaired and accepted it.
    Mesh(Arc<TriMesh>),
    /// The bytes of a STEP file, whose solids are all taken.
    Step(Arc<[u8]>),
}

/// Bodies by the BLAKE3 hash of their file in lower-case hexadecimal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imports {
    bodies: BTreeMap<String, Imported>,
}

impl Imports {
    pub fn new() -> Imports {
        Imports::default()
    }

    pub fn insert(&mut self, hash: impl Into<String>, body: Imported) {
        self.bodies.insert(hash.into(), body);
    }

    pub fn get(&self, hash: &str) -> Option<&Imported> {
        self.bodies.get(hash)
    }

    pub fn is_empty(&self) -> bool {
        self.bodies.is_empty()
    }

    pub(crate) fn find(&self, hash: &str) -> Result<&Imported, String> {
        let short = hash.get(..12).unwrap_or(hash);
        self.get(hash).ok_or_else(|| format!("the imported file {short} is not at hand; upload it again"))
    }
}

impl FromIterator<(String, Imported)> for Imports {
    fn from_iter<I: IntoIterator<Item = (String, Imported)>>(bodies: I) -> Imports {
        Imports { bodies: bodies.into_iter().collect() }
    }
}
