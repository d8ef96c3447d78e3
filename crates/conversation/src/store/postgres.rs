//! Dialogues and turns in Postgres.

use std::{sync::Arc, time::Duration};

use ids::{ContentHash, DialogueId, OwnerId};
use pg_kit::{
    Pool, Row, Tx,
    idempotency::{self, Begin, Key},
};
use rpc::Error;
use serde_json::json;
use service_kit::{Failed, Page, database, idempotent};
use time::OffsetDateTime;

use super::branches::{self, Snapshot};
use crate::{
    app::{After, Claim, Dialogue, DialogueStore, NewDialogue, Said, Take, Turn},
    domain::State,
};

pub(crate) const MIGRATIONS: pg_kit::MigrationSet =
    pg_kit::migrations!("conversation", "0001_dialogues", "0003_llm", "0004_branches");

#[derive(Clone)]
pub(crate) struct Postgres {
    pub(super) pool: Pool,
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

    async fn get(&self, owner: &str, id: DialogueId, after: After) -> Result<Dialogue, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let row = conn
            .query_opt(
                "SELECT id, title, state, turn_count, created_at, updated_at FROM dialogues
                 WHERE id = $1 AND owner = $2",
                &[&id.uuid(), &owner],
            )
            .await
            .map_err(database)?;
        let dialogue = row.as_ref().map(read_dialogue).transpose()?.ok_or_else(|| Error::not_found(id))?;
        branches::at(&conn, dialogue, after).await
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

    async fn answered(&self, owner: &str, said: Said<'_>) -> Result<Option<Turn>, Error> {
        let request_id = said.request_id;
        if request_id.is_empty() || request_id.len() > 200 {
            return Ok(None);
        }
        let hash = ContentHash::of(payload(said).as_bytes());
        let key = Key { owner, method: METHOD, request_id };
        let hash = &hash;
        let look = |tx: Arc<Tx>| async move { Ok::<_, Failed>(idempotency::begin(&tx, key, hash).await?) };
        match self.pool.transaction(look).await? {
            Begin::Fresh => Ok(None),
            Begin::Replay(answer) => serde_json::from_slice(&answer).map(Some).map_err(Error::internal),
        }
    }

    async fn claim(&self, owner: &str, id: DialogueId, turn_count: u32, time: Duration) -> Result<Claim, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let row = conn
            .query_opt(
                "UPDATE dialogues SET thinking_until = clock_timestamp() + make_interval(secs => $4)
                 WHERE id = $1 AND owner = $2 AND turn_count = $3
                   AND (thinking_until IS NULL OR thinking_until < clock_timestamp())
                 RETURNING thinking_until",
                &[&id.uuid(), &owner, &(turn_count as i32), &time.as_secs_f64()],
            )
            .await
            .map_err(database)?;
        let until = row.ok_or_else(busy)?.try_get(0).map_err(Error::internal)?;
        Ok(Claim { turn_count, until })
    }

    async fn release(&self, id: DialogueId, claim: Claim) -> Result<(), Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let sql = "UPDATE dialogues SET thinking_until = NULL WHERE id = $1 AND thinking_until = $2";
        conn.execute(sql, &[&id.uuid(), &claim.until]).await.map_err(database)?;
        Ok(())
    }

    async fn turn<'a>(
        &'a self,
        owner: &'a str,
        said: Said<'a>,
        claim: Option<Claim>,
        take: Take<'a>,
    ) -> Result<Turn, Error> {
        let id = said.dialogue;
        let work = |tx: Arc<Tx>| async move {
            let row = tx
                .query_opt(
                    "SELECT id, title, state, turn_count, created_at, updated_at,
                            CASE WHEN thinking_until > clock_timestamp() THEN thinking_until END AS thinking_until
                     FROM dialogues WHERE id = $1 AND owner = $2 FOR UPDATE SKIP LOCKED",
                    &[&id.uuid(), &owner],
                )
                .await?;
            let Some(row) = row else {
                // Either there is none, or another turn holds it.
                self.get(owner, id, After::Head).await?;
                return Err(Failed::from(busy()));
            };
            let dialogue = read_dialogue(&row)?;
            let thinking: Option<OffsetDateTime> = row.try_get("thinking_until").map_err(Error::internal)?;
            // A turn that is thought about elsewhere comes first; a claim that ran out holds while nobody came between.
            let free = match claim {
                None => thinking.is_none(),
                Some(claim) => thinking.is_none_or(|at| at == claim.until) && claim.turn_count == dialogue.turn_count,
            };
            if !free {
                return Err(Failed::from(busy()));
            }
            let dialogue = branches::at(&tx, dialogue, said.after).await?;
            let before = dialogue.state.clone();
            let turn = take(dialogue).await?;
            insert_turn(&tx, owner, &before, &turn).await?;
            Ok(turn)
        };
        idempotent(&self.pool, (owner, METHOD, said.request_id), payload(said).as_bytes(), work).await
    }

    async fn find_turn(&self, dialogue: DialogueId, number: u32) -> Result<Turn, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let row = conn
            .query_opt(
                "SELECT dialogue, number, body, hash, specification_hash, created_at, continued FROM turns
                 WHERE dialogue = $1 AND number = $2",
                &[&dialogue.uuid(), &i32::try_from(number).unwrap_or(i32::MAX)],
            )
            .await
            .map_err(database)?;
        row.as_ref().map(read_turn).transpose()?.ok_or_else(|| Error::not_found(format!("{dialogue}/turns/{number}")))
    }

    async fn turns(
        &self,
        dialogue: DialogueId,
        branch: Option<u32>,
        size: u32,
        after: &str,
    ) -> Result<Page<Turn>, Error> {
        let after = match after {
            "" => -1,
            token => token.parse::<i32>().map_err(|_| bad_token())?,
        };
        let conn = self.pool.get().await.map_err(database)?;
        let items = match branch {
            Some(last) => branches::line(&conn, dialogue, last, (after, size, false)).await?,
            None => {
                let rows = conn
                    .query(
                        "SELECT dialogue, number, body, hash, specification_hash, created_at, continued FROM turns
                         WHERE dialogue = $1 AND number > $2 ORDER BY number LIMIT $3",
                        &[&dialogue.uuid(), &after, &i64::from(size)],
                    )
                    .await
                    .map_err(database)?;
                rows.iter().map(read_turn).collect::<Result<Vec<_>, _>>()?
            }
        };
        Ok(Page::new(items, size, |turn| turn.number.to_string()))
    }

    async fn latest(&self, dialogue: DialogueId, last: u32, size: u32) -> Result<Vec<Turn>, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        branches::line(&conn, dialogue, last, (-1, size, true)).await
    }
}

/// Names the call among the requests that can be repeated.
const METHOD: &str = "CreateTurn";

fn payload(said: Said<'_>) -> String {
    let (id, text) = (said.dialogue, said.text);
    match said.after {
        After::Head => format!("{id}\n{text}"),
        After::Start => format!("{id} from the start\n{text}"),
        After::Turn(number) => format!("{id} from {number}\n{text}"),
    }
}

async fn insert_turn(tx: &Tx, owner: &str, before: &State, turn: &Turn) -> Result<(), Failed> {
    let base = branches::base(tx, turn.dialogue, turn.continued, before).await?;
    tx.execute(
        "INSERT INTO turns (dialogue, number, body, hash, specification_hash, created_at, continued, snapshot)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &turn.dialogue.uuid(),
            &(turn.number as i32),
            &json!(turn.body),
            &turn.hash.to_string(),
            &turn.specification_hash.to_string(),
            &turn.created_at,
            &turn.continued.map_or(-1, |number| number as i32),
            &json!(Snapshot::new(base, &turn.body.state)),
        ],
    )
    .await?;
    // A greeting is no title: the first words after which there is a part are.
    let part = !turn.body.state.part().features.is_empty();
    let title: String = turn.body.text.chars().take(if part { 80 } else { 0 }).collect();
    tx.execute(
        "UPDATE dialogues SET state = $2, language = $3, turn_count = turn_count + 1, updated_at = $4, thinking_until = NULL,
                title = CASE WHEN title = '' THEN $5 ELSE title END
         WHERE id = $1",
        &[
            &turn.dialogue.uuid(),
            &json!(turn.body.state),
            &turn.body.language,
            &turn.created_at,
            &title,
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
        continued: (turn_count.max(0) as u32).checked_sub(1),
        created_at: row.try_get("created_at").map_err(Error::internal)?,
        updated_at: row.try_get("updated_at").map_err(Error::internal)?,
    })
}

pub(super) fn read_turn(row: &Row) -> Result<Turn, Error> {
    let number: i32 = row.try_get("number").map_err(Error::internal)?;
    let continued: Option<i32> = row.try_get("continued").map_err(Error::internal)?;
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
        continued: u32::try_from(continued.unwrap_or(number - 1)).ok(),
    })
}
