//! A language model beside the embedded engine: what it is asked, and what a turn becomes with or without its answer.

use std::{future::Future, time::Duration};

use serde_json::Value;

use crate::domain::{
    Engine, Outcome, State,
    proposal::{Brief, Interpreter, Note, Proposal, Refused, Saying},
};

/// How an endpoint can be held to a schema, from the strictest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// The server decodes by the schema.
    JsonSchema,
    /// The schema is that of a tool which the model is made to call.
    Tool,
    /// The server promises some JSON object; the schema is part of the instructions.
    JsonObject,
    /// Text with a fenced block of JSON.
    Text,
}

impl Rung {
    pub const ALL: [Rung; 4] = [Rung::JsonSchema, Rung::Tool, Rung::JsonObject, Rung::Text];

    /// As it is remembered.
    pub fn as_str(self) -> &'static str {
        match self {
            Rung::JsonSchema => "json_schema",
            Rung::Tool => "tool",
            Rung::JsonObject => "json_object",
            Rung::Text => "text",
        }
    }
}

/// Why there is no answer. None of it holds a byte that the server sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    #[error("too many turns wait for the model")]
    Busy,
    #[error("the model failed several times in a row and is left alone for a while")]
    Resting,
    #[error("no connection to the server")]
    Connect,
    #[error("no first token in time")]
    FirstToken,
    #[error("the stream stood still")]
    Idle,
    #[error("the turn's time is up")]
    Turn,
    #[error("the server answered with HTTP status {0}")]
    Status(u16),
    #[error("the connection broke")]
    Broken,
    #[error("the answer is too large: {0}")]
    TooLarge(&'static str),
    #[error("the answer cannot be read: {0}")]
    Unreadable(&'static str),
    #[error("the answer was cut off at the limit of tokens")]
    CutOff,
}

/// What the model's work is charged by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests that reached the server.
    pub calls: u32,
    /// Those of them whose tokens the server did not tell and which were estimated from their bytes.
    pub estimated_calls: u32,
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
}

impl Usage {
    /// Millionths of a currency at these prices for a million tokens; a fraction counts whole.
    pub fn cost_micro(&self, prompt_price_micro: u64, completion_price_micro: u64) -> u64 {
        let cost = |tokens: u64, price: u64| u128::from(tokens) * u128::from(price);
        let millionths = cost(self.prompt_tokens, prompt_price_micro)
            .saturating_add(cost(self.completion_tokens, completion_price_micro));
        u64::try_from(millionths.div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, more: Usage) {
        self.calls = self.calls.saturating_add(more.calls);
        self.estimated_calls = self.estimated_calls.saturating_add(more.estimated_calls);
        self.prompt_tokens = self.prompt_tokens.saturating_add(more.prompt_tokens);
        self.completion_tokens = self.completion_tokens.saturating_add(more.completion_tokens);
    }
}

/// What came of a question to the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub answer: Result<Value, Unanswered>,
    pub usage: Usage,
    /// The rung that a probe found out, to be remembered.
    pub learned: Option<Rung>,
}

/// Is told how many characters of an answer there are so far.
pub type Progress<'a> = &'a (dyn Fn(usize) + Send + Sync);

/// A language model somewhere. It answers or says why not within the limit, whatever the server does.
pub trait LanguageModel: Send + Sync {
    /// `known` is the rung that was found out before for this endpoint and model.
    fn answer(
        &self,
        brief: &Brief,
        known: Option<Rung>,
        limit: Duration,
        progress: Progress<'_>,
    ) -> impl Future<Output = Answer> + Send;
}

/// What became of asking.
#[derive(Clone, Debug, PartialEq)]
pub enum Consulted {
    /// The proposal holds and is in the outcome.
    Taken,
    /// It proposed nothing; the embedded answer stands.
    NothingToAdd,
    Refused(Refused),
    Unanswered(Unanswered),
}

/// A turn for which the model was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Assisted {
    pub outcome: Outcome,
    pub consulted: Consulted,
    pub usage: Usage,
    pub learned: Option<Rung>,
}

/// A turn that the embedded engine did not read to the end.
#[derive(Clone, Copy, Debug)]
pub struct Unread<'a> {
    /// Before the turn.
    pub before: &'a State,
    pub text: &'a str,
    /// What the embedded engine made of it.
    pub embedded: &'a Outcome,
    pub left_over: &'a [String],
    pub earlier: &'a [Saying],
}

/// Asks the model and judges its answer. The outcome is the embedded engine's, with a remark, unless the proposal is
/// grounded to the last value and the state machine takes it.
pub async fn consult<M: LanguageModel>(
    (engine, interpreter, model): (&Engine, &Interpreter, &M),
    unread: Unread<'_>,
    known: Option<Rung>,
    limit: Duration,
    progress: Progress<'_>,
) -> Assisted {
    let Unread { before, text, embedded, left_over, earlier } = unread;
    let brief = interpreter.brief(text, embedded, earlier, left_over);
    let Answer { answer, usage, learned } = model.answer(&brief, known, limit, progress).await;
    let noted = |note: Note| interpreter.noted(embedded.clone(), &note);
    let (outcome, consulted) = match answer {
        Err(why) => (noted(Note::Silent), Consulted::Unanswered(why)),
        Ok(answer) => {
            let accepted = Proposal::read(&answer)
                .and_then(|proposal| interpreter.accept(engine, (before, text), embedded, earlier, &proposal));
            match accepted {
                Ok(Some(outcome)) => (outcome, Consulted::Taken),
                Ok(None) => (embedded.clone(), Consulted::NothingToAdd),
                // A schema that was broken is no proposal that could be refused.
                Err(why @ Refused::Schema(_)) => (noted(Note::Silent), Consulted::Refused(why)),
                Err(why) => (noted(Note::Refused), Consulted::Refused(why)),
            }
        }
    };
    Assisted { outcome, consulted, usage, learned }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cost_rounds_up_and_cannot_overflow() {
        let usage = Usage { calls: 1, estimated_calls: 0, prompt_tokens: 1_000, completion_tokens: 10 };
        // 3 and 15 units for a million tokens: 3000 + 150 millionths.
        assert_eq!(usage.cost_micro(3_000_000, 15_000_000), 3_150);
        assert_eq!(Usage { prompt_tokens: 1, ..Usage::default() }.cost_micro(1, 0), 1);
        assert_eq!(Usage::default().cost_micro(u64::MAX, u64::MAX), 0);
        let most = Usage { prompt_tokens: u64::MAX, completion_tokens: u64::MAX, ..usage };
        assert_eq!(most.cost_micro(u64::MAX, u64::MAX), u64::MAX);
    }
}
