//! The MQTT broker in process, for the embedded platform.
//!
//! MQTT 3.1.1 only: the library's two protocol versions need separate ports and do not mix. It runs on its own thread
//! with its own runtime, so that stopping it closes its port and every connection.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use boot::Shutdown;
use printer_protocol::MAX_PAYLOAD_BYTES;
use rumqttd::{ConnectionSettings, LinkType, Router, RouterConfig, Server, ServerSettings, protocol::v4::V4};

/// Devices and tools on one laptop or in one workshop.
const MAX_CONNECTIONS: usize = 1_000;
/// What a subscription holds for readers that lag behind, in bytes and pieces; then they lose the oldest.
const SEGMENT_BYTES: usize = 1024 * 1024;
const SEGMENTS: usize = 4;
const START_PATIENCE: Duration = Duration::from_secs(5);
/// Another process may take a free port between finding and using it.
const FREE_PORT_ATTEMPTS: u32 = 3;

#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    #[error(
        "the MQTT broker cannot listen on {address}: {source}; stop what uses this port or choose another one (0 takes a \
         free one)"
    )]
    Listen { address: SocketAddr, source: io::Error },
    #[error("the MQTT broker's thread could not be started: {0}")]
    Thread(#[source] io::Error),
    #[error("the MQTT broker did not come up on {0}")]
    Start(SocketAddr),
}

/// A running broker. It stops when this is dropped.
#[derive(Debug)]
pub struct Broker {
    /// Where it listens, the real port filled in.
    pub address: SocketAddr,
    stop: Shutdown,
    thread: Option<JoinHandle<()>>,
}

impl Broker {
    /// Starts a broker; port 0 takes a free one. Returns once clients can connect.
    pub async fn start(listen: SocketAddr) -> Result<Self, BrokerError> {
        let mut attempt = 1;
        loop {
            let address = probe(listen)?;
            match Self::start_on(address).await {
                Err(BrokerError::Start(_)) if listen.port() == 0 && attempt < FREE_PORT_ATTEMPTS => attempt += 1,
                result => return result,
            }
        }
    }

    async fn start_on(address: SocketAddr) -> Result<Self, BrokerError> {
        let stop = Shutdown::new();
        let stopped = stop.clone();
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(BrokerError::Thread)?;
        let run = move || {
            let router = Router::new(0, router_config()).spawn();
            let mut server = Server::new(server_settings(address), router, V4);
            runtime.block_on(async {
                tokio::select! {
                    () = stopped.triggered() => {}
                    ended = server.start(LinkType::Remote) => {
                        if let Err(error) = ended {
                            tracing::error!(%error, "the MQTT broker stopped");
                        }
                    }
                }
            });
        };
        let thread = thread::Builder::new().name("mqtt-broker".to_owned()).spawn(run).map_err(BrokerError::Thread)?;
        let broker = Broker { address, stop, thread: Some(thread) };
        let started = Instant::now();
        while started.elapsed() < START_PATIENCE && broker.is_running() {
            let reached = tokio::net::TcpStream::connect(reachable(address)).await.is_ok();
            // Whoever answers, it is not our broker when ours has ended.
            if reached && broker.is_running() {
                tracing::info!(%address, "the MQTT broker listens");
                return Ok(broker);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err(BrokerError::Start(address))
    }

    /// False once the broker's thread has ended.
    pub fn is_running(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.stop.trigger();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the MQTT broker's thread panicked");
        }
    }
}

/// Finds out whether the address can be had, and which port 0 becomes: the library binds by itself and only logs when it
/// cannot.
fn probe(listen: SocketAddr) -> Result<SocketAddr, BrokerError> {
    let failed = |source| BrokerError::Listen { address: listen, source };
    TcpListener::bind(listen).and_then(|listener| listener.local_addr()).map_err(failed)
}

/// An address by which this process reaches a listener.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn router_config() -> RouterConfig {
    RouterConfig {
        max_connections: MAX_CONNECTIONS,
        max_outgoing_packet_count: 200,
        max_segment_size: SEGMENT_BYTES,
        max_segment_count: SEGMENTS,
        ..RouterConfig::default()
    }
}

fn server_settings(listen: SocketAddr) -> ServerSettings {
    ServerSettings {
        name: "mqtt".to_owned(),
        listen,
        tls: None,
        next_connection_delay_ms: 1,
        connections: ConnectionSettings {
            connection_timeout_ms: 5_000,
            max_payload_size: MAX_PAYLOAD_BYTES * 2,
            max_inflight_count: 100,
            auth: None,
            external_auth: None,
            dynamic_filters: false,
        },
    }
}
