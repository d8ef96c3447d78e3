//! The service's tables.

mod postgres;

pub use postgres::{MIGRATIONS, Postgres};
