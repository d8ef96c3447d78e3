//! The look-ahead trapezoid planner: how long each move takes, given the moves around it.

use std::collections::VecDeque;

use crate::limits::{Cornering, MachineLimits};

/// Moves that are planned together. Half of them are released at a time, so that every move was planned with at least
/// this half ahead of it; a printer's firmware looks 16 to 64 moves ahead.
const WINDOW: usize = 128;
const RELEASED: usize = 64;

/// One move, before its neighbours are known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    /// Unit direction over X, Y, Z; all zero for a move of the filament alone.
    direction: [f64; 3],
    length: f64,
    nominal: f64,
    acceleration: f64,
    max_entry: f64,
}

impl Block {
    /// `delta` in mm over X, Y, Z, E; `speed` is the feed rate asked for, mm/s. `None` where nothing moves.
    pub(crate) fn new(delta: [f64; 4], speed: f64, limits: &MachineLimits) -> Option<Block> {
        let travel = (delta[0] * delta[0] + delta[1] * delta[1] + delta[2] * delta[2]).sqrt();
        let filament_only = travel < 1e-9;
        let length = if filament_only { delta[3].abs() } else { travel };
        if length < 1e-9 {
            return None;
        }
        let mut nominal = speed.max(0.01);
        let mut acceleration = if filament_only {
            limits.retract_acceleration
        } else if delta[3] > 0.0 {
            limits.print_acceleration
        } else {
            limits.travel_acceleration
        };
        for (axis, change) in delta.iter().enumerate() {
            let share = change.abs() / length;
            if share > 1e-12 {
                nominal = nominal.min(limits.max_speed[axis] / share);
                acceleration = acceleration.min(limits.max_acceleration[axis] / share);
            }
        }
        let direction = if filament_only { [0.0; 3] } else { [0, 1, 2].map(|axis| delta[axis] / length) };
        Some(Block { direction, length, nominal, acceleration, max_entry: 0.0 })
    }

    fn is_filament_only(&self) -> bool {
        self.direction == [0.0; 3]
    }
}

/// Plans blocks in order; `T` travels with each item and comes back with its duration. Items without a block are
/// markers: they keep their place and take no time.
#[derive(Debug)]
pub(crate) struct Planner<T> {
    queue: VecDeque<(Option<Block>, T)>,
    blocks: usize,
    previous: Option<Block>,
    /// Speed at which the first queued block is entered.
    entry: f64,
}

impl<T> Planner<T> {
    pub(crate) fn new() -> Self {
        Self { queue: VecDeque::with_capacity(2 * WINDOW), blocks: 0, previous: None, entry: 0.0 }
    }

    pub(crate) fn push_marker(&mut self, item: T, done: &mut VecDeque<(f64, T)>) {
        self.queue.push_back((None, item));
        // A program of markers alone must not grow the queue.
        if self.blocks == 0 {
            self.flush(done);
        } else if self.queue.len() >= 8 * WINDOW {
            self.release(self.queue.len() / 2, done);
        }
    }

    pub(crate) fn push(&mut self, mut block: Block, item: T, limits: &MachineLimits, done: &mut VecDeque<(f64, T)>) {
        block.max_entry = match self.previous {
            Some(previous) => junction_speed(&previous, &block, limits),
            None => 0.0,
        };
        self.previous = Some(block);
        self.queue.push_back((Some(block), item));
        self.blocks += 1;
        if self.blocks >= WINDOW {
            self.release(RELEASED, done);
        }
    }

    /// Plans to a stop after the last block and releases everything.
    pub(crate) fn flush(&mut self, done: &mut VecDeque<(f64, T)>) {
        self.release(self.queue.len(), done);
        self.previous = None;
        self.entry = 0.0;
    }

    fn release(&mut self, count: usize, done: &mut VecDeque<(f64, T)>) {
        // Backwards: the fastest entry of each block from which the rest can still stop.
        let mut entries = vec![0.0; self.queue.len() + 1];
        let mut exit = 0.0;
        for (index, (block, _)) in self.queue.iter().enumerate().rev() {
            if let Some(block) = block {
                exit = block.max_entry.min((exit * exit + 2.0 * block.acceleration * block.length).sqrt());
            }
            entries[index] = exit;
        }
        // Forwards: what can be reached from the speed that the head really has.
        for index in 0..count {
            let Some((block, item)) = self.queue.pop_front() else { break };
            let Some(block) = block else {
                done.push_back((0.0, item));
                continue;
            };
            self.blocks -= 1;
            let reachable = (self.entry * self.entry + 2.0 * block.acceleration * block.length).sqrt();
            let exit = entries[index + 1].min(reachable);
            done.push_back((duration(&block, self.entry, exit), item));
            self.entry = exit;
        }
    }
}

/// Fastest speed through the corner between two moves.
fn junction_speed(previous: &Block, next: &Block, limits: &MachineLimits) -> f64 {
    // The filament alone, then the head (or the reverse): one of them starts from rest.
    if previous.is_filament_only() || next.is_filament_only() {
        return 0.0;
    }
    let nominal = previous.nominal.min(next.nominal);
    let (a, b) = (previous.direction, next.direction);
    match limits.cornering {
        Cornering::JunctionDeviation { mm } => {
            let cos = -(a[0] * b[0] + a[1] * b[1] + a[2] * b[2]);
            if cos > 0.999_999 {
                return 0.0;
            }
            if cos < -0.999_999 {
                return nominal;
            }
            let sin_half = (0.5 * (1.0 - cos)).sqrt();
            let acceleration = previous.acceleration.min(next.acceleration);
            nominal.min((acceleration * mm * sin_half / (1.0 - sin_half)).sqrt())
        }
        Cornering::Jerk { xy, z, .. } => {
            let mut speed = nominal;
            for (axis, jerk) in [xy, xy, z].into_iter().enumerate() {
                let change = (b[axis] - a[axis]).abs();
                if change > 1e-9 {
                    speed = speed.min(jerk / change);
                }
            }
            speed
        }
    }
}

/// Time of a trapezoid (or triangle) of speed over the block's length.
fn duration(block: &Block, entry: f64, exit: f64) -> f64 {
    let Block { length, acceleration, .. } = *block;
    let nominal = block.nominal.max(entry).max(exit);
    let ramps = (2.0 * nominal * nominal - entry * entry - exit * exit) / (2.0 * acceleration);
    if ramps <= length {
        return (2.0 * nominal - entry - exit) / acceleration + (length - ramps) / nominal;
    }
    let peak = (acceleration * length + (entry * entry + exit * exit) / 2.0).sqrt().max(entry).max(exit);
    (2.0 * peak - entry - exit) / acceleration
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(moves: &[([f64; 4], f64)], limits: &MachineLimits) -> Vec<f64> {
        let (mut planner, mut done) = (Planner::new(), VecDeque::new());
        for (delta, speed) in moves {
            planner.push(Block::new(*delta, *speed, limits).unwrap(), (), limits, &mut done);
        }
        planner.flush(&mut done);
        done.into_iter().map(|(duration, ())| duration).collect()
    }

    #[test]
    fn one_long_move_is_a_trapezoid() {
        let limits = MachineLimits { travel_acceleration: 1000.0, ..MachineLimits::default() };
        // 100 mm at 100 mm/s: 0.1 s up over 5 mm, 0.1 s down over 5 mm, 0.9 s between.
        assert!((planned(&[([100.0, 0.0, 0.0, 0.0], 100.0)], &limits)[0] - 1.1).abs() < 1e-9);
        // 1 mm never reaches it: 2 sqrt(length / acceleration).
        assert!((planned(&[([1.0, 0.0, 0.0, 0.0], 100.0)], &limits)[0] - 2.0 * (0.001f64).sqrt()).abs() < 1e-9);
    }

    #[test]
    fn a_straight_line_in_pieces_takes_as_long_as_whole() {
        let limits = MachineLimits::default();
        let whole = planned(&[([200.0, 0.0, 0.0, 0.0], 80.0)], &limits)[0];
        let pieces: f64 = planned(&vec![([0.5, 0.0, 0.0, 0.0], 80.0); 400], &limits).iter().sum();
        assert!((whole - pieces).abs() < 1e-6, "{whole} {pieces}");
    }

    #[test]
    fn a_reversal_stops_and_a_gentle_corner_does_not() {
        for cornering in [Cornering::JunctionDeviation { mm: 0.05 }, Cornering::Jerk { xy: 8.0, z: 0.4, e: 5.0 }] {
            let limits = MachineLimits { cornering, ..MachineLimits::default() };
            let time = |second: [f64; 4]| -> f64 {
                planned(&[([50.0, 0.0, 0.0, 0.0], 100.0), (second, 100.0)], &limits).iter().sum()
            };
            let straight = time([50.0, 0.0, 0.0, 0.0]);
            let gentle = time([49.99, 1.0, 0.0, 0.0]);
            let right_angle = time([0.0, 50.0, 0.0, 0.0]);
            let reversal = time([-50.0, 0.0, 0.0, 0.0]);
            assert!(straight <= gentle + 1e-3 && gentle < right_angle && right_angle <= reversal, "{cornering:?}");
        }
    }

    #[test]
    fn slow_axes_slow_the_whole_move() {
        let limits = MachineLimits::default();
        let time = planned(&[([0.0, 0.0, 12.0, 0.0], 300.0)], &limits)[0];
        assert!(time > 1.0, "{time}");
    }
}
