//! The service's tables.

mod devices;
mod postgres;
mod reports;

pub use postgres::MIGRATIONS;
pub(crate) use postgres::Postgres;
