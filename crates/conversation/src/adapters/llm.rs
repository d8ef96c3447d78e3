//! A client for servers of language models: OpenAI chat completions, Anthropic messages and Ollama chat, at any address.
//!
//! How strictly an endpoint can be held to a schema is probed once and remembered. One attempt is repeated before its first
//! token; after repeated failures the model is left alone for a while; how many turns wait at one time is bounded. Keys and
//! the text of dialogues are in no log.

mod attempt;
mod breaker;
mod lines;
mod reply;
mod wire;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rpc::Error;
use serde_json::{Value, json};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, timeout_at},
};

use self::{attempt::Sender, breaker::Breaker, reply::Reply, wire::Wire};
use crate::{
    app::{Answer, LanguageModel, Progress, Rung, Unanswered, Usage},
    config::Llm,
    domain::proposal::Brief,
};

/// Before the second attempt, where the server does not say how long to wait.
const PAUSE: Duration = Duration::from_millis(250);

/// What is known about the endpoint's rung.
#[derive(Default)]
struct Memory {
    /// The one that holds.
    rung: Option<Rung>,
    /// What was known before does not hold any more.
    stale: bool,
}

pub struct Client {
    wire: Wire,
    sender: Sender,
    turn: Duration,
    /// Turns that wait for a place wait no longer than for a connection.
    patience: Duration,
    places: Semaphore,
    breaker: Mutex<Breaker>,
    /// Probing is done under the lock, so that it is done once.
    rung: tokio::sync::Mutex<Memory>,
}

impl Client {
    pub fn new(config: &Llm) -> Result<Self, Error> {
        config.check()?;
        Ok(Client {
            wire: Wire::new(config)?,
            sender: Sender::new(config)?,
            turn: config.turn(),
            patience: Duration::from_millis(config.connect_ms),
            places: Semaphore::new(config.concurrency),
            breaker: Mutex::new(Breaker::default()),
            rung: tokio::sync::Mutex::default(),
        })
    }

    fn breaker<T>(&self, act: impl FnOnce(&mut Breaker) -> T) -> T {
        act(&mut self.breaker.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn asked(
        &self,
        brief: &Brief,
        known: Option<Rung>,
        (deadline, progress): (Instant, Progress<'_>),
        usage: &mut Usage,
        learned: &mut Option<Rung>,
    ) -> Result<Value, Unanswered> {
        let rung = self.rung(known, deadline, usage, learned).await?;
        let answer = self.ask((brief, rung), (deadline, progress), usage).await;
        if matches!(answer, Err(Unanswered::Status(400 | 404 | 405 | 415 | 422 | 501))) {
            // The server has changed its mind about the rung, or another server stands at the address: probe anew.
            *self.rung.lock().await = Memory { rung: None, stale: true };
        }
        answer?.object()
    }

    async fn rung(
        &self,
        known: Option<Rung>,
        deadline: Instant,
        usage: &mut Usage,
        learned: &mut Option<Rung>,
    ) -> Result<Rung, Unanswered> {
        let mut memory = timeout_at(deadline, self.rung.lock()).await.map_err(|_| Unanswered::Turn)?;
        if let Some(rung) = memory.rung {
            return Ok(rung);
        }
        let found = match known.filter(|known| !memory.stale && self.wire.ladder().contains(known)) {
            Some(known) => known,
            None => {
                let found = self.probe(deadline, usage).await?;
                *learned = Some(found);
                found
            }
        };
        *memory = Memory { rung: Some(found), stale: false };
        Ok(found)
    }

    /// Finds the strictest rung that the endpoint really holds the model to. The question invites another answer than the
    /// schema allows, so that a server which ignores the schema is found out.
    async fn probe(&self, deadline: Instant, usage: &mut Usage) -> Result<Rung, Unanswered> {
        let only = json!({"type": "string", "enum": ["ready"]});
        let schema = json!({
            "type": "object", "properties": {"state": only}, "required": ["state"], "additionalProperties": false,
        });
        let brief = Brief { instructions: "Greet the reader.".to_owned(), data: "{}".to_owned(), schema };
        let mut last = Unanswered::Unreadable("no way to a JSON answer");
        for rung in self.wire.ladder() {
            match self.ask((&brief, *rung), (deadline, &|_| {}), usage).await {
                // Text is what is left: that it answers at all is enough.
                Ok(_) if *rung == Rung::Text => return Ok(*rung),
                Ok(reply) if reply.object().is_ok_and(|o| o == json!({"state": "ready"})) => return Ok(*rung),
                Ok(_) => {}
                Err(why @ Unanswered::Status(401 | 402 | 403 | 408 | 425 | 429 | 502..=504 | 529)) => return Err(why),
                Err(why @ (Unanswered::Status(_) | Unanswered::Unreadable(_) | Unanswered::CutOff)) => last = why,
                Err(why) => return Err(why),
            }
        }
        Err(last)
    }

    /// Asks, and once more where nothing of an answer had come.
    async fn ask(
        &self,
        what: (&Brief, Rung),
        (deadline, progress): (Instant, Progress<'_>),
        usage: &mut Usage,
    ) -> Result<Reply, Unanswered> {
        let failed = match self.sender.attempt(&self.wire, what, (deadline, progress), usage).await {
            Ok(reply) => return Ok(reply),
            Err(failed) => failed,
        };
        let pause = failed.retry_after.unwrap_or(PAUSE);
        if !failed.again || Instant::now() + pause >= deadline {
            return Err(failed.why);
        }
        sleep(pause).await;
        self.sender.attempt(&self.wire, what, (deadline, progress), usage).await.map_err(|failed| failed.why)
    }
}

impl LanguageModel for Client {
    async fn answer(&self, brief: &Brief, known: Option<Rung>, limit: Duration, progress: Progress<'_>) -> Answer {
        let started = Instant::now();
        let deadline = started + limit.min(self.turn);
        let none = |why| Answer { answer: Err(why), usage: Usage::default(), learned: None };
        let patience = deadline.min(started + self.patience);
        let Ok(Ok(_place)) = timeout_at(patience, self.places.acquire()).await else {
            return none(Unanswered::Busy);
        };
        if !self.breaker(|b| b.admit(Instant::now())) {
            return none(Unanswered::Resting);
        }
        let (mut usage, mut learned) = (Usage::default(), None);
        let answer = self.asked(brief, known, (deadline, progress), &mut usage, &mut learned).await;
        match &answer {
            // It answered, be it nonsense: the server is there.
            Ok(_) | Err(Unanswered::Unreadable(_) | Unanswered::CutOff | Unanswered::TooLarge(_)) => {
                self.breaker(Breaker::succeeded);
            }
            // A caller who was in a hurry says nothing about the model.
            Err(Unanswered::Turn) if limit < self.turn => {}
            Err(_) => self.breaker(|b| b.failed(Instant::now())),
        }
        let elapsed_ms = started.elapsed().as_millis() as u64;
        match &answer {
            Ok(_) => tracing::debug!(elapsed_ms, calls = usage.calls, "the language model answered"),
            Err(why) => tracing::warn!(elapsed_ms, calls = usage.calls, %why, "the language model gave no answer"),
        }
        Answer { answer, usage, learned }
    }
}
