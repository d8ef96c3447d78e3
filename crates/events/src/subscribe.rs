//! A stream that replays what was missed and then follows.

use std::time::Duration;

use futures::Stream;
use pg_kit::{Notice, Pool, Subscription};
use tokio::time::Instant;

use crate::{Cursor, Event, Filter, read_after};

const BATCH: u32 = 256;
/// Notifications can be lost with their connection; this bounds the delay then.
const POLL: Duration = Duration::from_secs(1);
/// After a notification the event may still be held back by an older transaction that runs: looked for again soon,
/// with growing pauses.
const RECHECK_FIRST: Duration = Duration::from_millis(5);
const RETRY: Duration = Duration::from_millis(500);

/// Every event after `cursor` that `filter` admits, then the new ones as they are committed, without end. The stream
/// holds one batch in memory at most: a consumer that is slow reads later from Postgres, by cursor, and misses
/// nothing. While the database is away the stream waits.
pub fn subscribe(pool: Pool, filter: Filter, cursor: Cursor) -> impl Stream<Item = Event> + Send + 'static {
    async_stream::stream! {
        // Subscribed before the first read, so that nothing falls between them.
        let mut wake = pool.listen(crate::CHANNEL).await;
        let mut cursor = cursor;
        let mut recheck: Option<Duration> = None;
        loop {
            match page(&pool, &filter, cursor).await {
                Ok(page) => {
                    cursor = page.next;
                    let full = page.events.len() == BATCH as usize;
                    if !page.events.is_empty() {
                        recheck = None;
                    }
                    for event in page.events {
                        yield event;
                    }
                    if full {
                        continue;
                    }
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "cannot read events; trying again");
                    tokio::time::sleep(RETRY).await;
                    continue;
                }
            }
            let pause = recheck.map_or(POLL, |pause| pause.min(POLL));
            if wait(&mut wake, &filter, pause).await {
                recheck = Some(RECHECK_FIRST);
            } else {
                recheck = recheck.map(|pause| pause * 2).filter(|pause| *pause < POLL);
            }
        }
    }
}

async fn page(pool: &Pool, filter: &Filter, cursor: Cursor) -> Result<crate::Page, pg_kit::Error> {
    let conn = pool.get().await?;
    read_after(&conn, filter, cursor, BATCH).await
}

/// Waits for a notification that concerns `filter`, at most `pause`. Whether one came.
async fn wait(wake: &mut Subscription, filter: &Filter, pause: Duration) -> bool {
    let deadline = Instant::now() + pause;
    while let Ok(notice) = tokio::time::timeout_at(deadline, wake.recv()).await {
        let concerns = match notice {
            Notice::Resync => true,
            Notice::Payload(subject) => filter.subject.as_deref().is_none_or(|wanted| wanted == &*subject),
        };
        if concerns {
            // One read serves a whole burst.
            wake.drain();
            return true;
        }
    }
    false
}
