//! Reading by cursor, and forgetting what is old.

use std::time::Duration;

use ids::EventId;
use pg_kit::{Conn, Error, Row};
use serde_json::Value;
use time::OffsetDateTime;

use crate::Cursor;

/// An event as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The position after this event.
    pub cursor: Cursor,
    pub id: EventId,
    pub subject: String,
    pub kind: String,
    pub owner: String,
    pub payload: Value,
    pub trace_context: Option<String>,
    pub created_at: OffsetDateTime,
}

/// Which events a reader wants; the default is all of the schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub subject: Option<String>,
    pub owner: Option<String>,
    /// Empty means every kind.
    pub kinds: Vec<String>,
}

impl Filter {
    pub fn all() -> Self {
        Self::default()
    }

    pub fn subject(subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..Self::default() }
    }

    #[must_use]
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into());
        self
    }

    #[must_use]
    pub fn kinds<K: Into<String>>(mut self, kinds: impl IntoIterator<Item = K>) -> Self {
        self.kinds = kinds.into_iter().map(Into::into).collect();
        self
    }
}

/// What a read found.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub events: Vec<Event>,
    /// Where to go on: after the last event, or where the reader already was.
    pub next: Cursor,
}

/// At most `limit` events after `cursor`, in order. Fewer do not mean that the end was reached: events of transactions
/// that are younger than one that still runs come later.
pub async fn read_after(conn: &Conn, filter: &Filter, cursor: Cursor, limit: u32) -> Result<Page, Error> {
    // xid8 has no binary form in the driver; it goes through text to a number, which it is.
    let rows = conn
        .query(
            "SELECT tx::text::bigint AS tx, seq, id, subject, kind, owner, payload, trace_context, created_at
             FROM outbox
             WHERE (tx, seq) > ($1::bigint::text::xid8, $2)
               AND tx < pg_snapshot_xmin(pg_current_snapshot())
               AND ($3::text IS NULL OR subject = $3)
               AND ($4::text IS NULL OR owner = $4)
               AND (cardinality($5::text[]) = 0 OR kind = ANY ($5))
             ORDER BY outbox.tx, outbox.seq
             LIMIT $6",
            &[&cursor.tx, &cursor.seq, &filter.subject, &filter.owner, &filter.kinds, &i64::from(limit)],
        )
        .await?;
    let events = rows.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    let next = events.last().map_or(cursor, |event| event.cursor);
    Ok(Page { events, next })
}

fn from_row(row: &Row) -> Result<Event, Error> {
    Ok(Event {
        cursor: Cursor { tx: row.try_get("tx")?, seq: row.try_get("seq")? },
        id: EventId::from_uuid(row.try_get("id")?),
        subject: row.try_get("subject")?,
        kind: row.try_get("kind")?,
        owner: row.try_get("owner")?,
        payload: row.try_get("payload")?,
        trace_context: row.try_get("trace_context")?,
        created_at: row.try_get("created_at")?,
    })
}

/// The position from which only what happens from now on is read.
pub async fn latest(conn: &Conn) -> Result<Cursor, Error> {
    // Not the last row's position: a transaction that is still open may have a lower id than that row's, and what it
    // commits happens after now. Everything older than the oldest running transaction has happened.
    let row = conn.query_one("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1", &[]).await?;
    Ok(Cursor { tx: row.try_get(0)?, seq: i64::MAX })
}

/// Deletes events older than `keep` that every consumer has handled; returns how many there were. Readers without a
/// stored cursor lose what is older than `keep`.
pub async fn prune(conn: &Conn, keep: Duration) -> Result<u64, Error> {
    conn.execute(
        "DELETE FROM outbox
         WHERE created_at < now() - make_interval(secs => $1)
           AND NOT EXISTS (SELECT 1 FROM event_cursors c WHERE (c.tx, c.seq) < (outbox.tx, outbox.seq))",
        &[&keep.as_secs_f64()],
    )
    .await
}
