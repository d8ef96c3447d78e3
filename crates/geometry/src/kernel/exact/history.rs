//! Which operation made which faces, followed through the kernel's provenance records.

use std::collections::{BTreeMap, BTreeSet};

use arris::topo::{
    EntityId, FaceId, Orientation, Provenance, Shape,
    provenance::{Origin, Role, SweepPart},
};

use crate::plan::Credit;

/// Faces by the operation that made them. A face that two operations made (the joint face of a fuse) is under both.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Made(BTreeMap<String, BTreeSet<FaceId>>);

impl Made {
    pub(super) fn credit(&mut self, by: &str, faces: impl IntoIterator<Item = FaceId>) {
        self.0.entry(by.to_owned()).or_default().extend(faces);
    }

    /// Hands faces from one operation to another, which the planner drew into its sketch.
    pub(super) fn take(&mut self, from: &str, to: &str, faces: &BTreeSet<FaceId>) {
        if let Some(own) = self.0.get_mut(from) {
            own.retain(|face| !faces.contains(face));
        }
        self.credit(to, faces.iter().copied());
    }

    pub(super) fn join(&mut self, other: &Made) {
        for (operation, faces) in &other.0 {
            self.credit(operation, faces.iter().copied());
        }
    }

    /// Replaces each face by its pieces; with `images`, by the faces that were made from it as well (the wall of a hole,
    /// which a boolean makes from the tool's face).
    pub(super) fn follow(&mut self, provenance: &Provenance, images: bool) {
        for faces in self.0.values_mut() {
            let mut after = BTreeSet::new();
            for face in faces.iter() {
                let shape = Shape::new(*face, Orientation::Forward);
                let pieces = provenance.modified_from(shape);
                after.extend(only_faces(pieces));
                if images {
                    after.extend(only_faces(provenance.generated_from(shape)));
                }
                if pieces.is_empty() && !provenance.is_deleted(shape) {
                    after.insert(*face);
                }
            }
            *faces = after;
        }
    }

    /// Forgets faces that the body does not have.
    pub(super) fn keep(&mut self, of_body: &BTreeSet<FaceId>) {
        for faces in self.0.values_mut() {
            faces.retain(|face| of_body.contains(face));
        }
    }

    pub(super) fn renamed(&self, map: &BTreeMap<FaceId, FaceId>) -> Made {
        let renamed = |faces: &BTreeSet<FaceId>| faces.iter().filter_map(|face| map.get(face).copied()).collect();
        Made(self.0.iter().map(|(operation, faces)| (operation.clone(), renamed(faces))).collect())
    }

    /// Puts faces in the place of those that they replace.
    pub(super) fn rename(&mut self, map: &BTreeMap<FaceId, FaceId>) {
        for faces in self.0.values_mut() {
            *faces = faces.iter().map(|face| map.get(face).copied().unwrap_or(*face)).collect();
        }
    }

    pub(super) fn by(&self, operation: &str) -> Option<&BTreeSet<FaceId>> {
        self.0.get(operation)
    }

    pub(super) fn makers(&self, face: FaceId) -> Vec<String> {
        self.0.iter().filter(|(_, faces)| faces.contains(&face)).map(|(operation, _)| operation.clone()).collect()
    }
}

fn only_faces(shapes: &[Shape]) -> impl Iterator<Item = FaceId> + '_ {
    shapes.iter().filter_map(|shape| match shape.id {
        EntityId::Face(face) => Some(face),
        _ => None,
    })
}

/// What became of these faces.
pub(super) fn pieces(provenance: &Provenance, faces: &BTreeSet<FaceId>) -> BTreeSet<FaceId> {
    let mut made = Made::default();
    made.credit("", faces.iter().copied());
    made.follow(provenance, false);
    made.0.remove("").unwrap_or_default()
}

/// The side faces that an extrusion made of the credited outline or edge.
pub(super) fn sides(provenance: &Provenance, credit: &Credit) -> BTreeSet<FaceId> {
    let wanted = |origin: &Origin| match origin {
        Origin::Role(Role::Extrude(SweepPart::Side { loop_index, segment })) => {
            *loop_index == credit.outline && credit.edge.is_none_or(|edge| edge == *segment)
        }
        _ => false,
    };
    provenance
        .origins_recorded()
        .filter(wanted)
        .flat_map(|origin| only_faces(provenance.generated_from(origin)).collect::<Vec<_>>())
        .collect()
}
