//! One print job from its row to its end. The handler may be entered again at any moment: it reads the row and goes on
//! from what it says. What may be concluded is decided in `domain::dispatch`.

use std::{sync::Arc, time::Duration};

use ids::{DeviceId, PrintJobId};
use jobs::{JobContext, JobError};
use rpc::ErrorKind;
use serde_json::Value;
use service_kit::Parts;

use crate::{
    Printers, Store,
    app::{CallError, Candidate, PrintQueue, Printer, PrinterGateway, StartError},
    domain::{
        Command, PrintJob, State,
        dispatch::{PrinterActivity, Report, Resolution, StartFailure, after_start},
    },
};

/// How often a waiting job looks for a printer.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Pause before a printer that did not answer is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(500);
/// How often sealing the telemetry is tried again, a second apart, before the job ends without it.
const SEAL_ATTEMPTS: u32 = 120;

pub(super) const WAITING_FOR_ANSWER: &str = "waiting for the printer to answer";

#[derive(Clone)]
pub(super) struct Shared {
    pub parts: Parts,
    pub store: Arc<Store>,
    pub printers: Arc<Printers>,
}

/// One run of one print job's work.
pub(super) struct Run {
    pub(super) shared: Shared,
    pub(super) context: JobContext,
    pub(super) id: PrintJobId,
}

pub(super) async fn print(shared: Shared, context: JobContext) -> Result<Value, JobError> {
    let id = context.payload()?;
    let run = Run { shared, context, id };
    loop {
        run.context.check()?;
        let job = run.shared.store.load(&run.context, id).await?;
        match (job.state, &job.printer) {
            (state, _) if state.is_terminal() => {
                // Cancelled while it waited; only the work is left to end.
                run.shared.store.end(&run.context, id, |_| Ok(())).await?;
                return Ok(Value::Null);
            }
            (_, Some(printer)) if job.outcome.is_some() => {
                run.conclude(&job, printer).await?;
                return Ok(Value::Null);
            }
            (State::Preparing, Some(printer)) if !job.start_sent => run.start(&job, printer).await?,
            (State::Preparing, Some(printer)) => run.resolve(&job, printer).await?,
            (State::Printing | State::Paused, Some(printer)) => run.follow(&job, printer).await?,
            _ => run.acquire(&job).await?,
        }
    }
}

/// What a list of printers has for a job.
#[derive(Debug, PartialEq)]
enum Choice {
    Take(Vec<Candidate>),
    Wait(&'static str),
    Never(String),
}

fn choose(job: &PrintJob, printers: Vec<Printer>) -> Choice {
    let fits = |candidate: &Candidate| (0..3).all(|axis| job.size[axis] <= candidate.build[axis] + 1e-6);
    let known = !printers.is_empty();
    let asked =
        |printer: &Printer| job.wanted_printer.as_ref().is_none_or(|wanted| *wanted == printer.candidate.device);
    let asked: Vec<Printer> = printers.into_iter().filter(asked).collect();
    if asked.is_empty() {
        return match &job.wanted_printer {
            Some(wanted) => {
                Choice::Never(format!("{wanted} is not one of your printers; register it or name another one"))
            }
            None => Choice::Wait("no printer is online"),
        };
    }
    let mut fitting: Vec<Printer> = asked.into_iter().filter(|printer| fits(&printer.candidate)).collect();
    if fitting.is_empty() && known {
        let [x, y, z] = job.size;
        let what = job.wanted_printer.as_ref().map_or("any of your printers".to_owned(), ToString::to_string);
        return Choice::Never(format!("the print is {x:.1} x {y:.1} x {z:.1} mm and does not fit {what}"));
    }
    fitting.retain(|printer| printer.online);
    if fitting.is_empty() {
        return Choice::Wait("no printer is online");
    }
    let is = |printer: &Printer, activity| printer.report.as_ref().is_some_and(|report| report.activity == activity);
    if fitting.iter().all(|printer| is(printer, PrinterActivity::Error)) {
        return Choice::Wait("the printer reports an error and needs attention; restart it");
    }
    fitting.retain(|printer| is(printer, PrinterActivity::Idle));
    if fitting.is_empty() {
        return Choice::Wait("waiting for a free printer");
    }
    Choice::Take(fitting.into_iter().map(|printer| printer.candidate).collect())
}

impl Run {
    /// Looks for a printer once, and waits a little when there is none.
    async fn acquire(&self, job: &PrintJob) -> Result<(), JobError> {
        let choice = match self.shared.printers.list(&job.owner).await {
            Ok(printers) => choose(job, printers),
            Err(error) => {
                tracing::debug!(%error, "the printers cannot be listed");
                Choice::Wait("the printers cannot be reached at the moment")
            }
        };
        let why = match choice {
            Choice::Never(why) => return self.fail(&why).await,
            Choice::Wait(why) => why,
            Choice::Take(candidates) => {
                let now = self.shared.parts.clock.now();
                if self.shared.store.claim(&self.context, self.id, &candidates, now).await?.is_some() {
                    return Ok(());
                }
                "waiting for a free printer"
            }
        };
        self.say(job, why).await?;
        self.sleep(LOOK_EVERY).await
    }

    /// The start was not sent: makes sure of the printer, says in the row that it is sent, and sends it.
    async fn start(&self, job: &PrintJob, printer: &DeviceId) -> Result<(), JobError> {
        if job.command == Some(Command::Cancel) {
            return self.cancel().await;
        }
        let seen = match self.shared.printers.query(&job.owner, printer).await {
            Ok(seen) => seen,
            Err(error) => return self.unanswered(job, &error).await,
        };
        if seen.is_of(&job.id.to_string(), job.fence) {
            return self.began(&seen).await;
        }
        if seen.fence >= job.fence {
            // A printer that is older than this database.
            self.shared.store.renew_fence(&self.context, self.id, seen.fence).await?;
            return Ok(());
        }
        if seen.activity != PrinterActivity::Idle {
            return self.occupied(job).await;
        }
        let before = seen.fence;
        let announce = |job: &mut PrintJob| {
            if job.command != Some(Command::Cancel) {
                (job.start_sent, job.fence_before) = (true, before);
                job.reason.clear();
            }
            Ok(())
        };
        let job = self.shared.store.update(&self.context, self.id, announce).await?;
        if !job.start_sent {
            return Ok(());
        }
        self.send(&job, printer).await
    }

    /// Sends the start that the row announces. The iot service sends one fence once, whoever asks for it and how often.
    async fn send(&self, job: &PrintJob, printer: &DeviceId) -> Result<(), JobError> {
        self.context.check()?;
        match self.shared.printers.start(job, printer).await {
            Ok(seen) if seen.is_of(&job.id.to_string(), job.fence) => self.began(&seen).await,
            Ok(_) => Ok(()),
            Err(error) => self.not_started(job, printer, error).await,
        }
    }

    async fn not_started(&self, job: &PrintJob, printer: &DeviceId, error: StartError) -> Result<(), JobError> {
        let failure = error.failure;
        tracing::info!(print_job = %job.id, printer = %printer, fence = job.fence, ?failure, "a start was not confirmed");
        match failure {
            StartFailure::NotSent => {
                self.say(job, &error.message).await?;
                self.sleep(ASK_AGAIN).await
            }
            // The row says that it was sent: the next step asks the printer.
            StartFailure::Unknown => Ok(()),
            // Asked after the fence was used up, so that the answer is final.
            StartFailure::FenceUsed { sent } => match self.shared.printers.query(&job.owner, printer).await {
                Ok(seen) => {
                    if self.never_arrived(job, &seen).await? {
                        self.shared.store.renew_fence(&self.context, self.id, sent.max(job.fence)).await?;
                    }
                    Ok(())
                }
                Err(error) => self.unanswered(job, &error).await,
            },
            // It may have refused because an earlier start of this job is running.
            StartFailure::Refused => match self.shared.printers.query(&job.owner, printer).await {
                Ok(seen) if seen.is_of(&job.id.to_string(), job.fence) => self.began(&seen).await,
                Ok(_) | Err(CallError::Refused(_)) => self.fail(&error.message).await,
                Err(error) => self.unanswered(job, &error).await,
            },
        }
    }

    /// The start was sent and nobody knows what became of it: the printer does.
    async fn resolve(&self, job: &PrintJob, printer: &DeviceId) -> Result<(), JobError> {
        match self.shared.printers.query(&job.owner, printer).await {
            Ok(seen) => {
                if self.never_arrived(job, &seen).await? {
                    if seen.activity != PrinterActivity::Idle {
                        return self.occupied(job).await;
                    }
                    // It may not have left the house, or a stalled process may be about to send it: the same fence again
                    // is sent if it was not, and uses it up.
                    return self.send(job, printer).await;
                }
                Ok(())
            }
            Err(error) => self.unanswered(job, &error).await,
        }
    }

    /// Does what the printer's word asks for, and tells whether the start is still to be made.
    async fn never_arrived(&self, job: &PrintJob, seen: &Report) -> Result<bool, JobError> {
        let resolution = after_start(&job.id.to_string(), job.fence, job.fence_before, seen);
        tracing::info!(print_job = %job.id, fence = job.fence, seen = seen.fence, ?resolution, "a start was looked into");
        match resolution {
            Resolution::NeverArrived if job.command != Some(Command::Cancel) => return Ok(true),
            Resolution::NeverArrived => self.cancel().await?,
            Resolution::Started => self.began(seen).await?,
            Resolution::Forgotten => {
                let why = "the printer restarted before it confirmed the start; see whether it began, then print again";
                self.fail(why).await?;
            }
            Resolution::Superseded => self.fail("another print was started on the printer").await?,
        }
        Ok(false)
    }

    /// The printer does something that is not ours: a start now could spoil it.
    async fn occupied(&self, job: &PrintJob) -> Result<(), JobError> {
        self.say(job, "waiting for the printer, which is busy or needs attention").await?;
        self.sleep(LOOK_EVERY).await
    }

    /// The printer speaks of our start.
    async fn began(&self, seen: &Report) -> Result<(), JobError> {
        let now = self.shared.parts.clock.now();
        let change = |job: &mut PrintJob| {
            if job.state == State::Preparing {
                job.step(State::Printing, now)?;
            }
            job.observe(seen, now).map(drop)
        };
        self.shared.store.update(&self.context, self.id, change).await?;
        Ok(())
    }

    /// The printer did not answer; it is waited for, for ever, unless it does not exist.
    async fn unanswered(&self, job: &PrintJob, error: &CallError) -> Result<(), JobError> {
        if is_gone(error) {
            return self.fail("the printer was removed").await;
        }
        self.say(job, WAITING_FOR_ANSWER).await?;
        self.sleep(ASK_AGAIN).await
    }

    /// The print is over by the printer's word: seals its telemetry and ends the job.
    async fn conclude(&self, job: &PrintJob, printer: &DeviceId) -> Result<(), JobError> {
        let telemetry = self.seal(job, printer).await?;
        let (outcome, now) = (job.outcome.unwrap_or(State::Failed), self.shared.parts.clock.now());
        let change = |job: &mut PrintJob| {
            job.telemetry_hash = telemetry;
            job.step(outcome, now)
        };
        self.shared.store.end(&self.context, self.id, change).await?;
        Ok(())
    }

    async fn seal(&self, job: &PrintJob, printer: &DeviceId) -> Result<Option<ids::ContentHash>, JobError> {
        for _ in 0..SEAL_ATTEMPTS {
            match self.shared.printers.seal(job, printer).await {
                Ok(telemetry) => return Ok(telemetry),
                Err(CallError::Refused(error)) => {
                    error.log();
                    return Ok(None);
                }
                Err(CallError::Away(error)) => tracing::debug!(%error, "the telemetry is not sealed yet"),
            }
            self.sleep(Duration::from_secs(1)).await?;
        }
        tracing::warn!(print_job = %job.id, "the print ends without its telemetry, which could not be sealed");
        Ok(None)
    }

    /// Ends a job that printed nothing.
    pub(super) async fn fail(&self, why: &str) -> Result<(), JobError> {
        self.end_unprinted(State::Failed, why).await
    }

    async fn cancel(&self) -> Result<(), JobError> {
        self.end_unprinted(State::Cancelled, "cancelled before the print began").await
    }

    async fn end_unprinted(&self, state: State, why: &str) -> Result<(), JobError> {
        let now = self.shared.parts.clock.now();
        // Somebody may have cancelled it in this moment, and it ends once.
        let change = |job: &mut PrintJob| {
            if job.state.is_terminal() {
                return Ok(());
            }
            job.reason = why.to_owned();
            job.step(state, now)
        };
        self.shared.store.end(&self.context, self.id, change).await?;
        Ok(())
    }

    /// Shows why the job waits.
    pub(super) async fn say(&self, job: &PrintJob, why: &str) -> Result<(), JobError> {
        if job.reason == why && job.state != State::Pending {
            return Ok(());
        }
        let now = self.shared.parts.clock.now();
        let change = |job: &mut PrintJob| {
            if job.state == State::Pending {
                job.step(State::Queueing, now)?;
            }
            if !job.state.is_terminal() {
                job.reason = why.to_owned();
            }
            Ok(())
        };
        self.shared.store.update(&self.context, self.id, change).await?;
        Ok(())
    }

    pub(super) async fn sleep(&self, pause: Duration) -> Result<(), JobError> {
        tokio::select! {
            () = self.context.cancelled() => Err(JobError::Stopped),
            () = tokio::time::sleep(pause) => Ok(()),
        }
    }
}

pub(super) fn is_gone(error: &CallError) -> bool {
    matches!(error, CallError::Refused(error) if error.kind() == ErrorKind::NotFound)
}

#[cfg(test)]
mod tests {
    use ids::{ContentHash, SliceId};
    use time::OffsetDateTime;

    use super::*;

    fn job(wanted: Option<&str>) -> PrintJob {
        PrintJob {
            id: PrintJobId::generate(1, [1; 10]),
            owner: "ana".to_owned(),
            slice: SliceId::generate(1, [1; 10]),
            gcode_hash: ContentHash::of(b"g"),
            gcode_size_bytes: 1,
            size: [100.0, 100.0, 10.0],
            copies: 1,
            layer_count: 50,
            wanted_printer: wanted.map(|name| name.parse().unwrap()),
            printer: None,
            state: State::Pending,
            progress: 0.0,
            layer: 0,
            eta_seconds: 0.0,
            reason: String::new(),
            nozzle_temperature: 0.0,
            bed_temperature: 0.0,
            fence: 0,
            fence_before: 0,
            start_sent: false,
            command: None,
            outcome: None,
            telemetry_hash: None,
            created_at: OffsetDateTime::UNIX_EPOCH,
            started_at: None,
            ended_at: None,
        }
    }

    fn printer(name: &str, online: bool, activity: PrinterActivity, side: f64) -> Printer {
        let report = Report {
            activity,
            print_job: String::new(),
            fence: 0,
            progress: 0.0,
            layer: 0,
            nozzle_temperature: 20.0,
            bed_temperature: 20.0,
            remaining_seconds: 0.0,
            outcome: None,
            reason: String::new(),
        };
        let candidate = Candidate { device: name.parse().unwrap(), build: [side; 3], fence: 0 };
        Printer { candidate, online, report: Some(report) }
    }

    #[test]
    fn the_idle_printer_that_fits_is_taken() {
        use PrinterActivity::{Error, Idle, Printing};
        let all = || {
            vec![
                printer("a", true, Printing, 220.0),
                printer("b", false, Idle, 220.0),
                printer("c", true, Idle, 50.0),
                printer("d", true, Idle, 220.0),
            ]
        };
        let taken = |choice| match choice {
            Choice::Take(candidates) => candidates.iter().map(|c: &Candidate| c.device.slug().to_owned()).collect(),
            other => vec![format!("{other:?}")],
        };
        assert_eq!(taken(choose(&job(None), all())), ["d"]);
        assert_eq!(choose(&job(Some("a")), all()), Choice::Wait("waiting for a free printer"));
        assert_eq!(choose(&job(Some("b")), all()), Choice::Wait("no printer is online"));
        assert!(matches!(choose(&job(Some("c")), all()), Choice::Never(why) if why.contains("does not fit devices/c")));
        assert!(matches!(choose(&job(Some("e")), all()), Choice::Never(why) if why.contains("devices/e")));
        assert_eq!(choose(&job(None), Vec::new()), Choice::Wait("no printer is online"));
        let broken = vec![printer("a", true, Error, 220.0)];
        assert!(matches!(choose(&job(None), broken), Choice::Wait(why) if why.contains("attention")));
    }

    #[test]
    fn a_command_is_taken_by_the_state_it_meets() {
        use crate::domain::print_job::Taken;
        let now = OffsetDateTime::UNIX_EPOCH;
        let at = |state| PrintJob { state, ..job(None) };
        assert_eq!(at(State::Queueing).command(Command::Cancel, now), Ok(Taken::Ended));
        assert!(at(State::Queueing).command(Command::Pause, now).is_err());
        let mut printing = at(State::Printing);
        assert!(printing.command(Command::Resume, now).is_err());
        assert_eq!(printing.command(Command::Pause, now), Ok(Taken::Noted));
        assert_eq!(printing.command(Command::Pause, now), Ok(Taken::Nothing));
        assert_eq!(printing.command(Command::Resume, now), Ok(Taken::Noted), "takes the pause back");
        assert_eq!((printing.command, printing.command(Command::Cancel, now)), (None, Ok(Taken::Noted)));
        assert!(printing.command(Command::Pause, now).is_err(), "a cancellation is not replaced");
        for state in [State::Completed, State::Failed, State::Cancelled, State::Maintenance] {
            assert!(at(state).command(Command::Cancel, now).is_err());
        }
        assert!(
            PrintJob { outcome: Some(State::Completed), ..at(State::Printing) }.command(Command::Cancel, now).is_err()
        );
    }
}
