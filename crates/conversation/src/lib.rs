//! The conversation service: dialogues, turns and the specification's history. The engine that understands what people
//! say is pure and lives in [`domain`]; it computes no geometry.

mod adapters;
mod app;
mod config;
pub mod domain;
mod grpc;
mod store;

use proto::pot::conversation::v1::conversation_service_server::ConversationServiceServer;
use rpc::{Error, Server};
use service_kit::Parts;

/// The language model beside the embedded engine: its client and how a turn is decided with it, for hosts and tests.
pub mod llm {
    pub use crate::{
        adapters::LlmClient as Client,
        app::{Answer, Assisted, Consulted, LanguageModel, Progress, Rung, Unanswered, Unread, Usage, consult},
        config::{Kind, Llm as Config},
    };
}

pub use config::Config;

pub const SERVICE: &str = "conversation";

/// The tables and objects behind the use cases.
pub(crate) type Store = store::Postgres;
pub(crate) type Objects = adapters::TrailObjects;

pub(crate) type Assistance = app::Assistance<adapters::LlmClient>;
pub(crate) type Desk = app::Desk<Store, Objects, adapters::LlmClient>;

/// Migrates and returns the server for the host to guard and serve.
pub async fn build(config: Config, parts: Parts) -> Result<Server, Error> {
    config.check()?;
    let assistance = config.llm.as_ref().map(assistance).transpose()?;
    parts.migrate(store::MIGRATIONS).await?;
    let server = ConversationServiceServer::new(grpc::Conversation::new(parts, assistance));
    Ok(Server::new(SERVICE).service(server).descriptor(proto::FILE_DESCRIPTOR_SET))
}

fn assistance(config: &llm::Config) -> Result<Assistance, Error> {
    let (endpoint, model) = (config.base_url.trim_end_matches('/').to_owned(), config.model.clone());
    Ok(Assistance {
        model: adapters::LlmClient::new(config)?,
        name: app::ModelName { endpoint, kind: config.kind.as_str(), model },
        interpreter: domain::proposal::Interpreter::new(),
        limit: config.turn(),
        leftovers: config.leftovers,
        prices_micro: (config.prompt_price_micro, config.completion_price_micro),
        currency: config.currency.clone(),
        daily_budget_micro: config.daily_budget_micro,
    })
}
