//! The engine: one call a turn, from the text and the state before to the state after and the reply.

use part::{Part, catalogue};

use super::{
    clauses,
    compose::{self, Detail, Place, Problem},
    grammar::{self, Reading},
    language,
    lex::{self, Token, TokenKind},
    lexeme,
    lexicon::Lexicon,
    normalise::{self, Rejected},
    reply::{Replies, Said},
    resolve,
    state::{Assumption, Language, Outcome, Phase, Question, QuestionKind, State},
};

/// Built once, then shared: the lexicon's tables and the reply catalogues.
pub struct Engine {
    lexicon: Lexicon,
    replies: Replies,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    pub fn new() -> Self {
        Engine { lexicon: Lexicon::new(), replies: Replies::new() }
    }

    /// Reads one turn. The state given is not changed; the one in the outcome is what comes after.
    pub fn turn(&self, state: &State, text: &str) -> Result<Outcome, Rejected> {
        normalise::check(text)?;
        let tokens = lex::lex(&normalise::fold(text), text);
        let words = self.words(&tokens);
        let language = language::detect(&words, &self.lexicon, state.language);
        let lexemes = lexeme::lexemes(&tokens, &words, &self.lexicon, language);
        let clauses = clauses::clauses(text, &tokens, &lexemes);
        let mut run: Vec<Step> = Vec::with_capacity(clauses.len());
        let mut from = None;
        let last = clauses.len() - 1;
        for (n, clause) in clauses.into_iter().enumerate() {
            let before = run.last().map_or(state, |step| &step.state);
            // A correction of what made no part belongs to it; so does a word or two that lead to what follows.
            let start = from.take().unwrap_or(clause.range.start);
            let (mut correcting, empty) = (clause.correcting, before.part().features.is_empty());
            if correcting && empty && n > 0 {
                correcting = false;
            }
            if n < last && !said(&text[start..clause.range.end]) {
                from = Some(start);
                continue;
            }
            // Blanks keep every byte of the clause where it stands in the turn.
            let alone = format!("{}{}", " ".repeat(start), &text[start..clause.range.end]);
            let step = self.read(before, &alone, language, Place { correcting, follows: n > 0 });
            let sized = self.waiting(state, before, &step, language);
            run.push(step);
            run.extend(sized);
        }
        Ok(self.finish(state, text, run, language))
    }

    fn words(&self, tokens: &[Token]) -> Vec<Option<u32>> {
        let number = |token: &Token| match &token.kind {
            TokenKind::Word(word) => self.lexicon.word(word).or_else(|| self.lexicon.word(without_clitic(word)?)),
            _ => None,
        };
        tokens.iter().map(number).collect()
    }

    /// Sizes that waited for a thing to size, read again now that there is one.
    fn waiting(&self, first: &State, before: &State, step: &Step, language: Language) -> Option<Step> {
        let (turn, sizes) = before.unplaced.as_ref()?;
        let body = step.state.part().features.first()?;
        let made = step.edits.iter().any(|edit| matches!(edit, part::Edit::Add { .. }));
        if !body.parameters.is_empty() || !before.part().features.is_empty() || !made {
            return None;
        }
        let state = State { turn_number: *turn, unplaced: None, ..step.state.clone() };
        let mut sized = self.read(&state, sizes, language, Place { correcting: false, follows: true });
        sized.state.turn_number = first.turn_number;
        Some(sized)
    }

    /// Reads one clause.
    fn read(&self, state: &State, text: &str, language: Language, place: Place) -> Step {
        let tokens = lex::lex(&normalise::fold(text), text);
        let words = self.words(&tokens);
        let lexemes = lexeme::lexemes(&tokens, &words, &self.lexicon, language);
        let mut next = state.clone();
        next.language = Some(language);
        let has_body = !state.part().features.is_empty();
        let mut reading = grammar::read(&lexemes, text, language, has_body);
        if place.correcting {
            // "scratch that" takes back a value of this turn, not the turn before.
            (reading.acts.undo, reading.acts.correct) = (0, true);
        }
        let moved = travel(&mut next, &reading);
        let before = next.part().clone();
        let composed = compose::compose(&next, before.clone(), &reading, text, place);
        let (after, edits, focus) = (composed.part, composed.edits, composed.focus);
        if after != before {
            next.commit(after);
        }
        next.focus = focus.or(if reading.acts.restart { None } else { next.focus.clone() });
        if next.part().features.is_empty() && reading.waits() {
            next.unplaced = Some((state.turn_number, text.to_owned()));
        } else if !next.part().features.is_empty() {
            next.unplaced = None;
        }
        // "what height did I give you?" is what a number that follows is about.
        if let ([name], Some(body), true) = (reading.names.as_slice(), next.part().features.first(), reading.only_asks)
            && let Some(parameter) = catalogue::find(&body.kind).and_then(|d| resolve::parameter(d, *name))
        {
            next.focus = Some((body.id.clone(), parameter.to_owned()));
        }
        // An answer that is given is not asked for again by what the same turn goes on to say.
        if !edits.is_empty() {
            next.pending = None;
        }
        let (problem, assumed_unit) = (composed.problem, composed.assumed_unit);
        Step { state: next, edits, moved, reading, problem, assumed_unit, correcting: place.correcting }
    }

    /// All clauses as one turn: one entry of the history, one question, one reply.
    fn finish(&self, state: &State, text: &str, run: Vec<Step>, language: Language) -> Outcome {
        let several = run.iter().filter(|step| !step.edits.is_empty() || step.moved.any()).count() > 1;
        let mut whole = Whole::default();
        let mut next = state.clone();
        for step in run {
            // What a correction takes back is no problem any more.
            if step.correcting && !step.edits.is_empty() || step.reading.acts.restart {
                whole.problem = None;
            }
            whole.problem = whole.problem.or(step.problem);
            whole.moved.add(&step.moved);
            whole.assumed_unit |= step.assumed_unit;
            whole.reading.note(step.reading);
            // What follows starts from where the turn arrived.
            if step.moved.undone + step.moved.redone > 0 {
                whole.edits.clear();
            }
            whole.edits.extend(step.edits);
            next = step.state;
        }
        let Whole { problem, moved, assumed_unit, reading, edits } = whole;
        if several {
            let part = next.part().clone();
            next.history.clone_from(&state.history);
            next.head = state.head;
            if part != *state.part() {
                next.commit(part);
            }
        }
        let (before, after) = (state.part().clone(), next.part().clone());
        let quiet = edits.is_empty() && !moved.any();
        let problem = problem.or_else(|| self.not_understood(&reading, &after, quiet, state));
        let small_talk =
            quiet && !reading.measured() && (reading.acts.hello || reading.acts.confirm || reading.acts.ask);
        let problem = problem.or_else(|| validate(&after, small_talk || moved.any() || reading.acts.restart));
        let question = problem.map(|problem| Question {
            kind: problem.kind,
            operation: problem.operation.clone(),
            parameter: problem.parameter.clone(),
            text: self.replies.question(language, &problem, &after),
        });
        let complete = question.is_none() && !after.features.is_empty() && part::lower(&after).is_ok();
        let assumptions = if after.features.is_empty() { Vec::new() } else { assumptions(&after) };
        next.phase = match (&question, complete) {
            (Some(_), _) => Phase::Clarifying,
            (None, true) => Phase::Complete,
            _ if after.features.is_empty() => Phase::Active,
            _ => Phase::Specifying,
        };
        next.pending = question.clone();
        next.turn_number = state.turn_number + 1;
        if let Some((turn, _)) = &mut next.unplaced
            && *turn == state.turn_number
        {
            next.unplaced = Some((state.turn_number, text.to_owned()));
        }
        let said = Said {
            before: &before,
            after: &after,
            undone: moved.undone,
            redone: moved.redone,
            refused_undo: moved.refused_undo,
            refused_redo: moved.refused_redo,
            restarted: reading.acts.restart,
            assumptions: &assumptions,
            assumed_unit,
            small_talk,
            hello: reading.acts.hello,
            asked: &reading,
            complete,
        };
        let mut reply = self.replies.reply(language, &said);
        if let Some(question) = &question {
            if !reply.is_empty() {
                reply.push(' ');
            }
            reply.push_str(&question.text);
        }
        let travelled = moved.undone + moved.redone > 0;
        Outcome { state: next, edits, travelled, reply, question, complete, assumptions }
    }

    /// Nothing came of the turn: say which words stood in the way, or that there is no thing to make yet.
    fn not_understood(&self, reading: &Reading, part: &Part, quiet: bool, state: &State) -> Option<Problem> {
        let acts = &reading.acts;
        let unknown = || match reading.unknown.is_empty() {
            true => Detail::None,
            false => Detail::Words(reading.unknown.join(" ")),
        };
        let problem = |kind, detail| Some(Problem { kind, operation: String::new(), parameter: String::new(), detail });
        if part.features.is_empty() {
            let nothing = acts.hello || acts.confirm || acts.undo > 0 || acts.redo > 0 || acts.restart;
            return if nothing && !reading.measured() && reading.unknown.is_empty() {
                None
            } else {
                problem(QuestionKind::UnknownObject, unknown())
            };
        }
        // "make me a dragon" while a part exists.
        if quiet && acts.create && !reading.unknown.is_empty() {
            return problem(QuestionKind::UnknownObject, unknown());
        }
        let idle = quiet && !acts.hello && !acts.confirm && !acts.ask && !acts.restart;
        if !idle {
            return None;
        }
        // The question of the last turn still stands.
        if let Some(pending) = &state.pending
            && pending.kind != QuestionKind::NotUnderstood
            && !pending.parameter.is_empty()
            && validate(part, false).is_some()
        {
            return None;
        }
        // What was said may be true already: "in PETG" of a part in PETG.
        let repeated = reading.material.is_some()
            || reading.colour.is_some()
            || reading.copies.is_some()
            || reading.body.is_some();
        if repeated && reading.unknown.is_empty() { None } else { problem(QuestionKind::NotUnderstood, unknown()) }
    }
}

/// "súbale", "bajalo", "quítaselos": the verb without the pronouns that Spanish and Portuguese write on its end.
fn without_clitic(word: &str) -> Option<&str> {
    let endings = ["selos", "selas", "selo", "sela", "les", "los", "las", "lhe", "le", "lo", "la", "me", "nos"];
    endings.iter().find_map(|ending| word.strip_suffix(ending)).filter(|stem| stem.len() >= 3)
}

/// One clause read.
struct Step {
    state: State,
    edits: Vec<part::Edit>,
    moved: Moved,
    reading: Reading,
    problem: Option<Problem>,
    assumed_unit: bool,
    correcting: bool,
}

/// What the clauses of a turn come to.
#[derive(Default)]
struct Whole {
    problem: Option<Problem>,
    moved: Moved,
    assumed_unit: bool,
    reading: Reading,
    edits: Vec<part::Edit>,
}

/// Whether a clause holds more than words that lead to the next one: a number or at least three words.
fn said(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit()) || text.split_whitespace().count() >= 3
}

/// What undo and redo did.
#[derive(Default)]
struct Moved {
    undone: usize,
    redone: usize,
    refused_undo: bool,
    refused_redo: bool,
}

impl Moved {
    fn add(&mut self, other: &Moved) {
        self.undone += other.undone;
        self.redone += other.redone;
        self.refused_undo |= other.refused_undo;
        self.refused_redo |= other.refused_redo;
    }

    fn any(&self) -> bool {
        self.undone > 0 || self.redone > 0 || self.refused_undo || self.refused_redo
    }
}

fn travel(state: &mut State, reading: &Reading) -> Moved {
    let mut moved = Moved::default();
    for _ in 0..reading.acts.undo {
        if state.can_undo() {
            state.head -= 1;
            moved.undone += 1;
        }
    }
    moved.refused_undo = reading.acts.undo > 0 && moved.undone == 0;
    if reading.acts.redo > 0 && reading.acts.undo == 0 {
        if state.can_redo() {
            state.head += 1;
            moved.redone = 1;
        } else {
            moved.refused_redo = true;
        }
    }
    if moved.undone + moved.redone > 0 {
        state.focus = None;
    }
    moved
}

/// What keeps the part from being built, as something to ask. An empty part asks nothing after small talk.
fn validate(part: &Part, quiet: bool) -> Option<Problem> {
    if part.features.is_empty() {
        let none = Problem {
            kind: QuestionKind::UnknownObject,
            operation: String::new(),
            parameter: String::new(),
            detail: Detail::None,
        };
        return (!quiet).then_some(none);
    }
    for operation in &part.features {
        let definition = catalogue::find(&operation.kind)?;
        let missing = definition.missing(operation).first().copied().or_else(|| unsized_shape(operation));
        let shallow = operation.kind == "pocket"
            && !operation.parameters.contains_key("depth")
            && operation.choices.get("through").is_none_or(|t| t == "no");
        let missing = missing.or(shallow.then_some("depth"));
        if let Some(name) = missing {
            return Some(Problem {
                kind: QuestionKind::MissingSize,
                operation: operation.id.clone(),
                parameter: name.to_owned(),
                detail: Detail::None,
            });
        }
    }
    let invalid = part::lower(part).err()?;
    let kind = if invalid.why.contains("outside") { QuestionKind::Unprintable } else { QuestionKind::Contradiction };
    let detail = Detail::Reason(invalid.why);
    Some(Problem { kind, operation: invalid.operation, parameter: invalid.parameter, detail })
}

/// What has a default for drawing and none for making: a gear is as large as its module, a pot as large as said.
fn unsized_shape(operation: &part::Operation) -> Option<&'static str> {
    let said = |name: &str| operation.parameters.contains_key(name);
    match operation.kind.as_str() {
        // A cube has one size, a brick three.
        "block" if said("length") && said("width") && !said("height") => Some("height"),
        "gear" if !said("module") && !said("outer_diameter") => Some("module"),
        "vase" | "plant_pot" | "bowl" | "funnel" if !said("diameter") && !said("height") && !said("top_diameter") => {
            Some("diameter")
        }
        _ => None,
    }
}

/// Values that nobody said, in the order of the history.
fn assumptions(part: &Part) -> Vec<Assumption> {
    let mut found = Vec::new();
    for operation in &part.features {
        let Some(definition) = catalogue::find(&operation.kind) else { continue };
        let Ok(values) = definition.resolve(operation, part.fit) else { continue };
        for parameter in definition.parameters {
            let Some(quantity) = values.quantities.get(parameter.name) else { continue };
            // A hole that is not there has no size.
            let holes = parameter.name.starts_with("hole_") && parameter.name != "hole_count";
            if holes && values.find("hole_count") == Some(0.0) {
                continue;
            }
            if let part::Source::Default { rule } | part::Source::Derived { rule } = &quantity.source {
                found.push(Assumption {
                    operation: operation.id.clone(),
                    parameter: parameter.name.to_owned(),
                    value: quantity.value,
                    rule: rule.clone(),
                });
            }
        }
    }
    found
}
