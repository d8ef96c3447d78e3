//! Saying something: the engine decides, the trail is written, then the rows.

use futures::FutureExt;
use ids::{ContentHash, DialogueId};
use part::Part;
use rpc::{Error, Principal};
use serde_json::json;
use service_kit::Page;
use time::OffsetDateTime;

use super::ports::{Dialogue, DialogueStore, Objects, Turn, TurnBody};
use crate::domain::{Engine, Rejected};

/// The part as it stands, with the bytes that its hash is of.
#[derive(Clone, Debug)]
pub(crate) struct Specification {
    pub part: Part,
    pub json: Vec<u8>,
    pub hash: ContentHash,
    pub turn: u32,
    pub complete: bool,
}

/// One turn of a dialogue. `now` is when it was said.
pub(crate) async fn create_turn<S: DialogueStore, O: Objects>(
    (store, objects, engine): (&S, &O, &Engine),
    principal: &Principal,
    dialogue: DialogueId,
    text: &str,
    request_id: &str,
    now: OffsetDateTime,
) -> Result<Turn, Error> {
    let owner = principal.acting_owner();
    let take = |dialogue: Dialogue| take_turn(objects, engine, owner, dialogue, text, now).boxed();
    store.turn(owner, dialogue, (request_id, text), &take).await
}

async fn take_turn<O: Objects>(
    objects: &O,
    engine: &Engine,
    owner: &str,
    dialogue: Dialogue,
    text: &str,
    now: OffsetDateTime,
) -> Result<Turn, Error> {
    let before = ContentHash::of(&specification_json(dialogue.state.part()));
    let number = dialogue.turn_count;
    let outcome = engine.turn(&dialogue.state, text).map_err(rejected)?;
    let said = json!({"dialogue": dialogue.id.to_string(), "number": number, "text": text});
    let hash = objects.put(owner, "turn", said.to_string().into_bytes(), Vec::new()).await?;
    let specification = specification_json(outcome.state.part());
    // A turn that changes nothing leaves the specification as it was, with the trail that it has.
    let specification_hash = match ContentHash::of(&specification) {
        same if same == before && number > 0 => same,
        _ => {
            // The first specification has no predecessor.
            let made_from = std::iter::once(hash).chain((number > 0).then_some(before)).collect();
            objects.put(owner, "specification", specification, made_from).await?
        }
    };
    let language = outcome.state.language.map_or("", |l| l.as_str()).to_owned();
    let body = TurnBody {
        text: text.to_owned(),
        reply: outcome.reply,
        question: outcome.question,
        phase: outcome.state.phase,
        language,
        state: outcome.state,
    };
    Ok(Turn { dialogue: dialogue.id, number, body, hash, specification_hash, created_at: now })
}

pub(crate) async fn list_turns(
    store: &impl DialogueStore,
    principal: &Principal,
    dialogue: DialogueId,
    size: u32,
    after: &str,
) -> Result<Page<Turn>, Error> {
    store.get(principal.acting_owner(), dialogue).await?;
    store.turns(dialogue, size, after).await
}

pub(crate) async fn get_specification(
    store: &impl DialogueStore,
    principal: &Principal,
    dialogue: DialogueId,
) -> Result<Specification, Error> {
    let dialogue = store.get(principal.acting_owner(), dialogue).await?;
    let json = specification_json(dialogue.state.part());
    Ok(Specification {
        part: dialogue.state.part().clone(),
        hash: ContentHash::of(&json),
        json,
        turn: dialogue.turn_count.saturating_sub(1),
        complete: dialogue.state.phase == crate::domain::Phase::Complete,
    })
}

/// The bytes of `spec.json`: what is hashed is what people read.
fn specification_json(part: &Part) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(part).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn rejected(why: Rejected) -> Error {
    Error::invalid("text", why.to_string()).with_reason("TURN_REJECTED")
}
