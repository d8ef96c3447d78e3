//! The connection to the broker: hears every printer, sends each command once.
//!
//! Commands go out with QoS 0, and nothing is ever queued for a connection that is not there: what the client library
//! holds back or would send again after a reconnect is thrown away before the next connection, so that a command whose
//! caller was told that it failed cannot arrive later.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use boot::{Clock, Tasks};
use ids::DeviceId;
use printer_protocol::{Ack, Action, Command, MAX_PAYLOAD_BYTES, topic};
use rumqttc::{
    AsyncClient, Event, EventLoop, MqttOptions, Outgoing, Packet, Publish, QoS, SubscribeFilter, SubscribeReasonCode,
};
use tokio::sync::oneshot;

use crate::{
    Config,
    app::{Fleet, Printers, SendError},
    metrics,
};

/// A broker that lets larger messages through cuts nobody else off: they are read and dropped.
const MAX_PACKET_BYTES: usize = 1024 * 1024;
const KEEP_ALIVE: Duration = Duration::from_secs(5);
const RECONNECT_FIRST: Duration = Duration::from_millis(100);
const RECONNECT_MOST: Duration = Duration::from_secs(2);

/// The link to the broker. Clones share it.
#[derive(Clone)]
pub(crate) struct Mqtt {
    client: AsyncClient,
    state: Arc<Mutex<State>>,
    ack_timeout: Duration,
}

#[derive(Default)]
struct State {
    /// Subscribed, so that a command sent now has its acknowledgement heard.
    connected: bool,
    /// Commands handed to the client and not yet on the wire, in that order.
    unsent: VecDeque<oneshot::Sender<()>>,
    /// Commands whose acknowledgement somebody waits for, with the device that may give it.
    waiting: HashMap<String, (DeviceId, oneshot::Sender<Ack>)>,
}

impl Mqtt {
    /// Connects in the background and stays connected until shutdown.
    pub(crate) fn start(config: &Config, fleet: Arc<Fleet>, clock: Clock, tasks: &Tasks) -> Self {
        let id = format!("iot-{}", uuid::Uuid::now_v7().simple());
        let mut options = MqttOptions::new(id, &config.mqtt.host, config.mqtt.port);
        options.set_keep_alive(KEEP_ALIVE).set_clean_session(true);
        options.set_max_packet_size(MAX_PACKET_BYTES, MAX_PAYLOAD_BYTES * 2);
        if let Some(username) = &config.mqtt.username {
            let password = config.mqtt.password.as_ref().map(|p| p.expose().clone()).unwrap_or_default();
            options.set_credentials(username, password);
        }
        let (client, events) = AsyncClient::new(options, 64);
        let link = Mqtt { client, state: Arc::default(), ack_timeout: config.ack_timeout() };
        let running = link.clone();
        let shutdown = tasks.shutdown().clone();
        tasks.spawn("mqtt", async move {
            let ended = async {
                shutdown.triggered().await;
                running.idle().await;
            };
            tokio::select! {
                () = ended => {}
                () = running.run(events, &fleet, &clock) => {}
            }
            running.lock().connected = false;
        });
        link
    }

    async fn run(&self, mut events: EventLoop, fleet: &Fleet, clock: &Clock) {
        let mut pause = RECONNECT_FIRST;
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => self.subscribe(),
                Ok(Event::Incoming(Packet::SubAck(ack))) => {
                    let refused = ack.return_codes.contains(&SubscribeReasonCode::Failure);
                    if refused {
                        tracing::error!("the broker does not let this service hear printers; check its access rules");
                    } else {
                        pause = RECONNECT_FIRST;
                        self.lock().connected = true;
                        metrics::broker_connected(true);
                        tracing::info!("connected to the broker");
                    }
                }
                Ok(Event::Incoming(Packet::Publish(message))) => self.receive(&message, fleet, clock),
                Ok(Event::Outgoing(Outgoing::Publish(_))) => {
                    // Raised after the packet is flushed. Nothing but commands is published here, in their order.
                    let sent = self.lock().unsent.pop_front();
                    // A caller that no longer waits needs no word.
                    sent.map(|sent| sent.send(()).unwrap_or_default()).unwrap_or_default();
                }
                Ok(_) => {}
                Err(error) => {
                    self.disconnected(&mut events);
                    tracing::warn!(%error, "the broker is not reachable; trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(RECONNECT_MOST);
                }
            }
        }
    }

    fn subscribe(&self) {
        let all = |channel| SubscribeFilter::new(topic::of("+", channel), QoS::AtMostOnce);
        let topics = [all(topic::Channel::Status), all(topic::Channel::Ack)];
        if let Err(error) = self.client.try_subscribe_many(topics) {
            tracing::error!(%error, "the subscription could not be queued");
        }
    }

    /// From here on nothing is handed to the client, and what it still holds is thrown away.
    fn disconnected(&self, events: &mut EventLoop) {
        let mut state = self.lock();
        state.connected = false;
        state.unsent.clear();
        events.clean();
        events.pending.clear();
        events.state.events.clear();
        metrics::broker_connected(false);
    }

    fn receive(&self, message: &Publish, fleet: &Fleet, clock: &Clock) {
        match topic::parse(&message.topic) {
            Some((slug, topic::Channel::Status)) => fleet.status(slug, &message.payload, clock.now()),
            Some((slug, topic::Channel::Ack)) => {
                if let Some(ack) = fleet.ack(slug, &message.payload, clock.now()) {
                    self.acknowledge(slug, ack);
                }
            }
            _ => metrics::report("malformed"),
        }
    }

    fn acknowledge(&self, slug: &str, ack: Ack) {
        let mut state = self.lock();
        // One printer cannot answer for another.
        let fits = state.waiting.get(&ack.command).is_some_and(|(device, _)| device.slug() == slug);
        if let Some((_, waiter)) = fits.then(|| state.waiting.remove(&ack.command)).flatten() {
            drop(state);
            // Whoever waited may have given up in this moment.
            drop(waiter.send(ack));
        }
    }

    /// Resolves once nobody waits for an acknowledgement.
    async fn idle(&self) {
        while !self.lock().waiting.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the waiting command off the list however the wait ends.
struct Waiting<'a> {
    link: &'a Mqtt,
    id: &'a str,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.link.lock().waiting.remove(self.id);
    }
}

impl Printers for Mqtt {
    fn is_connected(&self) -> bool {
        self.lock().connected
    }

    async fn send(&self, device: &DeviceId, id: &str, action: Action) -> Result<Ack, SendError> {
        let trace = service_kit::traceparent().or_else(|| {
            let call = rpc::context::current()?;
            call.trace.as_ref().map(ToString::to_string)
        });
        let payload = Command::new(id, trace, action).encode();
        let topic = topic::of(device.slug(), topic::Channel::Command);
        let (sent, sending) = oneshot::channel();
        let (answer, answered) = oneshot::channel();
        let _waiting = {
            let mut state = self.lock();
            if !state.connected {
                return Err(SendError::NotConnected);
            }
            // A full queue means that nothing was queued.
            if let Err(error) = self.client.try_publish(topic, QoS::AtMostOnce, false, payload) {
                tracing::warn!(%error, "a command could not be queued");
                return Err(SendError::NotConnected);
            }
            state.unsent.push_back(sent);
            state.waiting.insert(id.to_owned(), (device.clone(), answer));
            Waiting { link: self, id }
        };
        let exchange = async {
            sending.await.map_err(|_| SendError::NoAck)?;
            answered.await.map_err(|_| SendError::NoAck)
        };
        tokio::time::timeout(self.ack_timeout, exchange).await.unwrap_or(Err(SendError::NoAck))
    }
}
