//! The render service: pictures of parts. It reads meshes by hash and knows nothing of who asked for them beyond an owner.

mod app;
mod domain;
mod grpc;
mod store;
mod worker;

use std::sync::Arc;

use proto::pot::render::v1::render_service_server::RenderServiceServer;
use rpc::{Error, Server};
use serde::{Deserialize, Serialize};
use service_kit::Parts;

pub const SERVICE: &str = "render";

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Pictures rendered at once; each uses every processor by itself.
    pub concurrency: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config { concurrency: 1 }
    }
}

/// The tables behind the use cases.
pub(crate) type Store = store::Postgres;

/// Migrates, starts the worker, and returns the server for the host to guard and serve.
pub async fn build(config: Config, parts: Parts) -> Result<Server, Error> {
    parts.migrate(store::MIGRATIONS).await?;
    let store = Arc::new(Store::new(parts.pool.clone()));
    parts.work(worker::worker(&parts, store.clone(), config.concurrency));
    let server = RenderServiceServer::new(grpc::Render::new(parts, store));
    Ok(Server::new(SERVICE).service(server).descriptor(proto::FILE_DESCRIPTOR_SET))
}
