//! What waits for the database, bounded: telemetry loses its oldest rows, devices keep the reports that matter.

use std::collections::{BTreeMap, VecDeque};

use ids::DeviceId;

use super::Report;

/// A queue that drops its oldest entries when it is full.
#[derive(Debug)]
pub struct Backlog<T> {
    entries: VecDeque<T>,
    capacity: usize,
}

impl<T> Backlog<T> {
    pub fn new(capacity: usize) -> Self {
        Backlog { entries: VecDeque::new(), capacity: capacity.max(1) }
    }

    /// Answers how many entries were dropped for this one.
    pub fn push(&mut self, entry: T) -> usize {
        let full = self.entries.len() >= self.capacity;
        if full {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        usize::from(full)
    }

    pub fn take(&mut self, most: usize) -> Vec<T> {
        self.entries.drain(..most.min(self.entries.len())).collect()
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// Reports that wait for their device's row: all in which something happened, in order, and else the newest.
#[derive(Debug, Default)]
pub struct PendingReports {
    devices: BTreeMap<DeviceId, VecDeque<(Report, bool)>>,
}

impl PendingReports {
    /// More than this many happenings of one device that wait are a fault; comparing snapshots finds most of what a
    /// dropped one said.
    const PER_DEVICE: usize = 64;

    pub fn push(&mut self, device: &DeviceId, report: Report, happened: bool) {
        let waiting = self.devices.entry(device.clone()).or_default();
        if waiting.back().is_some_and(|(_, happened)| !happened) {
            waiting.pop_back();
        }
        if waiting.len() >= Self::PER_DEVICE {
            waiting.pop_front();
        }
        waiting.push_back((report, happened));
    }

    /// Everything that waits, by device and in order.
    pub fn take(&mut self) -> Vec<(DeviceId, Report)> {
        let devices = std::mem::take(&mut self.devices);
        let flat = |(device, reports): (DeviceId, VecDeque<(Report, bool)>)| {
            reports.into_iter().map(move |(report, _)| (device.clone(), report))
        };
        devices.into_iter().flat_map(flat).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::domain::report::tests::status;

    fn report(sequence: u64) -> Report {
        Report { status: status("b", sequence), at: OffsetDateTime::UNIX_EPOCH }
    }

    #[test]
    fn a_full_backlog_loses_its_oldest() {
        let mut backlog = Backlog::new(3);
        let dropped: usize = (0..5).map(|i| backlog.push(i)).sum();
        assert_eq!((dropped, backlog.take(2), backlog.take(9)), (2, vec![2, 3], vec![4]));
        assert!(backlog.is_empty());
    }

    #[test]
    fn happenings_are_all_kept_and_the_rest_only_newest() {
        let device: DeviceId = "p1".parse().unwrap();
        let mut pending = PendingReports::default();
        for (sequence, happened) in [(1, false), (2, false), (3, true), (4, false), (5, false), (6, true), (7, true)] {
            pending.push(&device, report(sequence), happened);
        }
        let left: Vec<u64> = pending.take().into_iter().map(|(_, r)| r.status.sequence).collect();
        assert_eq!(left, [3, 6, 7]);
        assert!(pending.is_empty());
        (0..1_000).for_each(|i| pending.push(&device, report(i), true));
        assert_eq!(pending.take().len(), PendingReports::PER_DEVICE);
    }
}
