//! Registering, finding and watching devices.

use std::time::Duration;

use boot::Clock;
use futures::Stream;
use ids::DeviceId;
use printer_protocol::Action;
use rpc::{Error, Principal};
use service_kit::Page;
use time::OffsetDateTime;

use super::{
    fleet::Fleet,
    ports::{CommandRecord, Device, DeviceStore, Printers},
    prints::{Sender, offline},
};
use crate::domain::{Driver, Report, Shape, is_online, online_left_ms};

/// A device as it is now.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) device: Device,
    pub(crate) report: Option<Report>,
    pub(crate) online: bool,
}

impl View {
    fn new(device: Device, report: Option<Report>, now: OffsetDateTime, offline_after_ms: i64) -> Self {
        let now_ms = (now.unix_timestamp_nanos() / 1_000_000) as i64;
        let online = is_online(report.as_ref().map(Report::at_ms), now_ms, offline_after_ms);
        View { device, report, online }
    }

    fn of(fleet: &Fleet, device: Device, now: OffsetDateTime) -> Self {
        let report = fleet.latest(&device);
        View::new(device, report, now, fleet.rules.offline_after_ms)
    }
}

/// The same device again is answered as it is.
pub(crate) async fn create_device(
    (store, fleet): (&impl DeviceStore, &Fleet),
    principal: &Principal,
    id: DeviceId,
    (driver, shape): (Driver, Shape),
    now: OffsetDateTime,
) -> Result<View, Error> {
    let owner = principal.acting_owner().to_owned();
    // What cannot own events cannot own devices.
    owner.parse::<ids::OwnerId>().map_err(|e| Error::permission_denied(e.to_string()))?;
    let wanted = Device { id, owner, driver, shape, report: None, created_at: now };
    let device = store.create(wanted.clone()).await?;
    if device.owner != wanted.owner {
        return Err(Error::already_exists(&wanted.id));
    }
    if device.driver != wanted.driver || device.shape != wanted.shape {
        return Err(Error::already_exists(&wanted.id).with_reason("DEVICE_DIFFERS").with_source(format!(
            "registered as {:?} {:?}, asked for {:?} {:?}",
            device.driver, device.shape, wanted.driver, wanted.shape
        )));
    }
    fleet.ensure(&device);
    Ok(View::of(fleet, device, now))
}

pub(crate) async fn get_device(
    (store, fleet): (&impl DeviceStore, &Fleet),
    principal: &Principal,
    id: &DeviceId,
    now: OffsetDateTime,
) -> Result<View, Error> {
    let device = store.get(principal.acting_owner(), id).await?;
    Ok(View::of(fleet, device, now))
}

pub(crate) async fn list_devices(
    (store, fleet): (&impl DeviceStore, &Fleet),
    principal: &Principal,
    size: u32,
    after: &str,
    now: OffsetDateTime,
) -> Result<Page<View>, Error> {
    let page = store.list(principal.acting_owner(), size, after).await?;
    let items = page.items.into_iter().map(|device| View::of(fleet, device, now)).collect();
    Ok(Page { items, next: page.next })
}

/// The device now, then whenever it reports or falls silent. A slow reader gets the latest and misses what was between.
pub(crate) async fn watch_device<S: DeviceStore>(
    (store, fleet): (&S, &Fleet),
    principal: &Principal,
    id: &DeviceId,
    clock: Clock,
) -> Result<impl Stream<Item = View> + Send + use<S>, Error> {
    let device = store.get(principal.acting_owner(), id).await?;
    let (mut reports, offline_after_ms) = (fleet.watch(&device), fleet.rules.offline_after_ms);
    Ok(async_stream::stream! {
        loop {
            let (report, now) = (reports.borrow_and_update().clone(), clock.now());
            let view = View::new(device.clone(), report, now, offline_after_ms);
            let last_seen = view.report.as_ref().map(Report::at_ms);
            yield view;
            let left = online_left_ms(last_seen, clock.unix_ms(), offline_after_ms);
            let silence = tokio::time::sleep(Duration::from_millis(left.unwrap_or(0).unsigned_abs()));
            tokio::select! {
                changed = reports.changed() => if changed.is_err() { return },
                () = silence, if left.is_some() => {}
            }
        }
    })
}

/// Sets how many times faster than real time a virtual printer runs.
pub(crate) async fn set_simulation_speed(
    sender: &Sender<'_, impl DeviceStore, impl Printers>,
    fleet: &Fleet,
    (id, command): (&DeviceId, String),
    speed: f64,
    now: OffsetDateTime,
) -> Result<View, Error> {
    let device = sender.device(id).await?;
    if device.driver != Driver::Virtual {
        let why = format!("{id} is hardware, and only virtual printers have a simulation speed");
        return Err(Error::failed_precondition(why).with_reason("NOT_VIRTUAL"));
    }
    let record = CommandRecord {
        id: command,
        device: id.clone(),
        kind: "set_speed",
        fence: None,
        print_job: None,
        sent_at: now,
    };
    sender.send(record, Action::SetSpeed { speed }, offline).await?;
    Ok(View::of(fleet, device, now))
}
