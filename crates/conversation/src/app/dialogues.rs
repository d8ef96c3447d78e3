//! Starting and finding dialogues.

use ids::DialogueId;
use rpc::{Error, Principal};
use service_kit::Page;

use super::ports::{After, Dialogue, DialogueStore, NewDialogue};
use crate::domain::{Language, State};

/// `language` is pt, en, es or empty to find it from the first turn.
pub(crate) async fn create_dialogue(
    store: &impl DialogueStore,
    principal: &Principal,
    id: DialogueId,
    title: String,
    language: &str,
    request_id: String,
) -> Result<Dialogue, Error> {
    if title.chars().count() > 200 {
        return Err(Error::invalid("title", "has more than 200 characters"));
    }
    let language = match language {
        "" => None,
        tag => Some(
            Language::ALL
                .into_iter()
                .find(|l| l.as_str() == tag)
                .ok_or_else(|| Error::invalid("language", format!("'{tag}' is none of pt, en, es")))?,
        ),
    };
    let state = State { language, ..State::default() };
    let owner = principal.acting_owner().to_owned();
    store.create(NewDialogue { id, owner, title, state, request_id }).await
}

pub(crate) async fn get_dialogue(
    store: &impl DialogueStore,
    principal: &Principal,
    id: DialogueId,
) -> Result<Dialogue, Error> {
    store.get(principal.acting_owner(), id, After::Head).await
}

pub(crate) async fn list_dialogues(
    store: &impl DialogueStore,
    principal: &Principal,
    size: u32,
    after: &str,
) -> Result<Page<Dialogue>, Error> {
    store.list(principal.acting_owner(), size, after).await
}
