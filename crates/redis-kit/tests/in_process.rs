//! Behaviour of the in-process adapters, through the trait objects that services hold.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use redis_kit::{Broadcast, Cache, ComputeError, Delivery, InProcessBroadcast, InProcessCache};

fn cache() -> Arc<dyn Cache> {
    Arc::new(InProcessCache::new(1 << 20))
}

#[tokio::test]
async fn values_are_kept_replaced_deleted_and_expire() {
    let cache = cache();
    assert_eq!(cache.get("a").await, None);
    cache.set("a", Bytes::from_static(b"1"), Duration::from_secs(60)).await;
    cache.set("a", Bytes::from_static(b"2"), Duration::from_secs(60)).await;
    assert_eq!(cache.get("a").await.as_deref(), Some(&b"2"[..]));
    cache.delete("a").await;
    assert_eq!(cache.get("a").await, None);
    cache.set("b", Bytes::from_static(b"3"), Duration::from_millis(30)).await;
    assert!(cache.get("b").await.is_some());
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(cache.get("b").await, None);
}

#[tokio::test]
async fn a_key_asked_for_at_once_is_computed_once() {
    let (cache, runs) = (cache(), AtomicUsize::new(0));
    let ask = || {
        let compute = async {
            runs.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok::<_, ComputeError>(Bytes::from_static(b"v"))
        };
        cache.get_or_compute("k", Duration::from_secs(60), compute.boxed())
    };
    let answers = futures::future::join_all((0..16).map(|_| ask())).await;
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap() == "v"));
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_error_is_handed_on_and_not_kept() {
    let cache = cache();
    let failing = async { Err::<Bytes, ComputeError>(Arc::new(std::io::Error::other("no"))) }.boxed();
    let error = cache.get_or_compute("k", Duration::from_secs(60), failing).await.unwrap_err();
    assert_eq!(error.to_string(), "no");
    let fine = async { Ok(Bytes::from_static(b"yes")) }.boxed();
    assert_eq!(cache.get_or_compute("k", Duration::from_secs(60), fine).await.unwrap(), "yes");
}

#[tokio::test]
async fn subscribers_of_a_topic_get_its_messages_in_order_and_are_told_when_they_lag() {
    let hub = InProcessBroadcast::new(4);
    let broadcast: Arc<dyn Broadcast> = Arc::new(hub.clone());
    broadcast.publish("t", Bytes::from_static(b"before")).await;
    let mut mine = broadcast.subscribe("t").await;
    let mut other = broadcast.subscribe("u").await;
    for n in 0..3_u8 {
        broadcast.publish("t", Bytes::copy_from_slice(&[n])).await;
    }
    for n in 0..3_u8 {
        assert_eq!(mine.recv().await, Some(Delivery::Message(Bytes::copy_from_slice(&[n]))));
    }
    assert!(other.recv().now_or_never().is_none());
    for n in 0..10_u8 {
        broadcast.publish("t", Bytes::copy_from_slice(&[n])).await;
    }
    assert_eq!(mine.recv().await, Some(Delivery::Lagged(6)));
    assert_eq!(mine.recv().await, Some(Delivery::Message(Bytes::from_static(&[6]))));
    drop((mine, other));
    assert_eq!(hub.topic_count(), 0);
}
