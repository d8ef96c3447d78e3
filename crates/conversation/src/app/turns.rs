//! Saying something: the engine decides, the trail is written, then the rows.

use std::time::Duration;

use futures::FutureExt;
use ids::{ContentHash, DialogueId};
use rpc::{Error, Principal};
use serde_json::json;
use service_kit::Page;
use time::OffsetDateTime;

use super::{
    assist::{Assisted, Consulted, LanguageModel, Unread, consult},
    ports::{After, Claim, Dialogue, DialogueStore, Ledger, ModelName, Objects, Said, Turn, TurnBody},
    specifications::specification_json,
};
use crate::domain::{
    Engine, Explainer, Language, Outcome, QuestionKind, Rejected,
    proposal::{Interpreter, Note, Saying},
};

/// What a turn is decided with.
pub(crate) struct Desk<S, O, M> {
    pub store: S,
    pub objects: O,
    pub engine: Engine,
    pub explainer: Explainer,
    /// The language model, where one is configured.
    pub assistance: Option<Assistance<M>>,
}

/// A language model with what it may cost.
pub(crate) struct Assistance<M> {
    pub model: M,
    pub name: ModelName,
    pub interpreter: Interpreter,
    /// For one turn.
    pub limit: Duration,
    /// Also where the embedded engine understood the turn but for some words.
    pub leftovers: bool,
    /// Millionths of the currency for a million tokens of questions and of answers.
    pub prices_micro: (u64, u64),
    pub currency: String,
    pub daily_budget_micro: Option<u64>,
}

/// How a turn comes along. It decides nothing.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// What the embedded engine read, with the words that the language model is asked about; may come again.
    Understood { outcome: Box<Outcome>, unread: Vec<String> },
    /// Characters of the language model's answer so far.
    Thinking { model: String, characters: usize },
}

/// Somebody who is told of each step.
pub(crate) type Listener<'a> = &'a (dyn Fn(Step) + Send + Sync);

/// Left of the caller's deadline for writing down what the model said.
const WRITING: Duration = Duration::from_secs(1);

/// A claim outlives the thinking by this much, for the writing.
const CLAIM_MARGIN: Duration = Duration::from_secs(5);

/// Earlier turns in which a number may have been said.
const EARLIER_TURNS: u32 = 50;

/// One turn of a dialogue. `now` is when it was said. The embedded engine decides within the transaction; a turn that it
/// leaves open is thought about with the language model outside any, under a claim, and written if nobody came between.
pub(crate) async fn create_turn<S: DialogueStore + Ledger, O: Objects, M: LanguageModel>(
    desk: &Desk<S, O, M>,
    principal: &Principal,
    said: Said<'_>,
    now: OffsetDateTime,
    listener: Listener<'_>,
) -> Result<Turn, Error> {
    let owner = principal.acting_owner();
    if let Some(assistance) = &desk.assistance
        && let Some(open) = desk.left_open(assistance, owner, said).await?
    {
        if let Some(turn) = desk.store.answered(owner, said).await? {
            return Ok(turn);
        }
        let limit = patience(assistance.limit);
        let claim = desk.store.claim(owner, said.dialogue, open.dialogue.turn_count, limit + CLAIM_MARGIN).await?;
        listener(Step::Understood { outcome: Box::new(open.embedded.clone()), unread: open.left_over.clone() });
        let turn = desk.think_and_write(assistance, owner, (open, said), (limit, claim), now, listener).await;
        if turn.is_err() {
            // The claim ends by itself when it cannot be given up now.
            desk.store.release(said.dialogue, claim).await.unwrap_or_else(|error| error.log());
        }
        return turn;
    }
    let take = |dialogue: Dialogue| {
        async move {
            let outcome = desk.engine.turn(&dialogue.state, said.text).map_err(rejected)?;
            listener(Step::Understood { outcome: Box::new(outcome.clone()), unread: Vec::new() });
            write_turn(&desk.objects, owner, dialogue, (said.text, now), outcome, None).await
        }
        .boxed()
    };
    desk.store.turn(owner, said, None, &take).await
}

/// A turn that the embedded engine did not read to the end.
struct Open {
    dialogue: Dialogue,
    embedded: Outcome,
    left_over: Vec<String>,
}

impl<S: DialogueStore + Ledger, O: Objects, M: LanguageModel> Desk<S, O, M> {
    async fn left_open(&self, assistance: &Assistance<M>, owner: &str, said: Said<'_>) -> Result<Option<Open>, Error> {
        let dialogue = self.store.get(owner, said.dialogue, said.after).await?;
        let embedded = self.engine.turn(&dialogue.state, said.text).map_err(rejected)?;
        let left_over = assistance.interpreter.left_over(said.text, &embedded).filter(|_| {
            // Without leftovers only what the engine asks back about is worth a question to the model.
            let asked = embedded.question.as_ref().map(|q| q.kind);
            assistance.leftovers || matches!(asked, Some(QuestionKind::NotUnderstood | QuestionKind::UnknownObject))
        });
        Ok(left_over.map(|left_over| Open { dialogue, embedded, left_over }))
    }

    async fn think_and_write(
        &self,
        assistance: &Assistance<M>,
        owner: &str,
        (open, said): (Open, Said<'_>),
        (limit, claim): (Duration, Claim),
        now: OffsetDateTime,
        listener: Listener<'_>,
    ) -> Result<Turn, Error> {
        let (outcome, model) = self.think(assistance, owner, (&open, said.text), limit, now, listener).await?;
        let (outcome, model) = (&outcome, &model);
        let take = move |dialogue: Dialogue| {
            write_turn(&self.objects, owner, dialogue, (said.text, now), outcome.clone(), model.clone()).boxed()
        };
        self.store.turn(owner, said, Some(claim), &take).await
    }

    /// The outcome, and the model's name where its proposal was taken.
    async fn think(
        &self,
        assistance: &Assistance<M>,
        owner: &str,
        (open, text): (&Open, &str),
        limit: Duration,
        now: OffsetDateTime,
        listener: Listener<'_>,
    ) -> Result<(Outcome, Option<String>), Error> {
        let (day, currency) = (now.to_offset(time::UtcOffset::UTC).date(), assistance.currency.as_str());
        if let Some(budget) = assistance.daily_budget_micro
            && self.store.spent_micro(owner, day, currency).await? >= budget
        {
            return Ok((assistance.interpreter.noted(open.embedded.clone(), &Note::Budget), None));
        }
        let known = self.store.known_rung(&assistance.name).await?;
        let earlier = self.earlier(&open.dialogue).await?;
        let unread = Unread {
            before: &open.dialogue.state,
            text,
            embedded: &open.embedded,
            left_over: &open.left_over,
            earlier: &earlier,
        };
        let with = (&self.engine, &assistance.interpreter, &assistance.model);
        let progress = |characters| listener(Step::Thinking { model: assistance.name.model.clone(), characters });
        let Assisted { outcome, consulted, usage, learned } = consult(with, unread, known, limit, &progress).await;
        if usage.calls > 0 {
            let cost = usage.cost_micro(assistance.prices_micro.0, assistance.prices_micro.1);
            self.store.charge(owner, day, &assistance.name, usage, (cost, currency)).await?;
        }
        if let Some(rung) = learned {
            self.store.remember_rung(&assistance.name, rung).await?;
        }
        match &consulted {
            // Quotations in a refusal are the model's text or the user's; neither belongs into a log.
            Consulted::Refused(_) => tracing::info!(dialogue = %open.dialogue.id, "a proposal was refused"),
            Consulted::Taken | Consulted::NothingToAdd | Consulted::Unanswered(_) => {}
        }
        let model = (consulted == Consulted::Taken).then(|| assistance.name.model.clone());
        Ok((outcome, model))
    }

    /// What the user said before on this branch, oldest first.
    async fn earlier(&self, dialogue: &Dialogue) -> Result<Vec<Saying>, Error> {
        let Some(last) = dialogue.continued else { return Ok(Vec::new()) };
        let saying = |turn: Turn| Saying {
            turn: turn.number,
            text: turn.body.text,
            language: Language::ALL.into_iter().find(|l| l.as_str() == turn.body.language),
        };
        let turns = self.store.latest(dialogue.id, last, EARLIER_TURNS).await?;
        Ok(turns.into_iter().map(saying).collect())
    }
}

/// The time for the model: its own, and never so much that the caller is gone when it has answered.
fn patience(limit: Duration) -> Duration {
    let deadline = rpc::context::current().and_then(|call| call.deadline);
    let left = deadline.map(|at| at.saturating_duration_since(tokio::time::Instant::now()).saturating_sub(WRITING));
    left.map_or(limit, |left| left.min(limit))
}

/// Stores the turn and what it made of the specification, and returns the rows to write.
async fn write_turn<O: Objects>(
    objects: &O,
    owner: &str,
    dialogue: Dialogue,
    (text, now): (&str, OffsetDateTime),
    outcome: Outcome,
    model: Option<String>,
) -> Result<Turn, Error> {
    let before = ContentHash::of(&specification_json(dialogue.state.part()));
    let (number, continued) = (dialogue.turn_count, dialogue.continued);
    let mut said = json!({"dialogue": dialogue.id.to_string(), "number": number, "text": text});
    if continued != number.checked_sub(1) {
        said["continued"] = json!(continued);
    }
    if let Some(model) = &model {
        said["model"] = json!(model);
    }
    let hash = objects.put(owner, "turn", said.to_string().into_bytes(), Vec::new()).await?;
    let specification = specification_json(outcome.state.part());
    // A turn that changes nothing leaves the specification as it was, with the trail that it has.
    let specification_hash = match ContentHash::of(&specification) {
        same if same == before && continued.is_some() => same,
        _ => {
            // The first specification of a branch from the beginning has no predecessor.
            let made_from = std::iter::once(hash).chain(continued.map(|_| before)).collect();
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
        model,
        state: outcome.state,
    };
    Ok(Turn { dialogue: dialogue.id, number, continued, body, hash, specification_hash, created_at: now })
}

/// All turns, or those of the branch that ends with one.
pub(crate) async fn list_turns(
    store: &impl DialogueStore,
    principal: &Principal,
    dialogue: DialogueId,
    branch: Option<u32>,
    (size, after): (u32, &str),
) -> Result<Page<Turn>, Error> {
    store.get(principal.acting_owner(), dialogue, After::Head).await?;
    if let Some(last) = branch {
        store.find_turn(dialogue, last).await?;
    }
    store.turns(dialogue, branch, size, after).await
}

pub(crate) async fn get_turn(
    store: &impl DialogueStore,
    principal: &Principal,
    dialogue: DialogueId,
    number: u32,
) -> Result<Turn, Error> {
    store.get(principal.acting_owner(), dialogue, After::Head).await?;
    store.find_turn(dialogue, number).await
}

fn rejected(why: Rejected) -> Error {
    Error::invalid("text", why.to_string()).with_reason("TURN_REJECTED")
}
