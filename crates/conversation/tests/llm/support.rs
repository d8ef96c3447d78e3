//! What the tests share: a model that says what it is told, a dialogue that the embedded engine leaves open, and how parts
//! are compared.

use std::{
    future::Future,
    sync::{LazyLock, Mutex},
    time::Duration,
};

use conversation::{
    domain::{
        Engine, Outcome, State,
        proposal::{Brief, Interpreter, Saying},
    },
    llm::{Answer, Assisted, LanguageModel, Progress, Rung, Unread, Usage, consult},
};
use part::Part;
use serde_json::{Map, Value, json};

pub(crate) static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::new);
pub(crate) static INTERPRETER: LazyLock<Interpreter> = LazyLock::new(Interpreter::new);

/// A thing that no lexicon has, described well enough to make it.
pub(crate) const TEXT: &str =
    "quero um trequinho com doze centímetros de comprimento, 8 cm de largura e 5 mm de espessura";

/// What an honest model makes of [`TEXT`].
pub(crate) fn honest() -> Value {
    json!({"edits": [{
        "act": "add", "operation": "trequinho", "kind": "plate", "choices": null, "face": null, "position": null,
        "name": null, "words": "quero um trequinho",
        "values": [
            {"name": "length", "words": "doze centímetros"},
            {"name": "width", "words": "8 cm"},
            {"name": "thickness", "words": "5 mm"},
        ],
    }]})
}

/// The part that the words of [`TEXT`] determine.
pub(crate) fn wanted() -> Value {
    json!([{"kind": "plate", "sizes": {"length": 120.0, "thickness": 5.0, "width": 80.0}}])
}

/// Kinds, sizes, choices and whether placed, of every operation.
pub(crate) fn gist(part: &Part) -> Value {
    let operations = part.features.iter().map(|operation| {
        let sizes: Map<String, Value> = operation.parameters.iter().map(|(k, q)| (k.clone(), json!(q.value))).collect();
        let mut gist = json!({"kind": operation.kind, "sizes": sizes});
        if !operation.choices.is_empty() {
            gist["choices"] = json!(operation.choices);
        }
        if let Some(placement) = &operation.placement {
            gist["at"] = json!(placement.face);
        }
        gist
    });
    Value::Array(operations.collect())
}

/// A model without a wire: it answers this, and remembers what it was asked.
pub(crate) struct Told {
    pub(crate) answer: Value,
    pub(crate) briefs: Mutex<Vec<Brief>>,
}

impl Told {
    pub(crate) fn new(answer: Value) -> Self {
        Told { answer, briefs: Mutex::default() }
    }
}

impl LanguageModel for Told {
    fn answer(
        &self,
        brief: &Brief,
        _: Option<Rung>,
        _: Duration,
        _: Progress<'_>,
    ) -> impl Future<Output = Answer> + Send {
        self.briefs.lock().unwrap().push(brief.clone());
        let usage = Usage { calls: 1, ..Usage::default() };
        let answer = Answer { answer: Ok(self.answer.clone()), usage, learned: None };
        async move { answer }
    }
}

/// A dialogue that has come so far, by the embedded engine.
pub(crate) struct Dialogue {
    pub(crate) before: State,
    pub(crate) text: String,
    pub(crate) embedded: Outcome,
    pub(crate) left_over: Vec<String>,
    pub(crate) earlier: Vec<Saying>,
}

/// Says the turns to the embedded engine; the last one has to be one that it leaves open.
pub(crate) fn dialogue(turns: &[&str]) -> Dialogue {
    let (text, earlier) = turns.split_last().unwrap();
    let mut before = State::default();
    let mut sayings = Vec::new();
    for said in earlier {
        let turn = before.turn_number;
        before = ENGINE.turn(&before, said).unwrap().state;
        sayings.push(Saying { turn, text: (*said).to_owned(), language: before.language });
    }
    let embedded = ENGINE.turn(&before, text).unwrap();
    let left_over = INTERPRETER.left_over(text, &embedded);
    let left_over = left_over.unwrap_or_else(|| panic!("{text:?} was understood: {}", embedded.reply));
    Dialogue { before, text: (*text).to_owned(), embedded, left_over, earlier: sayings }
}

impl Dialogue {
    pub(crate) async fn consult<M: LanguageModel>(&self, model: &M, known: Option<Rung>) -> Assisted {
        self.consult_within(model, known, Duration::from_secs(20)).await
    }

    pub(crate) async fn consult_within<M: LanguageModel>(
        &self,
        model: &M,
        known: Option<Rung>,
        limit: Duration,
    ) -> Assisted {
        let unread = Unread {
            before: &self.before,
            text: &self.text,
            embedded: &self.embedded,
            left_over: &self.left_over,
            earlier: &self.earlier,
        };
        consult((&ENGINE, &INTERPRETER, model), unread, known, limit, &|_| {}).await
    }

    /// Asserts that nothing but a remark came of it: state, edits and question are the embedded engine's.
    pub(crate) fn assert_untouched(&self, assisted: &Assisted, what: &str) {
        let (got, embedded) = (&assisted.outcome, &self.embedded);
        assert_eq!(got.state, embedded.state, "{what}: {:?}", assisted.consulted);
        assert_eq!(got.edits, embedded.edits, "{what}");
        assert_eq!(got.question, embedded.question, "{what}");
        assert_eq!(got.complete, embedded.complete, "{what}");
        assert!(got.reply.len() > embedded.reply.len(), "{what}: no remark in {:?}", got.reply);
    }
}
