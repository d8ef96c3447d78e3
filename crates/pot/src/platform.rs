//! The embedded platform: Postgres as a child, the broker and every service in this process, the gateway in front.

mod printer;
mod secrets;
mod services;

use std::{net::SocketAddr, time::Duration};

use blob_store::{BlobStore, UrlVerifier};
use boot::{Clock, Environment, Shutdown, Tasks};
use iot::broker::Broker;
use pg_kit::embedded::{DataDirLock, Embedded, Folders, Held};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::{config::Config, failure::Failure};
use secrets::Secrets;

/// What the lock file says about the platform that holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Address {
    /// `http://host:port`
    pub(crate) address: String,
    /// `host:port`
    pub(crate) mqtt: String,
    pub(crate) pid: u32,
}

/// A running platform. Call [`Running::stop`]; dropping it would leave the drain out.
pub(crate) struct Running {
    pub(crate) address: Address,
    pub(crate) token: String,
    shutdown: Shutdown,
    tasks: Tasks,
    printer: Option<printer::BuiltIn>,
    broker: Broker,
    postgres: Embedded,
    _lock: DataDirLock,
}

/// How long calls, jobs and streams get to end.
const DRAIN: Duration = Duration::from_secs(10);

/// The platform that already runs on the data folder, with its token.
pub(crate) async fn attach(folders: &Folders) -> Result<Option<(Address, String)>, Failure> {
    // One that is still starting has not said where it listens yet.
    for _ in 0..300 {
        match DataDirLock::peek(&folders.data) {
            None => return Ok(None),
            Some(text) if text.trim().is_empty() => tokio::time::sleep(Duration::from_millis(100)).await,
            Some(text) => {
                let address = serde_json::from_str(&text).map_err(|e| {
                    Failure::failed(format!("the lock file in {} cannot be read: {e}", folders.data.display()))
                })?;
                return Ok(Some((address, Secrets::token(&folders.data)?)));
            }
        }
    }
    Err(Failure::failed(format!("the platform on {} has been starting for 30 s", folders.data.display())))
}

impl Running {
    /// `progress` hears of what takes long.
    pub(crate) async fn start(
        config: Config,
        folders: &Folders,
        environment: &Environment,
        shutdown: Shutdown,
        progress: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Self, Failure> {
        let lock = DataDirLock::acquire(&folders.data).map_err(|held| match held {
            Held::Running { dir, contents } => {
                let at =
                    serde_json::from_str::<Address>(&contents).map_or(String::new(), |a| format!(" at {}", a.address));
                Failure::failed(format!(
                    "a platform already runs on {}{at}; use it, stop it, or name another folder with --data",
                    dir.display()
                ))
            }
            Held::Folder(error) => Failure::failed(format!("--data: {error}")),
        })?;
        // What a person can have got wrong comes before what takes long.
        let listener = TcpListener::bind(config.gateway.listen).await.map_err(|e| {
            Failure::failed(format!(
                "--listen {}: {e}; choose another port, or 0 for a free one",
                config.gateway.listen
            ))
        })?;
        let edge = listener.local_addr()?;
        let broker = Broker::start(config.embedded.mqtt_listen)
            .await
            .map_err(|e| Failure::failed(format!("--mqtt-listen: {e}")))?;
        let secrets = Secrets::open(lock.dir())?;
        let blobs = BlobStore::open(&blob_store::Config::Local { path: lock.dir().join("objects"), fsync: true })
            .map_err(|e| Failure::failed(format!("--data: {e}")))?;
        let postgres_config = config.postgres(folders, environment).progress(progress);
        let postgres = Embedded::start(&postgres_config, &lock).await.map_err(|e| Failure::failed(e.to_string()))?;

        let clock = Clock::system();
        let tasks = Tasks::new(shutdown.clone());
        let base = format!("http://{}", reachable(edge));
        let mqtt = reachable(broker.address);
        let mounted = services::mount(
            &config,
            services::Ground {
                postgres: &postgres,
                blobs: blobs.clone(),
                clock: clock.clone(),
                tasks: tasks.clone(),
                secrets: &secrets,
                mqtt,
                object_base_url: match &config.iot.object_base_url {
                    // Printers on other machines need an address that only a person knows.
                    told if *told != iot::Config::default().object_base_url => told.clone(),
                    _ => base.clone(),
                },
            },
        )
        .await?;
        let gateway_config =
            gateway::Config { owner_token: boot::Secret::new(secrets.token.clone()), ..config.gateway.clone() };
        let behind = gateway::Behind {
            descriptors: proto::FILE_DESCRIPTOR_SET.to_vec(),
            backends: mounted.backends,
            signer: secrets.signer(clock.clone())?,
            shutdown: shutdown.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            objects: Some(gateway::Objects {
                store: blobs,
                verifier: UrlVerifier::new([secrets.urls.public_key()]),
                clock,
            }),
        };
        let router = gateway::build(&gateway_config, behind).map_err(|e| Failure::configuration(e.to_string()))?;
        let stop = shutdown.clone();
        tasks.spawn("gateway", async move { gateway::serve(listener, router, &gateway_config, stop).await });

        let printer = match config.embedded.virtual_printer {
            true => Some(printer::BuiltIn::start(mqtt, &mounted.iot, &config.gateway.owner).await?),
            false => None,
        };
        let address = Address { address: base, mqtt: mqtt.to_string(), pid: std::process::id() };
        let text = serde_json::to_string(&address).unwrap_or_default();
        lock.publish(&text).map_err(|e| Failure::failed(e.to_string()))?;
        Ok(Running { address, token: secrets.token.clone(), shutdown, tasks, printer, broker, postgres, _lock: lock })
    }

    /// Resolves when the platform should stop: asked to, or because a part of it ended.
    pub(crate) async fn stopped(&self) {
        tokio::select! {
            () = self.shutdown.triggered() => {}
            why = self.postgres.exited() => self.shutdown.fail(format!("the database stopped: {why}")),
        }
    }

    /// Drains, then stops what the services stand on.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        self.shutdown.trigger();
        if let Some(printer) = self.printer.take() {
            printer.stop().await;
        }
        self.tasks.drain(DRAIN).await;
        drop(self.broker);
        self.postgres.stop().await;
        match self.shutdown.failure() {
            Some(why) => Err(Failure::failed(why)),
            None => Ok(()),
        }
    }
}

/// An address by which this machine reaches a listener that may listen on all of its addresses.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    address
}
