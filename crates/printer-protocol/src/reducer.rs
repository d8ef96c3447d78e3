//! What happened between two reports of a printer. Comparing snapshots, rather than trusting that every transition was
//! heard, also finds what happened while nobody listened.

use crate::{Outcome, State, Status};

/// A fact that follows from two reports.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Started {
        fence: i64,
    },
    Paused {
        fence: i64,
    },
    Resumed {
        fence: i64,
    },
    Ended {
        fence: i64,
        outcome: Outcome,
        reason: Option<String>,
    },
    /// The firmware restarted under a print.
    Lost {
        fence: i64,
    },
}

/// Compares the last known report with a new one. Reports of one boot that arrive out of order change nothing.
pub fn changes(previous: Option<&Status>, current: &Status) -> Vec<Change> {
    let mut changes = Vec::new();
    let same_boot = previous.filter(|p| p.boot == current.boot);
    if same_boot.is_some_and(|p| p.sequence >= current.sequence) {
        return changes;
    }
    if let Some(before) = previous.filter(|p| p.boot != current.boot && p.state.is_busy()) {
        changes.push(Change::Lost { fence: before.fence });
    }
    let before = same_boot.filter(|p| p.fence == current.fence);
    if before.is_none() && current.fence > 0 {
        // The print before this one ended while nobody listened; its outcome is not known from here.
        changes.push(Change::Started { fence: current.fence });
    }
    let was = before.map_or(State::Preparing, |p| p.state);
    match (was, current.state) {
        (State::Preparing | State::Printing, State::Paused) => changes.push(Change::Paused { fence: current.fence }),
        (State::Paused, State::Printing) => changes.push(Change::Resumed { fence: current.fence }),
        _ => {}
    }
    let ended_before = before.is_some_and(|p| p.outcome.is_some());
    if let Some(outcome) = current.outcome.filter(|_| !ended_before && current.fence > 0) {
        changes.push(Change::Ended { fence: current.fence, outcome, reason: current.reason.clone() });
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::tests::status;

    fn report(sequence: u64, fence: i64, state: State, outcome: Option<Outcome>) -> Status {
        Status { sequence, fence, state, outcome, ..status() }
    }

    #[test]
    fn a_print_is_followed_from_start_to_end() {
        let idle = report(1, 0, State::Idle, None);
        let printing = report(2, 5, State::Printing, None);
        let done = report(3, 5, State::Idle, Some(Outcome::Completed));
        assert_eq!(changes(Some(&idle), &printing), [Change::Started { fence: 5 }]);
        let ended = Change::Ended { fence: 5, outcome: Outcome::Completed, reason: None };
        assert_eq!(changes(Some(&printing), &done), std::slice::from_ref(&ended));
        assert_eq!(changes(Some(&idle), &done), [Change::Started { fence: 5 }, ended], "both were missed");
        assert_eq!(changes(Some(&done), &report(4, 5, State::Idle, Some(Outcome::Completed))), []);
    }

    #[test]
    fn a_late_report_changes_nothing() {
        let done = report(9, 5, State::Idle, Some(Outcome::Completed));
        assert_eq!(changes(Some(&done), &report(8, 5, State::Printing, None)), []);
    }

    #[test]
    fn a_restart_under_a_print_loses_it() {
        let printing = report(7, 5, State::Printing, None);
        let restarted = Status { boot: "b2".into(), ..report(1, 0, State::Idle, None) };
        assert_eq!(changes(Some(&printing), &restarted), [Change::Lost { fence: 5 }]);
    }

    #[test]
    fn pause_and_resume_are_told_apart() {
        let printing = report(1, 5, State::Printing, None);
        let paused = report(2, 5, State::Paused, None);
        assert_eq!(changes(Some(&printing), &paused), [Change::Paused { fence: 5 }]);
        assert_eq!(changes(Some(&paused), &report(3, 5, State::Printing, None)), [Change::Resumed { fence: 5 }]);
    }
}
