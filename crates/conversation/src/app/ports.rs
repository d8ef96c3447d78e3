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
    /// After the turn `continued`.
    pub state: State,
    pub turn_count: u32,
    /// The turn that the next one continues; none at the beginning.
    #[serde(default)]
    pub continued: Option<u32>,
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
    /// The state of the dialogue after the turn; stored apart from it.
    #[serde(skip)]
    pub state: State,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Turn {
    pub dialogue: DialogueId,
    pub number: u32,
    /// The turn that this one continues; none where it starts from nothing.
    #[serde(default)]
    pub continued: Option<u32>,
    pub body: TurnBody,
    pub hash: ContentHash,
    pub specification_hash: ContentHash,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// After which turn something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// The last one.
    Head,
    /// None: a dialogue from its beginning.
    Start,
    Turn(u32),
}

/// What somebody says, where, and under which request; the request id is empty when the caller gave none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'a> {
    pub dialogue: DialogueId,
    pub after: After,
    pub text: &'a str,
    pub request_id: &'a str,
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

    /// As it is after its last turn, or as it was after another.
    fn get(&self, owner: &str, id: DialogueId, after: After) -> impl Future<Output = Result<Dialogue, Error>> + Send;

    /// Newest first.
    fn list(&self, owner: &str, size: u32, after: &str) -> impl Future<Output = Result<Page<Dialogue>, Error>> + Send;

    /// The first answer to this request, where it was given one.
    fn answered(&self, owner: &str, said: Said<'_>) -> impl Future<Output = Result<Option<Turn>, Error>> + Send;

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

    /// Locks the dialogue, lets `take` decide the turn from what it was after the turn that is continued, and writes turn,
    /// state and event in one transaction; the new turn is the dialogue's last. A dialogue that is in the middle of another turn is refused as aborted, and so is a claim that another turn has
    /// overtaken; a repeated request gets the first answer.
    fn turn<'a>(
        &'a self,
        owner: &'a str,
        said: Said<'a>,
        claim: Option<Claim>,
        take: Take<'a>,
    ) -> impl Future<Output = Result<Turn, Error>> + Send;

    fn find_turn(&self, dialogue: DialogueId, number: u32) -> impl Future<Output = Result<Turn, Error>> + Send;

    /// Oldest first: all, or those of the branch that ends with a turn.
    fn turns(
        &self,
        dialogue: DialogueId,
        branch: Option<u32>,
        size: u32,
        after: &str,
    ) -> impl Future<Output = Result<Page<Turn>, Error>> + Send;

    /// The last turns of the branch that ends with one, oldest first.
    fn latest(
        &self,
        dialogue: DialogueId,
        last: u32,
        size: u32,
    ) -> impl Future<Output = Result<Vec<Turn>, Error>> + Send;
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

    fn get(&self, hash: &ContentHash) -> impl Future<Output = Result<Vec<u8>, Error>> + Send;
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
