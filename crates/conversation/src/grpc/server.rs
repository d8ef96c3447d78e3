//! `ConversationService`: each call validates, runs one use case, converts.

use std::{pin::Pin, sync::Arc};

use events::{Cursor, Filter};
use futures::{Stream, StreamExt};
use ids::DialogueId;
use proto::pot::conversation::v1::{self as pb, conversation_service_server::ConversationService};
use rpc::{Error, principal_of};
use service_kit::{Parts, page_size};
use tonic::{Request, Response, Status};

use super::{from_proto, to_proto};
use crate::{
    Assistance, Objects, Store,
    app::{self, Desk, DialogueStore},
    domain::Engine,
};

pub(crate) struct Conversation {
    store: Store,
    objects: Objects,
    engine: Arc<Engine>,
    assistance: Option<Assistance>,
    parts: Parts,
}

impl Conversation {
    pub(crate) fn new(parts: Parts, assistance: Option<Assistance>) -> Self {
        let store = Store::new(parts.pool.clone());
        Conversation { store, objects: Objects::new(parts.clone()), engine: Arc::new(Engine::new()), assistance, parts }
    }
}

type Watch = Pin<Box<dyn Stream<Item = Result<pb::WatchDialogueResponse, Status>> + Send>>;

#[tonic::async_trait]
impl ConversationService for Conversation {
    async fn create_dialogue(
        &self,
        request: Request<pb::CreateDialogueRequest>,
    ) -> Result<Response<pb::Dialogue>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let (id, language) = (DialogueId::now_v7(), message.language);
        let created =
            app::create_dialogue(&self.store, &principal, id, message.title, &language, message.request_id).await?;
        Ok(Response::new(to_proto::dialogue(created)))
    }

    async fn get_dialogue(&self, request: Request<pb::GetDialogueRequest>) -> Result<Response<pb::Dialogue>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::dialogue("name", &request.get_ref().name)?;
        Ok(Response::new(to_proto::dialogue(app::get_dialogue(&self.store, &principal, id).await?)))
    }

    async fn list_dialogues(
        &self,
        request: Request<pb::ListDialoguesRequest>,
    ) -> Result<Response<pb::ListDialoguesResponse>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let size = page_size(message.page_size)?;
        let page = app::list_dialogues(&self.store, &principal, size, &message.page_token).await?;
        let dialogues = page.items.into_iter().map(to_proto::dialogue).collect();
        Ok(Response::new(pb::ListDialoguesResponse { dialogues, next_page_token: page.next }))
    }

    async fn create_turn(&self, request: Request<pb::CreateTurnRequest>) -> Result<Response<pb::Turn>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let id = from_proto::dialogue("parent", &message.parent)?;
        let (assistance, now) = (self.assistance.as_ref(), self.parts.clock.now());
        let desk = Desk { store: &self.store, objects: &self.objects, engine: &self.engine, assistance };
        let turn = app::create_turn(&desk, &principal, id, &message.text, &message.request_id, now).await?;
        Ok(Response::new(to_proto::turn(turn)))
    }

    async fn list_turns(
        &self,
        request: Request<pb::ListTurnsRequest>,
    ) -> Result<Response<pb::ListTurnsResponse>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let (id, size) = (from_proto::dialogue("parent", &message.parent)?, page_size(message.page_size)?);
        let page = app::list_turns(&self.store, &principal, id, size, &message.page_token).await?;
        let turns = page.items.into_iter().map(to_proto::turn).collect();
        Ok(Response::new(pb::ListTurnsResponse { turns, next_page_token: page.next }))
    }

    async fn get_specification(
        &self,
        request: Request<pb::GetSpecificationRequest>,
    ) -> Result<Response<pb::Specification>, Status> {
        let principal = principal_of(&request)?;
        let name = request.into_inner().name;
        let id = from_proto::specification(&name)?;
        let specification = app::get_specification(&self.store, &principal, id).await?;
        Ok(Response::new(to_proto::specification(name, specification)))
    }

    type WatchDialogueStream = Watch;

    async fn watch_dialogue(
        &self,
        request: Request<pb::WatchDialogueRequest>,
    ) -> Result<Response<Self::WatchDialogueStream>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let id = from_proto::dialogue("name", &message.name)?;
        app::get_dialogue(&self.store, &principal, id).await?;
        let cursor = match message.after_cursor.as_str() {
            "" => Cursor::START,
            text => {
                text.parse().map_err(|e: events::ParseCursorError| Error::invalid("after_cursor", e.to_string()))?
            }
        };
        let filter = Filter::subject(id.to_string()).owner(principal.acting_owner());
        let store = self.store.clone();
        let news = events::subscribe(self.parts.pool.clone(), filter, cursor).then(move |event| {
            let store = store.clone();
            async move {
                let number = event.payload["number"].as_i64().unwrap_or(0);
                let page = store.turns(id, 1, &(number - 1).to_string()).await?;
                let turn = page.items.into_iter().next().map(to_proto::turn);
                Ok(pb::WatchDialogueResponse { cursor: event.cursor.to_string(), turn })
            }
        });
        Ok(Response::new(Box::pin(news)))
    }
}
