//! A consumer with a stored cursor: at-least-once delivery to a handler.

use std::time::Duration;

use futures::StreamExt;
use pg_kit::{Error, Pool};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{Cursor, Event, Filter, subscribe};

/// How long a replica that vanished keeps the others from taking over.
const LEASE: Duration = Duration::from_secs(10);
const RENEW: Duration = Duration::from_secs(2);
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_MOST: Duration = Duration::from_secs(30);

/// A named consumer. One replica at a time consumes; the others wait to take over.
pub struct Consumer {
    pool: Pool,
    name: String,
    filter: Filter,
    holder: Uuid,
}

/// Why a handler did not take an event. It is given the same event again, later and later, because events are in order
/// and skipping one would lose it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConsumerError(pub String);

enum Advance {
    Done,
    LostLease,
}

impl Consumer {
    pub fn new(pool: Pool, name: impl Into<String>, filter: Filter) -> Self {
        Self { pool, name: name.into(), filter, holder: Uuid::now_v7() }
    }

    /// Consumes until `shutdown`: every event that the filter admits is handed to `handler` in order at least once. It
    /// can come twice after a crash or a take-over, so the handler is idempotent (by `event.id`).
    pub async fn run<H, F>(&self, shutdown: CancellationToken, handler: H)
    where
        H: Fn(Event) -> F,
        F: Future<Output = Result<(), ConsumerError>>,
    {
        let consume = async {
            loop {
                match self.acquire().await {
                    Ok(Some(cursor)) => self.consume(cursor, &handler, &shutdown).await,
                    Ok(None) => {}
                    Err(error) => {
                        tracing::warn!(
                            consumer = self.name,
                            error = &error as &dyn std::error::Error,
                            "cannot acquire the event cursor"
                        );
                    }
                }
                tokio::time::sleep(RENEW).await;
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = consume => {}
        }
        if let Err(error) = self.release().await {
            tracing::debug!(
                consumer = self.name,
                error = &error as &dyn std::error::Error,
                "event cursor not released"
            );
        }
    }

    /// Consumes while the lease is held.
    async fn consume<H, F>(&self, cursor: Cursor, handler: &H, shutdown: &CancellationToken)
    where
        H: Fn(Event) -> F,
        F: Future<Output = Result<(), ConsumerError>>,
    {
        let mut events = std::pin::pin!(subscribe(self.pool.clone(), self.filter.clone(), cursor));
        let mut renew = tokio::time::interval(RENEW);
        loop {
            let event = tokio::select! {
                event = events.next() => event,
                _ = renew.tick() => match self.renew().await {
                    Ok(Advance::Done) => continue,
                    Ok(Advance::LostLease) => return,
                    // The lease runs out by itself if the database stays away.
                    Err(_) => continue,
                },
            };
            // Asked here too: while answers are at hand, this loop goes on without a pause in which the wish to stop is heard.
            let Some(event) = event.filter(|_| !shutdown.is_cancelled()) else { return };
            let mut pause = RETRY_FIRST;
            loop {
                let handled = handler(event.clone());
                let mut handled = std::pin::pin!(handled);
                // A handler that takes long keeps its lease.
                let result = loop {
                    tokio::select! {
                        result = &mut handled => break result,
                        _ = renew.tick() => if let Ok(Advance::LostLease) = self.renew().await { return },
                    }
                };
                match result {
                    Ok(()) => break,
                    Err(error) => {
                        metrics::counter!("events_handler_failures_total", "consumer" => self.name.clone())
                            .increment(1);
                        tracing::warn!(
                            consumer = self.name,
                            event_id = %event.id,
                            error = %error,
                            "an event was not handled; trying again"
                        );
                        tokio::select! {
                            () = tokio::time::sleep(pause) => {}
                            _ = renew.tick() => if let Ok(Advance::LostLease) = self.renew().await { return },
                        }
                        pause = (pause * 2).min(RETRY_MOST);
                    }
                }
            }
            // If the cursor cannot be stored, the event comes again: at least once.
            match self.advance(event.cursor).await {
                Ok(Advance::Done) => {}
                Ok(Advance::LostLease) | Err(_) => return,
            }
        }
    }

    async fn acquire(&self) -> Result<Option<Cursor>, Error> {
        let conn = self.pool.get().await?;
        conn.execute("INSERT INTO event_cursors (consumer) VALUES ($1) ON CONFLICT DO NOTHING", &[&self.name]).await?;
        let row = conn
            .query_opt(
                "UPDATE event_cursors SET holder = $2, lease_until = now() + make_interval(secs => $3)
                 WHERE consumer = $1 AND (holder IS NULL OR holder = $2 OR lease_until < now())
                 RETURNING tx::text::bigint, seq",
                &[&self.name, &self.holder, &LEASE.as_secs_f64()],
            )
            .await?;
        row.map(|row| Ok(Cursor { tx: row.try_get(0)?, seq: row.try_get(1)? })).transpose()
    }

    async fn renew(&self) -> Result<Advance, Error> {
        let conn = self.pool.get().await?;
        let changed = conn
            .execute(
                "UPDATE event_cursors SET lease_until = now() + make_interval(secs => $3)
                 WHERE consumer = $1 AND holder = $2",
                &[&self.name, &self.holder, &LEASE.as_secs_f64()],
            )
            .await?;
        Ok(if changed == 1 { Advance::Done } else { Advance::LostLease })
    }

    async fn advance(&self, cursor: Cursor) -> Result<Advance, Error> {
        let conn = self.pool.get().await?;
        let changed = conn
            .execute(
                "UPDATE event_cursors
                 SET tx = $3::bigint::text::xid8, seq = $4, lease_until = now() + make_interval(secs => $5)
                 WHERE consumer = $1 AND holder = $2",
                &[&self.name, &self.holder, &cursor.tx, &cursor.seq, &LEASE.as_secs_f64()],
            )
            .await?;
        Ok(if changed == 1 { Advance::Done } else { Advance::LostLease })
    }

    /// Lets another replica take over at once.
    async fn release(&self) -> Result<(), Error> {
        let conn = self.pool.get().await?;
        conn.execute(
            "UPDATE event_cursors SET holder = NULL WHERE consumer = $1 AND holder = $2",
            &[&self.name, &self.holder],
        )
        .await?;
        Ok(())
    }
}
