//! Devices and the commands sent to them.

use std::sync::Arc;

use ids::DeviceId;
use pg_kit::Tx;
use printer_protocol::Ack;
use rpc::{Error, ErrorKind};
use service_kit::{Failed, Page, database};
use time::OffsetDateTime;

use super::postgres::{Postgres, bad_token, read_device};
use crate::{
    app::{CommandRecord, Device, DeviceStore},
    domain::{FenceRefused, may_send},
};

impl DeviceStore for Postgres {
    async fn create(&self, device: Device) -> Result<Device, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let [x, y, z] = device.shape.build;
        conn.execute(
            "INSERT INTO devices (id, owner, kind, driver, build_x, build_y, build_z, nozzle_diameter, created_at)
             VALUES ($1, $2, 'printer', $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING",
            &[
                &device.id.slug(),
                &device.owner,
                &device.driver.as_str(),
                &x,
                &y,
                &z,
                &device.shape.nozzle_diameter,
                &device.created_at,
            ],
        )
        .await
        .map_err(database)?;
        let row =
            conn.query_one("SELECT * FROM devices WHERE id = $1", &[&device.id.slug()]).await.map_err(database)?;
        read_device(&row)
    }

    async fn get(&self, owner: &str, id: &DeviceId) -> Result<Device, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let row = conn
            .query_opt("SELECT * FROM devices WHERE id = $1 AND owner = $2", &[&id.slug(), &owner])
            .await
            .map_err(database)?;
        row.as_ref().map(read_device).transpose()?.ok_or_else(|| Error::not_found(id))
    }

    async fn list(&self, owner: &str, size: u32, after: &str) -> Result<Page<Device>, Error> {
        if !after.is_empty() && after.parse::<DeviceId>().is_err() {
            return Err(bad_token());
        }
        let conn = self.pool.get().await.map_err(database)?;
        let rows = conn
            .query(
                "SELECT * FROM devices WHERE owner = $1 AND id COLLATE \"C\" > $2 ORDER BY id COLLATE \"C\" LIMIT $3",
                &[&owner, &after, &i64::from(size)],
            )
            .await
            .map_err(database)?;
        let items = rows.iter().map(read_device).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::new(items, size, |device| device.id.slug().to_owned()))
    }

    async fn all(&self) -> Result<Vec<Device>, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let rows = conn.query("SELECT * FROM devices", &[]).await.map_err(database)?;
        rows.iter().map(read_device).collect()
    }

    async fn reserve_start(&self, owner: &str, command: CommandRecord) -> Result<(), Error> {
        let command = &command;
        let work = |tx: Arc<Tx>| async move {
            let row = tx
                .query_opt(
                    "SELECT sent_fence FROM devices WHERE id = $1 AND owner = $2 FOR UPDATE",
                    &[&command.device.slug(), &owner],
                )
                .await?;
            let row = row.ok_or_else(|| Error::not_found(&command.device))?;
            let sent: i64 = row.try_get(0).map_err(Error::internal)?;
            let fence = command.fence.unwrap_or(0);
            may_send(fence, sent).map_err(refused)?;
            tx.execute("UPDATE devices SET sent_fence = $2 WHERE id = $1", &[&command.device.slug(), &fence]).await?;
            insert(&tx, command).await?;
            Ok::<_, Failed>(())
        };
        self.pool.transaction(work).await.map_err(Error::from)
    }

    async fn record(&self, command: CommandRecord) -> Result<(), Error> {
        let conn = self.pool.get().await.map_err(database)?;
        insert(&conn, &command).await.map_err(database)
    }

    async fn record_ack(&self, command: &str, ack: &Ack, at: OffsetDateTime) -> Result<(), Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let sql = "UPDATE commands SET acked_at = $2, accepted = $3, reason = $4 WHERE id = $1";
        conn.execute(sql, &[&command, &at, &ack.accepted, &ack.reason]).await.map_err(database)?;
        Ok(())
    }
}

async fn insert(conn: &pg_kit::Conn, command: &CommandRecord) -> Result<(), pg_kit::Error> {
    conn.execute(
        "INSERT INTO commands (id, device, kind, fence, print_job, sent_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[&command.id, &command.device.slug(), &command.kind, &command.fence, &command.print_job, &command.sent_at],
    )
    .await?;
    Ok(())
}

fn refused(why: FenceRefused) -> Error {
    match why {
        FenceRefused::NotPositive(_) => Error::invalid("fence", why.to_string()),
        FenceRefused::AlreadySent { sent } => Error::new(ErrorKind::AlreadyExists, why.to_string())
            .with_reason("FENCE_ALREADY_SENT")
            .with_metadata("sent_fence", sent),
    }
}
