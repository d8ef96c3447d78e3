//! The printer itself: a state machine over simulated seconds, without sockets or a clock.

use std::io::Cursor;

use bytes::Bytes;
use gcode::{Heater, MachineLimits, Step, StepKind, Steps};
use printer_protocol::{Ack, Action, Command, Outcome, SCHEMA, State, Status, Temperatures};

use crate::{Fault, FaultKind, heater::HeaterModel};

/// What the machine wants from its surroundings.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Fetch the G-code of this start and hand it to [`Machine::fetched`] with the same start number.
    Fetch { start: u64, url: String, hash: String, size_bytes: u64 },
}

/// Nozzle and bed time constants, seconds: a 40 W cartridge and a mains-free 220 mm bed.
const NOZZLE_TAU_S: f64 = 15.0;
const BED_TAU_S: f64 = 30.0;
/// A fault strikes within this much simulated time of its moment, however long the move.
const RESOLUTION_S: f64 = 1.0;

pub struct Machine {
    boot: String,
    sequence: u64,
    limits: MachineLimits,
    speed: f64,
    nozzle: HeaterModel,
    bed: HeaterModel,
    position: [f64; 3],
    fault: Option<Fault>,
    starts: u64,
    state: State,
    print: Option<Print>,
    /// Set by the last print's end.
    outcome: Option<Outcome>,
    reason: Option<String>,
}

struct Print {
    name: String,
    fence: i64,
    program: Option<Program>,
    layer: u32,
    progress: f64,
}

struct Program {
    steps: Steps<Cursor<Bytes>>,
    current: Option<Step>,
    /// Seconds spent in the current step.
    spent: f64,
    elapsed_s: f64,
    total_s: f64,
}

impl Machine {
    /// `boot` has to differ at every start of the device. `speed` is simulated seconds per second, for the report only:
    /// the caller passes simulated seconds to [`Machine::advance`].
    pub fn new(boot: impl Into<String>, limits: MachineLimits, speed: f64, fault: Option<Fault>) -> Self {
        Machine {
            boot: boot.into(),
            sequence: 0,
            limits,
            speed,
            nozzle: HeaterModel::new(NOZZLE_TAU_S),
            bed: HeaterModel::new(BED_TAU_S),
            position: [0.0; 3],
            fault,
            starts: 0,
            state: State::Idle,
            print: None,
            outcome: None,
            reason: None,
        }
    }

    pub fn speed(&self) -> f64 {
        self.speed
    }

    pub fn state(&self) -> State {
        self.state
    }

    /// Executes a command. The acknowledgement is `None` where a fault loses it.
    pub fn command(&mut self, command: &Command) -> (Option<Ack>, Option<Request>) {
        let mut request = None;
        let refusal = match &command.action {
            Action::Start { print_job, fence, url, hash, size_bytes } => {
                request = Some(self.start(print_job, *fence, url, hash, *size_bytes));
                None
            }
            Action::Pause { fence } => self.control(*fence, &[State::Printing], State::Paused),
            Action::Resume { fence } => self.control(*fence, &[State::Paused], State::Printing),
            Action::Cancel { fence } => {
                let busy = [State::Preparing, State::Printing, State::Paused];
                let refusal = self.control(*fence, &busy, State::Idle);
                if refusal.is_none() {
                    self.end(Outcome::Cancelled, None);
                }
                refusal
            }
            Action::Query => None,
            Action::SetSpeed { speed } if (0.01..=1e6).contains(speed) => {
                self.speed = *speed;
                None
            }
            Action::SetSpeed { .. } => Some("the speed has to be between 0.01 and 1000000".to_owned()),
        };
        let lost = request.is_some() && self.fault.is_some_and(|f| f.kind == FaultKind::LostAck);
        if lost {
            self.fault = None;
            return (None, request);
        }
        let status = self.status();
        let ack =
            Ack { schema: SCHEMA, command: command.id.clone(), accepted: refusal.is_none(), reason: refusal, status };
        (Some(ack), request)
    }

    /// Takes the G-code of a start, or why it could not be had. An answer to an earlier start is dropped.
    pub fn fetched(&mut self, start: u64, program: Result<Bytes, String>) {
        if start != self.starts || self.state != State::Preparing {
            return;
        }
        let opened = program.and_then(|bytes| {
            let totals = gcode::totals(&bytes[..], &self.limits).map_err(|e| e.to_string())?;
            let steps = gcode::steps(Cursor::new(bytes), &self.limits).map_err(|e| e.to_string())?;
            Ok(Program { steps, current: None, spent: 0.0, elapsed_s: 0.0, total_s: totals.seconds.max(1e-9) })
        });
        match (opened, &mut self.print) {
            (Ok(program), Some(print)) => {
                print.program = Some(program);
                self.state = State::Printing;
            }
            (Err(why), _) => self.end(Outcome::Failed, Some(format!("the G-code could not be loaded: {why}"))),
            (Ok(_), None) => {}
        }
    }

    /// Lets `seconds` of simulated time pass.
    pub fn advance(&mut self, seconds: f64) {
        let mut left = seconds;
        while left > 0.0 {
            let used = if self.state == State::Printing { self.execute(left.min(RESOLUTION_S)) } else { left };
            self.nozzle.advance(used);
            self.bed.advance(used);
            left -= used;
            if self.state == State::Printing {
                self.meet_fault();
            }
        }
    }

    pub fn status(&mut self) -> Status {
        self.sequence += 1;
        let program = self.print.as_ref().and_then(|p| p.program.as_ref());
        Status {
            schema: SCHEMA,
            boot: self.boot.clone(),
            sequence: self.sequence,
            state: self.state,
            print_job: self.print.as_ref().map(|p| p.name.clone()),
            fence: self.print.as_ref().map_or(0, |p| p.fence),
            progress: self.print.as_ref().map_or(0.0, |p| p.progress),
            layer: self.print.as_ref().map_or(0, |p| p.layer),
            temperatures: Temperatures {
                nozzle: self.nozzle.temperature,
                nozzle_target: self.nozzle.target,
                bed: self.bed.temperature,
                bed_target: self.bed.target,
            },
            position: self.position,
            remaining_seconds: program.map_or(0.0, |p| (p.total_s - p.elapsed_s).max(0.0)),
            outcome: self.outcome,
            reason: self.reason.clone(),
            speed: Some(self.speed),
        }
    }

    fn start(&mut self, print_job: &str, fence: i64, url: &str, hash: &str, size_bytes: u64) -> Request {
        self.starts += 1;
        self.state = State::Preparing;
        self.outcome = None;
        self.reason = None;
        self.print = Some(Print { name: print_job.to_owned(), fence, program: None, layer: 0, progress: 0.0 });
        Request::Fetch { start: self.starts, url: url.to_owned(), hash: hash.to_owned(), size_bytes }
    }

    fn control(&mut self, fence: i64, from: &[State], to: State) -> Option<String> {
        match &self.print {
            Some(print) if print.fence == fence && from.contains(&self.state) => {
                self.state = to;
                None
            }
            Some(print) if print.fence != fence => {
                Some(format!("the print here carries fence {}, not {fence}", print.fence))
            }
            _ => Some(format!("the printer is {:?}", self.state).to_lowercase()),
        }
    }

    /// Executes up to `seconds` of the program and returns how much of it passed.
    fn execute(&mut self, seconds: f64) -> f64 {
        let Some(program) = self.print.as_mut().and_then(|p| p.program.as_mut()) else { return seconds };
        let step = match program.current.take() {
            Some(step) => step,
            None => match program.steps.next() {
                Some(Ok(step)) => {
                    program.spent = 0.0;
                    step
                }
                Some(Err(error)) => {
                    self.end(Outcome::Failed, Some(error.to_string()));
                    return 0.0;
                }
                None => {
                    self.end(Outcome::Completed, None);
                    return 0.0;
                }
            },
        };
        let mut waiting = 0.0;
        if let StepKind::SetTemperature { heater, target, wait } = step.kind {
            let heater = match heater {
                Heater::Nozzle => &mut self.nozzle,
                Heater::Bed => &mut self.bed,
            };
            heater.target = target;
            waiting = if wait { heater.seconds_to_target() } else { 0.0 };
        }
        let left = (step.duration_s - program.spent).max(0.0) + waiting;
        let used = left.min(seconds);
        let moved = if waiting > 0.0 { 0.0 } else { used };
        program.spent += moved;
        program.elapsed_s += moved;
        let done = used >= left;
        let share = if done || step.duration_s <= 0.0 { 1.0 } else { program.spent / step.duration_s };
        self.position = std::array::from_fn(|axis| step.from[axis] + (step.to[axis] - step.from[axis]) * share);
        let (elapsed, total) = (program.elapsed_s, program.total_s);
        if !done {
            program.current = Some(step.clone());
        }
        if let Some(print) = &mut self.print {
            print.progress = (elapsed / total).min(1.0);
            if let StepKind::Layer(layer) = step.kind {
                print.layer = layer + 1;
            }
        }
        used
    }

    fn meet_fault(&mut self) {
        let progress = self.print.as_ref().map_or(0.0, |p| p.progress);
        let Some(fault) = self.fault.filter(|f| f.kind != FaultKind::LostAck && progress >= f.at) else { return };
        self.fault = None;
        if fault.kind == FaultKind::Power {
            let fresh = Machine::new(format!("{}'", self.boot), self.limits.clone(), self.speed, None);
            let starts = self.starts;
            *self = Machine { starts, nozzle: self.nozzle, bed: self.bed, ..fresh };
            (self.nozzle.target, self.bed.target) = (0.0, 0.0);
            return;
        }
        self.end(Outcome::Failed, Some(fault.reason().to_owned()));
        self.state = State::Error;
    }

    fn end(&mut self, outcome: Outcome, reason: Option<String>) {
        if let Some(print) = &mut self.print {
            print.program = None;
            if outcome == Outcome::Completed {
                print.progress = 1.0;
            }
        }
        self.state = State::Idle;
        self.outcome = Some(outcome);
        self.reason = reason;
        (self.nozzle.target, self.bed.target) = (0.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: &str = "M104 S200\nM140 S60\nM190 S60\nM109 S200\nG28\n;LAYER:0\nG1 X10 Y10 Z0.2 F3000\nG1 X60 E5 F1500\n;LAYER:1\nG1 Z0.4\nG1 X10 E10\nG4 S30\nM104 S0\n";

    fn machine(fault: Option<&str>) -> Machine {
        Machine::new("b1", MachineLimits::default(), 1.0, fault.map(|f| f.parse().unwrap()))
    }

    fn start(machine: &mut Machine, fence: i64) -> (Option<Ack>, u64) {
        let action = Action::Start {
            print_job: "printJobs/1".into(),
            fence,
            url: "http://x/y".into(),
            hash: "00".into(),
            size_bytes: 1,
        };
        let (ack, request) = machine.command(&Command::new("c", None, action));
        let Some(Request::Fetch { start, .. }) = request else { panic!("no fetch") };
        (ack, start)
    }

    fn printing(fault: Option<&str>) -> Machine {
        let mut machine = machine(fault);
        let (_, number) = start(&mut machine, 7);
        machine.fetched(number, Ok(Bytes::from_static(PROGRAM.as_bytes())));
        machine
    }

    #[test]
    fn a_print_heats_moves_and_ends() {
        let mut machine = printing(None);
        machine.advance(30.0);
        let heating = machine.status();
        assert!(heating.temperatures.bed > 40.0 && heating.temperatures.bed < 60.0, "{heating:?}");
        assert_eq!((heating.layer, heating.state), (0, State::Printing));
        machine.advance(2000.0);
        let done = machine.status();
        assert_eq!(
            (done.outcome, done.state, done.progress, done.layer),
            (Some(Outcome::Completed), State::Idle, 1.0, 2)
        );
        assert_eq!(done.position, [10.0, 10.0, 0.4]);
        assert_eq!(done.fence, 7);
    }

    #[test]
    fn small_ticks_and_one_large_tick_end_alike() {
        let (mut small, mut large) = (printing(None), printing(None));
        for _ in 0..4000 {
            small.advance(0.1);
        }
        large.advance(400.0);
        assert_eq!(small.status().outcome, large.status().outcome);
        assert_eq!(small.status().position, large.status().position);
    }

    #[test]
    fn pause_holds_and_resume_goes_on() {
        let mut machine = printing(None);
        machine.advance(120.0);
        let pause = Command::new("p", None, Action::Pause { fence: 7 });
        assert!(machine.command(&pause).0.unwrap().accepted);
        let before = machine.status().progress;
        machine.advance(500.0);
        assert_eq!(machine.status().progress, before);
        assert!(machine.command(&Command::new("r", None, Action::Resume { fence: 7 })).0.unwrap().accepted);
        machine.advance(500.0);
        assert_eq!(machine.status().outcome, Some(Outcome::Completed));
    }

    #[test]
    fn a_control_with_another_fence_is_refused() {
        let mut machine = printing(None);
        let ack = machine.command(&Command::new("x", None, Action::Cancel { fence: 6 })).0.unwrap();
        assert!(!ack.accepted && ack.reason.unwrap().contains("fence 7"));
        assert_eq!(machine.state(), State::Printing);
    }

    #[test]
    fn faults_end_the_print_as_firmware_would() {
        let mut thermal = printing(Some("thermal@40%"));
        thermal.advance(2000.0);
        let status = thermal.status();
        assert_eq!((status.state, status.outcome), (State::Error, Some(Outcome::Failed)));
        assert!(status.reason.unwrap().contains("thermal") && status.progress < 0.95);
        let mut power = printing(Some("power@40%"));
        power.advance(2000.0);
        let status = power.status();
        assert_eq!((status.boot.as_str(), status.fence, status.outcome), ("b1'", 0, None));
        let mut lossy = machine(Some("lost-ack@start"));
        assert!(start(&mut lossy, 3).0.is_none());
        assert_eq!(lossy.status().fence, 3);
    }

    #[test]
    fn a_second_start_drops_the_running_print() {
        let mut machine = printing(None);
        machine.advance(120.0);
        let (_, second) = start(&mut machine, 8);
        machine.fetched(second - 1, Err("late".into()));
        assert_eq!((machine.status().fence, machine.state()), (8, State::Preparing));
    }
}
