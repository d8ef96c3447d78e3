//! The service's tables.

mod postgres;

pub(crate) use postgres::{MIGRATIONS, Postgres};
