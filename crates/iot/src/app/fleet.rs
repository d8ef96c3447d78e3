//! Every device's latest report, in memory: what reports arrive at and what watchers read.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use ids::DeviceId;
use printer_protocol::{Ack, DecodeError, Status, changes};
use time::OffsetDateTime;
use tokio::sync::watch;

use super::{inbox::Inbox, ports::Device};
use crate::{
    domain::{RateLimit, Report, Rules, Sampler, check_status, is_stale},
    metrics,
};

/// All registered devices. Taking a report in never waits for anything, so that no device can hold up another.
pub(crate) struct Fleet {
    pub(crate) rules: Rules,
    inbox: Arc<Inbox>,
    devices: RwLock<HashMap<String, Arc<Live>>>,
}

struct Live {
    id: DeviceId,
    latest: watch::Sender<Option<Report>>,
    gate: Mutex<Gate>,
}

/// What one device may still send.
struct Gate {
    reports: RateLimit,
    acks: RateLimit,
    sampler: Sampler,
}

impl Fleet {
    pub(crate) fn new(rules: Rules, inbox: Arc<Inbox>) -> Self {
        Fleet { rules, inbox, devices: RwLock::default() }
    }

    pub(crate) fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Makes a device known; one that is known keeps its latest report.
    pub(crate) fn ensure(&self, device: &Device) {
        let known = self.find(device.id.slug()).is_some();
        if known {
            return;
        }
        let limit = || RateLimit::new(self.rules.reports_per_second);
        let live = Live {
            id: device.id.clone(),
            latest: watch::Sender::new(device.report.clone()),
            gate: Mutex::new(Gate { reports: limit(), acks: limit(), sampler: Sampler::default() }),
        };
        let mut devices = self.devices.write().unwrap_or_else(PoisonError::into_inner);
        devices.entry(device.id.slug().to_owned()).or_insert_with(|| Arc::new(live));
    }

    /// The latest report of a device, now and whenever there is another.
    pub(crate) fn watch(&self, device: &Device) -> watch::Receiver<Option<Report>> {
        self.ensure(device);
        match self.find(device.id.slug()) {
            Some(live) => live.latest.subscribe(),
            None => watch::Sender::new(device.report.clone()).subscribe(),
        }
    }

    pub(crate) fn latest(&self, device: &Device) -> Option<Report> {
        let live = self.find(device.id.slug());
        live.map_or_else(|| device.report.clone(), |live| live.latest.borrow().clone())
    }

    /// Takes in a status payload from the topic of the device `slug`.
    pub(crate) fn status(&self, slug: &str, payload: &[u8], now: OffsetDateTime) {
        let Some(live) = self.find(slug) else { return metrics::report("unknown_device") };
        let mut gate = live.gate.lock().unwrap_or_else(PoisonError::into_inner);
        // Before any parsing: a flood costs a counter.
        if !gate.reports.take(now_ms(now)) {
            return metrics::report("limited");
        }
        match Status::decode(payload) {
            Ok(status) => self.take_in(&live, &mut gate, status, now),
            Err(error) => malformed(slug, &error),
        }
    }

    /// Takes in an acknowledgement, whose status is a report too, and answers it for the one that waits for it.
    pub(crate) fn ack(&self, slug: &str, payload: &[u8], now: OffsetDateTime) -> Option<Ack> {
        let Some(live) = self.find(slug) else {
            metrics::report("unknown_device");
            return None;
        };
        let mut gate = live.gate.lock().unwrap_or_else(PoisonError::into_inner);
        if !gate.acks.take(now_ms(now)) {
            metrics::report("limited");
            return None;
        }
        let mut ack = match Ack::decode(payload) {
            Ok(ack) => ack,
            Err(error) => {
                malformed(slug, &error);
                return None;
            }
        };
        ack.status = match check_status(ack.status) {
            Ok(status) => status,
            Err(error) => {
                metrics::report("malformed");
                tracing::debug!(device = slug, %error, "an acknowledgement was dropped");
                return None;
            }
        };
        ack.reason = ack.reason.map(|reason| reason.replace('\0', " ").chars().take(500).collect());
        self.take_in(&live, &mut gate, ack.status.clone(), now);
        Some(ack)
    }

    fn take_in(&self, live: &Live, gate: &mut Gate, status: Status, now: OffsetDateTime) {
        let status = match check_status(status) {
            Ok(status) => status,
            Err(error) => {
                tracing::debug!(device = %live.id, %error, "a report was dropped");
                return metrics::report("malformed");
            }
        };
        let previous = live.latest.borrow().clone();
        if previous.as_ref().is_some_and(|p| is_stale(&p.status, &status)) {
            return metrics::report("stale");
        }
        let happened = !changes(previous.as_ref().map(|p| &p.status), &status).is_empty();
        let (busy, ms) = (status.state.is_busy(), now_ms(now));
        let keep = gate.sampler.keep(busy, happened, ms, self.rules.idle_sample_ms);
        let touch = gate.sampler.touch_row(happened, ms, self.rules.row_every_ms);
        let report = Report { status, at: now };
        self.inbox.push(&live.id, report.clone(), keep, touch, happened);
        live.latest.send_replace(Some(report));
        metrics::report("taken");
    }

    fn find(&self, slug: &str) -> Option<Arc<Live>> {
        self.devices.read().unwrap_or_else(PoisonError::into_inner).get(slug).cloned()
    }
}

fn malformed(slug: &str, error: &DecodeError) {
    tracing::debug!(device = slug, %error, "a message was not understood");
    metrics::report("malformed");
}

fn now_ms(now: OffsetDateTime) -> i64 {
    (now.unix_timestamp_nanos() / 1_000_000) as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::Duration;

    use super::*;
    use crate::domain::{Driver, Shape, status_for_tests};

    fn fleet() -> (Fleet, Device) {
        let rules =
            Rules { offline_after_ms: 10_000, reports_per_second: 20, idle_sample_ms: 10_000, row_every_ms: 1_000 };
        let fleet = Fleet::new(rules, Arc::new(Inbox::new(10_000)));
        let device = Device {
            id: "p1".parse().unwrap(),
            owner: "ana".into(),
            driver: Driver::Mqtt,
            shape: Shape::default(),
            report: None,
            created_at: OffsetDateTime::UNIX_EPOCH,
        };
        fleet.ensure(&device);
        (fleet, device)
    }

    #[test]
    fn a_flood_is_cut_and_the_latest_report_is_seen() {
        let (fleet, device) = fleet();
        let watcher = fleet.watch(&device);
        let start = OffsetDateTime::UNIX_EPOCH;
        for i in 0..2_000_u64 {
            let at = start + Duration::milliseconds(i as i64 / 2);
            fleet.status("p1", &status_for_tests("b", i + 1).encode(), at);
        }
        let seen = watcher.borrow().clone().unwrap().status.sequence;
        assert!(seen > 1 && seen <= 2_000);
        assert!(fleet.inbox().take(usize::MAX).rows.len() <= 41, "one second of a flood");
        fleet.status("p1", &status_for_tests("b", 9_000).encode(), start + Duration::seconds(5));
        assert_eq!(fleet.latest(&device).unwrap().status.sequence, 9_000);
        fleet.status("p1", &status_for_tests("b", 8_000).encode(), start + Duration::seconds(6));
        assert_eq!(fleet.latest(&device).unwrap().status.sequence, 9_000, "a late report changes nothing");
    }

    #[test]
    fn unknown_devices_leave_nothing_behind() {
        let (fleet, _) = fleet();
        fleet.status("stranger", &status_for_tests("b", 1).encode(), OffsetDateTime::UNIX_EPOCH);
        assert!(fleet.ack("stranger", b"{}", OffsetDateTime::UNIX_EPOCH).is_none());
        assert!(fleet.inbox().is_empty());
    }

    proptest! {
        #[test]
        fn any_payload_is_survived(payload in proptest::collection::vec(any::<u8>(), 0..400)) {
            let (fleet, device) = fleet();
            fleet.status("p1", &payload, OffsetDateTime::UNIX_EPOCH);
            prop_assert!(fleet.ack("p1", &payload, OffsetDateTime::UNIX_EPOCH).is_none());
            prop_assert!(fleet.latest(&device).is_none());
        }
    }
}
