//! The iot service: devices, the commands sent to them, and what they report.
//!
//! [`build`] makes the service, [`broker`] the in-process MQTT broker of the embedded platform.

pub mod broker;
pub mod domain;

mod adapters;
mod app;
mod config;
mod grpc;
mod metrics;
mod store;
mod worker;

use std::sync::Arc;

use app::DeviceStore;
use blob_store::UrlSigner;
use proto::pot::iot::v1::iot_service_server::IotServiceServer;
use rpc::Error;
use service_kit::Parts;

/// The name in operations, trails, schemas and configuration.
pub const SERVICE: &str = "iot";

pub use config::{Config, Mqtt};
pub use store::MIGRATIONS;

/// The tables, the printers, the links and the objects behind the use cases.
pub(crate) type Store = store::Postgres;
pub(crate) type Printers = adapters::Mqtt;
pub(crate) type Links = adapters::SignedLinks;
pub(crate) type Objects = adapters::TrailObjects;

/// The service, its schema migrated and its background work started. The host adds authentication and listens. `signer`
/// signs the links by which printers fetch their G-code.
pub async fn build(config: Config, parts: Parts, signer: UrlSigner) -> Result<rpc::Server, Error> {
    config.check()?;
    parts.migrate(MIGRATIONS).await?;
    let store = Store::new(parts.pool.clone());
    let inbox = Arc::new(app::Inbox::new(config.telemetry_queue));
    let fleet = Arc::new(app::Fleet::new(config.rules(), inbox.clone()));
    // Before the first message: a report of a device that is not known is dropped.
    store.all().await?.iter().for_each(|device| fleet.ensure(device));

    let (tasks, clock) = (&parts.tasks, parts.clock.clone());
    let stop = || tasks.shutdown().clone();
    tasks.spawn("iot reports", worker::write_reports(inbox, store.clone(), stop()));
    tasks.spawn("iot devices", worker::refresh_fleet(fleet.clone(), store.clone(), stop()));
    tasks.spawn("iot retention", worker::prune(store.clone(), clock.clone(), config.retention(), stop()));
    let printers = Printers::start(&config, fleet.clone(), clock.clone(), tasks);

    let links = Links::new(signer, config.object_base_url, config.object_url_ttl_s);
    let service = grpc::Iot { store, fleet, printers, links, objects: Objects::new(parts), clock };
    Ok(rpc::Server::new(SERVICE).service(IotServiceServer::new(service)).descriptor(proto::FILE_DESCRIPTOR_SET))
}
