//! The machine's state over a program: modes, position, and every command as a timed [`Step`].

use std::collections::VecDeque;
use std::io::BufRead;

use crate::limits::{LimitsError, MachineLimits};
use crate::parser::{Command, Comment, Heater, Line, LineError, Lines, Move, ReadError};
use crate::planner::{Block, Planner};

/// What a step does. Times and positions are in [`Step`].
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// A move that extrudes.
    Print,
    /// A move that does not.
    Travel,
    /// The filament alone, backwards or forwards.
    Retract,
    /// G4.
    Dwell,
    /// G28; the head is at the origin of the homed axes afterwards.
    Home,
    /// Takes no time here: who executes it knows how fast its heater is.
    SetTemperature {
        heater: Heater,
        target: f64,
        wait: bool,
    },
    /// Part fan, 0 to 1.
    Fan {
        speed: f64,
    },
    /// The program says that layer `0` starts, counted from 0.
    Layer(u32),
    /// The program's own statement, M73.
    Progress {
        percent: Option<f64>,
        minutes_left: Option<f64>,
    },
    /// The object that follows (M486).
    Object {
        index: Option<i64>,
    },
    MotorsOff,
    /// A code that is not executed.
    Unknown {
        letter: char,
        number: u32,
    },
}

/// One command, executed.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub kind: StepKind,
    /// Position before and after, mm.
    pub from: [f64; 3],
    pub to: [f64; 3],
    /// Filament that moved, mm; negative when retracting.
    pub extruded_mm: f64,
    pub duration_s: f64,
    /// Counted from 1.
    pub line: u64,
    /// Bytes of the program that are done once this step is: percent = this / total.
    pub end_offset: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    #[error(transparent)]
    Line(#[from] LineError),
    #[error("the G-code cannot be read: {0}")]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Limits(#[from] LimitsError),
}

impl From<ReadError> for ExecuteError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Line(line) => Self::Line(line),
            ReadError::Io(io) => Self::Io(io),
        }
    }
}

/// The state machine. Feed it lines in order and take steps as they become final; [`Steps`] does both over a reader.
#[derive(Debug)]
pub struct Executor {
    limits: MachineLimits,
    planner: Planner<Step>,
    done: VecDeque<(f64, Step)>,
    /// Machine position, mm.
    position: [f64; 3],
    /// Logical minus machine position, from G92.
    shift: [f64; 3],
    /// Logical position of the filament, mm.
    filament: f64,
    relative: bool,
    relative_extruder: bool,
    speed: f64,
    units: f64,
}

impl Executor {
    pub fn new(limits: MachineLimits) -> Result<Self, LimitsError> {
        limits.validate()?;
        Ok(Self {
            speed: limits.initial_speed,
            limits,
            planner: Planner::new(),
            done: VecDeque::new(),
            position: [0.0; 3],
            shift: [0.0; 3],
            filament: 0.0,
            relative: false,
            relative_extruder: false,
            units: 1.0,
        })
    }

    /// Takes one line. Its steps become available once enough of what follows is known, or after [`Executor::finish`].
    pub fn feed(&mut self, line: Line) {
        let (number, end) = (line.number, line.end_offset);
        match line.command {
            Command::Blank | Command::Comment(Comment::Type(_) | Comment::Other) => {}
            Command::Absolute => (self.relative, self.relative_extruder) = (false, false),
            Command::Relative => (self.relative, self.relative_extruder) = (true, true),
            Command::ExtruderAbsolute => self.relative_extruder = false,
            Command::ExtruderRelative => self.relative_extruder = true,
            Command::Units { millimetres } => self.units = millimetres,
            Command::Move(m) => self.linear(&m, number, end),
            Command::SetPosition { x, y, z, e } => self.set_position([x, y, z], e),
            Command::Comment(Comment::Layer(layer)) => self.marker(StepKind::Layer(layer), number, end),
            Command::Fan { speed } => self.marker(StepKind::Fan { speed }, number, end),
            Command::Progress { percent, minutes_left } => {
                self.marker(StepKind::Progress { percent, minutes_left }, number, end);
            }
            Command::Object { index } => self.marker(StepKind::Object { index }, number, end),
            Command::Unknown { letter, number: code } => {
                self.marker(StepKind::Unknown { letter, number: code }, number, end);
            }
            Command::SetTemperature { heater, celsius, wait } => {
                let kind = StepKind::SetTemperature { heater, target: celsius, wait };
                if wait { self.stop(kind, 0.0, number, end) } else { self.marker(kind, number, end) }
            }
            Command::Dwell { seconds } => self.stop(StepKind::Dwell, seconds, number, end),
            Command::MotorsOff => self.stop(StepKind::MotorsOff, 0.0, number, end),
            Command::Home { x, y, z } => self.home([x, y, z], number, end),
        }
    }

    /// The program is over: every remaining step becomes available.
    pub fn finish(&mut self) {
        self.planner.flush(&mut self.done);
    }

    /// The next step that is final.
    pub fn take(&mut self) -> Option<Step> {
        let (duration, mut step) = self.done.pop_front()?;
        // A move's duration comes from the planner; a dwell's is its own.
        step.duration_s += duration;
        Some(step)
    }

    fn linear(&mut self, m: &Move, line: u64, end_offset: u64) {
        if let Some(feed) = m.f
            && feed > 0.0
        {
            self.speed = feed * self.units / 60.0;
        }
        let from = self.position;
        let mut to = from;
        for (axis, word) in [m.x, m.y, m.z].into_iter().enumerate() {
            if let Some(value) = word {
                let value = value * self.units;
                to[axis] = if self.relative { from[axis] + value } else { value - self.shift[axis] };
            }
        }
        let extruded_mm = match m.e.map(|e| e * self.units) {
            None => 0.0,
            Some(e) if self.relative_extruder => {
                self.filament += e;
                e
            }
            Some(e) => e - std::mem::replace(&mut self.filament, e),
        };
        self.position = to;
        let delta = [to[0] - from[0], to[1] - from[1], to[2] - from[2], extruded_mm];
        let Some(block) = Block::new(delta, self.speed, &self.limits) else { return };
        let kind = if delta[..3] == [0.0; 3] {
            StepKind::Retract
        } else if extruded_mm > 0.0 {
            StepKind::Print
        } else {
            StepKind::Travel
        };
        let step = Step { kind, from, to, extruded_mm, duration_s: 0.0, line, end_offset };
        self.planner.push(block, step, &self.limits, &mut self.done);
    }

    fn set_position(&mut self, axes: [Option<f64>; 3], e: Option<f64>) {
        let all = axes.iter().all(Option::is_none) && e.is_none();
        for (axis, word) in axes.into_iter().enumerate() {
            if let Some(value) = word.or(all.then_some(0.0)) {
                self.shift[axis] = value * self.units - self.position[axis];
            }
        }
        if let Some(value) = e.or(all.then_some(0.0)) {
            self.filament = value * self.units;
        }
    }

    fn home(&mut self, axes: [bool; 3], line: u64, end: u64) {
        let all = axes == [false; 3];
        let from = self.position;
        for (axis, asked) in axes.into_iter().enumerate() {
            if asked || all {
                self.position[axis] = 0.0;
                self.shift[axis] = 0.0;
            }
        }
        self.planner.flush(&mut self.done);
        let mut step = self.still(StepKind::Home, line, end);
        step.from = from;
        step.duration_s = self.limits.homing_s;
        self.planner.push_marker(step, &mut self.done);
    }

    /// A command that the head passes without stopping.
    fn marker(&mut self, kind: StepKind, line: u64, end: u64) {
        let step = self.still(kind, line, end);
        self.planner.push_marker(step, &mut self.done);
    }

    /// A command for which the head stops.
    fn stop(&mut self, kind: StepKind, seconds: f64, line: u64, end: u64) {
        self.planner.flush(&mut self.done);
        let step = Step { duration_s: seconds, ..self.still(kind, line, end) };
        self.planner.push_marker(step, &mut self.done);
    }

    fn still(&self, kind: StepKind, line: u64, end_offset: u64) -> Step {
        let (from, to) = (self.position, self.position);
        Step { kind, from, to, extruded_mm: 0.0, duration_s: 0.0, line, end_offset }
    }
}

/// Steps of a program, lazily; an error ends them.
#[derive(Debug)]
pub struct Steps<R> {
    lines: Option<Lines<R>>,
    executor: Executor,
}

/// The steps of `program`, which may be a slice of bytes or any buffered reader.
pub fn steps<R: BufRead>(program: R, limits: &MachineLimits) -> Result<Steps<R>, LimitsError> {
    Ok(Steps { lines: Some(Lines::new(program)), executor: Executor::new(limits.clone())? })
}

impl<R: BufRead> Iterator for Steps<R> {
    type Item = Result<Step, ExecuteError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(step) = self.executor.take() {
                return Some(Ok(step));
            }
            match self.lines.as_mut()?.next() {
                Some(Ok(line)) => self.executor.feed(line),
                Some(Err(error)) => {
                    self.lines = None;
                    return Some(Err(error.into()));
                }
                None => {
                    self.lines = None;
                    self.executor.finish();
                    return self.executor.take().map(Ok);
                }
            }
        }
    }
}

/// Sums over a program.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// Without heating.
    pub seconds: f64,
    /// Net filament, mm.
    pub filament_mm: f64,
    /// Highest `;LAYER:n` plus one.
    pub layers: u32,
    pub steps: u64,
}

/// Executes the whole program.
pub fn totals<R: BufRead>(program: R, limits: &MachineLimits) -> Result<Totals, ExecuteError> {
    let mut totals = Totals::default();
    for step in steps(program, limits)? {
        let step = step?;
        totals.seconds += step.duration_s;
        totals.filament_mm += step.extruded_mm;
        totals.steps += 1;
        if let StepKind::Layer(layer) = step.kind {
            totals.layers = totals.layers.max(layer.saturating_add(1));
        }
    }
    Ok(totals)
}
