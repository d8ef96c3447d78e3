//! PURE: G-code in the Marlin dialect: parser, executor with the motion model, and the metadata header.
//!
//! The slicer estimates a print's time by summing the [`Step`]s of the program that it wrote; a virtual printer executes
//! the same steps against a clock. Both therefore agree to the last bit, and neither guesses.
//!
//! Guarantees: memory is bounded whatever the program's size (one line and one look-ahead window are held); bytes from
//! outside never panic; the same program and limits always give the same steps. Not modelled: heating times (a
//! [`StepKind::SetTemperature`] with `wait` takes no time here; who executes it knows its heater), arcs (G2/G3),
//! firmware retraction and volumetric extrusion, which are reported as [`Command::Unknown`] and skipped.

mod executor;
mod header;
mod limits;
mod parser;
mod planner;

pub use executor::{ExecuteError, Executor, Step, StepKind, Steps, Totals, steps, totals};
pub use header::{Header, HeaderError};
pub use limits::{Cornering, LimitsError, MachineLimits};
pub use parser::{
    Command, Comment, Heater, Line, LineError, LineProblem, Lines, MAX_LINE_BYTES, Move, ReadError, parse_line,
};
