//! What the use cases need from outside.

use std::{future::Future, time::Duration};

use futures::future::BoxFuture;
use ids::{ContentHash, DialogueId};
use rpc::Error;
use serde::{Deserialize, Serialize};
use service_kit::Page;
use time::{Date, OffsetDateTime};

use super::assist::{Rung, Usage};
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
    /// The language model whose proposal the turn took, where it took one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
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

/// A dialogue that is being thought about outside any transaction, until a time at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Turns that there were when the thinking began; with another number its result is void.
    pub turn_count: u32,
    /// Also tells the claim from others.
    pub until: OffsetDateTime,
}

/// Dialogues in the service's own tables. A dialogue of another owner does not exist.
pub(crate) trait DialogueStore: Send + Sync {
    fn create(&self, dialogue: NewDialogue) -> impl Future<Output = Result<Dialogue, Error>> + Send;

    fn get(&self, owner: &str, id: DialogueId) -> impl Future<Output = Result<Dialogue, Error>> + Send;

    /// Newest first.
    fn list(&self, owner: &str, size: u32, after: &str) -> impl Future<Output = Result<Page<Dialogue>, Error>> + Send;

    /// The first answer to this request, where it was given one.
    fn answered(
        &self,
        owner: &str,
        id: DialogueId,
        request: (&str, &str),
    ) -> impl Future<Output = Result<Option<Turn>, Error>> + Send;

    /// Keeps other turns out while one is thought about. Refused as aborted when another is, or when the dialogue has not
    /// this many turns any more. A claim that nobody comes back to ends by itself after `time`.
    fn claim(
        &self,
        owner: &str,
        id: DialogueId,
        turn_count: u32,
        time: Duration,
    ) -> impl Future<Output = Result<Claim, Error>> + Send;

    /// Gives up a claim that led to no turn.
    fn release(&self, id: DialogueId, claim: Claim) -> impl Future<Output = Result<(), Error>> + Send;

    /// Locks the dialogue, lets `take` decide the turn from it, and writes turn, state and event in one transaction. A
    /// dialogue that is in the middle of another turn is refused as aborted, and so is a claim that another turn has
    /// overtaken; a repeated request gets the first answer.
    fn turn<'a>(
        &'a self,
        owner: &'a str,
        id: DialogueId,
        request: (&'a str, &'a str),
        claim: Option<Claim>,
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

/// A model at an address, as ledgers and memories name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModelName {
    pub endpoint: String,
    pub kind: &'static str,
    pub model: String,
}

/// What language models cost and can do.
pub(crate) trait Ledger: Send + Sync {
    /// Millionths of the currency that the owner has spent on a day (UTC).
    fn spent_micro(&self, owner: &str, day: Date, currency: &str) -> impl Future<Output = Result<u64, Error>> + Send;

    /// Adds to the owner's day. `cost` is millionths of a currency, and that currency.
    fn charge(
        &self,
        owner: &str,
        day: Date,
        model: &ModelName,
        usage: Usage,
        cost: (u64, &str),
    ) -> impl Future<Output = Result<(), Error>> + Send;

    fn known_rung(&self, model: &ModelName) -> impl Future<Output = Result<Option<Rung>, Error>> + Send;

    fn remember_rung(&self, model: &ModelName, rung: Rung) -> impl Future<Output = Result<(), Error>> + Send;
}
