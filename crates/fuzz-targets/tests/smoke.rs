//! Every target, for seconds: its seeds, and some thousand deterministic changes of them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::time::{Duration, Instant};

use fuzz_targets::TARGETS;

/// Longest that one input may take.
const HANG: Duration = Duration::from_secs(10);

/// xorshift64*: the same inputs in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % count.max(1)
    }
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// One seed with a few changes: bytes, numbers, cuts, repeats, and pieces of another seed.
fn changed(seeds: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    const WORDS: [&str; 12] =
        ["-1", "0", "1e308", "nan", "4294967295", "#1", "(", "\"", "</a>", "\n", "\u{FEFF}", "999999999999999999999"];
    let mut bytes = seeds[chance.below(seeds.len())].clone();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len() + 1);
        let end = (at + chance.below(64)).min(bytes.len());
        match chance.below(7) {
            0 if at < bytes.len() => bytes[at] = chance.below(256) as u8,
            1 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            5 => {
                let other = &seeds[chance.below(seeds.len())];
                let from = chance.below(other.len() + 1);
                let to = (from + chance.below(256)).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            _ => drop(bytes.splice(at..end, WORDS[chance.below(WORDS.len())].bytes())),
        }
    }
    bytes.truncate(1 << 16);
    bytes
}

fn feed(name: &str, count: usize) {
    let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
        assert!(cfg!(not(feature = "sentence")) && name == "sentence", "there is no target {name}");
        return;
    };
    let seeds = seeds(name);
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let changes: Vec<Vec<u8>> = (0..count).map(|_| changed(&seeds, &mut chance)).collect();
    for bytes in seeds.iter().chain(&changes) {
        let started = Instant::now();
        (target.run)(bytes);
        assert!(started.elapsed() < HANG, "{name} took {:?} for {bytes:?}", started.elapsed());
    }
}

macro_rules! smoke {
    ($($name:ident $count:literal),*) => {
        $(
            #[test]
            fn $name() {
                feed(stringify!($name), $count);
            }
        )*

        #[test]
        fn every_target_is_fed() {
            let fed = [$(stringify!($name)),*];
            assert!(TARGETS.iter().all(|target| fed.contains(&target.name)));
        }
    };
}

smoke!(
    stl 5000, obj 5000, threemf 5000, step 2000, planner 5000, part_json 3000, expression 10000, gcode 5000, mqtt 5000,
    sentence 500
);
