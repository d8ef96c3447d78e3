//! What printers reported: read back, and sealed as an object once a print is over.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use bytes::{BufMut, Bytes, BytesMut};
use futures::StreamExt;
use ids::{ContentHash, DeviceId};
use rpc::{Error, Principal};
use serde_json::json;
use service_kit::Page;
use time::format_description::well_known::Rfc3339;

use super::{
    fleet::Fleet,
    ports::{DeviceStore, Objects, StoredRow, TelemetryStore},
};

/// How long sealing waits for reports that are on their way into the database.
const FLUSH_PATIENCE: Duration = Duration::from_secs(5);

/// Which print's telemetry to seal.
#[derive(Clone, Debug)]
pub(crate) struct Seal {
    pub(crate) device: DeviceId,
    pub(crate) print_job: String,
    pub(crate) fence: i64,
    pub(crate) gcode: ContentHash,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub(crate) hash: ContentHash,
    pub(crate) rows: i64,
}

pub(crate) async fn list_telemetry(
    store: &(impl DeviceStore + TelemetryStore),
    principal: &Principal,
    device: &DeviceId,
    size: u32,
    after: &str,
) -> Result<Page<StoredRow>, Error> {
    DeviceStore::get(store, principal.acting_owner(), device).await?;
    TelemetryStore::list(store, device, size, after).await
}

/// Writes the rows of a print, one JSON line each, up to the report that says how it ended. Sealing again gives the same
/// bytes.
pub(crate) async fn seal_telemetry(
    (store, objects, fleet): (&(impl DeviceStore + TelemetryStore), &impl Objects, &Fleet),
    principal: &Principal,
    seal: Seal,
) -> Result<Sealed, Error> {
    let owner = principal.acting_owner();
    DeviceStore::get(store, owner, &seal.device).await?;
    if !fleet.inbox().flush(FLUSH_PATIENCE).await {
        return Err(Error::unavailable("telemetry is still being written; try again"));
    }
    let mut pages = store.of_print(&seal.device, &seal.print_job, seal.fence);
    let first = match pages.next().await {
        Some(page) => page?,
        None => Vec::new(),
    };
    if first.is_empty() {
        let what = format!("telemetry of {} with fence {} on {}", seal.print_job, seal.fence, seal.device);
        return Err(Error::not_found(what).with_reason("TELEMETRY_EMPTY"));
    }
    let rows = Arc::new(AtomicI64::new(0));
    let counted = rows.clone();
    let all = futures::stream::iter([Ok(first)]).chain(pages).map(move |page| {
        let page = page?;
        counted.fetch_add(page.len() as i64, Ordering::Relaxed);
        lines(&page)
    });
    let hash = objects.put_telemetry(owner, all, seal.gcode).await?;
    Ok(Sealed { hash, rows: rows.load(Ordering::Relaxed) })
}

fn lines(rows: &[StoredRow]) -> Result<Bytes, Error> {
    let mut bytes = BytesMut::new();
    for row in rows {
        let time = row.report.at.format(&Rfc3339).map_err(Error::internal)?;
        let line = json!({"time": time, "status": row.report.status});
        serde_json::to_writer((&mut bytes).writer(), &line).map_err(Error::internal)?;
        bytes.put_u8(b'\n');
    }
    Ok(bytes.freeze())
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::domain::{Report, status_for_tests};

    #[test]
    fn a_row_is_one_line_of_json() {
        let report = Report { status: status_for_tests("b", 4), at: OffsetDateTime::UNIX_EPOCH };
        let rows = vec![StoredRow { cursor: 1, report: report.clone() }, StoredRow { cursor: 2, report }];
        let bytes = lines(&rows).unwrap();
        let text = std::str::from_utf8(&bytes).unwrap();
        assert_eq!(text.lines().count(), 2);
        let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!((&line["time"], &line["status"]["sequence"]), (&json!("1970-01-01T00:00:00Z"), &json!(4)));
    }
}
