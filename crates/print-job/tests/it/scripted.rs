//! `ScriptedPrinter`s behind the iot service's contract: hardware whose misbehaviour is chosen by the test. They never
//! forgive a second start: every start that reaches one is counted.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use futures::Stream;
use ids::ContentHash;
use proto::pot::iot::v1::{self as pb, iot_service_server::IotService};
use rpc::{Error, principal_of};
use tonic::{Request, Response, Status};

/// What happens to the next start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Next {
    #[default]
    Works,
    /// Executed, and the acknowledgement is lost.
    AckLost,
    /// Lost on its way.
    Lost,
    /// Executed, and the call never answers.
    HangsExecuted,
    /// Lost on its way, and the call never answers.
    HangsLost,
    /// The call is stuck before anything of it is noted.
    HangsUnsent,
    Refused,
    /// Not sent: the broker is away.
    BrokerAway,
}

#[derive(Debug)]
pub(crate) struct ScriptedPrinter {
    pub(crate) owner: String,
    pub(crate) online: bool,
    pub(crate) build: [f64; 3],
    pub(crate) duration: Duration,
    /// Stays at half.
    pub(crate) hold: bool,
    pub(crate) next: Next,
    pub(crate) executed: Vec<(i64, String)>,
    /// The iot service's note of the highest fence that was sent.
    sent_fence: i64,
    print_job: String,
    fence: i64,
    running: Option<Run>,
    outcome: pb::PrintOutcome,
}

#[derive(Debug)]
struct Run {
    done: Duration,
    since: Option<Instant>,
}

impl ScriptedPrinter {
    fn new(owner: &str) -> Self {
        ScriptedPrinter {
            owner: owner.to_owned(),
            online: true,
            build: [220.0, 220.0, 250.0],
            duration: Duration::from_millis(300),
            hold: false,
            next: Next::Works,
            executed: Vec::new(),
            sent_fence: 0,
            print_job: String::new(),
            fence: 0,
            running: None,
            outcome: pb::PrintOutcome::Unspecified,
        }
    }

    /// The firmware restarts: nothing is remembered.
    pub(crate) fn reboot(&mut self) {
        (self.print_job, self.fence, self.running) = (String::new(), 0, None);
        self.outcome = pb::PrintOutcome::Unspecified;
    }

    pub(crate) fn is_printing(&mut self) -> bool {
        self.status();
        self.running.is_some()
    }

    fn start(&mut self, print_job: &str, fence: i64) {
        self.executed.push((fence, print_job.to_owned()));
        (self.print_job, self.fence) = (print_job.to_owned(), fence);
        self.outcome = pb::PrintOutcome::Unspecified;
        self.running = Some(Run { done: Duration::ZERO, since: Some(Instant::now()) });
    }

    fn status(&mut self) -> pb::PrinterStatus {
        let (mut state, mut progress) = (pb::PrinterState::Idle, 0.0);
        if let Some(run) = &self.running {
            let elapsed = run.done + run.since.map_or(Duration::ZERO, |since| since.elapsed());
            let most = if self.hold { 0.5 } else { 1.0 };
            progress = (elapsed.as_secs_f64() / self.duration.as_secs_f64()).min(most);
            state = if run.since.is_some() { pb::PrinterState::Printing } else { pb::PrinterState::Paused };
        }
        if progress >= 1.0 {
            self.running = None;
            self.outcome = pb::PrintOutcome::Completed;
            state = pb::PrinterState::Idle;
        }
        pb::PrinterStatus {
            state: state.into(),
            print_job: self.print_job.clone(),
            fence: self.fence,
            progress,
            layer: (progress * 10.0) as u32,
            nozzle_temperature: 210.0,
            nozzle_target: 210.0,
            bed_temperature: 60.0,
            bed_target: 60.0,
            remaining_seconds: (1.0 - progress) * self.duration.as_secs_f64(),
            outcome: self.outcome.into(),
            ..Default::default()
        }
    }

    fn control(&mut self, control: pb::PrintControl) -> Result<(), String> {
        let run = self.running.as_mut().ok_or("nothing is printing")?;
        match (control, run.since) {
            (pb::PrintControl::Pause, Some(since)) => (run.done, run.since) = (run.done + since.elapsed(), None),
            (pb::PrintControl::Resume, None) => run.since = Some(Instant::now()),
            (pb::PrintControl::Cancel, _) => {
                self.running = None;
                self.outcome = pb::PrintOutcome::Cancelled;
            }
            _ => return Err("it is so already".to_owned()),
        }
        Ok(())
    }
}

/// The iot service of the test; clones are one.
#[derive(Clone, Default)]
pub(crate) struct Printers(Arc<Mutex<BTreeMap<String, ScriptedPrinter>>>);

impl Printers {
    pub(crate) fn with(devices: &[&str]) -> Self {
        let printers = Printers::default();
        for device in devices {
            printers.all().insert(format!("devices/{device}"), ScriptedPrinter::new(super::platform::OWNER));
        }
        printers
    }

    pub(crate) fn all(&self) -> MutexGuard<'_, BTreeMap<String, ScriptedPrinter>> {
        self.0.lock().unwrap()
    }

    pub(crate) fn change<T>(&self, device: &str, change: impl FnOnce(&mut ScriptedPrinter) -> T) -> T {
        change(self.all().get_mut(&format!("devices/{device}")).unwrap())
    }

    /// Every start that was executed, on whichever printer, as (fence, job).
    pub(crate) fn executed(&self) -> Vec<(i64, String)> {
        self.all().values().flat_map(|printer| printer.executed.clone()).collect()
    }

    fn owned<T>(
        &self,
        owner: &str,
        device: &str,
        change: impl FnOnce(&mut ScriptedPrinter) -> Result<T, Error>,
    ) -> Result<T, Status> {
        let mut all = self.all();
        let printer = all.get_mut(device).filter(|printer| printer.owner == owner);
        Ok(change(printer.ok_or_else(|| Error::not_found(device))?)?)
    }
}

fn owner<T>(request: &Request<T>) -> Result<String, Status> {
    let principal = principal_of(request)?;
    assert!(principal.is_internal(), "the service calls in its own name");
    Ok(principal.acting_owner().to_owned())
}

fn device(name: &str, printer: &mut ScriptedPrinter) -> pb::Device {
    pb::Device {
        name: name.to_owned(),
        kind: "printer".to_owned(),
        driver: "virtual".to_owned(),
        online: printer.online,
        printer: Some(printer.status()),
        build_x: printer.build[0],
        build_y: printer.build[1],
        build_z: printer.build[2],
        nozzle_diameter: 0.4,
        create_time: None,
        last_seen_time: None,
    }
}

fn offline() -> Error {
    Error::unavailable("the printer does not answer").with_reason("PRINTER_OFFLINE")
}

#[tonic::async_trait]
impl IotService for Printers {
    async fn create_device(&self, _: Request<pb::CreateDeviceRequest>) -> Result<Response<pb::Device>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn get_device(&self, _: Request<pb::GetDeviceRequest>) -> Result<Response<pb::Device>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn list_devices(
        &self,
        request: Request<pb::ListDevicesRequest>,
    ) -> Result<Response<pb::ListDevicesResponse>, Status> {
        let owner = owner(&request)?;
        let mut all = self.all();
        let devices =
            all.iter_mut().filter(|(_, printer)| printer.owner == owner).map(|(name, p)| device(name, p)).collect();
        Ok(Response::new(pb::ListDevicesResponse { devices, next_page_token: String::new() }))
    }

    type WatchDeviceStream = Pin<Box<dyn Stream<Item = Result<pb::WatchDeviceResponse, Status>> + Send>>;

    async fn watch_device(
        &self,
        request: Request<pb::WatchDeviceRequest>,
    ) -> Result<Response<Self::WatchDeviceStream>, Status> {
        let (owner, name, printers) = (owner(&request)?, request.into_inner().name, self.clone());
        Ok(Response::new(Box::pin(async_stream::stream! {
            loop {
                let seen = printers.owned(&owner, &name, |printer| Ok(device(&name, printer)));
                yield seen.map(|device| pb::WatchDeviceResponse { device: Some(device) });
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
        })))
    }

    async fn list_telemetry(
        &self,
        _: Request<pb::ListTelemetryRequest>,
    ) -> Result<Response<pb::ListTelemetryResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn set_simulation_speed(
        &self,
        _: Request<pb::SetSimulationSpeedRequest>,
    ) -> Result<Response<pb::Device>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn start_print(
        &self,
        request: Request<pb::StartPrintRequest>,
    ) -> Result<Response<pb::StartPrintResponse>, Status> {
        let (owner, start) = (owner(&request)?, request.into_inner());
        let lost = || Error::unavailable("no acknowledgement came").with_reason("ACK_LOST");
        let (next, status) = self.owned(&owner, &start.device, |printer| {
            let next = std::mem::take(&mut printer.next);
            if next == Next::BrokerAway {
                return Err(Error::unavailable("the broker is away").with_reason("BROKER_AWAY"));
            }
            if next == Next::HangsUnsent {
                return Ok((next, printer.status()));
            }
            if start.fence <= printer.sent_fence {
                let used = Error::already_exists("a start with this fence").with_reason("FENCE_ALREADY_SENT");
                return Err(used.with_metadata("sent_fence", printer.sent_fence));
            }
            printer.sent_fence = start.fence;
            let refused = |why: &str| Error::failed_precondition(why).with_reason("PRINTER_REFUSED");
            let arrives = !matches!(next, Next::Lost | Next::HangsLost);
            if arrives && !printer.online {
                return Err(lost());
            }
            if next == Next::Refused {
                return Err(refused("devices refused: out of filament"));
            }
            if arrives && printer.is_printing() {
                return Err(refused("busy"));
            }
            if arrives {
                printer.start(&start.print_job, start.fence);
            }
            Ok((next, printer.status()))
        })?;
        match next {
            Next::AckLost | Next::Lost => Err(lost().into()),
            Next::HangsExecuted | Next::HangsLost | Next::HangsUnsent => std::future::pending().await,
            _ => Ok(Response::new(pb::StartPrintResponse { printer: Some(status) })),
        }
    }

    async fn query_printer(
        &self,
        request: Request<pb::QueryPrinterRequest>,
    ) -> Result<Response<pb::PrinterStatus>, Status> {
        let (owner, name) = (owner(&request)?, request.into_inner().device);
        let status =
            self.owned(&owner, &name, |printer| if printer.online { Ok(printer.status()) } else { Err(offline()) });
        Ok(Response::new(status?))
    }

    async fn control_print(
        &self,
        request: Request<pb::ControlPrintRequest>,
    ) -> Result<Response<pb::ControlPrintResponse>, Status> {
        let (owner, message) = (owner(&request)?, request.into_inner());
        let status = self.owned(&owner, &message.device, |printer| {
            if !printer.online {
                return Err(offline());
            }
            printer.status();
            let refused = |why: String| Error::failed_precondition(why).with_reason("PRINTER_REFUSED");
            if printer.fence != message.fence {
                return Err(refused("another fence".to_owned()));
            }
            printer.control(message.control()).map_err(refused)?;
            Ok(printer.status())
        })?;
        Ok(Response::new(pb::ControlPrintResponse { printer: Some(status) }))
    }

    async fn seal_telemetry(
        &self,
        request: Request<pb::SealTelemetryRequest>,
    ) -> Result<Response<pb::SealTelemetryResponse>, Status> {
        let (owner, message) = (owner(&request)?, request.into_inner());
        let text = format!("{} {} {}", message.print_job, message.fence, message.gcode_hash);
        self.owned(&owner, &message.device, |_| Ok(()))?;
        Ok(Response::new(pb::SealTelemetryResponse { hash: ContentHash::of(text.as_bytes()).to_string(), rows: 3 }))
    }
}
