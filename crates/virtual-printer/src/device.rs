//! The printer's surroundings: MQTT, HTTP and the clock around the [`Machine`].

use std::{path::PathBuf, time::Duration};

use boot::{Clock, Tasks};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use gcode::MachineLimits;
use printer_protocol::{Action, Command, MAX_PAYLOAD_BYTES, State, Status, topic};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tokio::{sync::mpsc, time::Instant};

use crate::{Fault, Machine, Request, StartLog, StartRecord};

/// How the device is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// 1 to 63 of a-z, 0-9 and hyphen.
    pub id: String,
    pub broker_host: String,
    pub broker_port: u16,
    pub speed: f64,
    pub fault: Option<Fault>,
    pub start_log: Option<PathBuf>,
    pub limits: MachineLimits,
}

#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    #[error("'{0}' is no device id: use 1 to 63 of a-z, 0-9 and hyphen")]
    Id(String),
    #[error("the start log cannot be written: {0}")]
    StartLog(#[from] std::io::Error),
}

/// A G-code file larger than this is refused before it fills the device's memory.
const MAX_GCODE_BYTES: u64 = 500 * 1024 * 1024;
/// A platform that restarts in the middle of the transfer is waited for.
const FETCH_PATIENCE: Duration = Duration::from_secs(120);
const TICK: Duration = Duration::from_millis(50);
const REPORT_EVERY: Duration = Duration::from_millis(500);

/// Runs until the shutdown of `tasks` is triggered. The broker may come and go.
pub async fn run(config: Config, clock: Clock, tasks: Tasks) -> Result<(), DeviceError> {
    if !topic::is_device_id(&config.id) {
        return Err(DeviceError::Id(config.id));
    }
    let log = StartLog::open(config.start_log.as_deref())?;
    let boot = uuid::Uuid::now_v7().simple().to_string();
    let machine = Machine::new(boot.clone(), config.limits.clone(), config.speed, config.fault);
    let (fetched_tx, fetched) = mpsc::channel(1);
    let mut options = MqttOptions::new(format!("printer-{}", config.id), &config.broker_host, config.broker_port);
    options.set_keep_alive(Duration::from_secs(5)).set_clean_session(true);
    options.set_max_packet_size(MAX_PAYLOAD_BYTES * 2, MAX_PAYLOAD_BYTES * 2);
    let (client, events) = AsyncClient::new(options, 64);
    let device = Device { config, boot, clock, tasks, machine, log, client, fetched_tx, http: reqwest::Client::new() };
    device.run(events, fetched).await
}

struct Device {
    config: Config,
    boot: String,
    clock: Clock,
    tasks: Tasks,
    machine: Machine,
    log: StartLog,
    client: AsyncClient,
    fetched_tx: mpsc::Sender<(u64, Result<Bytes, String>)>,
    http: reqwest::Client,
}

impl Device {
    async fn run(
        mut self,
        mut events: rumqttc::EventLoop,
        mut fetched: mpsc::Receiver<(u64, Result<Bytes, String>)>,
    ) -> Result<(), DeviceError> {
        let shutdown = self.tasks.shutdown().clone();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut last_tick, mut last_report) = (Instant::now(), Instant::now());
        let mut last_state = self.machine.state();
        loop {
            tokio::select! {
                () = shutdown.triggered() => return Ok(()),
                event = events.poll() => match event {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => {
                        tracing::info!(printer = %self.config.id, "connected to the broker");
                        self.subscribe();
                        self.report();
                    }
                    Ok(Event::Incoming(Packet::Publish(message))) => self.receive(&message.payload)?,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::debug!(printer = %self.config.id, %error, "broker unreachable");
                        tokio::time::sleep(Duration::from_millis(250)).await;
                    }
                },
                Some((start, program)) = fetched.recv() => self.machine.fetched(start, program),
                now = tick.tick() => {
                    self.machine.advance((now - last_tick).as_secs_f64() * self.machine.speed());
                    last_tick = now;
                    if self.machine.state() != last_state || now - last_report >= REPORT_EVERY {
                        (last_state, last_report) = (self.machine.state(), now);
                        self.report();
                    }
                }
            }
        }
    }

    fn subscribe(&self) {
        let commands = topic::of(&self.config.id, topic::Channel::Command);
        if let Err(error) = self.client.try_subscribe(commands, QoS::AtLeastOnce) {
            tracing::warn!(%error, "the subscription could not be queued");
        }
    }

    fn report(&mut self) {
        let status: Status = self.machine.status();
        self.publish(topic::Channel::Status, status.encode());
    }

    /// A full queue means that the broker is away: a report is dropped, the next one says more.
    fn publish(&self, channel: topic::Channel, payload: Vec<u8>) {
        if let Err(error) =
            self.client.try_publish(topic::of(&self.config.id, channel), QoS::AtMostOnce, false, payload)
        {
            tracing::debug!(%error, "message dropped");
        }
    }

    fn receive(&mut self, payload: &[u8]) -> Result<(), DeviceError> {
        let command = match Command::decode(payload) {
            Ok(command) => command,
            Err(error) => {
                tracing::warn!(%error, "a command was not understood");
                return Ok(());
            }
        };
        self.record("received", &command)?;
        let (ack, request) = self.machine.command(&command);
        if let Some(Request::Fetch { start, url, hash, size_bytes }) = request {
            self.record("executed", &command)?;
            let (http, answer) = (self.http.clone(), self.fetched_tx.clone());
            self.tasks.spawn("fetch G-code", async move {
                let program = fetch_patiently(&http, &url, &hash, size_bytes).await;
                // The receiver is gone only when the device is.
                answer.send((start, program)).await.unwrap_or_default();
            });
        }
        if let Some(ack) = ack {
            self.publish(topic::Channel::Ack, ack.encode());
        }
        if self.machine.state() == State::Idle {
            self.report();
        }
        Ok(())
    }

    fn record(&mut self, event: &str, command: &Command) -> Result<(), DeviceError> {
        let Action::Start { print_job, fence, .. } = &command.action else { return Ok(()) };
        self.log.append(&StartRecord {
            event: event.to_owned(),
            unix_ms: self.clock.unix_ms(),
            boot: self.boot.clone(),
            command: command.id.clone(),
            print_job: print_job.clone(),
            fence: *fence,
        })?;
        Ok(())
    }
}

async fn fetch_patiently(http: &reqwest::Client, url: &str, hash: &str, size: u64) -> Result<Bytes, String> {
    let started = Instant::now();
    let mut pause = Duration::from_millis(200);
    loop {
        match fetch(http, url, hash, size).await {
            Err(FetchError::Passing(why)) if started.elapsed() < FETCH_PATIENCE => {
                tracing::debug!(%why, "the transfer is tried again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(2));
            }
            Err(FetchError::Passing(why) | FetchError::Final(why)) => return Err(why),
            Ok(program) => return Ok(program),
        }
    }
}

enum FetchError {
    /// The other side may come back.
    Passing(String),
    Final(String),
}

async fn fetch(http: &reqwest::Client, url: &str, hash: &str, size: u64) -> Result<Bytes, FetchError> {
    if size > MAX_GCODE_BYTES {
        return Err(FetchError::Final(format!("{size} bytes are more than the {MAX_GCODE_BYTES} that fit")));
    }
    let passing = |error: reqwest::Error| FetchError::Passing(error.without_url().to_string());
    let response = http.get(url).timeout(Duration::from_secs(60)).send().await.map_err(passing)?;
    let status = response.status();
    if status.is_client_error() {
        return Err(FetchError::Final(format!("the server answered {status}")));
    }
    if !status.is_success() {
        return Err(FetchError::Passing(format!("the server answered {status}")));
    }
    let mut body = response.bytes_stream();
    let mut program = BytesMut::with_capacity(size as usize);
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(passing)?;
        if (program.len() + chunk.len()) as u64 > size {
            return Err(FetchError::Final(format!("the server sent more than the announced {size} bytes")));
        }
        program.extend_from_slice(&chunk);
    }
    if blake3::hash(&program).to_hex().as_str() != hash {
        return Err(FetchError::Passing("the G-code's BLAKE3 is not the announced one".to_owned()));
    }
    Ok(program.freeze())
}
