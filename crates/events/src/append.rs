//! Writing an event with its fact.

use ids::{EventId, OwnerId};
use pg_kit::{Error, Tx};
use serde_json::Value;

/// An event to write.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The resource that it is about: `printJobs/{uuid}`.
    pub subject: String,
    /// What happened, past tense in lower snake case: `print_started`.
    pub kind: String,
    /// Who may see it.
    pub owner: OwnerId,
    pub payload: Value,
    /// The W3C `traceparent` of the request that caused it.
    pub trace_context: Option<String>,
}

impl NewEvent {
    pub fn new(subject: impl Into<String>, kind: impl Into<String>, owner: OwnerId, payload: Value) -> Self {
        Self { subject: subject.into(), kind: kind.into(), owner, payload, trace_context: None }
    }

    #[must_use]
    pub fn trace_context(mut self, traceparent: Option<String>) -> Self {
        self.trace_context = traceparent;
        self
    }
}

/// Writes `event` in the transaction that makes its fact. Subscribers are woken when the transaction commits.
pub async fn append(tx: &Tx, event: NewEvent) -> Result<EventId, Error> {
    let id = EventId::now_v7();
    tx.execute(
        "WITH written AS (
             INSERT INTO outbox (id, subject, kind, owner, payload, trace_context)
             VALUES ($1, $2, $3, $4, $5, $6)
             RETURNING subject
         )
         -- Payloads are limited to 8000 bytes; a subject cut short wakes its subscribers by their polling.
         SELECT pg_notify(current_schema() || '.events', left(subject, 1000)) FROM written",
        &[&id.uuid(), &event.subject, &event.kind, &event.owner.as_str(), &event.payload, &event.trace_context],
    )
    .await?;
    metrics::counter!("events_appended_total", "kind" => event.kind).increment(1);
    Ok(id)
}
