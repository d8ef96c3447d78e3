//! The service's types as the contract writes them; cannot fail.

use proto::pot::conversation::v1 as pb;
use service_kit::timestamp;

use crate::{
    app::{Dialogue, Specification, Turn},
    domain::{Phase, Question, QuestionKind},
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
    }
}

pub(super) fn turn(turn: Turn) -> pb::Turn {
    pb::Turn {
        name: format!("{}/turns/{}", turn.dialogue, turn.number),
        number: turn.number,
        text: turn.body.text,
        reply: turn.body.reply,
        question: turn.body.question.map(question),
        state: state(turn.body.phase).into(),
        language: turn.body.language,
        hash: turn.hash.to_string(),
        specification_hash: turn.specification_hash.to_string(),
        create_time: Some(timestamp(turn.created_at)),
    }
}

pub(super) fn specification(name: String, specification: Specification) -> pb::Specification {
    pb::Specification {
        name,
        part: Some(part_proto::part_to_proto(&specification.part)),
        complete: specification.complete,
        hash: specification.hash.to_string(),
        turn: specification.turn,
        json: specification.json.into(),
    }
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
