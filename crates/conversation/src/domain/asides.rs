//! Corrections inside one turn: "a 30 mm sphere. No, make it 40 mm." is a turn and its correction, said in one breath.

use super::lex::{Token, TokenKind};

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
pub(super) fn cut(tokens: &[Token]) -> Option<usize> {
    let mark = |at: usize| match tokens.get(at).map(|t| &t.kind) {
        Some(TokenKind::Mark(mark)) => Some(*mark),
        _ => None,
    };
    (2..tokens.len()).rev().find_map(|at| {
        // What a sentence takes back half-way is in it; "..." only hesitates.
        let ends = |i: usize| {
            matches!(mark(i), Some('.' | '!' | ';')) && mark(i.wrapping_sub(1)) != Some('.') && mark(i + 1) != Some('.')
        };
        let opened = (0..at).rev().find(|i| ends(*i)).map_or(0, |i| i + 1);
        let from = if opened == at { 0 } else { opened };
        let sized = number(&tokens[at..]) && number(&tokens[from..at]);
        let worded = tokens.len() - at >= 3;
        let cut = starts(tokens, at) && worded && (sized || !number(&tokens[at..]));
        cut.then(|| tokens[at].span.start)
    })
}

/// Whether the clause from this byte on opens by taking back what was said before it.
pub(super) fn takes_back(tokens: &[Token], from: usize) -> bool {
    let at = tokens.iter().position(|token| token.span.start >= from);
    at.is_some_and(|at| at >= 2 && starts(tokens, at))
}

/// Something must be corrected, by something.
fn number(tokens: &[Token]) -> bool {
    let sized = |t: &Token| matches!(t.kind, TokenKind::Number { .. } | TokenKind::Fraction(_) | TokenKind::Metric(_));
    tokens.iter().any(sized)
}

fn starts(tokens: &[Token], at: usize) -> bool {
    let word = |at: usize| match tokens.get(at).map(|t| &t.kind) {
        Some(TokenKind::Word(word)) => word.as_str(),
        _ => "",
    };
    let pause = |at: usize| matches!(tokens.get(at).map(|t| &t.kind), Some(TokenKind::Mark('.' | ',' | ';' | '!')));
    let starts = |phrase: &[&str]| phrase.iter().enumerate().all(|(n, w)| word(at + n) == *w);
    let paused = pause(at - 1);
    // "box, no, make it ...": the refusal stands alone.
    let refusal = paused && matches!(word(at), "no" | "nao") && pause(at + 1);
    STRONG.iter().any(|p| starts(p)) || paused && (refusal || AFTER_A_PAUSE.iter().any(|p| starts(p)))
}
