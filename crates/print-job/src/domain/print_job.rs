//! A print job and its states.

use ids::{ContentHash, DeviceId, PrintJobId, SliceId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::dispatch::{PrinterActivity, Report};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Asked for.
    Pending,
    /// Waits for a printer.
    Queueing,
    /// Has a printer, which has not confirmed the start.
    Preparing,
    Printing,
    Paused,
    Completed,
    Failed,
    Cancelled,
    /// Ended because the printer was taken out of service.
    Maintenance,
}

/// Every step that a job may take.
pub const TRANSITIONS: [(State, &[State]); 9] = {
    use State::{Cancelled, Completed, Failed, Maintenance, Paused, Pending, Preparing, Printing, Queueing};
    [
        (Pending, &[Queueing, Preparing, Failed, Cancelled]),
        (Queueing, &[Preparing, Failed, Cancelled]),
        (Preparing, &[Printing, Paused, Completed, Failed, Cancelled, Maintenance]),
        (Printing, &[Paused, Completed, Failed, Cancelled, Maintenance]),
        (Paused, &[Printing, Completed, Failed, Cancelled, Maintenance]),
        (Completed, &[]),
        (Failed, &[]),
        (Cancelled, &[]),
        (Maintenance, &[]),
    ]
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a print job cannot go from {} to {}", from.as_str(), to.as_str())]
pub struct IllegalTransition {
    pub from: State,
    pub to: State,
}

impl State {
    pub const ALL: [State; 9] = [
        State::Pending,
        State::Queueing,
        State::Preparing,
        State::Printing,
        State::Paused,
        State::Completed,
        State::Failed,
        State::Cancelled,
        State::Maintenance,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Queueing => "queueing",
            State::Preparing => "preparing",
            State::Printing => "printing",
            State::Paused => "paused",
            State::Completed => "completed",
            State::Failed => "failed",
            State::Cancelled => "cancelled",
            State::Maintenance => "maintenance",
        }
    }

    pub fn parse(text: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == text)
    }

    pub fn is_terminal(self) -> bool {
        TRANSITIONS.iter().any(|(from, to)| *from == self && to.is_empty())
    }

    pub fn step(self, to: State) -> Result<State, IllegalTransition> {
        let legal = TRANSITIONS.iter().any(|(from, steps)| *from == self && steps.contains(&to));
        if legal { Ok(to) } else { Err(IllegalTransition { from: self, to }) }
    }
}

/// What people ask of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    Pause,
    Resume,
    Cancel,
}

impl Command {
    pub const fn as_str(self) -> &'static str {
        match self {
            Command::Pause => "pause",
            Command::Resume => "resume",
            Command::Cancel => "cancel",
        }
    }

    pub fn parse(text: &str) -> Option<Command> {
        [Command::Pause, Command::Resume, Command::Cancel].into_iter().find(|command| command.as_str() == text)
    }
}

/// Why a command was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a print job that is {} cannot {}", state.as_str(), command.as_str())]
pub struct Refused {
    pub state: State,
    pub command: Command,
}

/// What a command does at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The job is over.
    Ended,
    /// The printer has to be told.
    Noted,
    /// It was so already.
    Nothing,
}

/// One physical print.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrintJob {
    pub id: PrintJobId,
    pub owner: String,
    pub slice: SliceId,
    pub gcode_hash: ContentHash,
    pub gcode_size_bytes: i64,
    /// What is printed, millimetres.
    pub size: [f64; 3],
    pub copies: u32,
    pub layer_count: u32,
    /// The printer that was asked for.
    pub wanted_printer: Option<DeviceId>,
    pub printer: Option<DeviceId>,
    pub state: State,
    /// 0 to 1.
    pub progress: f64,
    pub layer: u32,
    pub eta_seconds: f64,
    pub reason: String,
    pub nozzle_temperature: f64,
    pub bed_temperature: f64,
    /// Of the start; 0 before a printer was taken.
    pub fence: i64,
    /// The fence of which the printer spoke before our start was sent.
    pub fence_before: i64,
    /// The start may have left the house.
    pub start_sent: bool,
    /// What the printer still has to be told.
    pub command: Option<Command>,
    /// How the print ended by the printer's word, noted before its telemetry is sealed.
    pub outcome: Option<State>,
    pub telemetry_hash: Option<ContentHash>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub started_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub ended_at: Option<OffsetDateTime>,
}

impl PrintJob {
    pub fn step(&mut self, to: State, now: OffsetDateTime) -> Result<(), IllegalTransition> {
        self.state = self.state.step(to)?;
        if to.is_terminal() {
            self.ended_at = Some(now);
            self.command = None;
            self.eta_seconds = 0.0;
        } else if matches!(to, State::Printing | State::Paused) && self.started_at.is_none() {
            self.started_at = Some(now);
        }
        Ok(())
    }

    /// Takes a person's command.
    pub fn command(&mut self, command: Command, now: OffsetDateTime) -> Result<Taken, Refused> {
        let refused = Refused { state: self.state, command };
        // What has ended by the printer's word is over, though its telemetry is still being sealed.
        if self.outcome.is_some() {
            return Err(refused);
        }
        match (command, self.state) {
            (Command::Cancel, State::Pending | State::Queueing) => {
                self.reason = "cancelled".to_owned();
                self.step(State::Cancelled, now).map_err(|_| refused)?;
                return Ok(Taken::Ended);
            }
            (Command::Cancel, State::Preparing | State::Printing | State::Paused) => {}
            // A cancellation under way is not replaced.
            _ if self.command == Some(Command::Cancel) => return Err(refused),
            (Command::Pause, State::Printing) | (Command::Resume, State::Paused) => {}
            // The other wish was not carried out yet: this takes it back.
            (Command::Pause, State::Paused) | (Command::Resume, State::Printing) if self.command.is_some() => {
                self.command = None;
                return Ok(Taken::Noted);
            }
            _ => return Err(refused),
        }
        if self.command == Some(command) {
            return Ok(Taken::Nothing);
        }
        self.command = Some(command);
        Ok(Taken::Noted)
    }

    /// Takes in a report of the printer that carries this job's start. Whether the state changed.
    pub fn observe(&mut self, report: &Report, now: OffsetDateTime) -> Result<bool, IllegalTransition> {
        let before = (self.state, self.outcome);
        self.fence = report.fence;
        self.progress = if report.progress.is_finite() { report.progress.clamp(0.0, 1.0) } else { self.progress };
        self.layer = report.layer;
        self.eta_seconds = report.remaining_seconds.max(0.0);
        (self.nozzle_temperature, self.bed_temperature) = (report.nozzle_temperature, report.bed_temperature);
        if let Some(outcome) = report.outcome {
            self.outcome = Some(outcome.state());
            self.eta_seconds = 0.0;
            self.reason = report.reason.clone();
            if outcome == super::dispatch::Outcome::Completed {
                (self.progress, self.layer) = (1.0, self.layer.max(self.layer_count));
            }
            if self.started_at.is_none() {
                self.started_at = Some(now);
            }
            return Ok(before != (self.state, self.outcome));
        }
        let seen = match report.activity {
            PrinterActivity::Paused => State::Paused,
            PrinterActivity::Preparing | PrinterActivity::Printing => State::Printing,
            PrinterActivity::Idle | PrinterActivity::Error => self.state,
        };
        if seen != self.state {
            self.step(seen, now)?;
        }
        self.reason.clear();
        Ok(before != (self.state, self.outcome))
    }
}
