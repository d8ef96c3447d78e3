//! What a solid-modelling kernel must do, and how a piece's steps run on it. There are two kernels because both are real:
//! the exact one refuses some operations, the mesh one has no exact surfaces.

pub(crate) mod exact;
pub(crate) mod mesh;

use std::sync::atomic::{AtomicBool, Ordering};

use part::solid::{Action, Edges, Side, Solid};

use crate::{
    cache::{Key, Memory, Saved},
    plan::{Credit, Task},
};

/// Why a kernel did not return a body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stop {
    Cancelled,
    /// The kernel's own words.
    Refused(String),
}

impl Stop {
    pub(crate) fn refused(reason: impl ToString) -> Stop {
        Stop::Refused(reason.to_string())
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Blend {
    Fillet(f64),
    Chamfer(f64),
}

impl Blend {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Blend::Fillet(_) => "fillet",
            Blend::Chamfer(_) => "chamfer",
        }
    }
}

/// Runs of a mesh's triangles, with the operations that made each.
pub(crate) type Makers = Vec<(std::ops::Range<usize>, Vec<String>)>;

/// A plane to mirror in, and whether only the image stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mirror {
    pub(crate) origin: [f64; 3],
    pub(crate) normal: [f64; 3],
    pub(crate) replace: bool,
}

/// `by` is the operation that asks, to which the faces that it makes are credited.
pub(crate) trait Kernel {
    type Body: Clone;
    /// Text makes several bodies, everything else one.
    fn make(&mut self, solid: &Solid, by: &str, credits: &[Credit]) -> Result<Vec<Self::Body>, Stop>;
    /// Adds or cuts those of the tasks' solids for which there is a shorter way than a boolean, and says by index which are
    /// left.
    fn graft(&mut self, body: Self::Body, tasks: &[Task]) -> Result<(Self::Body, Vec<usize>), Stop> {
        Ok((body, (0..tasks.len()).collect()))
    }
    fn fuse(&mut self, bodies: Vec<Self::Body>) -> Result<Self::Body, Stop>;
    fn cut(&mut self, target: Self::Body, tools: Vec<Self::Body>) -> Result<Self::Body, Stop>;
    fn intersect(&mut self, a: Self::Body, b: Self::Body) -> Result<Self::Body, Stop>;
    fn blend(&mut self, body: Self::Body, edges: &[Edges], blend: Blend, by: &str) -> Result<Self::Body, Stop>;
    /// `before` made the body: a kernel that cannot offset its faces offsets what they were made from.
    fn shell(
        &mut self,
        body: Self::Body,
        open: &[Side],
        thickness: f64,
        before: &[Task],
        by: &str,
    ) -> Result<Self::Body, Stop>;
    fn mirror(&mut self, body: Self::Body, mirror: &Mirror, by: &str) -> Result<Self::Body, Stop>;
    /// Drops all that led to the body. What follows must not depend on whether it was built just now or remembered.
    fn settle(&mut self, body: Self::Body) -> Result<Self::Body, Stop>;
    fn save(&self, body: &Self::Body) -> Saved;
    fn restore(&mut self, saved: &Saved) -> Option<Self::Body>;
}

/// Where a piece stopped, and how far it had come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stopped<B> {
    pub(crate) operation: String,
    pub(crate) why: Stop,
    /// The last good body and the number of tasks in it.
    pub(crate) so_far: Option<(B, usize)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Batch {
    Add,
    Cut,
    Intersect,
    Blend(Blend),
    Alone(usize),
}

fn batch(index: usize, action: &Action) -> Batch {
    match action {
        Action::Add(_) => Batch::Add,
        Action::Cut(_) => Batch::Cut,
        Action::Intersect(_) => Batch::Intersect,
        Action::Fillet { radius, .. } => Batch::Blend(Blend::Fillet(*radius)),
        Action::Chamfer { distance, .. } => Batch::Blend(Blend::Chamfer(*distance)),
        Action::Shell { .. } | Action::Mirror { .. } => Batch::Alone(index),
    }
}

/// Half-open ranges of tasks that go to the kernel in one call.
pub(crate) fn batches(tasks: &[Task]) -> Vec<std::ops::Range<usize>> {
    let mut ranges: Vec<std::ops::Range<usize>> = Vec::new();
    for (index, task) in tasks.iter().enumerate() {
        match ranges.last_mut() {
            Some(range) if batch(range.start, &tasks[range.start].step.action) == batch(index, &task.step.action) => {
                range.end = index + 1;
            }
            _ => ranges.push(index..index + 1),
        }
    }
    ranges
}

/// A body to go on from, and how many tasks are done in it.
pub(crate) struct Start<B> {
    pub(crate) body: Option<B>,
    pub(crate) done: usize,
    /// What the body is, for the keys of what follows.
    pub(crate) key: Key,
}

/// Runs a piece's tasks: consecutive cuts, fuses and equal blends go to the kernel in one call, which is both faster and,
/// for blends that meet at a corner, the only way that works. What `memory` has of them is not built again.
pub(crate) fn run<K: Kernel>(
    kernel: &mut K,
    tasks: &[Task],
    start: Start<K::Body>,
    memory: &dyn Memory,
    cancel: &AtomicBool,
) -> Result<K::Body, Stopped<K::Body>> {
    let ranges: Vec<_> = batches(&tasks[start.done..])
        .into_iter()
        .map(|range| range.start + start.done..range.end + start.done)
        .collect();
    let mut keys = Vec::with_capacity(ranges.len());
    let mut key = start.key;
    for range in &ranges {
        key = key.then(&tasks[range.clone()]);
        keys.push(key);
    }
    let (mut body, mut done) = (start.body, start.done);
    let mut first = 0;
    for index in (0..ranges.len()).rev() {
        if let Some(found) = memory.get(&keys[index]).and_then(|saved| kernel.restore(&saved)) {
            (body, done, first) = (Some(found), ranges[index].end, index + 1);
            break;
        }
    }
    for (range, key) in ranges.iter().zip(&keys).skip(first) {
        let steps = &tasks[range.clone()];
        let mut names: Vec<&str> = steps.iter().flat_map(Task::operations).collect();
        names.dedup();
        let names = names.join(", ");
        let result = if cancel.load(Ordering::Relaxed) {
            Err(Stop::Cancelled)
        } else {
            one(kernel, steps, body.clone(), &tasks[..range.start], &names).and_then(|body| kernel.settle(body))
        };
        match result {
            Ok(built) => {
                memory.put(*key, &|| kernel.save(&built));
                (body, done) = (Some(built), range.end);
            }
            Err(why) => return Err(Stopped { operation: names, why, so_far: body.map(|body| (body, done)) }),
        }
    }
    body.ok_or_else(|| Stopped {
        operation: "the piece".to_owned(),
        why: Stop::refused("it has no steps"),
        so_far: None,
    })
}

/// One batch.
fn one<K: Kernel>(
    kernel: &mut K,
    steps: &[Task],
    body: Option<K::Body>,
    before: &[Task],
    names: &str,
) -> Result<K::Body, Stop> {
    let edges = || -> Vec<Edges> {
        let of = |task: &Task| match &task.step.action {
            Action::Fillet { edges, .. } | Action::Chamfer { edges, .. } => Some(edges.clone()),
            _ => None,
        };
        steps.iter().filter_map(of).collect()
    };
    match (&steps[0].step.action, body) {
        (Action::Add(solid), None) => {
            let mut first = kernel.make(solid, &steps[0].step.operation, &steps[0].credits)?;
            match first.len() {
                1 => added(kernel, first.remove(0), &steps[1..]),
                _ => {
                    for task in &steps[1..] {
                        first.extend(made(kernel, task)?);
                    }
                    kernel.fuse(first)
                }
            }
        }
        (Action::Add(_), Some(body)) => added(kernel, body, steps),
        (_, None) => Err(Stop::refused("there is no body before it")),
        (Action::Cut(_), Some(body)) => {
            let (body, left) = kernel.graft(body, steps)?;
            let mut tools = Vec::new();
            for index in &left {
                tools.extend(made(kernel, &steps[*index])?);
            }
            if tools.is_empty() { Ok(body) } else { kernel.cut(body, tools) }
        }
        (Action::Intersect(_), Some(mut body)) => {
            for task in steps {
                for tool in made(kernel, task)? {
                    body = kernel.intersect(body, tool)?;
                }
            }
            Ok(body)
        }
        (Action::Fillet { radius, .. }, Some(body)) => kernel.blend(body, &edges(), Blend::Fillet(*radius), names),
        (Action::Chamfer { distance, .. }, Some(body)) => {
            kernel.blend(body, &edges(), Blend::Chamfer(*distance), names)
        }
        (Action::Shell { open, thickness }, Some(body)) => kernel.shell(body, open, *thickness, before, names),
        (Action::Mirror { origin, normal, replace }, Some(body)) => {
            kernel.mirror(body, &Mirror { origin: *origin, normal: *normal, replace: *replace }, names)
        }
    }
}

fn made<K: Kernel>(kernel: &mut K, task: &Task) -> Result<Vec<K::Body>, Stop> {
    match &task.step.action {
        Action::Add(solid) | Action::Cut(solid) | Action::Intersect(solid) => {
            kernel.make(solid, &task.step.operation, &task.credits)
        }
        _ => Ok(Vec::new()),
    }
}

fn added<K: Kernel>(kernel: &mut K, body: K::Body, tasks: &[Task]) -> Result<K::Body, Stop> {
    if tasks.is_empty() {
        return Ok(body);
    }
    let (body, left) = kernel.graft(body, tasks)?;
    let mut all = vec![body];
    for index in &left {
        all.extend(made(kernel, &tasks[*index])?);
    }
    if all.len() == 1 { Ok(all.remove(0)) } else { kernel.fuse(all) }
}

/// The axis of a side and whether it is at its high end.
pub(crate) fn axis_of(side: Side) -> (usize, bool) {
    match side {
        Side::Top => (2, true),
        Side::Bottom => (2, false),
        Side::Right => (0, true),
        Side::Left => (0, false),
        Side::Back => (1, true),
        Side::Front => (1, false),
    }
}
