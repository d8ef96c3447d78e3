//! The planner: rewrites a piece's steps, before any kernel sees them, into others that make the same body and that the
//! kernels build faster, or build at all.
//!
//! What both kernels find hard is known: one boolean after another, holes made one by one, seams that a fuse leaves in a
//! face. So consecutive booleans are brought together where they commute, prisms of one height become one sketch, and
//! holes along it become its holes. A piece whose rewritten plan is refused is tried as it was written.

mod bounds;
mod holes;
mod order;
mod prisms;
mod snap;
mod turned;

pub(crate) use holes::prism;
use part::solid::{Action, Edges, Piece, Shape, Side, Step};

/// Side faces of a sketch that belong to another operation than the one that is extruded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Credit {
    /// 0 is the outer outline, the holes count from 1.
    pub(crate) outline: usize,
    /// One edge of it, or all.
    pub(crate) edge: Option<usize>,
    pub(crate) operation: String,
}

/// A step as a kernel gets it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Task {
    pub(crate) step: Step,
    pub(crate) credits: Vec<Credit>,
    /// Operations whose steps were drawn into this one's sketch, where their faces cannot be told apart.
    pub(crate) also: Vec<String>,
}

impl Task {
    /// The operations behind it, its own first.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &str> {
        let mut names: Vec<&str> = vec![&self.step.operation];
        for credit in &self.credits {
            if !names.contains(&credit.operation.as_str()) {
                names.push(&credit.operation);
            }
        }
        names.extend(self.also.iter().map(String::as_str));
        names.dedup();
        names.into_iter()
    }

    pub(crate) fn shell(by: &str, open: &[Side], thickness: f64) -> Task {
        let action = Action::Shell { open: open.to_vec(), thickness };
        Task { step: Step { operation: by.to_owned(), action }, credits: Vec::new(), also: Vec::new() }
    }
}

/// The steps as they were written, their numbers rounded to a nanometre. Refuses numbers that are none.
pub(crate) fn written(piece: &Piece) -> Result<Vec<Task>, (String, String)> {
    piece
        .steps
        .iter()
        .map(|step| match snap::snapped(step) {
            Ok(step) => Ok(Task { step, credits: Vec::new(), also: Vec::new() }),
            Err(why) => Err((step.operation.clone(), why)),
        })
        .collect()
}

/// The steps rewritten, and what was done to them.
pub(crate) fn rewritten(written: &[Task]) -> (Vec<Task>, Vec<String>) {
    let mut notes = Vec::new();
    let tasks = order::gathered(written.to_vec(), &mut notes);
    let tasks = prisms::merged(tasks, &mut notes);
    let sketched = tasks.iter().take_while(|task| matches!(task.step.action, Action::Add(_) | Action::Cut(_)));
    let several = sketched.filter(|task| matches!(task.step.action, Action::Add(_))).count() > 1;
    // A disc with a ring of holes is one sketch; a hub on it makes the section the better one.
    let tasks = if several {
        let tasks = turned::merged(tasks, &mut notes);
        holes::drawn(tasks, &mut notes)
    } else {
        let tasks = holes::drawn(tasks, &mut notes);
        turned::merged(tasks, &mut notes)
    };
    (tasks, notes)
}

/// The same body with its small fillets after the shell: the inside of an edge rounded by less than the wall is sharp
/// either way, and no kernel offsets such a fillet. `None` when there is nothing to swap.
pub(crate) fn shelled_first(written: &[Task]) -> Option<Vec<Task>> {
    let mut tasks = written.to_vec();
    let mut swapped = false;
    for at in 1..tasks.len() {
        let Action::Shell { open, thickness } = tasks[at].step.action.clone() else { continue };
        let mut to = at;
        while to > 0 {
            let small = match &tasks[to - 1].step.action {
                Action::Fillet { edges, radius: size } | Action::Chamfer { edges, distance: size } => {
                    *size <= thickness && stays(edges, &open)
                }
                _ => false,
            };
            if !small {
                break;
            }
            to -= 1;
        }
        if to < at {
            let shell = tasks.remove(at);
            tasks.insert(to, shell);
            swapped = true;
        }
    }
    swapped.then_some(tasks)
}

/// Whether a selector names the same edges after the body was hollowed.
fn stays(edges: &Edges, open: &[Side]) -> bool {
    match edges {
        Edges::Vertical => open.iter().all(|side| matches!(side, Side::Top | Side::Bottom)),
        Edges::Top => !open.contains(&Side::Top),
        Edges::Bottom => !open.contains(&Side::Bottom),
        Edges::Outline(side) => !open.contains(side),
        Edges::All | Edges::Parallel(_) | Edges::Seam(_) => false,
    }
}

/// Whether a step models a thread, which only the mesh kernel does in its true form.
pub(crate) fn is_thread(task: &Task) -> bool {
    matches!(&task.step.action, Action::Add(solid) | Action::Cut(solid) | Action::Intersect(solid)
        if matches!(solid.shape, Shape::Thread { .. }))
}

/// Whether a blend asks which faces an operation made: those of merged sketches are known to the exact kernel alone.
pub(crate) fn asks_for_seams(tasks: &[Task]) -> bool {
    tasks.iter().any(|task| {
        matches!(&task.step.action, Action::Fillet { edges, .. } | Action::Chamfer { edges, .. }
            if matches!(edges, Edges::Seam(_)))
    })
}
