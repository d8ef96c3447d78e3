//! Idempotency keys: the answer to a repeatable request, stored in the transaction that does its work.
//!
//! A request that arrives again gets the first answer; the same key with other content is refused; a repetition that
//! arrives while the first is still being worked on is told so instead of waiting for it. Because the key is committed
//! with the work, a crash leaves both or neither.

use std::sync::Arc;
use std::time::Duration;

use ids::ContentHash;

use crate::{Error, MigrationSet, Pool, Tx};

pub const MIGRATIONS: MigrationSet = crate::migrations!("idempotency", "0001_idempotency");

/// Names a request: who sent it, to which RPC, and the sender's own `request_id`.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    pub owner: &'a str,
    /// The full RPC name, so that one id may be used for different methods.
    pub method: &'a str,
    pub request_id: &'a str,
}

#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// HTTP 422.
    #[error("request id \"{request_id}\" was already used with other content; use a new one")]
    PayloadMismatch { request_id: String },
    /// HTTP 409.
    #[error("the request with id \"{request_id}\" is still being worked on; repeat it later to get its answer")]
    InFlight { request_id: String },
    #[error("the idempotency key could not be read or stored")]
    Database(#[from] Error),
}

/// What [`begin`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    /// Nobody did this yet: do the work in this transaction and call [`finish`].
    Fresh,
    /// The stored first answer.
    Replay(Vec<u8>),
}

/// Claims `key` for this transaction, or finds the answer that was given before. `payload` is the hash of the request
/// without its id.
pub async fn begin(tx: &Tx, key: Key<'_>, payload: &ContentHash) -> Result<Begin, IdempotencyError> {
    // A transaction lock instead of an early row: it cannot outlive a crash, and it can be tried without waiting.
    let locked: bool = tx
        .query_one(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(
                 concat_ws(E'\\x1f', 'idempotency', current_schema(), $1::text, $2::text, $3::text), 0))",
            &[&key.owner, &key.method, &key.request_id],
        )
        .await?
        .get(0);
    if !locked {
        return Err(IdempotencyError::InFlight { request_id: key.request_id.to_owned() });
    }
    let row = tx
        .query_opt(
            "SELECT payload_hash, answer FROM idempotency_keys
             WHERE owner = $1 AND method = $2 AND request_id = $3 AND expires_at > now()",
            &[&key.owner, &key.method, &key.request_id],
        )
        .await?;
    match row {
        None => Ok(Begin::Fresh),
        Some(row) if row.get::<_, &[u8]>(0) == payload.as_bytes() => Ok(Begin::Replay(row.get(1))),
        Some(_) => Err(IdempotencyError::PayloadMismatch { request_id: key.request_id.to_owned() }),
    }
}

/// Stores the answer in the transaction that did the work. `keep` is how long repetitions are answered with it.
pub async fn finish(
    tx: &Tx,
    key: Key<'_>,
    payload: &ContentHash,
    answer: &[u8],
    keep: Duration,
) -> Result<(), IdempotencyError> {
    tx.execute(
        "INSERT INTO idempotency_keys (owner, method, request_id, payload_hash, answer, expires_at)
         VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
         ON CONFLICT (owner, method, request_id) DO UPDATE
         SET payload_hash = excluded.payload_hash, answer = excluded.answer, expires_at = excluded.expires_at
         WHERE idempotency_keys.expires_at <= now()",
        &[&key.owner, &key.method, &key.request_id, &payload.as_bytes().as_slice(), &answer, &keep.as_secs_f64()],
    )
    .await?;
    Ok(())
}

/// The whole exchange: answers from the store, or runs `work` in a transaction and stores what it returns. `None` for
/// `key` (the sender gave no id) runs the work plainly.
pub async fn run<E, W, F>(
    pool: &Pool,
    key: Option<Key<'_>>,
    payload: &ContentHash,
    keep: Duration,
    work: W,
) -> Result<Vec<u8>, E>
where
    W: Fn(Arc<Tx>) -> F,
    F: Future<Output = Result<Vec<u8>, E>>,
    E: From<Error> + From<IdempotencyError> + std::error::Error + 'static,
{
    let work = &work;
    pool.transaction(|tx| async move {
        let Some(key) = key else { return work(tx).await };
        if let Begin::Replay(answer) = begin(&tx, key, payload).await? {
            return Ok(answer);
        }
        let answer = work(Arc::clone(&tx)).await?;
        finish(&tx, key, payload, &answer, keep).await?;
        Ok(answer)
    })
    .await
}

/// Deletes expired keys; returns how many there were.
pub async fn purge_expired(pool: &Pool) -> Result<u64, Error> {
    pool.get().await?.execute("DELETE FROM idempotency_keys WHERE expires_at <= now()", &[]).await
}
