//! Behaviour of the executor over whole programs, and that no bytes make it panic or grow.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests stop at the first surprise")]

use gcode::{MachineLimits, Step, StepKind, steps, totals};
use proptest::prelude::*;

fn run(program: &str) -> Vec<Step> {
    steps(program.as_bytes(), &MachineLimits::default()).unwrap().map(Result::unwrap).collect()
}

#[test]
fn absolute_relative_and_shifted_coordinates_agree() {
    let absolute = run("G90\nM82\nG92 E0\nG1 X10 Y0 E1 F3000\nG1 X10 Y10 E2\nG1 X0 Y10 E3\n");
    let relative = run("G91\nG1 X10 E1 F3000\nG1 Y10 E1\nG1 X-10 E1\n");
    let shifted = run("G92 X100 Y100 E50\nG1 X110 Y100 E51 F3000\nG1 Y110 E52\nG1 X100 E53\n");
    for other in [relative, shifted] {
        assert_eq!(absolute.len(), other.len());
        for (a, b) in absolute.iter().zip(&other) {
            assert_eq!((&a.kind, a.from, a.to), (&b.kind, b.from, b.to));
            assert!((a.extruded_mm - b.extruded_mm).abs() < 1e-12 && (a.duration_s - b.duration_s).abs() < 1e-12);
        }
    }
    // Marlin: G90 after M83 makes the extruder absolute again.
    assert!((run("M83\nG90\nG1 X1 E1 F600\nG1 X2 E1\n")[1].extruded_mm).abs() < 1e-12);
    assert!((run("G20\nG1 X1 F60\n")[0].to[0] - 25.4).abs() < 1e-12);
}

#[test]
fn kinds_dwells_and_offsets() {
    let program =
        "M104 S200\nG28\nM109 S200\n;LAYER:0\nG0 X10 F6000\nG1 E-1 F2400\nG4 S2\nM106 S255\nG1 X20 E1 F1200\nM84\n";
    let steps = run(program);
    let kinds: Vec<&StepKind> = steps.iter().map(|s| &s.kind).collect();
    assert!(matches!(
        kinds.as_slice(),
        [
            StepKind::SetTemperature { wait: false, .. },
            StepKind::Home,
            StepKind::SetTemperature { wait: true, .. },
            StepKind::Layer(0),
            StepKind::Travel,
            StepKind::Retract,
            StepKind::Dwell,
            StepKind::Fan { .. },
            StepKind::Print,
            StepKind::MotorsOff,
        ]
    ));
    assert_eq!(steps[6].duration_s, 2.0);
    assert_eq!(steps.last().unwrap().end_offset, program.len() as u64);
    assert!(steps.windows(2).all(|w| w[0].end_offset <= w[1].end_offset && w[0].line <= w[1].line));
}

#[test]
fn markers_do_not_slow_the_head() {
    let limits = MachineLimits::default();
    let plain: String = (1..500).map(|i| format!("G1 X{} F6000\n", i as f64 * 0.3)).collect();
    let marked: String =
        (1..500).map(|i| format!(";LAYER:{i}\nM73 P{}\nG1 X{} F6000\n", i / 5, i as f64 * 0.3)).collect();
    let (plain, marked) = (totals(plain.as_bytes(), &limits).unwrap(), totals(marked.as_bytes(), &limits).unwrap());
    // The window holds moves, not lines, so that the plan is the same.
    assert!((plain.seconds - marked.seconds).abs() < 1e-9, "{} {}", plain.seconds, marked.seconds);
    assert_eq!(marked.layers, 500);
}

#[test]
fn a_long_program_is_walked_lazily() {
    struct Endless(u64);
    impl std::io::Read for Endless {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            self.0 += 1;
            let line = format!("G1 X{} Y{} E0.1 F3000\n", self.0 % 200, self.0 % 7);
            let n = line.len().min(out.len());
            out[..n].copy_from_slice(&line.as_bytes()[..n]);
            Ok(n)
        }
    }
    let reader = std::io::BufReader::with_capacity(64, Endless(0));
    let steps = steps(reader, &MachineLimits::default()).unwrap();
    assert_eq!(steps.take(10_000).filter(|s| s.as_ref().unwrap().duration_s > 0.0).count(), 10_000);
}

proptest! {
    #[test]
    fn any_bytes_are_survived(program in proptest::collection::vec(any::<u8>(), 0..2000)) {
        for step in steps(&program[..], &MachineLimits::default()).unwrap() {
            let Ok(step) = step else { break };
            prop_assert!(step.duration_s >= 0.0 && step.duration_s.is_finite());
        }
        gcode::Header::read(&program);
    }

    #[test]
    fn any_words_are_survived(lines in proptest::collection::vec("[GMNgm;( ][0-9]{1,3}( ?[XYZEFSPR*][-+.0-9]{0,6}){0,5}", 0..60)) {
        let program = lines.join("\n");
        let mut end = 0;
        for step in steps(program.as_bytes(), &MachineLimits::default()).unwrap() {
            let Ok(step) = step else { break };
            prop_assert!(step.duration_s >= 0.0 && step.duration_s.is_finite());
            prop_assert!(step.end_offset >= end);
            end = step.end_offset;
        }
    }
}
