//! Dialogues and turns in Postgres.

use std::sync::Arc;

use ids::{ContentHash, DialogueId, OwnerId};
use pg_kit::{Pool, Row, Tx};
use rpc::Error;
use serde_json::json;
use service_kit::{Failed, Page, database, idempotent};

use crate::app::{Dialogue, DialogueStore, NewDialogue, Take, Turn};

pub(crate) const MIGRATIONS: pg_kit::MigrationSet = pg_kit::migrations!("conversation", "0001_dialogues");

#[derive(Clone)]
pub(crate) struct Postgres {
    pool: Pool,
}

impl Postgres {
    pub(crate) fn new(pool: Pool) -> Self {
        Postgres { pool }
    }
}

impl DialogueStore for Postgres {
    async fn create(&self, dialogue: NewDialogue) -> Result<Dialogue, Error> {
        let payload = format!("{}\n{:?}", dialogue.title, dialogue.state.language);
        let dialogue = &dialogue;
        let insert = |tx: Arc<Tx>| async move {
            let row = tx
                .query_one(
                    "INSERT INTO dialogues (id, owner, title, language, state) VALUES ($1, $2, $3, $4, $5)
                     RETURNING id, title, state, turn_count, created_at, updated_at",
                    &[
                        &dialogue.id.uuid(),
                        &dialogue.owner,
                        &dialogue.title,
                        &dialogue.state.language.map_or("", |l| l.as_str()),
                        &json!(dialogue.state),
                    ],
                )
                .await?;
            Ok(read_dialogue(&row)?)
        };
        let request = (dialogue.owner.as_str(), "CreateDialogue", dialogue.request_id.as_str());
        idempotent(&self.pool, request, payload.as_bytes(), insert).await
    }

    async fn get(&self, owner: &str, id: DialogueId) -> Result<Dialogue, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let row = conn
            .query_opt(
                "SELECT id, title, state, turn_count, created_at, updated_at FROM dialogues
                 WHERE id = $1 AND owner = $2",
                &[&id.uuid(), &owner],
            )
            .await
            .map_err(database)?;
        row.as_ref().map(read_dialogue).transpose()?.ok_or_else(|| Error::not_found(id))
    }

    async fn list(&self, owner: &str, size: u32, after: &str) -> Result<Page<Dialogue>, Error> {
        let before = match after {
            "" => None,
            token => Some(token.parse::<DialogueId>().map_err(|_| bad_token())?.uuid()),
        };
        let conn = self.pool.get().await.map_err(database)?;
        let rows = conn
            .query(
                "SELECT id, title, state, turn_count, created_at, updated_at FROM dialogues
                 WHERE owner = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
                &[&owner, &before, &i64::from(size)],
            )
            .await
            .map_err(database)?;
        let items = rows.iter().map(read_dialogue).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::new(items, size, |dialogue| dialogue.id.uuid().to_string()))
    }

    async fn turn<'a>(
        &'a self,
        owner: &'a str,
        id: DialogueId,
        (request_id, text): (&'a str, &'a str),
        take: Take<'a>,
    ) -> Result<Turn, Error> {
        let payload = format!("{id}\n{text}");
        let work = |tx: Arc<Tx>| async move {
            let row = tx
                .query_opt(
                    "SELECT id, title, state, turn_count, created_at, updated_at FROM dialogues
                     WHERE id = $1 AND owner = $2 FOR UPDATE SKIP LOCKED",
                    &[&id.uuid(), &owner],
                )
                .await?;
            let Some(row) = row else {
                // Either there is none, or another turn holds it.
                self.get(owner, id).await?;
                return Err(Failed::from(busy()));
            };
            let dialogue = read_dialogue(&row)?;
            let turn = take(dialogue).await?;
            insert_turn(&tx, owner, &turn).await?;
            Ok(turn)
        };
        idempotent(&self.pool, (owner, "CreateTurn", request_id), payload.as_bytes(), work).await
    }

    async fn turns(&self, dialogue: DialogueId, size: u32, after: &str) -> Result<Page<Turn>, Error> {
        let after = match after {
            "" => -1,
            token => token.parse::<i32>().map_err(|_| bad_token())?,
        };
        let conn = self.pool.get().await.map_err(database)?;
        let rows = conn
            .query(
                "SELECT dialogue, number, body, hash, specification_hash, created_at FROM turns
                 WHERE dialogue = $1 AND number > $2 ORDER BY number LIMIT $3",
                &[&dialogue.uuid(), &after, &i64::from(size)],
            )
            .await
            .map_err(database)?;
        let items = rows.iter().map(read_turn).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::new(items, size, |turn| turn.number.to_string()))
    }
}

async fn insert_turn(tx: &Tx, owner: &str, turn: &Turn) -> Result<(), Failed> {
    tx.execute(
        "INSERT INTO turns (dialogue, number, body, hash, specification_hash, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &turn.dialogue.uuid(),
            &(turn.number as i32),
            &json!(turn.body),
            &turn.hash.to_string(),
            &turn.specification_hash.to_string(),
            &turn.created_at,
        ],
    )
    .await?;
    tx.execute(
        "UPDATE dialogues SET state = $2, language = $3, turn_count = turn_count + 1, updated_at = $4,
                title = CASE WHEN title = '' THEN $5 ELSE title END
         WHERE id = $1",
        &[
            &turn.dialogue.uuid(),
            &json!(turn.body.state),
            &turn.body.language,
            &turn.created_at,
            &turn.body.text.chars().take(80).collect::<String>(),
        ],
    )
    .await?;
    let owner = owner.parse::<OwnerId>().map_err(|e| Error::internal(e.to_string()))?;
    let event = events::NewEvent::new(turn.dialogue.to_string(), "turn_created", owner, json!({"number": turn.number}));
    events::append(tx, event).await?;
    Ok(())
}

fn busy() -> Error {
    Error::aborted("the dialogue is in the middle of another turn; repeat this one")
}

fn bad_token() -> Error {
    Error::invalid("page_token", "is not one that this list gave")
}

fn json_column<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<T, Error> {
    let value: serde_json::Value = row.try_get(column).map_err(Error::internal)?;
    serde_json::from_value(value).map_err(Error::internal)
}

fn read_dialogue(row: &Row) -> Result<Dialogue, Error> {
    let turn_count: i32 = row.try_get("turn_count").map_err(Error::internal)?;
    Ok(Dialogue {
        id: DialogueId::from_uuid(row.try_get("id").map_err(Error::internal)?),
        title: row.try_get("title").map_err(Error::internal)?,
        state: json_column(row, "state")?,
        turn_count: turn_count.max(0) as u32,
        created_at: row.try_get("created_at").map_err(Error::internal)?,
        updated_at: row.try_get("updated_at").map_err(Error::internal)?,
    })
}

fn read_turn(row: &Row) -> Result<Turn, Error> {
    let number: i32 = row.try_get("number").map_err(Error::internal)?;
    let hash = |column: &str| -> Result<ContentHash, Error> {
        let text: &str = row.try_get(column).map_err(Error::internal)?;
        text.parse().map_err(|e: ids::ParseHashError| Error::internal(e.to_string()))
    };
    Ok(Turn {
        dialogue: DialogueId::from_uuid(row.try_get("dialogue").map_err(Error::internal)?),
        number: number.max(0) as u32,
        body: json_column(row, "body")?,
        hash: hash("hash")?,
        specification_hash: hash("specification_hash")?,
        created_at: row.try_get("created_at").map_err(Error::internal)?,
    })
}
