//! The outbox: events written with their facts, read by cursor, fanned out.
//!
//! [`append`] writes an event in the transaction that makes the fact, so there is never one without the other. Readers
//! go by [`Cursor`]; notifications only spare them polling.
//!
//! # Why no event is missed
//!
//! Transactions commit in another order than they draw numbers from a sequence: a reader that has seen number 8 may
//! see number 7 appear later, and a cursor that stands at 8 would skip it. So every row records its transaction id
//! (`xid8`, which never wraps) and a reader takes only rows of transactions older than
//! `pg_snapshot_xmin(pg_current_snapshot())`, the oldest transaction that still runs, in the order (transaction,
//! number). Whatever commits later has a higher transaction id than everything delivered so far. Compared with a lock
//! around every append, writers never wait for each other; the price is that a writing transaction that stays open
//! delays the delivery (never the writing) of what comes after it, which the pool bounds by
//! `idle_in_transaction_session_timeout`.
//!
//! Not guaranteed: the order between two transactions that ran at the same time is that of their ids, not of their
//! commits. Two that follow each other (the second began to write after the first had committed) keep their order.

mod append;
mod consumer;
mod cursor;
mod read;
mod subscribe;

pub use append::{NewEvent, append};
pub use consumer::{Consumer, ConsumerError};
pub use cursor::{Cursor, ParseCursorError};
pub use read::{Event, Filter, Page, latest, prune, read_after};
pub use subscribe::subscribe;

/// The outbox and the consumers' cursors.
pub const MIGRATIONS: pg_kit::MigrationSet = pg_kit::migrations!("events", "0001_outbox");

/// The notification channel; its payload is the subject.
const CHANNEL: &str = "events";
