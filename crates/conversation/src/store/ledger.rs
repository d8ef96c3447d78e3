//! What language models cost and can do, in Postgres.

use rpc::Error;
use service_kit::database;
use time::Date;

use super::Postgres;
use crate::app::{Ledger, ModelName, Rung, Usage};

impl Ledger for Postgres {
    async fn spent_micro(&self, owner: &str, day: Date, currency: &str) -> Result<u64, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let row = conn
            .query_one(
                // A sum of bigints is numeric; what passes the column's own type is as good as the largest.
                "SELECT least(coalesce(sum(cost_micro), 0), 9223372036854775807)::bigint FROM llm_usage
                 WHERE owner = $1 AND day = $2 AND currency = $3",
                &[&owner, &day, &currency],
            )
            .await
            .map_err(database)?;
        Ok(row.get::<_, i64>(0).max(0) as u64)
    }

    async fn charge(
        &self,
        owner: &str,
        day: Date,
        model: &ModelName,
        usage: Usage,
        (cost_micro, currency): (u64, &str),
    ) -> Result<(), Error> {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let conn = self.pool.get().await.map_err(database)?;
        conn.execute(
            "INSERT INTO llm_usage AS u (owner, day, endpoint, model, calls, estimated_calls, prompt_tokens,
                                         completion_tokens, cost_micro, currency)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (owner, day, endpoint, model, currency) DO UPDATE
             SET calls = u.calls + excluded.calls,
                 estimated_calls = u.estimated_calls + excluded.estimated_calls,
                 prompt_tokens = u.prompt_tokens + excluded.prompt_tokens,
                 completion_tokens = u.completion_tokens + excluded.completion_tokens,
                 cost_micro = u.cost_micro + excluded.cost_micro",
            &[
                &owner,
                &day,
                &model.endpoint,
                &model.model,
                &i64::from(usage.calls),
                &i64::from(usage.estimated_calls),
                &number(usage.prompt_tokens),
                &number(usage.completion_tokens),
                &number(cost_micro),
                &currency,
            ],
        )
        .await
        .map_err(database)?;
        Ok(())
    }

    async fn known_rung(&self, model: &ModelName) -> Result<Option<Rung>, Error> {
        let conn = self.pool.get().await.map_err(database)?;
        let row = conn
            .query_opt(
                "SELECT rung FROM llm_capabilities WHERE endpoint = $1 AND kind = $2 AND model = $3",
                &[&model.endpoint, &model.kind, &model.model],
            )
            .await
            .map_err(database)?;
        let known = row.and_then(|row| row.try_get::<_, String>(0).ok());
        Ok(known.and_then(|known| Rung::ALL.into_iter().find(|rung| rung.as_str() == known)))
    }

    async fn remember_rung(&self, model: &ModelName, rung: Rung) -> Result<(), Error> {
        let conn = self.pool.get().await.map_err(database)?;
        conn.execute(
            "INSERT INTO llm_capabilities (endpoint, kind, model, rung) VALUES ($1, $2, $3, $4)
             ON CONFLICT (endpoint, kind, model) DO UPDATE SET rung = excluded.rung, probed_at = now()",
            &[&model.endpoint, &model.kind, &model.model, &rung.as_str()],
        )
        .await
        .map_err(database)?;
        Ok(())
    }
}
