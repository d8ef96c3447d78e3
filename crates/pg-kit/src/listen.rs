//! Notifications: one listening connection a process, shared by every subscriber.
//!
//! A notification is a hint that saves polling time, never the record: it is lost while the connection is down. So every
//! subscriber gets [`Notice::Resync`] whenever something may have been missed, and polls besides.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{StreamExt, stream};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio_postgres::{AsyncMessage, Client, NoTls};

/// Notifications kept for a subscriber that is slow; one that falls further behind gets [`Notice::Resync`].
const BUFFER: usize = 1024;
const RECONNECT_PAUSE: Duration = Duration::from_millis(250);
/// How long [`crate::Pool::listen`] waits for the server to acknowledge.
const SUBSCRIBE_TIMEOUT: Duration = Duration::from_secs(2);

/// What a subscriber is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Somebody notified this channel with this payload.
    Payload(Arc<str>),
    /// The connection was made anew or the subscriber was too slow: look at the tables.
    Resync,
}

/// A subscription to one channel.
pub struct Subscription {
    receiver: broadcast::Receiver<Notice>,
    /// Keeps the connection alive.
    _hub: Arc<Hub>,
}

impl Subscription {
    /// The next notice. Cancel safe.
    pub async fn recv(&mut self) -> Notice {
        match self.receiver.recv().await {
            Ok(notice) => notice,
            Err(broadcast::error::RecvError::Lagged(_)) => Notice::Resync,
            // The task ended because its runtime is shutting down; the caller's poll interval decides from here on.
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }

    /// Discards what has already arrived, for a subscriber that is about to look at the tables anyway.
    pub fn drain(&mut self) {
        while !matches!(
            self.receiver.try_recv(),
            Err(broadcast::error::TryRecvError::Empty | broadcast::error::TryRecvError::Closed)
        ) {}
    }
}

/// The shared connection; it is opened by the first subscription.
pub(crate) struct Hub {
    driver: tokio_postgres::Config,
    task: Mutex<Option<Task>>,
}

struct Task {
    requests: mpsc::UnboundedSender<Request>,
    handle: AbortHandle,
}

struct Request {
    channel: String,
    listening: oneshot::Sender<broadcast::Receiver<Notice>>,
}

impl Hub {
    pub(crate) fn new(driver: tokio_postgres::Config) -> Self {
        Self { driver, task: Mutex::new(None) }
    }

    pub(crate) async fn subscribe(hub: &Arc<Self>, channel: String) -> Subscription {
        loop {
            let (sender, receiver) = oneshot::channel();
            let sent = hub.requests().send(Request { channel: channel.clone(), listening: sender });
            if sent.is_ok()
                && let Ok(receiver) = receiver.await
            {
                return Subscription { receiver, _hub: Arc::clone(hub) };
            }
            // The task died with the runtime that it was started on; the next round starts another one.
            tokio::task::yield_now().await;
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the task is aborted when the hub, and so every pool, is dropped")]
    fn requests(&self) -> mpsc::UnboundedSender<Request> {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        match &*task {
            Some(task) if !task.requests.is_closed() => task.requests.clone(),
            _ => {
                let (requests, inbox) = mpsc::unbounded_channel();
                let handle = tokio::spawn(run(self.driver.clone(), inbox)).abort_handle();
                *task = Some(Task { requests: requests.clone(), handle });
                requests
            }
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        if let Some(task) = self.task.get_mut().unwrap_or_else(PoisonError::into_inner) {
            task.handle.abort();
        }
    }
}

type Channels = HashMap<String, broadcast::Sender<Notice>>;

/// Connects, listens, and connects again, until the hub is dropped.
async fn run(driver: tokio_postgres::Config, mut inbox: mpsc::UnboundedReceiver<Request>) {
    let mut channels = Channels::new();
    let mut warned = false;
    loop {
        match driver.connect(NoTls).await {
            Ok((client, connection)) => {
                warned = false;
                serve(client, connection, &mut channels, &mut inbox).await;
                tracing::debug!("the connection that listens for notifications ended");
            }
            Err(error) => {
                if !warned {
                    warned = true;
                    tracing::warn!(error = crate::pool::chain(&error), "cannot listen for notifications; polling only");
                }
                // Subscribers do not wait for a server that is away.
                while let Ok(request) = inbox.try_recv() {
                    register(&mut channels, request);
                }
            }
        }
        if inbox.is_closed() {
            return;
        }
        tokio::time::sleep(RECONNECT_PAUSE).await;
    }
}

fn register(channels: &mut Channels, request: Request) {
    let sender = channels.entry(request.channel).or_insert_with(|| broadcast::channel(BUFFER).0);
    // A subscriber that stopped waiting has dropped its end.
    drop(request.listening.send(sender.subscribe()));
}

/// Serves one connection until it fails. The connection has to be polled while `LISTEN` waits for its answer, so both run
/// side by side.
async fn serve(
    client: Client,
    mut connection: tokio_postgres::Connection<tokio_postgres::Socket, tokio_postgres::tls::NoTlsStream>,
    channels: &mut Channels,
    inbox: &mut mpsc::UnboundedReceiver<Request>,
) {
    let (forward, mut arrived) = mpsc::unbounded_channel();
    let pump = async move {
        let mut messages = stream::poll_fn(move |cx| connection.poll_message(cx));
        while let Some(Ok(message)) = messages.next().await {
            if let AsyncMessage::Notification(notification) = message
                && forward.send(notification).is_err()
            {
                return;
            }
        }
    };
    let talk = async move {
        channels.retain(|_, sender| sender.receiver_count() > 0);
        for channel in channels.keys() {
            if listen(&client, channel).await.is_err() {
                return;
            }
        }
        for sender in channels.values() {
            drop(sender.send(Notice::Resync));
        }
        loop {
            tokio::select! {
                notification = arrived.recv() => {
                    let Some(notification) = notification else { return };
                    if let Some(sender) = channels.get(notification.channel()) {
                        drop(sender.send(Notice::Payload(notification.payload().into())));
                    }
                }
                request = inbox.recv() => {
                    let Some(request) = request else { return };
                    let known = channels.contains_key(&request.channel);
                    let channel = request.channel.clone();
                    let listened = known
                        || tokio::time::timeout(SUBSCRIBE_TIMEOUT, listen(&client, &channel)).await.is_ok_and(|r| r.is_ok());
                    register(channels, request);
                    if !listened {
                        return;
                    }
                }
            }
        }
    };
    tokio::select! {
        () = pump => {}
        () = talk => {}
    }
}

async fn listen(client: &Client, channel: &str) -> Result<(), tokio_postgres::Error> {
    // Channel names hold a checked schema and a constant, quoted because of the dot between them.
    client.batch_execute(&format!("LISTEN \"{}\"", channel.replace('"', ""))).await
}
