//! Corrections inside one turn: "a 30 mm sphere. No, make it 40 mm." is a turn and its correction, said in one breath.

use super::{
    lex::{self, TokenKind},
    normalise,
    state::{Outcome, State},
};

/// Words that take back what was said before them, wherever they stand.
const STRONG: &[&[&str]] = &[
    &["actually"],
    &["scratch", "that"],
    &["no", "wait"],
    &["no", "make"],
    &["no", "sorry"],
    &["wait", "no"],
    &["wait", "make"],
    &["i", "mean"],
    &["i", "meant"],
    &["na", "verdade"],
    &["quer", "dizer"],
    &["quero", "dizer"],
    &["ou", "melhor"],
    &["nao", "melhor"],
    &["nao", "pera"],
    &["nao", "espera"],
    &["nao", "desculpa"],
    &["perdao"],
    &["no", "mejor"],
    &["no", "perdon"],
    &["no", "espera"],
    &["perdon"],
    &["en", "realidad"],
    &["quise", "decir"],
];

/// Words that do so after a pause only.
const AFTER_A_PAUSE: &[&[&str]] = &[
    &["sorry"],
    &["oops"],
    &["wait"],
    &["correction"],
    &["rather"],
    &["make", "that"],
    &["no", "its"],
    &["no", "it"],
    &["no", "change"],
    &["alias"],
    &["digo"],
    &["melhor"],
    &["desculpa"],
    &["desculpe"],
    &["corrigindo"],
    &["correcao"],
    &["nao", "faz"],
    &["nao", "faca"],
    &["nao", "muda"],
    &["nao", "e"],
    &["mejor"],
    &["correccion"],
    &["no", "que"],
    &["no", "haz"],
    &["no", "hazlo"],
    &["no", "hazla"],
];

/// Where a correction of what this very turn said begins, in bytes; the last one when there are several.
pub(super) fn cut(text: &str) -> Option<usize> {
    let tokens = lex::lex(&normalise::fold(text), text);
    let word = |at: usize| match tokens.get(at).map(|t| &t.kind) {
        Some(TokenKind::Word(word)) => word.as_str(),
        _ => "",
    };
    let pause = |at: usize| matches!(tokens.get(at).map(|t| &t.kind), Some(TokenKind::Mark('.' | ',' | ';' | '!')));
    let starts = |at: usize, phrase: &[&str]| phrase.iter().enumerate().all(|(n, w)| word(at + n) == *w);
    let number = |from: usize| {
        tokens[from..]
            .iter()
            .any(|t| matches!(t.kind, TokenKind::Number { .. } | TokenKind::Fraction(_) | TokenKind::Metric(_)))
    };
    (2..tokens.len()).rev().find_map(|at| {
        let paused = pause(at - 1);
        // "box, no, make it ...": the refusal stands alone.
        let refusal = paused && matches!(word(at), "no" | "nao") && pause(at + 1);
        let found =
            STRONG.iter().any(|p| starts(at, p)) || paused && (refusal || AFTER_A_PAUSE.iter().any(|p| starts(at, p)));
        // Something must be corrected, by something.
        let sized = number(at)
            && tokens[..at]
                .iter()
                .any(|t| matches!(t.kind, TokenKind::Number { .. } | TokenKind::Fraction(_) | TokenKind::Metric(_)));
        let worded = tokens.len() - at >= 3;
        (found && worded && (sized || !number(at))).then(|| tokens[at].span.start)
    })
}

/// Two readings of one turn as one: one entry of the history, one reply.
pub(super) fn joined(before: &State, first: Outcome, second: Outcome) -> Outcome {
    let Outcome { mut state, edits: later, travelled, reply: answer, question, complete, assumptions } = second;
    let travelled = travelled || first.travelled;
    let part = state.part().clone();
    state.history.clone_from(&before.history);
    state.head = before.head;
    if part != *before.part() {
        state.commit(part);
    }
    state.turn_number = before.turn_number + 1;
    let mut reply = first.reply;
    if let Some(question) = &first.question {
        reply = reply.strip_suffix(question.text.as_str()).unwrap_or(&reply).trim_end().to_owned();
    }
    if !reply.is_empty() {
        reply.push(' ');
    }
    reply.push_str(&answer);
    let mut edits = first.edits;
    edits.extend(later);
    Outcome { state, edits, travelled, reply, question, complete, assumptions }
}
