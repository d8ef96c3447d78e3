//! The conversation service: dialogues, turns and the specification's history. The engine that understands what people
//! say is pure and lives in [`domain`]; it computes no geometry.

mod adapters;
mod app;
pub mod domain;
mod grpc;
mod store;

use proto::pot::conversation::v1::conversation_service_server::ConversationServiceServer;
use rpc::{Error, Server};
use service_kit::Parts;

pub const SERVICE: &str = "conversation";

/// The tables and objects behind the use cases.
pub(crate) type Store = store::Postgres;
pub(crate) type Objects = adapters::TrailObjects;

/// Migrates and returns the server for the host to guard and serve.
pub async fn build(parts: Parts) -> Result<Server, Error> {
    parts.migrate(store::MIGRATIONS).await?;
    let server = ConversationServiceServer::new(grpc::Conversation::new(parts));
    Ok(Server::new(SERVICE).service(server).descriptor(proto::FILE_DESCRIPTOR_SET))
}
