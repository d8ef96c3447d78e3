//! What a language model may propose and what becomes of it.
//!
//! The model sees the dialogue as data and answers with typed edits whose every number is a quotation of the user's words.
//! Here the quotation is found in a turn, read by the embedded engine's own quantity reader, converted, and checked: a value
//! that no turn holds does not exist, and one ungrounded value refuses the whole proposal. What passes goes through the
//! same edits and the same state machine as the embedded engine's own, and the reply is ours, never the model's.

mod brief;
mod build;
mod evidence;
mod excerpt;
mod notes;
mod schema;

pub use brief::Brief;
pub use notes::Note;
pub use schema::{Act, MAX_EDITS, Proposal, ProposedChoice, ProposedEdit, ProposedValue};

use part::{Dimension, Edit, Part, Source, catalogue};

use self::{build::Builder, evidence::Evidence, excerpt::Excerpt, notes::Notes};
use super::{
    compose::{Detail, Problem},
    engine::Engine,
    grammar::Reading,
    lexeme::{Item, Lexeme},
    lexicon::Lexicon,
    reply::{Replies, Said},
    state::{Language, Outcome, Phase, Question, QuestionKind, State},
};

/// An earlier turn of the dialogue, in the user's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    pub turn: u32,
    pub text: String,
    /// The language that it was read in, which decides what a comma in a number is.
    pub language: Option<Language>,
}

/// Why a proposal is not taken. Nothing of it is applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the answer does not follow the schema: {0}")]
    Schema(String),
    #[error("no turn says \u{201c}{0}\u{201d}")]
    NotSaid(String),
    #[error("\u{201c}{0}\u{201d} is not one number that can be read")]
    NotANumber(String),
    #[error("\u{201c}{0}\u{201d} stands for more than one value; more words have to be quoted")]
    Ambiguous(String),
    #[error("\u{201c}{0}\u{201d} has its place already")]
    UsedBefore(String),
    #[error("\u{201c}{words}\u{201d} is no value for {parameter}")]
    WrongDimension { words: String, parameter: String },
    #[error("the catalogue has no {what} '{name}'")]
    Unknown { what: &'static str, name: String },
    #[error("'{0}' was read from this turn's words already")]
    ReadAlready(String),
    #[error("the words do not ask for it: {0}")]
    NotAsked(String),
    #[error("the part cannot be changed so: {0}")]
    Edit(#[from] part::EditError),
    #[error("the part could not be built: {0}")]
    NotBuildable(String),
}

/// Reads turns for what the embedded engine left open, and proposals for what they are worth. Built once, then shared.
pub struct Interpreter {
    lexicon: Lexicon,
    replies: Replies,
    notes: Notes,
}

impl Default for Interpreter {
    fn default() -> Self {
        Self::new()
    }
}

/// Words that are shorter are more often slips than names of things.
const SHORTEST_WORD: usize = 4;

/// Words that a purpose is long at most.
const PURPOSE: usize = 5;

/// Earlier turns in which a thing may have been named that the turn is about.
const RECENT: usize = 2;

/// A turn that changes nothing and lets the engine say how the part stands.
const CONSENT: &str = "ok";

impl Interpreter {
    pub fn new() -> Self {
        Interpreter { lexicon: Lexicon::new(), replies: Replies::new(), notes: Notes::new() }
    }

    /// What the embedded engine left unread, when a language model could help with it: the unknown words, which may be none
    /// where the engine knew every word and could not make sense of them together.
    pub fn left_over(&self, text: &str, outcome: &Outcome) -> Option<Vec<String>> {
        if outcome.travelled {
            return None;
        }
        let carried = carried_texts(outcome.state.part());
        let masked = evidence::mask(text, &carried);
        let lexemes = evidence::lexemes(&self.lexicon, &masked, outcome.state.language);
        let (mut unknown, mut worth): (Vec<String>, bool) = (Vec::new(), false);
        for (at, lexeme) in lexemes.iter().enumerate() {
            if let Item::Unknown(word) = &lexeme.item {
                worth |= word.chars().count() >= SHORTEST_WORD && !purpose(&lexemes[..at]);
                if !unknown.contains(word) {
                    unknown.push(word.clone());
                }
            }
        }
        match outcome.question.as_ref().map(|q| q.kind) {
            Some(QuestionKind::NotUnderstood | QuestionKind::UnknownObject) => Some(unknown),
            None | Some(QuestionKind::MissingSize) if worth => Some(unknown),
            _ => None,
        }
    }

    /// What to ask the model: the rules with what the catalogue has for this turn, and the dialogue as one JSON document.
    pub fn brief(&self, text: &str, embedded: &Outcome, earlier: &[Saying], left_over: &[String]) -> Brief {
        let part = embedded.state.part();
        let carried = carried_texts(part);
        let recent = earlier.iter().rev().take(RECENT).map(|saying| saying.text.as_str());
        let lexemes: Vec<Lexeme> = std::iter::once(text)
            .chain(recent)
            .flat_map(|said| evidence::lexemes(&self.lexicon, &evidence::mask(said, &carried), embedded.state.language))
            .collect();
        Brief::new(text, embedded, earlier, left_over, &Excerpt::new(part, lexemes.iter()))
    }

    /// Grounds a proposal in what was said and lets the state machine judge it. `None` when it changes and asks nothing.
    /// `before` is the state before the turn, `embedded` what the embedded engine made of it, which stands.
    pub fn accept(
        &self,
        engine: &Engine,
        (before, text): (&State, &str),
        embedded: &Outcome,
        earlier: &[Saying],
        proposal: &Proposal,
    ) -> Result<Option<Outcome>, Refused> {
        proposal.check()?;
        let language = embedded.state.language.unwrap_or(Language::Pt);
        let part = embedded.state.part();
        let current = Saying { turn: before.turn_number, text: text.to_owned(), language: Some(language) };
        let evidence = Evidence::new(&self.lexicon, &current, earlier, &carried_texts(part));
        let mut builder = Builder::new(part.clone(), embedded, &evidence);
        for (at, edit) in proposal.edits().iter().enumerate() {
            // Said twice is said once.
            if !proposal.edits()[..at].contains(edit) {
                builder.edit(edit)?;
            }
        }
        if builder.edits.is_empty() && builder.ask.is_none() {
            return Ok(None);
        }
        let unused = evidence.unused(&builder.part, &builder.edits);
        let Builder { part: after, edits: more, ask, focus, .. } = builder;

        let mut state = State {
            language: Some(language),
            focus: focus.or(embedded.state.focus.clone()),
            unplaced: None,
            pending: None,
            ..before.clone()
        };
        if after != *before.part() {
            state.commit(after.clone());
        }
        let looked = look(engine, &state)?;
        let mut question = looked.question;
        if let Some(Question { kind, text, .. }) = &question
            && *kind != QuestionKind::MissingSize
        {
            return Err(Refused::NotBuildable(text.clone()));
        }
        if after.features.is_empty() {
            // Still nothing to make: what was asked about that stands.
            question = embedded.question.clone();
        }
        if question.is_none()
            && let Some((operation, parameter)) = ask
        {
            let problem = Problem { kind: QuestionKind::MissingSize, operation, parameter, detail: Detail::None };
            question = Some(Question {
                kind: problem.kind,
                text: self.replies.question(language, &problem, &after),
                operation: problem.operation,
                parameter: problem.parameter,
            });
        }
        let complete = question.is_none() && looked.complete;
        let mut next = State { focus: state.focus, pending: question.clone(), ..looked.state };
        if question.is_some() {
            next.phase = Phase::Clarifying;
        }
        let reading = Reading::default();
        let said = Said {
            before: before.part(),
            after: &after,
            undone: 0,
            redone: 0,
            refused_undo: false,
            refused_redo: false,
            restarted: embedded.edits.contains(&Edit::StartOver),
            assumptions: &looked.assumptions,
            assumed_unit: assumed_unit(&after, before.turn_number),
            small_talk: false,
            hello: false,
            asked: &reading,
            complete,
        };
        let mut lines = vec![self.replies.reply(language, &said)];
        lines.push(self.notes.say(language, &Note::Helped));
        if !unused.is_empty() {
            lines.push(self.notes.say(language, &Note::Unused(unused.join(", "))));
        }
        lines.extend(question.as_ref().map(|q| q.text.clone()));
        lines.retain(|line| !line.is_empty());
        let mut edits = embedded.edits.clone();
        edits.extend(more);
        let assumptions = looked.assumptions;
        let reply = lines.join(" ");
        Ok(Some(Outcome { state: next, edits, travelled: false, reply, question, complete, assumptions }))
    }

    /// The embedded engine's answer with a remark about the model before its question.
    pub fn noted(&self, mut outcome: Outcome, note: &Note) -> Outcome {
        let note = self.notes.say(outcome.state.language.unwrap_or(Language::Pt), note);
        let question = outcome.question.as_ref().map_or("", |q| q.text.as_str());
        let (told, asked) = match outcome.reply.strip_suffix(question) {
            Some(told) => (told.trim_end(), question),
            None => (outcome.reply.as_str(), ""),
        };
        let lines = [told, &note, asked];
        outcome.reply = lines.into_iter().filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ");
        outcome
    }
}

/// True after words that say what a part is for: "a box for my grandmother's buttons". Nothing has to be made of those.
fn purpose(before: &[Lexeme]) -> bool {
    before.iter().rev().take(PURPOSE).take_while(|l| !l.is_break()).any(|l| l.func("for"))
}

/// The engine's own judgement of a part: what it asks, what it assumes, whether it is whole. The words given to it change
/// nothing, and an answer that did change something is not taken.
fn look(engine: &Engine, state: &State) -> Result<Outcome, Refused> {
    let looked = engine.turn(state, CONSENT).map_err(|e| Refused::NotBuildable(e.to_string()))?;
    let still = looked.edits.is_empty() && !looked.travelled && looked.state.part() == state.part();
    if still { Ok(looked) } else { Err(Refused::NotBuildable("it does not stay as it is".to_owned())) }
}

/// Texts that the part carries: what stands on it is no description of it.
fn carried_texts(part: &Part) -> Vec<String> {
    let mut texts = Vec::new();
    for operation in &part.features {
        let Some(definition) = catalogue::find(&operation.kind) else { continue };
        for choice in definition.choices.iter().filter(|c| c.options.is_empty()) {
            texts.extend(operation.choices.get(choice.name).filter(|t| !t.trim().is_empty()).cloned());
        }
    }
    texts
}

/// True when a length of this turn was said as a plain number.
fn assumed_unit(part: &Part, turn: u32) -> bool {
    part.features.iter().any(|operation| {
        let definition = catalogue::find(&operation.kind);
        operation.parameters.iter().any(|(name, quantity)| {
            let length = definition.and_then(|d| d.parameter(name)).is_some_and(|p| p.dimension == Dimension::Length);
            let now = matches!(quantity.source, Source::User { turn: said, .. } if said == turn);
            // A module is a plain number by custom.
            let plain = !quantity.words.is_empty()
                && !quantity.words.contains(|c: char| c.is_alphabetic() || "\"'″′".contains(c));
            length && now && plain && name != "module"
        })
    })
}

/// The measures among lexemes, each with the place of its lexeme.
fn measures(lexemes: &[Lexeme]) -> impl Iterator<Item = (usize, &super::lexeme::Measure)> {
    lexemes.iter().enumerate().flat_map(|(at, lexeme)| {
        let found: &[super::lexeme::Measure] = match &lexeme.item {
            Item::Measure(measure) => std::slice::from_ref(measure),
            Item::Group(group) => group,
            _ => &[],
        };
        found.iter().map(move |measure| (at, measure))
    })
}
