//! `fuzz_targets::run("gcode", ..)` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz_targets::report_panics(), |bytes: &[u8]| fuzz_targets::run("gcode", bytes));
