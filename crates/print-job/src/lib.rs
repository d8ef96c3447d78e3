//! The print-job service: slices, quotes and print jobs. It decides what is printed next and speaks to printers through
//! the iot service alone.
//!
//! Promise: every print job ends exactly once, and its printer executes exactly one start of it, whenever this process is
//! killed and whichever acknowledgement is lost. How that is kept is told in [`domain::dispatch`].

mod adapters;
mod app;
mod config;
pub mod domain;
mod grpc;
mod store;
mod worker;

use std::sync::Arc;

use proto::pot::print_job::v1::print_job_service_server::PrintJobServiceServer;
use rpc::{Error, Server};
use service_kit::Parts;

pub use config::{Config, PrinterProfile};

pub const SERVICE: &str = "print-job";

/// The tables behind the use cases, and the printers as the iot service shows them.
pub(crate) type Store = store::Postgres;
pub(crate) type Printers = adapters::IotPrinters;

/// Migrates, takes up print jobs that lost their work, starts the workers, and returns the server for the host to guard
/// and serve. `iot` is called in this service's name.
pub async fn build(config: Config, parts: Parts, iot: rpc::Channel) -> Result<Server, Error> {
    config.check()?;
    parts.migrate(store::MIGRATIONS).await?;
    let store = Arc::new(Store::new(parts.pool.clone()));
    store.requeue_orphans().await?;
    let printers = Arc::new(Printers::new(iot));
    for worker in worker::workers(&parts, &config, &store, &printers) {
        parts.work(worker);
    }
    let server = PrintJobServiceServer::new(grpc::PrintJobs::new(parts, store, config.price_book));
    Ok(Server::new(SERVICE).service(server).descriptor(proto::FILE_DESCRIPTOR_SET))
}
