//! `ConversationService`: each call validates, runs one use case, converts.

use std::{pin::Pin, sync::Arc};

use events::{Cursor, Filter};
use futures::{Stream, StreamExt};
use ids::DialogueId;
use proto::pot::conversation::v1::{self as pb, conversation_service_server::ConversationService};
use rpc::{Error, principal_of};
use service_kit::{Parts, page_size};
use tonic::{Request, Response, Status};

use super::{from_proto, stream, to_proto};
use crate::{
    Assistance, Desk, Objects, Store,
    app::{self, DialogueStore, Said},
    domain::{Engine, Explainer},
};

pub(crate) struct Conversation {
    desk: Arc<Desk>,
    parts: Parts,
}

impl Conversation {
    pub(crate) fn new(parts: Parts, assistance: Option<Assistance>) -> Self {
        let (store, objects) = (Store::new(parts.pool.clone()), Objects::new(parts.clone()));
        let (engine, explainer) = (Engine::new(), Explainer::new());
        Conversation { desk: Arc::new(Desk { store, objects, engine, explainer, assistance }), parts }
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
            app::create_dialogue(&self.desk.store, &principal, id, message.title, &language, message.request_id)
                .await?;
        Ok(Response::new(to_proto::dialogue(created)))
    }

    async fn get_dialogue(&self, request: Request<pb::GetDialogueRequest>) -> Result<Response<pb::Dialogue>, Status> {
        let principal = principal_of(&request)?;
        let id = from_proto::dialogue("name", &request.get_ref().name)?;
        Ok(Response::new(to_proto::dialogue(app::get_dialogue(&self.desk.store, &principal, id).await?)))
    }

    async fn list_dialogues(
        &self,
        request: Request<pb::ListDialoguesRequest>,
    ) -> Result<Response<pb::ListDialoguesResponse>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let size = page_size(message.page_size)?;
        let page = app::list_dialogues(&self.desk.store, &principal, size, &message.page_token).await?;
        let dialogues = page.items.into_iter().map(to_proto::dialogue).collect();
        Ok(Response::new(pb::ListDialoguesResponse { dialogues, next_page_token: page.next }))
    }

    async fn create_turn(&self, request: Request<pb::CreateTurnRequest>) -> Result<Response<pb::Turn>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let id = from_proto::dialogue("parent", &message.parent)?;
        let after = from_proto::after(id, &message.continued_turn)?;
        let said = Said { dialogue: id, after, text: &message.text, request_id: &message.request_id };
        let turn = app::create_turn(&self.desk, &principal, said, self.parts.clock.now(), &|_| {}).await?;
        Ok(Response::new(to_proto::turn(turn)))
    }

    type StreamTurnStream = stream::Turns;

    async fn stream_turn(
        &self,
        request: Request<pb::StreamTurnRequest>,
    ) -> Result<Response<Self::StreamTurnStream>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let id = from_proto::dialogue("parent", &message.parent)?;
        let after = from_proto::after(id, &message.continued_turn)?;
        app::get_dialogue(&self.desk.store, &principal, id).await?;
        let said = stream::Owned { dialogue: id, after, text: message.text, request_id: message.request_id };
        Ok(Response::new(stream::turn(Arc::clone(&self.desk), principal, said, self.parts.clock.now())))
    }

    async fn get_turn(&self, request: Request<pb::GetTurnRequest>) -> Result<Response<pb::Turn>, Status> {
        let principal = principal_of(&request)?;
        let (id, number) = from_proto::turn("name", &request.get_ref().name)?;
        Ok(Response::new(to_proto::turn(app::get_turn(&self.desk.store, &principal, id, number).await?)))
    }

    async fn list_turns(
        &self,
        request: Request<pb::ListTurnsRequest>,
    ) -> Result<Response<pb::ListTurnsResponse>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let (id, size) = (from_proto::dialogue("parent", &message.parent)?, page_size(message.page_size)?);
        let branch = from_proto::branch(id, &message.branch)?;
        let page = app::list_turns(&self.desk.store, &principal, id, branch, (size, &message.page_token)).await?;
        let turns = page.items.into_iter().map(to_proto::turn).collect();
        Ok(Response::new(pb::ListTurnsResponse { turns, next_page_token: page.next }))
    }

    async fn get_specification(
        &self,
        request: Request<pb::GetSpecificationRequest>,
    ) -> Result<Response<pb::Specification>, Status> {
        let principal = principal_of(&request)?;
        let name = request.into_inner().name;
        let (id, at) = from_proto::specification("name", &name)?;
        let specification = self.desk.specification(&principal, id, at).await?;
        Ok(Response::new(to_proto::specification(name, specification)))
    }

    async fn diff_specification(
        &self,
        request: Request<pb::DiffSpecificationRequest>,
    ) -> Result<Response<pb::SpecificationDiff>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let (id, to) = from_proto::specification("name", &message.name)?;
        let base = from_proto::base(id, &message.base)?;
        Ok(Response::new(to_proto::difference(id, self.desk.difference(&principal, id, to, base).await?)))
    }

    type WatchDialogueStream = Watch;

    async fn watch_dialogue(
        &self,
        request: Request<pb::WatchDialogueRequest>,
    ) -> Result<Response<Self::WatchDialogueStream>, Status> {
        let principal = principal_of(&request)?;
        let message = request.into_inner();
        let id = from_proto::dialogue("name", &message.name)?;
        app::get_dialogue(&self.desk.store, &principal, id).await?;
        let cursor = match message.after_cursor.as_str() {
            "" => Cursor::START,
            text => {
                text.parse().map_err(|e: events::ParseCursorError| Error::invalid("after_cursor", e.to_string()))?
            }
        };
        let filter = Filter::subject(id.to_string()).owner(principal.acting_owner());
        let store = self.desk.store.clone();
        let news = events::subscribe(self.parts.pool.clone(), filter, cursor).then(move |event| {
            let store = store.clone();
            async move {
                let number = event.payload["number"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
                let turn = to_proto::turn(store.find_turn(id, number).await?);
                Ok(pb::WatchDialogueResponse { cursor: event.cursor.to_string(), turn: Some(turn) })
            }
        });
        Ok(Response::new(Box::pin(news)))
    }
}
