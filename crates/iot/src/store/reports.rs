//! Telemetry rows, and what follows from comparing a device's reports.

use std::sync::Arc;

use ids::{DeviceId, OwnerId};
use pg_kit::{Row, Tx};
use printer_protocol::changes;
use rpc::Error;
use serde_json::{Value, json};
use service_kit::{Failed, Page, database};
use time::OffsetDateTime;

use super::postgres::{Postgres, bad_token, read_last_report, read_status};
use crate::{
    app::{NewRow, Rows, StoredRow, TelemetryStore},
    domain::{Report, event_of, is_stale},
};

/// Rows read at once while a print is sealed.
const PAGE: i64 = 2_000;
/// Rows deleted at once, so that no lock is held for long.
const PRUNE: i64 = 10_000;

impl TelemetryStore for Postgres {
    async fn write(&self, rows: &[NewRow], devices: &[(DeviceId, Report)]) -> Result<(), Error> {
        let work = |tx: Arc<Tx>| async move {
            // Writers take turns, so that rows appear in the order of their cursors and no reader passes one by.
            tx.query_one("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' telemetry', 0))", &[])
                .await?;
            insert(&tx, rows).await?;
            for (device, report) in devices {
                update_device(&tx, device, report).await?;
            }
            Ok::<_, Failed>(())
        };
        self.pool.transaction(work).await.map_err(Error::from)
    }

    async fn list(&self, device: &DeviceId, size: u32, after: &str) -> Result<Page<StoredRow>, Error> {
        let after = match after {
            "" => 0,
            token => token.parse::<i64>().map_err(|_| bad_token())?,
        };
        let conn = self.pool.get().await.map_err(database)?;
        let rows = conn
            .query(
                "SELECT id, at, status FROM telemetry WHERE device = $1 AND id > $2 ORDER BY id LIMIT $3",
                &[&device.slug(), &after, &i64::from(size)],
            )
            .await
            .map_err(database)?;
        let items = rows.iter().map(read_row).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::new(items, size, |row| row.cursor.to_string()))
    }

    fn of_print(&self, device: &DeviceId, print_job: &str, fence: i64) -> Rows {
        let (pool, device, print_job) = (self.pool.clone(), device.slug().to_owned(), print_job.to_owned());
        Box::pin(async_stream::try_stream! {
            let mut after = 0;
            loop {
                let conn = pool.get().await.map_err(database)?;
                let rows = conn
                    .query(
                        "SELECT id, at, status FROM telemetry
                         WHERE device = $1 AND fence = $2 AND print_job = $3 AND id > $4 AND id <= coalesce(
                             (SELECT min(id) FROM telemetry
                              WHERE device = $1 AND fence = $2 AND print_job = $3 AND ended), 9223372036854775807)
                         ORDER BY id LIMIT $5",
                        &[&device, &fence, &print_job, &after, &PAGE],
                    )
                    .await
                    .map_err(database)?;
                drop(conn);
                let page = rows.iter().map(read_row).collect::<Result<Vec<_>, _>>()?;
                let Some(last) = page.last() else { return };
                after = last.cursor;
                yield page;
            }
        })
    }

    async fn prune(&self, before: OffsetDateTime) -> Result<u64, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let mut total = 0;
        loop {
            let sql = "DELETE FROM telemetry WHERE id IN (SELECT id FROM telemetry WHERE at < $1 LIMIT $2)";
            let gone = conn.execute(sql, &[&before, &PRUNE]).await.map_err(database)?;
            total += gone;
            if gone < PRUNE as u64 {
                break;
            }
        }
        // Starts stay: they are the record of what was sent for a fence.
        let sql = "DELETE FROM commands WHERE sent_at < $1 AND kind <> 'start'";
        conn.execute(sql, &[&before]).await.map_err(database)?;
        Ok(total)
    }
}

async fn insert(tx: &Tx, rows: &[NewRow]) -> Result<(), Failed> {
    if rows.is_empty() {
        return Ok(());
    }
    let status = |row: &NewRow| serde_json::to_value(&row.report.status).map_err(Error::internal);
    let statuses = rows.iter().map(status).collect::<Result<Vec<Value>, _>>()?;
    let devices: Vec<&str> = rows.iter().map(|r| r.device.slug()).collect();
    let times: Vec<OffsetDateTime> = rows.iter().map(|r| r.report.at).collect();
    let boots: Vec<&str> = rows.iter().map(|r| r.report.status.boot.as_str()).collect();
    let sequences: Vec<i64> = rows.iter().map(|r| sequence(&r.report)).collect();
    let jobs: Vec<Option<&str>> = rows.iter().map(|r| r.report.status.print_job.as_deref()).collect();
    let fences: Vec<i64> = rows.iter().map(|r| r.report.status.fence).collect();
    let ended: Vec<bool> = rows.iter().map(|r| r.report.status.outcome.is_some()).collect();
    tx.execute(
        "INSERT INTO telemetry (device, at, boot, sequence, print_job, fence, ended, status)
         SELECT device, at, boot, sequence, print_job, fence, ended, status
         FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::boolean[],
                     $8::jsonb[]) WITH ORDINALITY
              AS new (device, at, boot, sequence, print_job, fence, ended, status, place)
         ORDER BY place
         ON CONFLICT ON CONSTRAINT telemetry_once DO NOTHING",
        &[&devices, &times, &boots, &sequences, &jobs, &fences, &ended, &statuses],
    )
    .await?;
    Ok(())
}

/// Compares a report with the one in the device's row, and writes it with the events that follow. Because the row
/// decides, no event is written twice, by this replica or another, and none is missed over a restart.
async fn update_device(tx: &Tx, device: &DeviceId, report: &Report) -> Result<(), Failed> {
    let row = tx
        .query_opt("SELECT owner, status, last_seen FROM devices WHERE id = $1 FOR UPDATE", &[&device.slug()])
        .await?;
    let Some(row) = row else { return Ok(()) };
    let previous = read_last_report(&row)?;
    let late = |p: &Report| is_stale(&p.status, &report.status) || p.at > report.at;
    if previous.as_ref().is_some_and(late) {
        return Ok(());
    }
    let previous = previous.map(|p| p.status);
    let status = serde_json::to_value(&report.status).map_err(Error::internal)?;
    tx.execute(
        "UPDATE devices SET status = $2, boot = $3, sequence = $4, last_seen = $5 WHERE id = $1",
        &[&device.slug(), &status, &report.status.boot, &sequence(report), &report.at],
    )
    .await?;
    let owner: &str = row.try_get("owner").map_err(Error::internal)?;
    for change in changes(previous.as_ref(), &report.status) {
        let owner = owner.parse::<OwnerId>().map_err(Error::internal)?;
        let (kind, mut payload) = event_of(&change, previous.as_ref(), &report.status);
        payload["device"] = json!(device.to_string());
        tracing::info!(device = %device, event = kind, %payload, "a print changed");
        events::append(tx, events::NewEvent::new(device.to_string(), kind, owner, payload)).await?;
    }
    Ok(())
}

fn sequence(report: &Report) -> i64 {
    i64::try_from(report.status.sequence).unwrap_or(i64::MAX)
}

fn read_row(row: &Row) -> Result<StoredRow, Error> {
    let status = read_status(row.try_get("status").map_err(Error::internal)?)?;
    let at = row.try_get("at").map_err(Error::internal)?;
    Ok(StoredRow { cursor: row.try_get("id").map_err(Error::internal)?, report: Report { status, at } })
}
