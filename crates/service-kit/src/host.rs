//! One service as one process: configuration, telemetry, database, objects, server, drain. A service's `main` names its
//! build function and nothing else.

use std::{
    collections::BTreeMap, future::Future, io::Write, net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc,
    time::Duration,
};

use boot::{Clock, ConfigError, Environment, Loader, Secret, Shutdown, Tasks};
use rpc::{
    Address, AuthLayer, ChannelOptions, ClientAuth, Error, Listen, Methods, PublicKey, Server, Signer, SigningKey,
    Verifier,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::Parts;

/// The part of a service's configuration that all services share. The service's own stands under its name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Where gRPC is served; port 0 takes a free one.
    pub listen: SocketAddr,
    pub telemetry: telemetry::Config,
    /// `postgresql://user:password@host:port/database`.
    pub postgres_url: Secret<String>,
    /// Connections to Postgres at most.
    pub postgres_pool: usize,
    pub objects: blob_store::Config,
    /// File with this service's Ed25519 key (PKCS #8), by which it speaks to others.
    pub signing_key: PathBuf,
    /// Public keys (64 hexadecimal digits each) of those who may call: the gateway and the other services.
    pub trusted_keys: Vec<String>,
    /// Addresses of the services that this one calls, by name.
    pub peers: BTreeMap<String, Address>,
    /// Seconds that calls and jobs get to end at shutdown.
    pub drain_s: u64,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            listen: SocketAddr::from(([0, 0, 0, 0], 9000)),
            telemetry: telemetry::Config::default(),
            postgres_url: Secret::new(String::new()),
            postgres_pool: 8,
            objects: blob_store::Config::Local { path: PathBuf::from("/var/lib/pot/objects"), fsync: true },
            signing_key: PathBuf::from("/etc/pot/keys/service.pk8"),
            trusted_keys: Vec::new(),
            peers: BTreeMap::new(),
            drain_s: 10,
        }
    }
}

/// What a service's build function gets beside its [`Parts`].
pub struct Host {
    loader: Loader,
    signer: Signer,
    peers: BTreeMap<String, Address>,
    service: &'static str,
}

impl Host {
    /// The service's own table: its name with underscores, as environment variables can write it.
    pub fn config<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let table = self.service.replace('-', "_");
        self.loader.load_table(&table).map_err(|e| Error::invalid(format!("{table}.{}", e.field), e.to_string()))
    }

    /// A channel to another service, called in this service's name.
    pub fn peer(&self, name: &str) -> Result<rpc::Channel, Error> {
        let address =
            self.peers.get(name).ok_or_else(|| Error::invalid(format!("peers.{name}"), "is not configured"))?;
        let options = ChannelOptions::default()
            .with_auth(ClientAuth::service(self.signer.clone(), self.service))
            .with_methods(Methods::from_descriptor(proto::FILE_DESCRIPTOR_SET)?);
        rpc::Channel::connect(address, options)
    }
}

/// The whole life of a service's process.
pub fn main<B, F>(service: &'static str, build: B) -> ExitCode
where
    B: FnOnce(Host, Parts) -> F,
    F: Future<Output = Result<Server, Error>>,
{
    boot::run(async move {
        match run(service, build).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(Stop::Configuration(error)) => {
                complain(service, &error);
                ExitCode::from(boot::EXIT_CONFIG)
            }
            Err(Stop::Failed(error)) => {
                error.log();
                complain(service, &error);
                ExitCode::from(boot::EXIT_FAILED)
            }
        }
    })
}

/// What ends the process is told without telemetry too, which may be what could not start.
fn complain(service: &str, why: &dyn std::fmt::Display) {
    writeln!(std::io::stderr().lock(), "{service}: {why}").unwrap_or_default();
}

enum Stop {
    Configuration(ConfigError),
    Failed(Error),
}

impl From<ConfigError> for Stop {
    fn from(error: ConfigError) -> Self {
        Stop::Configuration(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Failed(error)
    }
}

async fn run<B, F>(service: &'static str, build: B) -> Result<(), Stop>
where
    B: FnOnce(Host, Parts) -> F,
    F: Future<Output = Result<Server, Error>>,
{
    let environment = Environment::capture();
    let mut loader = Loader::new();
    if let Some(file) = environment.pot.get("POT_CONFIG") {
        loader = loader.file(file.as_ref())?;
    }
    let loader = loader.environment(environment);
    let mut config: Config = loader.load()?;
    config.telemetry.service_name = service.to_owned();
    let _telemetry =
        telemetry::init(config.telemetry.clone()).map_err(|e| ConfigError::invalid("telemetry", e.to_string()))?;
    let clock = Clock::system();
    let key = std::fs::read(&config.signing_key)
        .map_err(|e| ConfigError::invalid("signing_key", format!("{}: {e}", config.signing_key.display())))?;
    let key = SigningKey::from_pkcs8(&key).map_err(|e| ConfigError::invalid("signing_key", e.to_string()))?;
    let verifier = Verifier::new(trusted(&config.trusted_keys)?, clock.clone());
    let policies = Arc::new(rpc::policies_from_descriptor(proto::FILE_DESCRIPTOR_SET)?);

    let shutdown = Shutdown::new();
    let tasks = Tasks::new(shutdown.clone());
    tasks.spawn("signals", shutdown.clone().listen_to_signals());
    let address = pg_kit::Address::Url(config.postgres_url.expose().clone());
    let pool_config = pg_kit::PoolConfig {
        max_size: config.postgres_pool,
        ..pg_kit::PoolConfig::new(address, service.replace('-', "_"))
    };
    let pool = pg_kit::Pool::new(pool_config).map_err(|e| ConfigError::invalid("postgres_url", e.to_string()))?;
    let blobs =
        blob_store::BlobStore::open(&config.objects).map_err(|e| ConfigError::invalid("objects", e.to_string()))?;
    let parts = Parts { service, pool, blobs, clock: clock.clone(), tasks: tasks.clone() };
    let host = Host { loader, signer: Signer::new(key, clock), peers: config.peers.clone(), service };

    let server = build(host, parts).await?.auth(AuthLayer::new(verifier, policies));
    let listen = Listen::bind(config.listen).await.map_err(Error::internal)?;
    tracing::info!(service, address = ?listen.address(), "serving");
    let served = server.serve(listen, shutdown.clone()).await.map_err(Error::internal);
    shutdown.trigger();
    tasks.drain(Duration::from_secs(config.drain_s)).await;
    served?;
    match shutdown.failure() {
        Some(why) => Err(Error::internal(why).into()),
        None => Ok(()),
    }
}

fn trusted(keys: &[String]) -> Result<Vec<PublicKey>, ConfigError> {
    let decode = |text: &String| -> Option<PublicKey> {
        let digits: Vec<u8> = (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
            .collect::<Option<_>>()?;
        digits.try_into().ok().map(PublicKey)
    };
    keys.iter()
        .map(|key| decode(key).ok_or_else(|| ConfigError::invalid("trusted_keys", "each has 64 hexadecimal digits")))
        .collect()
}
