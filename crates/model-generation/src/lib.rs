//! The model-generation service: models, their files and printability reports. Evaluation runs in worker processes of
//! the same binary, which are killed at a deadline; see [`worker_main`].

mod adapters;
mod app;
mod domain;
mod grpc;
mod store;
mod worker;

use std::{path::PathBuf, sync::Arc};

use proto::pot::model_generation::v1::model_generation_service_server::ModelGenerationServiceServer;
use rpc::{Error, Server};
use serde::{Deserialize, Serialize};
use service_kit::Parts;

pub use adapters::worker_main;

pub const SERVICE: &str = "model-generation";

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Worker processes; 0 takes one a processor, at most four.
    pub workers: usize,
    /// An evaluation that takes longer is killed.
    pub deadline_s: u64,
    /// Address space of a worker; one that needs more is ended by its own allocator.
    pub memory_bytes: u64,
    /// Program that runs `worker geometry`; this program itself when absent.
    pub program: Option<PathBuf>,
    /// Intermediate results kept in the object store; the least recently used go beyond it.
    pub kept_bytes: u64,
    /// What parts are checked against.
    pub printability: geometry::printability::Profile,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            workers: 0,
            deadline_s: 60,
            memory_bytes: 4 << 30,
            program: None,
            kept_bytes: 2 << 30,
            printability: Default::default(),
        }
    }
}

/// The tables behind the use cases, and the processes that evaluate.
pub(crate) type Store = store::Postgres;
pub(crate) type Evaluator = adapters::WorkerPool<store::KeptObjects>;

/// Migrates, starts the worker, and returns the server for the host to guard and serve.
pub async fn build(config: Config, parts: Parts) -> Result<Server, Error> {
    parts.migrate(store::MIGRATIONS).await?;
    let store = Arc::new(Store::new(parts.pool.clone()));
    let kept = Arc::new(store::KeptObjects::new(parts.clone(), config.kept_bytes));
    let (sweeping, stop) = (kept.clone(), parts.tasks.shutdown().triggered());
    parts.tasks.spawn("sweep", async move { sweeping.keep_small(stop).await });
    let evaluator = Arc::new(Evaluator::new(&config, kept, parts.tasks.clone())?);
    parts.work(worker::worker(&parts, store.clone(), evaluator.clone()));
    let server = ModelGenerationServiceServer::new(grpc::ModelGeneration::new(parts, store, evaluator));
    Ok(Server::new(SERVICE).service(server).descriptor(proto::FILE_DESCRIPTOR_SET))
}
