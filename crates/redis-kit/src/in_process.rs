//! The adapter that keeps everything in this process: the embedded platform's, and the cluster's while Redis is away.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt as _, stream};
use moka::Expiry;
use moka::future::Cache as Moka;
use tokio::sync::broadcast;

use crate::broadcast::{Broadcast, Delivery, Subscription};
use crate::cache::{Cache, ComputeError, Deadline};

/// A bounded cache in memory, evicting what is used least.
#[derive(Clone)]
pub struct InProcessCache {
    entries: Moka<String, Entry>,
    deadline: Deadline,
}

#[derive(Clone)]
struct Entry {
    value: Bytes,
    ttl: Duration,
}

/// Each entry lives as long as its writer said, counted from the last write.
struct PerEntry;

impl Expiry<String, Entry> for PerEntry {
    fn expire_after_create(&self, _: &String, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.ttl)
    }

    fn expire_after_update(&self, _: &String, entry: &Entry, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(entry.ttl)
    }
}

impl InProcessCache {
    /// A cache of at most `capacity_bytes`, keys counted.
    pub fn new(capacity_bytes: u64) -> Self {
        let entries = Moka::builder()
            .max_capacity(capacity_bytes)
            .weigher(|key: &String, entry: &Entry| {
                // 64 stands for the bookkeeping, so that empty values cannot be kept without bound.
                u32::try_from(key.len() + entry.value.len() + 64).unwrap_or(u32::MAX)
            })
            .expire_after(PerEntry)
            .build();
        Self { entries, deadline: Deadline::default() }
    }

    /// Number of entries, near enough for a metric.
    pub fn entry_count(&self) -> u64 {
        self.entries.entry_count()
    }
}

impl std::fmt::Debug for InProcessCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InProcessCache").field("entries", &self.entries.entry_count()).finish()
    }
}

impl Cache for InProcessCache {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Option<Bytes>> {
        async move {
            let found = tokio::time::timeout(self.deadline.0, self.entries.get(key)).await;
            found.ok().flatten().map(|entry| entry.value)
        }
        .boxed()
    }

    fn set<'a>(&'a self, key: &'a str, value: Bytes, ttl: Duration) -> BoxFuture<'a, ()> {
        async move {
            let written = self.entries.insert(key.to_owned(), Entry { value, ttl });
            if tokio::time::timeout(self.deadline.0, written).await.is_err() {
                tracing::debug!("cache write passed its deadline");
            }
        }
        .boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, ()> {
        async move {
            if tokio::time::timeout(self.deadline.0, self.entries.invalidate(key)).await.is_err() {
                tracing::debug!("cache delete passed its deadline");
            }
        }
        .boxed()
    }

    fn get_or_compute<'a>(
        &'a self,
        key: &'a str,
        ttl: Duration,
        compute: BoxFuture<'a, Result<Bytes, ComputeError>>,
    ) -> BoxFuture<'a, Result<Bytes, ComputeError>> {
        async move {
            let entry = self.entries.try_get_with_by_ref(key, async move {
                let value = compute.await?;
                Ok::<_, ComputeError>(Entry { value, ttl })
            });
            match entry.await {
                Ok(entry) => Ok(entry.value),
                Err(shared) => Err(Arc::clone(&*shared)),
            }
        }
        .boxed()
    }
}

/// Broadcast inside one process. Each topic's buffer holds a bounded number of messages.
#[derive(Debug, Clone)]
pub struct InProcessBroadcast {
    topics: Arc<Mutex<HashMap<String, broadcast::Sender<Bytes>>>>,
    capacity: usize,
}

impl InProcessBroadcast {
    /// `capacity` is how many messages a subscriber may be behind before it is told [`Delivery::Lagged`].
    pub fn new(capacity: usize) -> Self {
        Self { topics: Arc::default(), capacity: capacity.max(1) }
    }

    /// Topics that somebody listens to.
    pub fn topic_count(&self) -> usize {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        topics.retain(|_, sender| sender.receiver_count() > 0);
        topics.len()
    }
}

impl Default for InProcessBroadcast {
    fn default() -> Self {
        Self::new(1_024)
    }
}

impl Broadcast for InProcessBroadcast {
    fn publish<'a>(&'a self, topic: &'a str, message: Bytes) -> BoxFuture<'a, ()> {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        // A topic without listeners is dropped here, so that topics named after ids do not pile up.
        if topics.get(topic).is_some_and(|sender| sender.send(message).is_err()) {
            topics.remove(topic);
        }
        drop(topics);
        futures::future::ready(()).boxed()
    }

    fn subscribe<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Subscription> {
        let receiver = {
            let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
            if topics.len() >= 1_024 {
                topics.retain(|_, sender| sender.receiver_count() > 0);
            }
            let sender = topics.entry(topic.to_owned()).or_insert_with(|| broadcast::channel(self.capacity).0);
            sender.subscribe()
        };
        let deliveries = stream::unfold(receiver, |mut receiver| async move {
            match receiver.recv().await {
                Ok(message) => Some((Delivery::Message(message), receiver)),
                Err(broadcast::error::RecvError::Lagged(count)) => Some((Delivery::Lagged(count), receiver)),
                Err(broadcast::error::RecvError::Closed) => None,
            }
        });
        futures::future::ready(Subscription::new(deliveries)).boxed()
    }
}
