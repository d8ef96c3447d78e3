//! The outbox against a real server: order, gaps, following, consumers, retention.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests may panic")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use events::{Consumer, ConsumerError, Cursor, Event, Filter, NewEvent, append, latest, prune, read_after, subscribe};
use futures::{Stream, StreamExt};
use pg_kit::{Pool, Tx};
use serde_json::json;
use tokio_util::sync::CancellationToken;

const WAIT: Duration = Duration::from_secs(5);

fn event(subject: &str, number: i64) -> NewEvent {
    NewEvent::new(subject, "counted", "ana".parse().unwrap(), json!(number))
}

async fn write(tx: &Tx, subject: &str, number: i64) {
    append(tx, event(subject, number)).await.unwrap();
}

async fn commit(pool: &Pool, subject: &str, number: i64) {
    let tx = pool.begin().await.unwrap();
    write(&tx, subject, number).await;
    tx.commit().await.unwrap();
}

fn number(event: &Event) -> i64 {
    event.payload.as_i64().unwrap()
}

async fn take(events: &mut (impl Stream<Item = Event> + Unpin), count: usize) -> Vec<i64> {
    let taken = events.take(count).map(|event| number(&event)).collect::<Vec<_>>();
    tokio::time::timeout(WAIT, taken).await.expect("the events arrive")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_commits_late_loses_no_event() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("facts", &[events::MIGRATIONS]).await;
    let mut follower = Box::pin(subscribe(pool.clone(), Filter::all(), Cursor::START));
    let early = pool.begin().await.unwrap();
    write(&early, "models/a", 1).await;
    // Draws a higher number and commits first.
    commit(&pool, "models/a", 2).await;
    let conn = pool.get().await.unwrap();
    let page = read_after(&conn, &Filter::all(), Cursor::START, 10).await.unwrap();
    assert!(page.events.is_empty(), "event 2 must wait for event 1, or a cursor would pass it: {page:?}");
    assert_eq!(page.next, Cursor::START);
    early.commit().await.unwrap();
    assert_eq!(take(&mut follower, 2).await, [1, 2]);
    let page = read_after(&conn, &Filter::all(), Cursor::START, 10).await.unwrap();
    assert_eq!(page.events.iter().map(number).collect::<Vec<_>>(), [1, 2]);
    // One that rolls back leaves a gap that delays nobody.
    let doomed = pool.begin().await.unwrap();
    write(&doomed, "models/a", 3).await;
    commit(&pool, "models/a", 4).await;
    drop(doomed);
    assert_eq!(take(&mut follower, 1).await, [4]);
    drop(follower);
    drop(conn);
    db.assert_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_writers_and_a_follower_that_began_in_the_middle_agree() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("facts", &[events::MIGRATIONS]).await;
    let writers = (0..6).map(|writer| {
        let pool = &pool;
        async move {
            for n in 0..25 {
                let tx = pool.begin().await.unwrap();
                write(&tx, "models/a", writer * 100 + n).await;
                if n % 5 == writer % 5 {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                tx.commit().await.unwrap();
            }
        }
    });
    let mut follower = Box::pin(subscribe(pool.clone(), Filter::subject("models/a"), Cursor::START));
    let (_, followed) = tokio::join!(futures::future::join_all(writers), take(&mut follower, 150));
    let mut sorted = followed.clone();
    sorted.sort_unstable();
    let expected: Vec<i64> = (0..6).flat_map(|writer| (0..25).map(move |n| writer * 100 + n)).collect();
    assert_eq!(sorted, expected, "each exactly once");
    for writer in 0..6 {
        let own: Vec<i64> = followed.iter().copied().filter(|n| n / 100 == writer).collect();
        assert!(own.is_sorted(), "a writer's events in its order: {own:?}");
    }
    // Read again in pages from any cursor: the same order.
    let conn = pool.get().await.unwrap();
    let (mut cursor, mut paged) = (Cursor::START, Vec::new());
    loop {
        let page = read_after(&conn, &Filter::all(), cursor, 7).await.unwrap();
        if page.events.is_empty() {
            break;
        }
        paged.extend(page.events.iter().map(number));
        cursor = page.next.to_string().parse().unwrap();
    }
    assert_eq!(paged, followed);
}

#[tokio::test]
async fn filters_replay_and_tail() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("facts", &[events::MIGRATIONS]).await;
    commit(&pool, "models/a", 1).await;
    commit(&pool, "models/b", 2).await;
    let tx = pool.begin().await.unwrap();
    append(
        &tx,
        NewEvent::new("models/a", "renamed", "rui".parse().unwrap(), json!(3)).trace_context(Some("00-t".into())),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let conn = pool.get().await.unwrap();
    // A transaction that runs anywhere on the server, such as another test's, holds events back for a moment.
    let latest_number = async || {
        let page = read_after(&conn, &Filter::all(), Cursor::START, 10).await.unwrap();
        page.events.last().map(number)
    };
    let settled = async {
        while latest_number().await != Some(3) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(WAIT, settled).await.expect("the events become visible");
    let read = async |filter: Filter| {
        let page = read_after(&conn, &filter, Cursor::START, 10).await.unwrap();
        page.events.iter().map(number).collect::<Vec<_>>()
    };
    assert_eq!(read(Filter::subject("models/a")).await, [1, 3]);
    assert_eq!(read(Filter::all().owner("ana")).await, [1, 2]);
    assert_eq!(read(Filter::all().kinds(["renamed"])).await, [3]);
    assert_eq!(read(Filter::subject("models/a").kinds(["counted", "renamed"]).owner("rui")).await, [3]);

    let mut replay = Box::pin(subscribe(pool.clone(), Filter::subject("models/a"), Cursor::START));
    let first = replay.next().await.unwrap();
    assert_eq!(take(&mut replay, 1).await, [3]);
    let mut resumed = Box::pin(subscribe(pool.clone(), Filter::all(), first.cursor));
    assert_eq!(take(&mut resumed, 2).await, [2, 3]);
    let mut tail = Box::pin(subscribe(pool.clone(), Filter::all(), latest(&conn).await.unwrap()));
    commit(&pool, "models/a", 4).await;
    assert_eq!(take(&mut tail, 1).await, [4]);
    assert_eq!(take(&mut replay, 1).await, [4]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consumer_gets_every_event_at_least_once_over_failures_and_restarts() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("facts", &[events::MIGRATIONS]).await;
    for n in 1..=5 {
        commit(&pool, "models/a", n).await;
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let failures = Arc::new(AtomicU32::new(0));
    let consume = |last: i64| {
        let (pool, seen, failures) = (pool.clone(), Arc::clone(&seen), Arc::clone(&failures));
        async move {
            let shutdown = CancellationToken::new();
            let done = shutdown.clone();
            let consumer = Consumer::new(pool, "indexer", Filter::all());
            let run = consumer.run(shutdown, |event| {
                let (seen, failures, done) = (Arc::clone(&seen), Arc::clone(&failures), done.clone());
                async move {
                    if number(&event) == 2 && failures.fetch_add(1, Ordering::SeqCst) == 0 {
                        return Err(ConsumerError("not yet".into()));
                    }
                    seen.lock().unwrap().push(number(&event));
                    if number(&event) == last {
                        done.cancel();
                    }
                    Ok(())
                }
            });
            tokio::time::timeout(WAIT, run).await.expect("it consumes");
        }
    };
    consume(3).await;
    assert_eq!(*seen.lock().unwrap(), [1, 2, 3]);
    // Stopped while handling 3, before its cursor was stored: 3 may come again, 1 and 2 may not.
    consume(5).await;
    let mut seen = seen.lock().unwrap().clone();
    seen.dedup();
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    db.assert_quiet().await;
}

#[tokio::test]
async fn old_events_go_when_every_consumer_has_handled_them() {
    let db = test_kit::postgres().await;
    let pool = db.migrated("facts", &[events::MIGRATIONS]).await;
    for n in 1..=3 {
        commit(&pool, "models/a", n).await;
    }
    let conn = pool.get().await.unwrap();
    assert_eq!(prune(&conn, Duration::from_secs(3600)).await.unwrap(), 0, "too young");
    let second = read_after(&conn, &Filter::all(), Cursor::START, 2).await.unwrap().next;
    conn.execute("INSERT INTO event_cursors (consumer) VALUES ('slow')", &[]).await.unwrap();
    assert_eq!(prune(&conn, Duration::ZERO).await.unwrap(), 0, "not handled");
    let (tx, seq) = second.to_string().split_once('-').map(|(a, b)| (a.to_owned(), b.parse::<i64>().unwrap())).unwrap();
    conn.execute("UPDATE event_cursors SET tx = $1::text::xid8, seq = $2", &[&tx, &seq]).await.unwrap();
    assert_eq!(prune(&conn, Duration::ZERO).await.unwrap(), 2);
    let left = read_after(&conn, &Filter::all(), Cursor::START, 9).await.unwrap();
    assert_eq!(left.events.iter().map(number).collect::<Vec<_>>(), [3]);
}
