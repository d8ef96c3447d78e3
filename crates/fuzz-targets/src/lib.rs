//! Entry points that take bytes from a stranger, as one function each.
//!
//! `fuzz/` mutates their inputs with coverage feedback for hours (`cargo xtask fuzz`); `tests/smoke.rs` does it for seconds
//! in every test run. A function returns whatever it is given; a panic, a hang or unbounded memory is a bug. The seeds of
//! each are in `seeds/<name>/`.

mod draw;
mod hook;
mod planner;
mod readers;
mod texts;

pub use hook::report_panics;

/// One thing to feed.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Also the folder of its seeds and the name of its fuzzer.
    pub name: &'static str,
    pub run: fn(&[u8]),
}

/// Everything that reads bytes from outside.
pub const TARGETS: &[Target] = &[
    Target { name: "stl", run: readers::stl },
    Target { name: "obj", run: readers::obj },
    Target { name: "threemf", run: readers::threemf },
    Target { name: "step", run: readers::step },
    Target { name: "planner", run: planner::plan },
    Target { name: "part_json", run: texts::part_json },
    Target { name: "expression", run: texts::expression },
    Target { name: "gcode", run: texts::gcode },
    Target { name: "mqtt", run: texts::mqtt },
    #[cfg(feature = "sentence")]
    Target { name: "sentence", run: texts::sentence },
];

/// Feeds the target of this name.
///
/// # Panics
/// When there is none, or when the target has a bug.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    match target {
        Some(target) => (target.run)(bytes),
        None => panic!("there is no target `{name}`"),
    }
}
