//! What becomes of a printer's report: whether it can be used, whether it is kept, which event follows from it.

use printer_protocol::{Change, Outcome, Status};
use serde_json::{Value, json};
use time::OffsetDateTime;

/// A printer's status and when the platform heard it.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub status: Status,
    pub at: OffsetDateTime,
}

impl Report {
    pub fn at_ms(&self) -> i64 {
        (self.at.unix_timestamp_nanos() / 1_000_000) as i64
    }
}

/// A status that is well-formed JSON and still cannot be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct Unusable {
    pub field: &'static str,
    pub problem: &'static str,
}

/// Bounds the texts of a status and takes out what no column holds, so that one device cannot spoil a batch of rows.
pub fn check_status(mut status: Status) -> Result<Status, Unusable> {
    let texts = [
        ("boot", Some(&status.boot), 128),
        ("print_job", status.print_job.as_ref(), 256),
        ("reason", status.reason.as_ref(), 1_024),
    ];
    for (field, text, limit) in texts {
        let Some(text) = text else { continue };
        if text.len() > limit {
            return Err(Unusable { field, problem: "is too long" });
        }
        if text.contains('\0') {
            return Err(Unusable { field, problem: "holds a NUL character" });
        }
    }
    if status.boot.is_empty() {
        return Err(Unusable { field: "boot", problem: "is empty" });
    }
    if i64::try_from(status.sequence).is_err() {
        return Err(Unusable { field: "sequence", problem: "is beyond 2^63" });
    }
    status.progress = status.progress.clamp(0.0, 1.0);
    status.remaining_seconds = status.remaining_seconds.max(0.0);
    Ok(status)
}

/// A report that says nothing new: of the same boot, and not later.
pub fn is_stale(previous: &Status, current: &Status) -> bool {
    previous.boot == current.boot && previous.sequence >= current.sequence
}

/// Decides which reports become telemetry rows and which bring the device's row up to date.
#[derive(Clone, Debug, Default)]
pub struct Sampler {
    kept_ms: Option<i64>,
    row_ms: Option<i64>,
}

impl Sampler {
    /// Every report of a busy printer is kept, and every one in which something `happened`; of an idle printer one in
    /// `idle_sample_ms`.
    pub fn keep(&mut self, busy: bool, happened: bool, now_ms: i64, idle_sample_ms: i64) -> bool {
        let keep = busy || happened || due(self.kept_ms, now_ms, idle_sample_ms);
        if keep {
            self.kept_ms = Some(now_ms);
        }
        keep
    }

    pub fn touch_row(&mut self, happened: bool, now_ms: i64, row_every_ms: i64) -> bool {
        let touch = happened || due(self.row_ms, now_ms, row_every_ms);
        if touch {
            self.row_ms = Some(now_ms);
        }
        touch
    }
}

fn due(last_ms: Option<i64>, now_ms: i64, every_ms: i64) -> bool {
    // A clock that went back makes it due too.
    last_ms.is_none_or(|last| now_ms < last || now_ms - last >= every_ms)
}

/// The event that tells others of a change: its kind and payload. `previous` is the report before it.
pub fn event_of(change: &Change, previous: Option<&Status>, current: &Status) -> (&'static str, Value) {
    let job =
        |status: Option<&Status>, fence: i64| status.filter(|s| s.fence == fence).and_then(|s| s.print_job.clone());
    match change {
        Change::Started { fence } => {
            ("print_started", json!({"fence": fence, "print_job": job(Some(current), *fence)}))
        }
        Change::Paused { fence } => ("print_paused", json!({"fence": fence, "print_job": job(Some(current), *fence)})),
        Change::Resumed { fence } => {
            ("print_resumed", json!({"fence": fence, "print_job": job(Some(current), *fence)}))
        }
        Change::Ended { fence, outcome, reason } => {
            let outcome = match outcome {
                Outcome::Completed => "completed",
                Outcome::Failed => "failed",
                Outcome::Cancelled => "cancelled",
            };
            let job = job(Some(current), *fence);
            ("print_ended", json!({"fence": fence, "print_job": job, "outcome": outcome, "reason": reason}))
        }
        Change::Lost { fence } => ("print_lost", json!({"fence": fence, "print_job": job(previous, *fence)})),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use printer_protocol::{SCHEMA, State, Temperatures};

    use super::*;

    pub(crate) fn status(boot: &str, sequence: u64) -> Status {
        Status {
            schema: SCHEMA,
            boot: boot.into(),
            sequence,
            state: State::Idle,
            print_job: Some("printJobs/1".into()),
            fence: 3,
            progress: 0.5,
            layer: 2,
            temperatures: Temperatures::default(),
            position: [0.0; 3],
            remaining_seconds: 1.0,
            outcome: None,
            reason: None,
            speed: None,
        }
    }

    #[test]
    fn what_no_column_holds_is_refused() {
        assert_eq!(check_status(Status { boot: "a\0".into(), ..status("b", 1) }).unwrap_err().field, "boot");
        assert_eq!(check_status(Status { boot: "".into(), ..status("b", 1) }).unwrap_err().field, "boot");
        let long = Status { reason: Some("x".repeat(2_000)), ..status("b", 1) };
        assert_eq!(check_status(long).unwrap_err().field, "reason");
        assert_eq!(check_status(status("b", u64::MAX)).unwrap_err().field, "sequence");
        assert_eq!(check_status(Status { progress: 7.0, ..status("b", 1) }).unwrap().progress, 1.0);
    }

    #[test]
    fn only_later_reports_of_a_boot_say_something() {
        assert!(is_stale(&status("b", 4), &status("b", 4)));
        assert!(!is_stale(&status("b", 4), &status("b", 5)));
        assert!(!is_stale(&status("b", 4), &status("c", 1)));
    }

    #[test]
    fn idle_reports_are_sampled_and_busy_ones_kept() {
        let mut sampler = Sampler::default();
        let idle = (0..40).filter(|i| sampler.keep(false, false, i * 500, 10_000)).count();
        assert_eq!(idle, 2, "at 0 s and at 10 s");
        assert!((40..60).all(|i| sampler.keep(true, false, i * 500, 10_000)));
        assert!(sampler.keep(false, true, 30_001, 10_000), "the report in which the print ended");
        let rows = (0..40).filter(|i| sampler.touch_row(false, i * 500, 1_000)).count();
        assert_eq!(rows, 20);
        assert!(sampler.touch_row(true, 19_501, 1_000));
    }

    #[test]
    fn events_name_the_print_that_they_are_about() {
        let (before, after) = (status("b", 9), Status { fence: 0, print_job: None, ..status("c", 1) });
        let (kind, payload) = event_of(&Change::Lost { fence: 3 }, Some(&before), &after);
        assert_eq!((kind, &payload["print_job"]), ("print_lost", &json!("printJobs/1")));
        let ended = Change::Ended { fence: 3, outcome: Outcome::Failed, reason: Some("jam".into()) };
        let (kind, payload) = event_of(&ended, None, &before);
        assert_eq!((kind, &payload["outcome"], &payload["reason"]), ("print_ended", &json!("failed"), &json!("jam")));
    }
}
