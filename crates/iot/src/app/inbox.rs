//! Reports between the broker, which never waits, and the database, which may be slow or away.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ids::DeviceId;
use tokio::sync::{Notify, watch};

use super::ports::NewRow;
use crate::domain::{Backlog, PendingReports, Report};

/// Holds what is to be written, in bounded memory.
#[derive(Debug)]
pub(crate) struct Inbox {
    waiting: Mutex<Waiting>,
    any: Notify,
    urgent: Notify,
    written: watch::Sender<u64>,
}

#[derive(Debug)]
struct Waiting {
    rows: Backlog<NewRow>,
    devices: PendingReports,
    pushed: u64,
}

/// What is written together.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) rows: Vec<NewRow>,
    pub(crate) devices: Vec<(DeviceId, Report)>,
    /// Nothing that was pushed up to here waits once this batch is written.
    upto: Option<u64>,
}

impl Inbox {
    pub(crate) fn new(rows: usize) -> Self {
        let waiting = Waiting { rows: Backlog::new(rows), devices: PendingReports::default(), pushed: 0 };
        Inbox {
            waiting: Mutex::new(waiting),
            any: Notify::new(),
            urgent: Notify::new(),
            written: watch::Sender::new(0),
        }
    }

    /// Takes a report for the telemetry (`keep`) and for the device's row (`touch`); one in which something `happened`
    /// is written at once.
    pub(crate) fn push(&self, device: &DeviceId, report: Report, keep: bool, touch: bool, happened: bool) {
        if !keep && !touch {
            return;
        }
        let mut waiting = self.lock();
        waiting.pushed += 1;
        if keep {
            let row = NewRow { device: device.clone(), report: report.clone() };
            let dropped = waiting.rows.push(row);
            if dropped > 0 {
                crate::metrics::rows("dropped", dropped);
            }
        }
        if touch {
            waiting.devices.push(device, report, happened);
        }
        drop(waiting);
        self.any.notify_one();
        if happened {
            self.urgent.notify_one();
        }
    }

    /// Resolves when there is something to write: at once for what is urgent, else after `gather`.
    pub(crate) async fn ready(&self, gather: Duration) {
        while self.is_empty() {
            self.any.notified().await;
        }
        tokio::select! {
            () = self.urgent.notified() => {}
            () = tokio::time::sleep(gather) => {}
        }
    }

    pub(crate) fn take(&self, most: usize) -> Batch {
        let mut waiting = self.lock();
        let (rows, devices) = (waiting.rows.take(most), waiting.devices.take());
        Batch { rows, devices, upto: waiting.rows.is_empty().then_some(waiting.pushed) }
    }

    /// Says that a batch is written, or given up.
    pub(crate) fn done(&self, batch: &Batch) {
        if let Some(upto) = batch.upto {
            self.written.send_replace(upto);
        }
    }

    /// Waits until everything pushed so far is written; whether that came about in time.
    pub(crate) async fn flush(&self, patience: Duration) -> bool {
        let target = self.lock().pushed;
        let mut written = self.written.subscribe();
        self.urgent.notify_one();
        tokio::time::timeout(patience, written.wait_for(|upto| *upto >= target)).await.is_ok_and(|seen| seen.is_ok())
    }

    pub(crate) fn is_empty(&self) -> bool {
        let waiting = self.lock();
        waiting.rows.is_empty() && waiting.devices.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use time::OffsetDateTime;

    use super::*;
    use crate::domain::status_for_tests as status;

    fn push(inbox: &Inbox, sequence: u64, happened: bool) {
        let report = Report { status: status("b", sequence), at: OffsetDateTime::UNIX_EPOCH };
        inbox.push(&"p1".parse().unwrap(), report, true, true, happened);
    }

    #[tokio::test]
    async fn a_flush_waits_for_the_writer() {
        let inbox = Arc::new(Inbox::new(10));
        push(&inbox, 1, false);
        assert!(!inbox.flush(Duration::from_millis(20)).await);
        let flushing = {
            let inbox = inbox.clone();
            async move { inbox.flush(Duration::from_secs(5)).await }
        };
        let writing = async {
            inbox.ready(Duration::from_secs(60)).await;
            let batch = inbox.take(10);
            assert_eq!((batch.rows.len(), batch.devices.len()), (1, 1));
            inbox.done(&batch);
        };
        assert!(tokio::join!(flushing, writing).0);
        assert!(inbox.flush(Duration::from_millis(1)).await, "nothing waits");
    }

    #[tokio::test]
    async fn what_happened_is_not_gathered_for() {
        let inbox = Inbox::new(10);
        push(&inbox, 1, true);
        tokio::time::timeout(Duration::from_secs(1), inbox.ready(Duration::from_secs(60))).await.unwrap();
    }

    #[test]
    fn a_batch_that_leaves_rows_behind_promises_nothing() {
        let inbox = Inbox::new(10);
        (0..3).for_each(|i| push(&inbox, i, false));
        assert_eq!(inbox.take(2).upto, None);
        assert_eq!(inbox.take(2).upto, Some(3));
    }
}
