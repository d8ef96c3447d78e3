//! The service's schema, and what reading its rows takes.

use ids::DeviceId;
use pg_kit::{Pool, Row};
use printer_protocol::Status;
use rpc::Error;
use serde_json::Value;

use crate::{
    app::Device,
    domain::{Report, Shape},
};

pub const MIGRATIONS: pg_kit::MigrationSet = pg_kit::migrations!("iot", "0001_devices");

#[derive(Clone)]
pub(crate) struct Postgres {
    pub(super) pool: Pool,
}

impl Postgres {
    pub(crate) fn new(pool: Pool) -> Self {
        Postgres { pool }
    }
}

pub(super) fn bad_token() -> Error {
    Error::invalid("page_token", "is not one that this list gave")
}

pub(super) fn read_device(row: &Row) -> Result<Device, Error> {
    let text = |column: &str| row.try_get::<_, &str>(column).map_err(Error::internal);
    let number = |column: &str| row.try_get::<_, f64>(column).map_err(Error::internal);
    Ok(Device {
        id: text("id")?.parse::<DeviceId>().map_err(Error::internal)?,
        owner: text("owner")?.to_owned(),
        driver: text("driver")?.parse().map_err(|e: String| Error::internal(e))?,
        shape: Shape {
            build: [number("build_x")?, number("build_y")?, number("build_z")?],
            nozzle_diameter: number("nozzle_diameter")?,
        },
        report: read_last_report(row)?,
        created_at: row.try_get("created_at").map_err(Error::internal)?,
    })
}

/// The report in a device's row.
pub(super) fn read_last_report(row: &Row) -> Result<Option<Report>, Error> {
    let status: Option<Value> = row.try_get("status").map_err(Error::internal)?;
    let at = row.try_get("last_seen").map_err(Error::internal)?;
    match (status, at) {
        (Some(status), Some(at)) => Ok(Some(Report { status: read_status(status)?, at })),
        _ => Ok(None),
    }
}

pub(super) fn read_status(value: Value) -> Result<Status, Error> {
    serde_json::from_value(value).map_err(Error::internal)
}
