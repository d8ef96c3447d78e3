//! Fuses with fuses, cuts with cuts, blends of one size together: moved past one another where that changes nothing.

use part::solid::{Action, Edges};

use super::{
    Task,
    bounds::{Bounds, bounds},
};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Add,
    Cut,
    Other,
}

fn kind(task: &Task) -> Kind {
    match task.step.action {
        Action::Add(_) => Kind::Add,
        Action::Cut(_) => Kind::Cut,
        _ => Kind::Other,
    }
}

pub(super) fn boxed(task: &Task) -> Option<Bounds> {
    match &task.step.action {
        Action::Add(solid) | Action::Cut(solid) => bounds(solid),
        _ => None,
    }
}

/// Tasks in an order with fewer batches. A fuse and a cut commute when their solids are apart.
pub(super) fn gathered(tasks: Vec<Task>, notes: &mut Vec<String>) -> Vec<Task> {
    let mut moved = 0;
    let mut result: Vec<(Task, Option<Bounds>)> = Vec::with_capacity(tasks.len());
    for task in tasks {
        let own = kind(&task);
        let own_box = boxed(&task);
        let mut at = result.len();
        if own == Kind::Other {
            at = blend_place(&task, &result);
        } else {
            while at > 1 && kind(&result[at - 1].0) != own && kind(&result[at - 1].0) != Kind::Other {
                match (&own_box, &result[at - 1].1) {
                    (Some(a), Some(b)) if a.apart(b) => at -= 1,
                    _ => break,
                }
            }
            if at == 0 || kind(&result[at - 1].0) != own {
                at = result.len();
            }
        }
        moved += usize::from(at < result.len());
        result.insert(at, (task, own_box));
    }
    if moved > 0 {
        notes.push(format!("{moved} steps moved to be built with others of their kind"));
    }
    result.into_iter().map(|(task, _)| task).collect()
}

/// A blend of one rim goes past blends of the other to those of its own size.
fn blend_place(task: &Task, before: &[(Task, Option<Bounds>)]) -> usize {
    let rim = |task: &Task| match &task.step.action {
        Action::Fillet { edges: e @ (Edges::Top | Edges::Bottom), radius } => Some((0, radius.to_bits(), e.clone())),
        Action::Chamfer { edges: e @ (Edges::Top | Edges::Bottom), distance } => {
            Some((1, distance.to_bits(), e.clone()))
        }
        _ => None,
    };
    let Some((sort, size, edges)) = rim(task) else { return before.len() };
    let mut at = before.len();
    while at > 0 {
        match rim(&before[at - 1].0) {
            Some((s, r, _)) if (s, r) == (sort, size) => return at,
            Some((_, _, e)) if e != edges => at -= 1,
            _ => break,
        }
    }
    before.len()
}
