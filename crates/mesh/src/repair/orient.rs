//! Consistent winding: neighbours run their shared edge in opposite directions.

use std::sync::atomic::AtomicBool;

use super::{
    RepairError,
    halfedges::{NONE, Pairing, ends},
    poll,
};
use crate::TriMesh;

/// Turns triangles until neighbours agree, in each patch the fewer ones; says how many were turned. Edges with more than two
/// triangles separate patches.
pub(super) fn orient(mesh: &mut TriMesh, pairing: &Pairing, cancel: &AtomicBool) -> Result<usize, RepairError> {
    const UNSEEN: u8 = 2;
    let mut turned = vec![UNSEEN; mesh.triangles.len()];
    let mut patch: Vec<u32> = Vec::new();
    let mut total = 0;
    for seed in 0..mesh.triangles.len() {
        if turned[seed] != UNSEEN {
            continue;
        }
        turned[seed] = 0;
        patch.clear();
        patch.push(seed as u32);
        let mut reached = 0;
        while let Some(&triangle) = patch.get(reached) {
            poll(reached, cancel)?;
            reached += 1;
            for half in 3 * triangle..3 * triangle + 3 {
                let twin = pairing.twin[half as usize];
                if twin == NONE {
                    continue;
                }
                let same_way = ends(mesh, half).0 == ends(mesh, twin).0;
                let wanted = turned[triangle as usize] ^ u8::from(same_way);
                let neighbour = &mut turned[twin as usize / 3];
                if *neighbour == UNSEEN {
                    *neighbour = wanted;
                    patch.push(twin / 3);
                } else if *neighbour != wanted {
                    return Err(RepairError::OneSided { at: mesh.positions[ends(mesh, half).0 as usize] });
                }
            }
        }
        let count = patch.iter().filter(|t| turned[**t as usize] == 1).count();
        let minority = u8::from(count * 2 <= patch.len());
        for triangle in &patch {
            if turned[*triangle as usize] == minority {
                mesh.triangles[*triangle as usize].swap(1, 2);
                total += 1;
            }
            // Settled: later patches do not look at it, and the direction of its edges has changed.
            turned[*triangle as usize] = 0;
        }
    }
    Ok(total)
}
