//! Printers as the iot service shows them.

use futures::StreamExt;
use ids::{ContentHash, DeviceId};
use proto::pot::iot::v1::{self as pb, iot_service_client::IotServiceClient};
use rpc::{Channel, Error, ErrorKind, OnBehalfOf};
use tonic::Request;

use crate::{
    app::{CallError, Candidate, Printer, PrinterGateway, Reports, StartError},
    domain::{
        Command, PrintJob,
        dispatch::{Outcome, PrinterActivity, Report, StartFailure},
    },
};

pub(crate) struct IotPrinters {
    client: IotServiceClient<Channel>,
}

impl IotPrinters {
    pub(crate) fn new(channel: Channel) -> Self {
        IotPrinters { client: IotServiceClient::new(channel) }
    }

    fn client(&self) -> IotServiceClient<Channel> {
        self.client.clone()
    }
}

impl PrinterGateway for IotPrinters {
    async fn list(&self, owner: &str) -> Result<Vec<Printer>, CallError> {
        let mut printers = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = acting(owner, pb::ListDevicesRequest { page_size: 100, page_token });
            let page = self.client().list_devices(request).await.map_err(call_error)?.into_inner();
            printers.extend(page.devices.iter().filter(|device| device.kind == "printer").filter_map(printer));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(printers);
            }
        }
    }

    async fn start(&self, job: &PrintJob, device: &DeviceId) -> Result<Report, StartError> {
        let request = pb::StartPrintRequest {
            device: device.to_string(),
            print_job: job.id.to_string(),
            fence: job.fence,
            gcode_hash: job.gcode_hash.to_string(),
            gcode_size_bytes: job.gcode_size_bytes,
        };
        match self.client().start_print(acting(&job.owner, request)).await {
            Ok(answer) => match answer.into_inner().printer {
                Some(status) => Ok(report(&status)),
                None => Err(StartError {
                    failure: StartFailure::Unknown,
                    message: "the printer said nothing of itself".to_owned(),
                }),
            },
            Err(status) => Err(start_error(&Error::from_status(status))),
        }
    }

    async fn query(&self, owner: &str, device: &DeviceId) -> Result<Report, CallError> {
        let request = acting(owner, pb::QueryPrinterRequest { device: device.to_string() });
        Ok(report(&self.client().query_printer(request).await.map_err(call_error)?.into_inner()))
    }

    async fn watch(&self, owner: &str, device: &DeviceId) -> Result<Reports, CallError> {
        let request = acting(owner, pb::WatchDeviceRequest { name: device.to_string() });
        let stream = self.client().watch_device(request).await.map_err(call_error)?.into_inner();
        Ok(Box::pin(stream.map(|item| {
            let device = item.map_err(call_error)?.device.unwrap_or_default();
            Ok((device.online, device.printer.as_ref().map(report)))
        })))
    }

    async fn control(&self, owner: &str, device: &DeviceId, fence: i64, command: Command) -> Result<Report, CallError> {
        let control = match command {
            Command::Pause => pb::PrintControl::Pause,
            Command::Resume => pb::PrintControl::Resume,
            Command::Cancel => pb::PrintControl::Cancel,
        };
        let request = pb::ControlPrintRequest { device: device.to_string(), fence, control: control.into() };
        let answer = self.client().control_print(acting(owner, request)).await.map_err(call_error)?.into_inner();
        answer.printer.as_ref().map(report).ok_or_else(|| {
            CallError::Away(Error::unavailable("the printer took the command and said nothing of itself"))
        })
    }

    async fn seal(&self, job: &PrintJob, device: &DeviceId) -> Result<Option<ContentHash>, CallError> {
        let request = pb::SealTelemetryRequest {
            device: device.to_string(),
            print_job: job.id.to_string(),
            fence: job.fence,
            gcode_hash: job.gcode_hash.to_string(),
        };
        match self.client().seal_telemetry(acting(&job.owner, request)).await.map_err(Error::from_status) {
            Ok(answer) => Ok(answer.into_inner().hash.parse().ok()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(classified(error)),
        }
    }
}

fn acting<T>(owner: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(OnBehalfOf(owner.to_owned()));
    request
}

/// `None` for a device whose name is none.
fn printer(device: &pb::Device) -> Option<Printer> {
    let report = device.printer.as_ref().map(report);
    let candidate = Candidate {
        device: device.name.parse().ok()?,
        build: [device.build_x, device.build_y, device.build_z],
        fence: report.as_ref().map_or(0, |report| report.fence),
    };
    Some(Printer { candidate, online: device.online, report })
}

fn report(status: &pb::PrinterStatus) -> Report {
    let activity = match status.state() {
        pb::PrinterState::Preparing => PrinterActivity::Preparing,
        pb::PrinterState::Printing => PrinterActivity::Printing,
        pb::PrinterState::Paused => PrinterActivity::Paused,
        pb::PrinterState::Error => PrinterActivity::Error,
        pb::PrinterState::Idle | pb::PrinterState::Unspecified => PrinterActivity::Idle,
    };
    let outcome = match status.outcome() {
        pb::PrintOutcome::Unspecified => None,
        pb::PrintOutcome::Completed => Some(Outcome::Completed),
        pb::PrintOutcome::Failed => Some(Outcome::Failed),
        pb::PrintOutcome::Cancelled => Some(Outcome::Cancelled),
    };
    Report {
        activity,
        print_job: status.print_job.clone(),
        fence: status.fence,
        progress: status.progress,
        layer: status.layer,
        nozzle_temperature: status.nozzle_temperature,
        bed_temperature: status.bed_temperature,
        remaining_seconds: status.remaining_seconds,
        outcome,
        reason: status.reason.clone(),
    }
}

fn call_error(status: tonic::Status) -> CallError {
    classified(Error::from_status(status))
}

fn classified(error: Error) -> CallError {
    match error.kind() {
        ErrorKind::FailedPrecondition | ErrorKind::NotFound | ErrorKind::InvalidArgument | ErrorKind::OutOfRange => {
            CallError::Refused(error)
        }
        _ => CallError::Away(error),
    }
}

fn start_error(error: &Error) -> StartError {
    let failure = match (error.kind(), error.reason()) {
        // Said before the fence is noted.
        (ErrorKind::Unavailable, "BROKER_AWAY" | "BROKER_UNREACHABLE" | "PRINTER_OFFLINE") => StartFailure::NotSent,
        (ErrorKind::AlreadyExists, _) => {
            let sent = error.metadata().get("sent_fence").and_then(|fence| fence.parse().ok());
            StartFailure::FenceUsed { sent: sent.unwrap_or(0) }
        }
        (ErrorKind::FailedPrecondition | ErrorKind::NotFound | ErrorKind::InvalidArgument, _) => StartFailure::Refused,
        // A lost acknowledgement, a broken connection, a deadline: the start may be under way.
        _ => StartFailure::Unknown,
    };
    StartError { failure, message: error.message().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_surely_was_not_sent_is_sent_again() {
        let failure = |error: Error| start_error(&error).failure;
        let away = |reason: &'static str| failure(Error::unavailable("x").with_reason(reason));
        assert_eq!(away("BROKER_AWAY"), StartFailure::NotSent);
        assert_eq!(away("ACK_LOST"), StartFailure::Unknown);
        assert_eq!(failure(Error::unavailable("connection reset")), StartFailure::Unknown);
        assert_eq!(failure(Error::deadline_exceeded("x")), StartFailure::Unknown);
        assert_eq!(failure(Error::internal("x")), StartFailure::Unknown);
        assert_eq!(failure(Error::failed_precondition("busy").with_reason("PRINTER_REFUSED")), StartFailure::Refused);
        let used = Error::already_exists("x").with_reason("FENCE_ALREADY_SENT").with_metadata("sent_fence", 9);
        assert_eq!(failure(used), StartFailure::FenceUsed { sent: 9 });
    }
}
