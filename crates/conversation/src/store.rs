//! The service's tables.

mod ledger;
mod postgres;

pub(crate) use postgres::{MIGRATIONS, Postgres};
