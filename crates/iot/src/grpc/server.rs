//! `IotService`: each call validates, runs one use case, converts.

use std::{pin::Pin, sync::Arc};

use boot::Clock;
use futures::{Stream, StreamExt};
use proto::pot::iot::v1::{self as pb, iot_service_server::IotService};
use rpc::{Principal, principal_of};
use service_kit::page_size;
use tonic::{Request, Response, Status};

use super::{from_proto, to_proto};
use crate::{
    Links, Objects, Printers, Store,
    app::{self, Fleet, Sender},
};

pub(crate) struct Iot {
    pub(crate) store: Store,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) printers: Printers,
    pub(crate) links: Links,
    pub(crate) objects: Objects,
    pub(crate) clock: Clock,
}

impl Iot {
    fn sender<'a>(&'a self, principal: &'a Principal) -> Sender<'a, Store, Printers> {
        Sender { store: &self.store, printers: &self.printers, clock: &self.clock, principal }
    }
}

fn command_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

type Watch = Pin<Box<dyn Stream<Item = Result<pb::WatchDeviceResponse, Status>> + Send>>;

#[tonic::async_trait]
impl IotService for Iot {
    async fn create_device(&self, request: Request<pb::CreateDeviceRequest>) -> Result<Response<pb::Device>, Status> {
        let principal = principal_of(&request)?;
        let (id, driver, shape) = from_proto::new_device(request.into_inner().device)?;
        let with = (&self.store, &*self.fleet);
        let view = app::create_device(with, &principal, id, (driver, shape), self.clock.now()).await?;
        Ok(Response::new(to_proto::device(view)))
    }

    async fn get_device(&self, request: Request<pb::GetDeviceRequest>) -> Result<Response<pb::Device>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::device("name", &request.get_ref().name)?;
        let view = app::get_device((&self.store, &*self.fleet), &principal, &id, self.clock.now()).await?;
        Ok(Response::new(to_proto::device(view)))
    }

    async fn list_devices(
        &self,
        request: Request<pb::ListDevicesRequest>,
    ) -> Result<Response<pb::ListDevicesResponse>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let (with, size) = ((&self.store, &*self.fleet), page_size(message.page_size)?);
        let page = app::list_devices(with, &principal, size, &message.page_token, self.clock.now()).await?;
        let devices = page.items.into_iter().map(to_proto::device).collect();
        Ok(Response::new(pb::ListDevicesResponse { devices, next_page_token: page.next }))
    }

    type WatchDeviceStream = Watch;

    async fn watch_device(
        &self,
        request: Request<pb::WatchDeviceRequest>,
    ) -> Result<Response<Self::WatchDeviceStream>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::device("name", &request.get_ref().name)?;
        let views = app::watch_device((&self.store, &*self.fleet), &principal, &id, self.clock.clone()).await?;
        let answers = views.map(|view| Ok(pb::WatchDeviceResponse { device: Some(to_proto::device(view)) }));
        Ok(Response::new(Box::pin(answers)))
    }

    async fn list_telemetry(
        &self,
        request: Request<pb::ListTelemetryRequest>,
    ) -> Result<Response<pb::ListTelemetryResponse>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let (id, size) = (from_proto::device("parent", &message.parent)?, page_size(message.page_size)?);
        let page = app::list_telemetry(&self.store, &principal, &id, size, &message.page_token).await?;
        let rows = page.items.into_iter().map(to_proto::row).collect();
        Ok(Response::new(pb::ListTelemetryResponse { rows, next_page_token: page.next }))
    }

    async fn set_simulation_speed(
        &self,
        request: Request<pb::SetSimulationSpeedRequest>,
    ) -> Result<Response<pb::Device>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let (id, speed) = (from_proto::device("name", &message.name)?, from_proto::speed(message.speed)?);
        let (sender, now) = (self.sender(&principal), self.clock.now());
        let view = app::set_simulation_speed(&sender, &self.fleet, (&id, command_id()), speed, now).await?;
        Ok(Response::new(to_proto::device(view)))
    }

    async fn start_print(
        &self,
        request: Request<pb::StartPrintRequest>,
    ) -> Result<Response<pb::StartPrintResponse>, Status> {
        let principal = principal_of(&request)?;
        let start = from_proto::start(request.into_inner())?;
        let report = app::start_print(&self.sender(&principal), &self.links, command_id(), start).await?;
        Ok(Response::new(pb::StartPrintResponse { printer: Some(to_proto::status(report)) }))
    }

    async fn query_printer(
        &self,
        request: Request<pb::QueryPrinterRequest>,
    ) -> Result<Response<pb::PrinterStatus>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::device("device", &request.get_ref().device)?;
        let report = app::query_printer(&self.sender(&principal), command_id(), &id).await?;
        Ok(Response::new(to_proto::status(report)))
    }

    async fn control_print(
        &self,
        request: Request<pb::ControlPrintRequest>,
    ) -> Result<Response<pb::ControlPrintResponse>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let (id, fence) = (from_proto::device("device", &message.device)?, from_proto::fence(message.fence)?);
        let control = from_proto::control(message.control)?;
        let report = app::control_print(&self.sender(&principal), command_id(), &id, fence, control).await?;
        Ok(Response::new(pb::ControlPrintResponse { printer: Some(to_proto::status(report)) }))
    }

    async fn seal_telemetry(
        &self,
        request: Request<pb::SealTelemetryRequest>,
    ) -> Result<Response<pb::SealTelemetryResponse>, Status> {
        let principal = principal_of(&request)?;
        let seal = from_proto::seal(request.into_inner())?;
        let sealed = app::seal_telemetry((&self.store, &self.objects, &*self.fleet), &principal, seal).await?;
        Ok(Response::new(pb::SealTelemetryResponse { hash: sealed.hash.to_string(), rows: sealed.rows }))
    }
}
