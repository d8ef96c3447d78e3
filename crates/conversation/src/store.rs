//! The service's tables.

mod branches;
mod ledger;
mod postgres;

pub(crate) use postgres::{MIGRATIONS, Postgres};
