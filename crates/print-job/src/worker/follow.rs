//! Following a print that has begun: reports in, commands out, until the printer says how it ended.
//!
//! The watch is for news; what is over is concluded from an outcome with our fence, or from the printer's own answer,
//! never from silence or from a report that may be an old one.

use std::time::Duration;

use futures::StreamExt;
use ids::DeviceId;
use jobs::JobError;
use tokio::time::{Instant, MissedTickBehavior};

use super::print::{Run, WAITING_FOR_ANSWER, is_gone};
use crate::{
    app::{CallError, PrintQueue, PrinterGateway},
    domain::{
        Command, PrintJob, State,
        dispatch::{Following, PrinterActivity, Report, while_printing},
    },
};

/// How often progress is written.
const WRITE_EVERY: Duration = Duration::from_millis(500);
/// How often the row is looked at for commands.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Without a report of our print for this long, the printer is asked.
const QUIET: Duration = Duration::from_secs(2);
/// Pause before a command that did not get through is sent again, and before a broken watch is renewed.
const AGAIN: Duration = Duration::from_secs(1);

impl Run {
    /// Follows the print as long as nothing is in doubt; the caller comes again until the row has an outcome.
    pub(super) async fn follow(&self, job: &PrintJob, printer: &DeviceId) -> Result<(), JobError> {
        match self.shared.printers.query(&job.owner, printer).await {
            Ok(seen) => {
                let why = match while_printing(&job.id.to_string(), job.fence, &seen) {
                    Following::Ours => "",
                    Following::Vanished => "the printer stopped without saying how the print ended",
                    Following::Lost => "the printer restarted and lost the print",
                    Following::Superseded => "another print was started on the printer",
                };
                if !why.is_empty() {
                    return self.lose(why).await;
                }
                if self.take_in(&seen).await?.outcome.is_some() {
                    return Ok(());
                }
            }
            Err(error) if is_gone(&error) => return self.lose("the printer was removed").await,
            Err(_) => self.say(job, WAITING_FOR_ANSWER).await?,
        }
        self.watch(job, printer).await
    }

    async fn watch(&self, job: &PrintJob, printer: &DeviceId) -> Result<(), JobError> {
        let Ok(mut reports) = self.shared.printers.watch(&job.owner, printer).await else {
            return self.sleep(AGAIN).await;
        };
        let name = job.id.to_string();
        let mut known = self.shared.store.load(&self.context, self.id).await?;
        let (mut heard, mut written, mut commanded) = (Instant::now(), Instant::now(), None);
        let mut heating = false;
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.context.cancelled() => return Err(JobError::Stopped),
                item = reports.next() => match item {
                    Some(Ok((online, Some(seen)))) if seen.is_of(&name, known.fence) && (online || seen.outcome.is_some()) => {
                        heard = Instant::now();
                        heating = seen.activity == PrinterActivity::Preparing;
                        if news(&known, &seen) || written.elapsed() >= WRITE_EVERY {
                            known = self.take_in(&seen).await?;
                            written = Instant::now();
                        }
                        if known.outcome.is_some() {
                            return Ok(());
                        }
                    }
                    Some(Ok((false, _))) => self.say(&known, "the printer is offline; waiting for it").await?,
                    // A report from before our start, or of a printer that restarted: asked about when it stays so.
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return self.sleep(AGAIN).await,
                },
                _ = look.tick() => {
                    known = self.shared.store.load(&self.context, self.id).await?;
                    let due = commanded.is_none_or(|at: Instant| at.elapsed() >= AGAIN);
                    // A printer that fetches and heats has nothing to pause yet; the wish stays noted.
                    let early = heating && known.command == Some(Command::Pause);
                    if let Some(command) = known.command.filter(|_| due && !early) {
                        commanded = Some(Instant::now());
                        self.tell(&known, printer, command).await?;
                    }
                    if known.command.is_none() {
                        commanded = None;
                    }
                    if heard.elapsed() >= QUIET {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Passes a person's command on. A cancellation stays noted until the printer reports the end.
    async fn tell(&self, job: &PrintJob, printer: &DeviceId, command: Command) -> Result<(), JobError> {
        let answer = self.shared.printers.control(&job.owner, printer, job.fence, command).await;
        let (seen, why) = match answer {
            Ok(seen) => (Some(seen), None),
            Err(CallError::Refused(error)) => (None, Some(error.message().to_owned())),
            // Sent again: the fence makes that harmless.
            Err(CallError::Away(_)) => return Ok(()),
        };
        let (name, now) = (job.id.to_string(), self.shared.parts.clock.now());
        let change = |job: &mut PrintJob| {
            if let Some(seen) = seen.filter(|seen| seen.is_of(&name, job.fence)) {
                job.observe(&seen, now)?;
            }
            if let Some(why) = why {
                job.reason = why;
            }
            if command != Command::Cancel && job.command == Some(command) {
                job.command = None;
            }
            Ok(())
        };
        self.shared.store.update(&self.context, self.id, change).await?;
        Ok(())
    }

    async fn take_in(&self, seen: &Report) -> Result<PrintJob, JobError> {
        let now = self.shared.parts.clock.now();
        self.shared.store.update(&self.context, self.id, |job| job.observe(seen, now).map(drop)).await
    }

    /// The print is over, and not by the printer's word.
    async fn lose(&self, why: &str) -> Result<(), JobError> {
        let change = |job: &mut PrintJob| {
            job.outcome = Some(State::Failed);
            job.reason = why.to_owned();
            Ok(())
        };
        self.shared.store.update(&self.context, self.id, change).await?;
        Ok(())
    }
}

/// Whether a report says more than progress.
fn news(known: &PrintJob, seen: &Report) -> bool {
    use crate::domain::dispatch::PrinterActivity::{Paused, Preparing, Printing};
    let state = match seen.activity {
        Paused => State::Paused,
        Preparing | Printing => State::Printing,
        _ => known.state,
    };
    seen.outcome.is_some() || state != known.state || !known.reason.is_empty()
}
