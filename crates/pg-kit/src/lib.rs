//! Postgres: pool, migrations, transactions, idempotency keys, notifications, the embedded server.
//!
//! Every service has one schema, and its connections see no other: a pool belongs to a schema ([`Pool::for_schema`]).
//! A transaction is an owned guard ([`Tx`]) that rolls back unless it is committed, so that it can be handed to kits
//! (`jobs::enqueue`, `events::append`) without lifetimes.
//!
//! SQL given to [`Conn`] is prepared once a connection and cached: it must be constant text with `$n` parameters.

mod config;
pub mod embedded;
mod error;
pub mod idempotency;
mod listen;
mod migrate;
mod pool;
mod tx;

pub use config::{Address, PoolConfig};
pub use error::{Error, ErrorKind};
pub use listen::{Notice, Subscription};
pub use migrate::{MigrationSet, migrate};
pub use pool::{Conn, Pool};
pub use tx::Tx;

/// What the modules of SQL need of the driver, so that services name one crate.
pub use tokio_postgres::types;
pub use tokio_postgres::{Row, types::ToSql};
