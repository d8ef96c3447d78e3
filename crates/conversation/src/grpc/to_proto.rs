//! The service's types as the contract writes them; cannot fail.

use ids::DialogueId;
use proto::pot::conversation::v1 as pb;
use service_kit::timestamp;

use crate::{
    app::{Dialogue, Difference, Specification, Step, Told, Turn},
    domain::{Explanation, Origin, Outcome, Phase, Question, QuestionKind, diff::Term},
};

pub(super) fn dialogue(dialogue: Dialogue) -> pb::Dialogue {
    pb::Dialogue {
        name: dialogue.id.to_string(),
        title: dialogue.title,
        language: dialogue.state.language.map_or("", |l| l.as_str()).to_owned(),
        state: state(dialogue.state.phase).into(),
        turn_count: dialogue.turn_count,
        create_time: Some(timestamp(dialogue.created_at)),
        update_time: Some(timestamp(dialogue.updated_at)),
        head: turn_name(dialogue.id, dialogue.turn_count.checked_sub(1)),
    }
}

pub(super) fn turn(turn: Turn) -> pb::Turn {
    pb::Turn {
        name: turn_name(turn.dialogue, Some(turn.number)),
        number: turn.number,
        text: turn.body.text,
        reply: turn.body.reply,
        question: turn.body.question.map(question),
        state: state(turn.body.phase).into(),
        language: turn.body.language,
        hash: turn.hash.to_string(),
        specification_hash: turn.specification_hash.to_string(),
        create_time: Some(timestamp(turn.created_at)),
        continued_turn: turn_name(turn.dialogue, turn.continued),
    }
}

/// Empty for none.
fn turn_name(dialogue: DialogueId, number: Option<u32>) -> String {
    number.map_or_else(String::new, |number| format!("{dialogue}/turns/{number}"))
}

pub(super) fn specification(name: String, specification: Specification) -> pb::Specification {
    pb::Specification {
        name,
        part: Some(part_proto::part_to_proto(&specification.part)),
        complete: specification.complete,
        hash: specification.hash.to_string(),
        turn: specification.turn,
        json: specification.json.into(),
        explanations: specification.explanations.into_iter().map(|e| explanation(specification.dialogue, e)).collect(),
    }
}

fn explanation(dialogue: DialogueId, explanation: Explanation) -> pb::Explanation {
    let origin = match explanation.origin {
        Origin::Said => pb::Origin::Said,
        Origin::Default => pb::Origin::Default,
        Origin::Derived => pb::Origin::Derived,
    };
    let (turn, start, end) = explanation.span.map_or((None, 0, 0), |(turn, start, end)| (Some(turn), start, end));
    pb::Explanation {
        path: explanation.path,
        label: explanation.label,
        value: explanation.value,
        origin: origin.into(),
        turn: turn_name(dialogue, turn),
        start,
        end,
        words: explanation.words,
        rule: explanation.rule,
        text: explanation.text,
    }
}

pub(super) fn difference(dialogue: DialogueId, difference: Difference) -> pb::SpecificationDiff {
    let name = |turn: Option<u32>| match turn {
        Some(number) => format!("{dialogue}/turns/{number}/specification"),
        None => String::new(),
    };
    pb::SpecificationDiff {
        name: name(difference.to),
        base: name(difference.from),
        changes: difference.changes.into_iter().map(change).collect(),
    }
}

pub(super) fn change(told: Told) -> pb::Change {
    let Told { change, text } = told;
    pb::Change { path: change.path, before: change.before.map(term), after: change.after.map(term), text }
}

fn term(term: Term) -> pb::Term {
    use pb::term::Term as T;
    let term = match term {
        Term::Text(text) => T::Text(text),
        Term::Count(count) => T::Count(count),
        Term::Quantity(quantity) => T::Quantity(part_proto::quantity_to_proto(&quantity)),
        Term::Operation(operation) => T::Operation(part_proto::operation_to_proto(&operation)),
        Term::Placement(placement) => T::Placement(part_proto::placement_to_proto(&placement)),
        Term::Sketch(sketch) => T::Sketch(part_proto::sketch_to_proto(&sketch)),
        Term::Path(path) => T::SweepPath(part_proto::path_to_proto(&path)),
        Term::Variable(variable) => T::Variable(part_proto::variable_to_proto(&variable)),
    };
    pb::Term { term: Some(term) }
}

pub(super) fn step(step: Step) -> pb::StreamTurnResponse {
    use pb::stream_turn_response::Event;
    event(match step {
        Step::Understood { outcome, unread } => Event::Understanding(understanding(*outcome, unread)),
        Step::Thinking { model, characters } => {
            Event::Thinking(pb::Thinking { model, characters: u32::try_from(characters).unwrap_or(u32::MAX) })
        }
    })
}

fn understanding(outcome: Outcome, unread_words: Vec<String>) -> pb::Understanding {
    pb::Understanding {
        language: outcome.state.language.map_or("", |l| l.as_str()).to_owned(),
        edits: outcome.edits.iter().map(part_proto::edit_to_proto).collect(),
        unread_words,
        state: pb::DialogueState::Validating.into(),
    }
}

pub(super) fn event(event: pb::stream_turn_response::Event) -> pb::StreamTurnResponse {
    pb::StreamTurnResponse { event: Some(event) }
}

fn question(question: Question) -> pb::Question {
    let kind = match question.kind {
        QuestionKind::MissingSize => pb::QuestionKind::MissingSize,
        QuestionKind::Contradiction => pb::QuestionKind::Contradiction,
        QuestionKind::Unprintable => pb::QuestionKind::Unprintable,
        QuestionKind::UnknownObject => pb::QuestionKind::UnknownObject,
        QuestionKind::UnknownMaterial => pb::QuestionKind::UnknownMaterial,
        QuestionKind::UnknownColour | QuestionKind::NotUnderstood => pb::QuestionKind::Other,
    };
    pb::Question {
        kind: kind.into(),
        text: question.text,
        operation: question.operation,
        parameter: question.parameter,
    }
}

fn state(phase: Phase) -> pb::DialogueState {
    match phase {
        Phase::Active => pb::DialogueState::Active,
        Phase::Specifying => pb::DialogueState::Specifying,
        Phase::Clarifying => pb::DialogueState::Clarifying,
        Phase::Validating => pb::DialogueState::Validating,
        Phase::Complete => pb::DialogueState::Complete,
    }
}
