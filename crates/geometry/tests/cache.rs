//! What an evaluator remembers: counted, bounded, and never visible in the result.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod vocabulary;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use geometry::{CacheLimits, Evaluated, Evaluator, GeometryError, Imports, Kernels, Options, Tier, formats};
use part::solid::{Action, Edges, Frame, Shape, Side, Step};
use vocabulary::*;

fn steps(hole: f64, wall: f64) -> Vec<Step> {
    vec![
        add("block", Shape::Box { size: [40.0, 30.0, 20.0] }, Frame::WORLD),
        step("round", Action::Fillet { edges: Edges::Vertical, radius: 5.0 }),
        step("shell", Action::Shell { open: vec![Side::Top], thickness: wall }),
        cut("hole", Shape::Cylinder { diameter: hole, height: 8.0 }, Frame::at([4.0, 2.0, -1.0])),
        step("break", Action::Chamfer { edges: Edges::Bottom, distance: 0.8 }),
    ]
}

fn run(evaluator: &Evaluator, steps: &[Step], kernels: Kernels) -> Evaluated {
    let options = Options { kernels, ..Options::default() };
    evaluator.evaluate(&body(steps), &options, &Imports::default(), &AtomicBool::new(false)).unwrap()
}

fn files(evaluated: &Evaluated) -> (Option<String>, Vec<u8>) {
    let metadata = formats::Metadata { title: "part".to_owned(), rgb: [1, 2, 3], material: None };
    let mut stl = Vec::new();
    formats::stl(evaluated, &mut stl).unwrap();
    (formats::step::write(evaluated, &metadata).unwrap(), stl)
}

#[test]
fn the_same_piece_is_built_once() {
    let evaluator = Evaluator::new(CacheLimits::default());
    let first = run(&evaluator, &steps(6.0, 2.0), Kernels::ExactThenMesh);
    let built = evaluator.counts();
    assert_eq!((built.piece_hits, built.piece_misses, built.steps_built), (0, 1, 5));
    let again = run(&evaluator, &steps(6.0, 2.0), Kernels::ExactThenMesh);
    let counts = evaluator.counts();
    assert_eq!((counts.piece_hits, counts.piece_misses, counts.steps_built), (1, 1, 5));
    assert_eq!(files(&first), files(&again));
}

#[test]
fn a_changed_number_rebuilds_what_follows_it() {
    for kernels in [Kernels::ExactThenMesh, Kernels::MeshOnly] {
        let evaluator = Evaluator::new(CacheLimits::default());
        run(&evaluator, &steps(6.0, 2.0), kernels);
        let before = evaluator.counts();
        let wider = run(&evaluator, &steps(7.0, 2.0), kernels);
        let counts = evaluator.counts();
        assert_eq!(counts.steps_built - before.steps_built, 2, "the hole and the chamfer, {kernels:?}");
        assert_eq!(counts.step_hits - before.step_hits, 1);
        // Byte for byte what an evaluator makes that remembers nothing.
        let cold = run(&Evaluator::new(CacheLimits { entries: 0, bytes: 0 }), &steps(7.0, 2.0), kernels);
        assert_eq!(files(&wider), files(&cold), "{kernels:?}");
        run(&evaluator, &steps(7.0, 1.5), kernels);
        assert_eq!(evaluator.counts().steps_built - counts.steps_built, 3, "from the shell on");
    }
}

#[test]
fn memory_is_bounded() {
    let evaluator = Evaluator::new(CacheLimits { entries: 8, bytes: 600_000 });
    for n in 0..6 {
        run(&evaluator, &steps(4.0 + f64::from(n) * 0.5, 2.0), Kernels::ExactThenMesh);
        let counts = evaluator.counts();
        assert!(counts.entries <= 8 && counts.bytes <= 600_000, "{counts:?}");
    }
    assert!(evaluator.counts().entries > 2);
}

#[derive(Default)]
struct Shelf {
    values: Mutex<HashMap<[u8; 32], Vec<u8>>>,
    broken: AtomicBool,
}

impl Tier for Shelf {
    fn get(&self, key: &[u8; 32]) -> Option<Vec<u8>> {
        let mut value = self.values.lock().unwrap().get(key).cloned()?;
        if self.broken.load(Ordering::Relaxed) {
            let middle = value.len() / 2;
            value[middle] ^= 1;
        }
        Some(value)
    }

    fn put(&self, key: &[u8; 32], value: Vec<u8>) {
        self.values.lock().unwrap().insert(*key, value);
    }
}

#[test]
fn finished_pieces_outlive_the_process() {
    let shelf = Arc::new(Shelf::default());
    let first =
        run(&Evaluator::with_tier(CacheLimits::default(), shelf.clone()), &steps(6.0, 2.0), Kernels::ExactThenMesh);
    assert_eq!(shelf.values.lock().unwrap().len(), 1);
    let other = Evaluator::with_tier(CacheLimits::default(), shelf.clone());
    let found = run(&other, &steps(6.0, 2.0), Kernels::ExactThenMesh);
    let counts = other.counts();
    assert_eq!((counts.tier_hits, counts.steps_built), (1, 0));
    assert!(files(&first).0.is_some());
    assert_eq!(files(&first), files(&found));
    assert_eq!(first.notes, found.notes);
    // A broken value costs the time to build it again, and nothing else.
    shelf.broken.store(true, Ordering::Relaxed);
    let third = Evaluator::with_tier(CacheLimits::default(), shelf);
    assert_eq!(files(&first), files(&run(&third, &steps(6.0, 2.0), Kernels::ExactThenMesh)));
    assert_eq!(third.counts().steps_built, 5);
}

#[test]
fn cancellation_reaches_both_kernels() {
    for kernels in [Kernels::ExactThenMesh, Kernels::MeshOnly] {
        let cancel = AtomicBool::new(false);
        let options = Options { kernels, ..Options::default() };
        let (result, late) = std::thread::scope(|scope| {
            let cancel = &cancel;
            let worker = scope.spawn(move || {
                let evaluator = Evaluator::new(CacheLimits::default());
                evaluator.evaluate(&body(&many_of(300)), &options, &Imports::default(), cancel).map(|e| e.volume_mm3)
            });
            std::thread::sleep(std::time::Duration::from_millis(400));
            cancel.store(true, Ordering::Relaxed);
            let stopped = std::time::Instant::now();
            let result = worker.join().unwrap();
            (result, stopped.elapsed())
        });
        assert_eq!(result, Err(GeometryError::Cancelled), "{kernels:?}");
        assert!(late.as_secs() < 5, "{kernels:?} stopped after {late:?}");
    }
}

fn many_of(count: u32) -> Vec<Step> {
    let plate = add("plate", Shape::Box { size: [200.0, 200.0, 20.0] }, Frame::WORLD);
    let dimple = |i: u32| {
        let at = [f64::from(i % 20) * 9.0 - 85.0, f64::from(i / 20) * 9.0 - 65.0, 20.0];
        cut("dimple", Shape::Sphere { diameter: 11.0 }, Frame::at(at))
    };
    std::iter::once(plate).chain((0..count).map(dimple)).collect()
}
