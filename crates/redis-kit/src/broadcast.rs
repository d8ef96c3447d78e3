//! Messages to whoever listens now.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::{BoxStream, Stream, StreamExt as _};

/// What a subscriber receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// A published message.
    Message(Bytes),
    /// This many messages were dropped because the subscriber was slower than the publishers, or an unknown number
    /// (zero) while the store was out of reach. Read what was missed from the record (events: by cursor).
    Lagged(u64),
}

/// A live subscription: a stream of [`Delivery`] that ends when the broadcast closes. Dropping it unsubscribes.
pub struct Subscription {
    stream: BoxStream<'static, Delivery>,
}

impl Subscription {
    /// Wraps an adapter's stream.
    pub fn new(stream: impl Stream<Item = Delivery> + Send + 'static) -> Self {
        Self { stream: stream.boxed() }
    }

    /// The next delivery; `None` when the broadcast is closed.
    pub async fn recv(&mut self) -> Option<Delivery> {
        self.stream.next().await
    }
}

impl Stream for Subscription {
    type Item = Delivery;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        self.stream.as_mut().poll_next(cx)
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

/// Publish and subscribe by topic. Use it as `Arc<dyn Broadcast>`.
///
/// **At most once.** A message reaches those who are subscribed when it is published, in order per publisher, and is
/// kept nowhere: it is a nudge or a copy, and the record is Postgres.
///
/// **Fallback.** `publish` ends within the adapter's deadline; a store out of reach loses the message and counts it.
/// `subscribe` always succeeds: while the store is away the subscription is silent, and the first delivery after its
/// return is [`Delivery::Lagged`], which sends the subscriber to the record. Buffers are bounded per subscriber.
pub trait Broadcast: Send + Sync + std::fmt::Debug {
    /// Sends a message to the topic's subscribers.
    fn publish<'a>(&'a self, topic: &'a str, message: Bytes) -> BoxFuture<'a, ()>;

    /// Listens to a topic from now on.
    fn subscribe<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Subscription>;
}
