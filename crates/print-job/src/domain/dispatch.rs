//! How exactly one start of a job is executed.
//!
//! A start carries the printer's fence, which grows with every start that may be sent. The iot service notes the highest
//! fence that it sent to a printer and sends none twice and none below. Before a start is asked for, the row says so
//! (`start_sent`). Whenever it is not known what became of it, the printer is asked, and what it says decides
//! ([`after_start`]):
//!
//! - it speaks of our job: the start arrived, and the job is followed;
//! - it speaks of the very fence that it spoke of before: the start did not arrive. It is asked for again with the same
//!   fence, which the iot service sends only if it never did; otherwise the fence is used up, the printer is asked once
//!   more, and only then another start, with a higher fence, may be sent. A process that stalled with the first one in
//!   its hands finds its fence used;
//! - it speaks of a lower one: it has restarted and forgotten, so nobody knows, and the job fails rather than risk a
//!   second print;
//! - it speaks of a higher one: somebody else's print began.

use super::State;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrinterActivity {
    Idle,
    Preparing,
    Printing,
    Paused,
    Error,
}

impl PrinterActivity {
    pub fn is_busy(self) -> bool {
        matches!(self, PrinterActivity::Preparing | PrinterActivity::Printing | PrinterActivity::Paused)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Completed,
    Failed,
    Cancelled,
}

impl Outcome {
    pub fn state(self) -> State {
        match self {
            Outcome::Completed => State::Completed,
            Outcome::Failed => State::Failed,
            Outcome::Cancelled => State::Cancelled,
        }
    }
}

/// What a printer says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub activity: PrinterActivity,
    /// Name of the running print job, or of the last one.
    pub print_job: String,
    /// Of the last start that was executed; 0 before the first.
    pub fence: i64,
    pub progress: f64,
    pub layer: u32,
    pub nozzle_temperature: f64,
    pub bed_temperature: f64,
    pub remaining_seconds: f64,
    /// How the last print ended; `None` while one runs.
    pub outcome: Option<Outcome>,
    pub reason: String,
}

impl Report {
    /// Whether it speaks of the print job `name`, whose latest start carries `fence`. An earlier start of the same job
    /// is ours too.
    pub fn is_of(&self, name: &str, fence: i64) -> bool {
        self.fence > 0 && (self.print_job == name || (self.print_job.is_empty() && self.fence == fence))
    }
}

/// What became of a start that was sent, by the printer's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    Started,
    NeverArrived,
    /// The printer has restarted: nobody knows.
    Forgotten,
    /// Another print was started.
    Superseded,
}

/// `before` is the fence of which the printer spoke before the start with `fence` was sent.
pub fn after_start(name: &str, fence: i64, before: i64, report: &Report) -> Resolution {
    if report.is_of(name, fence) {
        Resolution::Started
    } else if report.fence >= fence {
        Resolution::Superseded
    } else if report.fence < before {
        Resolution::Forgotten
    } else {
        Resolution::NeverArrived
    }
}

/// What a printer's own word means for a print that is known to have begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Following {
    /// It runs, or it has ended and the report says how.
    Ours,
    /// It is over and the printer does not say how.
    Vanished,
    /// The printer has restarted under it.
    Lost,
    Superseded,
}

pub fn while_printing(name: &str, fence: i64, report: &Report) -> Following {
    if report.is_of(name, fence) {
        if report.outcome.is_some() || report.activity.is_busy() { Following::Ours } else { Following::Vanished }
    } else if report.fence > fence {
        Following::Superseded
    } else {
        Following::Lost
    }
}

/// What a start's error says of the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartFailure {
    /// Nothing was sent and the fence was not noted: it can be asked for again as it is.
    NotSent,
    /// The fence was used before, by whom has to be asked; it was not sent now.
    FenceUsed {
        /// The highest fence that was sent to the printer.
        sent: i64,
    },
    /// The printer said no, or there is no such printer.
    Refused,
    /// It may have been executed: the printer has to be asked.
    Unknown,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::print_job::TRANSITIONS;

    fn report(print_job: &str, fence: i64) -> Report {
        Report {
            activity: PrinterActivity::Idle,
            print_job: print_job.to_owned(),
            fence,
            progress: 0.0,
            layer: 0,
            nozzle_temperature: 20.0,
            bed_temperature: 20.0,
            remaining_seconds: 0.0,
            outcome: None,
            reason: String::new(),
        }
    }

    #[test]
    fn the_printer_decides_what_became_of_a_start() {
        assert_eq!(after_start("j", 7, 5, &report("j", 7)), Resolution::Started);
        assert_eq!(after_start("j", 8, 5, &report("j", 7)), Resolution::Started, "an earlier start of ours");
        assert_eq!(after_start("j", 7, 5, &report("", 7)), Resolution::Started);
        assert_eq!(after_start("j", 7, 5, &report("other", 5)), Resolution::NeverArrived);
        assert_eq!(after_start("j", 7, 5, &report("", 0)), Resolution::Forgotten);
        assert_eq!(after_start("j", 7, 5, &report("other", 9)), Resolution::Superseded);
        assert_eq!(after_start("j", 1, 0, &report("", 0)), Resolution::NeverArrived);
    }

    #[test]
    fn a_print_that_is_gone_is_not_waited_for() {
        let busy = Report { activity: PrinterActivity::Printing, ..report("j", 7) };
        assert_eq!(while_printing("j", 7, &busy), Following::Ours);
        let ended = Report { outcome: Some(Outcome::Failed), ..report("j", 7) };
        assert_eq!(while_printing("j", 7, &ended), Following::Ours);
        assert_eq!(while_printing("j", 7, &report("j", 7)), Following::Vanished);
        assert_eq!(while_printing("j", 7, &report("", 0)), Following::Lost);
        assert_eq!(while_printing("j", 7, &report("k", 8)), Following::Superseded);
    }

    proptest! {
        #[test]
        fn a_second_start_is_allowed_only_where_the_printer_is_as_it_was(fence in 1i64..50, before in 0i64..50, seen in 0i64..60) {
            prop_assume!(before < fence);
            let resolution = after_start("j", fence, before, &report("k", seen));
            prop_assert_eq!(resolution == Resolution::NeverArrived, seen >= before && seen < fence);
        }

        #[test]
        fn whatever_is_tried_a_job_ends_at_most_once(tried in proptest::collection::vec(0usize..9, 0..60)) {
            let (mut state, mut ends) = (State::Pending, 0);
            for to in tried.into_iter().map(|index| State::ALL[index]) {
                let legal = TRANSITIONS.iter().any(|(from, steps)| *from == state && steps.contains(&to));
                match state.step(to) {
                    Ok(next) => {
                        prop_assert!(legal && !state.is_terminal());
                        ends += usize::from(next.is_terminal());
                        state = next;
                    }
                    Err(illegal) => prop_assert!(!legal && illegal.from == state && illegal.to == to),
                }
            }
            prop_assert!(ends <= 1);
        }
    }
}
