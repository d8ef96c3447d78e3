//! How far a knob must be turned: a guess from the measure, the secant rule, then bisection to the smallest change.

use part::Dimension;

use super::{Bench, Remedy, knob::Knob};
use crate::printability::report::{Finding, Kind};

/// Steps of the secant rule, and of the bisection after it.
const STEPS: usize = 4;
const HALVINGS: usize = 3;
/// A value changed by more than this factor is another part.
const FARTHEST: f64 = 6.0;

pub(super) fn turn(bench: &mut Bench<'_>, finding: &Finding, knob: &Knob<'_>, worst: f64) -> Option<Remedy> {
    for guess in guesses(finding, knob) {
        let Some(value) = rounded(knob, guess) else { continue };
        match bench.left_of(finding, &[knob.edit(value)]) {
            Some(0.0) => return Some(smallest(bench, finding, knob, (knob.value, value))),
            Some(left) if left < worst * 0.98 => {
                return follow(bench, finding, knob, worst, (value, left));
            }
            _ => {}
        }
    }
    None
}

/// Values to start from: the knob may be what was measured, or move with it once or twice, up or down.
fn guesses(finding: &Finding, knob: &Knob<'_>) -> Vec<f64> {
    let (x, measured, limit) = (knob.value, finding.measured, finding.limit);
    match knob.dimension {
        Dimension::Count => return vec![x - 1.0, x + 1.0],
        Dimension::Angle => return vec![x + 5.0, x - 5.0],
        _ => {}
    }
    match finding.kind {
        Kind::ThinWall | Kind::ThinPin | Kind::NarrowGap | Kind::SmallHole if measured > 0.0 => {
            let wanted = limit;
            if (x / measured).ln().abs() < 0.1 {
                vec![x * wanted / measured]
            } else {
                vec![x + wanted - measured, x - (wanted - measured) * 2.0, x * wanted / measured]
            }
        }
        Kind::TooLarge | Kind::Bridge if measured > 0.0 => vec![x * limit / measured, x + limit - measured],
        Kind::TooSmall if measured > 0.0 => vec![x * limit / measured * 1.001],
        _ if x == 0.0 => vec![2.0],
        _ => vec![x * 1.25, x * 0.8],
    }
}

/// To the grain, away from where the knob stands, within its range.
fn rounded(knob: &Knob<'_>, value: f64) -> Option<f64> {
    let grain = knob.grain();
    let units = value / grain;
    let units = if value > knob.value { (units - 1e-6).ceil() } else { (units + 1e-6).floor() };
    let value = ((units * grain) * 1e6).round() / 1e6;
    let (least, greatest) = knob.range;
    let value = value.clamp(least, greatest);
    let far = knob.value > 0.0 && (value > FARTHEST * knob.value || value * FARTHEST < knob.value);
    (value.is_finite() && value != knob.value && !far).then_some(value)
}

/// Follows an improvement to where nothing is left.
fn follow(
    bench: &mut Bench<'_>,
    finding: &Finding,
    knob: &Knob<'_>,
    worst: f64,
    (mut value, mut left): (f64, f64),
) -> Option<Remedy> {
    for _ in 0..STEPS {
        // Where the line through the start and here meets nothing, and a little on.
        let share = (worst / (worst - left).max(1e-9) * 1.05).min(4.0);
        let next = rounded(knob, knob.value + (value - knob.value) * share.max(1.1))?;
        if next == value {
            return None;
        }
        match bench.left_of(finding, &[knob.edit(next)]) {
            Some(0.0) => return Some(smallest(bench, finding, knob, (value, next))),
            Some(now) if now < left => (value, left) = (next, now),
            _ => return None,
        }
    }
    None
}

/// The smallest change between one that fails and one that mends.
fn smallest(bench: &mut Bench<'_>, finding: &Finding, knob: &Knob<'_>, (mut fails, mut mends): (f64, f64)) -> Remedy {
    for _ in 0..HALVINGS {
        let Some(half) = rounded(knob, (fails + mends) / 2.0) else { break };
        let between = (half - fails) * (half - mends) < 0.0;
        if !between || (mends - fails).abs() <= 1.5 * knob.grain() || (mends - fails).abs() < 0.02 * knob.value.abs() {
            break;
        }
        if bench.left_of(finding, &[knob.edit(half)]) == Some(0.0) {
            mends = half;
        } else {
            fails = half;
        }
    }
    Remedy { cost: knob.cost(mends), edits: vec![knob.edit(mends)] }
}
