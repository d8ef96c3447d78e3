//! Runs random bodies on several threads, judges what becomes of each, and counts.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use geometry::{CacheLimits, Evaluated, Evaluator, GeometryError, Imports, Kernels, Options};
use part::solid::Body;
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestError, TestRng, TestRunner},
};

/// Stopped after this long. The kernels' own bounds end every history much sooner, on any machine that is fit to build it.
const PATIENCE: Duration = Duration::from_secs(120);
/// Given up after this long, by name, because nothing else can be done about a kernel that does not listen.
const DEAF: Duration = Duration::from_secs(240);
/// Share by which the two kernels' volumes of one body may differ.
const AGREEMENT: f64 = 2e-3;
/// Memory of the process: two bodies at once, either within what a worker may use.
const MOST_KILOBYTES: u64 = 4 << 20;
/// Slowest histories that are named.
const NAMED: usize = 10;

/// What became of the histories.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) histories: u64,
    pub(crate) exact: u64,
    pub(crate) mesh: u64,
    pub(crate) refused: u64,
    /// Built by both kernels, and compared.
    pub(crate) compared: u64,
    /// How the exact ones were built.
    pub(crate) rungs: BTreeMap<String, u64>,
    /// Why a body is not exact or was refused, without its numbers.
    pub(crate) reasons: BTreeMap<String, u64>,
    slowest: Vec<(Duration, u64)>,
}

impl Tally {
    fn slow(&mut self, seed: u64, took: Duration) {
        self.slowest.push((took, seed));
        self.slowest.sort_by(|a, b| b.cmp(a));
        self.slowest.truncate(NAMED);
    }

    pub(crate) fn print(&self) {
        let Tally { histories, exact, mesh, refused, compared, .. } = self;
        eprintln!(
            "{histories} histories: {exact} exact, {mesh} on the mesh kernel, {refused} refused; {compared} compared"
        );
        self.rungs.iter().for_each(|(rung, count)| eprintln!("{count:6}  {rung}"));
        let mut reasons: Vec<_> = self.reasons.iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        reasons.iter().for_each(|(reason, count)| eprintln!("{count:6}  {reason}"));
        let slowest: Vec<String> =
            self.slowest.iter().map(|(took, seed)| format!("{:.1} s ({seed})", took.as_secs_f64())).collect();
        eprintln!("slowest (seed): {}", slowest.join(", "));
        if let Some(kilobytes) = peak_memory() {
            eprintln!("peak memory: {} MB", kilobytes / 1024);
        }
    }
}

/// The most that was resident at once, in kilobytes, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.split_whitespace().next()?.parse().ok()
}

/// Evaluates under a watch.
fn evaluated(body: &Body, kernels: Kernels, seed: u64) -> Result<Evaluated, GeometryError> {
    let cancel = AtomicBool::new(false);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let start = Instant::now();
            while !done.load(Ordering::Acquire) {
                if start.elapsed() > DEAF {
                    eprintln!("history {seed} does not end and does not listen: {body:?}");
                    std::process::abort();
                }
                if start.elapsed() > PATIENCE {
                    cancel.store(true, Ordering::Relaxed);
                }
                std::thread::park_timeout(Duration::from_millis(50));
            }
        });
        let options = Options { kernels, ..Options::default() };
        let evaluator = Evaluator::new(CacheLimits { entries: 32, bytes: 64 << 20 });
        let built = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            evaluator.evaluate(body, &options, &Imports::default(), &cancel)
        }));
        done.store(true, Ordering::Release);
        watcher.thread().unpark();
        built.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// A closed mesh as large as the body says it is.
fn sound(built: &Evaluated) -> Result<(), String> {
    for piece in &built.pieces {
        let topology = piece.mesh.topology();
        if !topology.is_watertight() || piece.mass.volume_mm3 <= 0.0 {
            return Err(format!("{topology:?} {}", piece.mass.volume_mm3));
        }
        let off = piece.mesh.mass_properties().volume_mm3 / piece.mass.volume_mm3 - 1.0;
        if off.abs() > 1e-3 {
            return Err(format!("the mesh is {off} off"));
        }
    }
    Ok(())
}

/// Words of a reason without its numbers and names.
fn kind(reason: &str) -> String {
    let words = reason.split(": ").skip(1).collect::<Vec<_>>().join(": ");
    let words = if words.is_empty() { reason } else { &words };
    let mut kind = String::new();
    for c in words.chars() {
        let c = if c.is_ascii_digit() { '#' } else { c };
        if c != '#' || !kind.trim_end_matches(['.', '-']).ends_with('#') {
            kind.push(c);
        }
    }
    kind.chars().take(90).collect()
}

/// Builds the body and tells what is wrong with what came of it.
fn judge(body: &Body, kernels: Kernels, seed: u64, tally: &Mutex<Tally>) -> Result<(), String> {
    let start = Instant::now();
    let result = evaluated(body, kernels, seed);
    let took = start.elapsed();
    let count = |note: &dyn Fn(&mut Tally)| {
        let mut tally = tally.lock().unwrap();
        tally.histories += 1;
        tally.slow(seed, took);
        note(&mut tally);
    };
    let built = match result {
        Ok(built) => built,
        Err(GeometryError::Refused { operation, reason }) => {
            if operation.is_empty() || reason.is_empty() {
                return Err(format!("a refusal without words: '{operation}' '{reason}'"));
            }
            count(&|tally| {
                tally.refused += 1;
                *tally.reasons.entry(format!("refused: {}", kind(&format!("{operation}: {reason}")))).or_default() += 1;
            });
            return Ok(());
        }
        Err(GeometryError::Cancelled) => return Err(format!("not done after {took:?}")),
        Err(other) => return Err(other.to_string()),
    };
    sound(&built)?;
    count(&|tally| match &built.inexact_reason {
        None => {
            tally.exact += 1;
            let rung = built.notes.iter().find(|note| note.contains("rung")).cloned().unwrap_or_default();
            *tally.rungs.entry(rung).or_default() += 1;
        }
        Some(reason) => {
            tally.mesh += 1;
            *tally.reasons.entry(format!("mesh: {}", kind(reason))).or_default() += 1;
        }
    });
    if kernels == Kernels::MeshOnly {
        return Ok(());
    }
    // The mesh kernel answers for itself.
    let Ok(meshed) = evaluated(body, Kernels::MeshOnly, seed) else { return Ok(()) };
    sound(&meshed)?;
    let off = meshed.volume_mm3 / built.volume_mm3 - 1.0;
    if off.abs() > AGREEMENT {
        return Err(format!(
            "{} by the first kernel, {} by the mesh kernel; {:?}; {:?}",
            built.volume_mm3, meshed.volume_mm3, built.notes, built.inexact_reason
        ));
    }
    tally.lock().unwrap().compared += 1;
    Ok(())
}

/// Histories of these numbers, each drawn from its own, on `threads` threads. Prints what fails, made as small as it goes,
/// and fails at the end.
pub(crate) fn run<T: Debug>(
    seeds: std::ops::Range<u64>,
    threads: usize,
    kernels: Kernels,
    drawn: impl Fn() -> BoxedStrategy<T> + Sync,
    body: impl Fn(&T) -> Option<Body> + Sync,
) -> Tally {
    let tally = Mutex::new(Tally::default());
    let next = AtomicU64::new(seeds.start);
    let failures = AtomicU64::new(0);
    let one = |seed: u64| {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let config = ProptestConfig { failure_persistence: None, max_shrink_iters: 64, ..ProptestConfig::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
        let tree = drawn().new_tree(&mut runner).unwrap();
        let result = runner.run_one(tree, |value| match body(&value) {
            Some(body) => judge(&body, kernels, seed, &tally).map_err(TestCaseError::fail),
            None => Ok(()),
        });
        if let Err(TestError::Fail(why, value)) = result {
            failures.fetch_add(1, Ordering::Relaxed);
            eprintln!("history {seed}: {why}\n{value:?}\n");
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    one(seed);
                }
            });
        }
    });
    let tally = tally.into_inner().unwrap();
    tally.print();
    if let Some(kilobytes) = peak_memory() {
        assert!(kilobytes < MOST_KILOBYTES, "{kilobytes} kB");
    }
    let failures = failures.into_inner();
    assert!(failures == 0, "{failures} of {} failed", seeds.end - seeds.start);
    tally
}
