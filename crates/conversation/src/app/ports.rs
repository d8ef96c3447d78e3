//! What the use cases need from outside.

use std::future::Future;

use futures::future::BoxFuture;
use ids::{ContentHash, DialogueId};
use rpc::Error;
use serde::{Deserialize, Serialize};
use service_kit::Page;
use time::OffsetDateTime;

use crate::domain::{Phase, Question, State};

#[derive(Clone, Debug)]
pub(crate) struct NewDialogue {
    pub id: DialogueId,
    pub owner: String,
    pub title: String,
    pub state: State,
    /// Empty when the caller gave none.
    pub request_id: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Dialogue {
    pub id: DialogueId,
    pub title: String,
    pub state: State,
    pub turn_count: u32,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// What a turn says, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TurnBody {
    pub text: String,
    pub reply: String,
    pub question: Option<Question>,
    pub phase: Phase,
    pub language: String,
    /// The state of the dialogue after the turn; kept with the dialogue, not with each turn.
    #[serde(skip)]
    pub state: State,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Turn {
    pub dialogue: DialogueId,
    pub number: u32,
    pub body: TurnBody,
    pub hash: ContentHash,
    pub specification_hash: ContentHash,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// Decides a turn of the dialogue that it is given; may be asked again after a deadlock.
pub(crate) type Take<'a> = &'a (dyn Fn(Dialogue) -> BoxFuture<'a, Result<Turn, Error>> + Send + Sync);

/// Dialogues in the service's own tables. A dialogue of another owner does not exist.
pub(crate) trait DialogueStore: Send + Sync {
    fn create(&self, dialogue: NewDialogue) -> impl Future<Output = Result<Dialogue, Error>> + Send;

    fn get(&self, owner: &str, id: DialogueId) -> impl Future<Output = Result<Dialogue, Error>> + Send;

    /// Newest first.
    fn list(&self, owner: &str, size: u32, after: &str) -> impl Future<Output = Result<Page<Dialogue>, Error>> + Send;

    /// Locks the dialogue, lets `take` decide the turn from it, and writes turn, state and event in one transaction. A
    /// dialogue that is in the middle of another turn is refused as aborted; a repeated request gets the first answer.
    fn turn<'a>(
        &'a self,
        owner: &'a str,
        id: DialogueId,
        request: (&'a str, &'a str),
        take: Take<'a>,
    ) -> impl Future<Output = Result<Turn, Error>> + Send;

    /// Oldest first.
    fn turns(
        &self,
        dialogue: DialogueId,
        size: u32,
        after: &str,
    ) -> impl Future<Output = Result<Page<Turn>, Error>> + Send;
}

/// Where bytes go before a row names them.
pub(crate) trait Objects: Send + Sync {
    fn put(
        &self,
        owner: &str,
        kind: &'static str,
        bytes: Vec<u8>,
        made_from: Vec<ContentHash>,
    ) -> impl Future<Output = Result<ContentHash, Error>> + Send;
}
