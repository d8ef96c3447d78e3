//! Clauses: a turn is read as it is said, one thing after another. Each sentence, each numbered step and each "then" is
//! read on the part that the words before it made, as if it were a turn of its own; the whole remains one turn.

use std::ops::Range;

use super::{
    asides,
    lex::{Token, TokenKind},
    lexeme::Lexeme,
    lexicon::Class,
};

/// Some words of a turn that are read together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clause {
    /// Bytes of the turn.
    pub(super) range: Range<usize>,
    /// It takes back something that this turn said before.
    pub(super) correcting: bool,
}

/// A full stop behind one of these shortens a word, unless a new sentence begins with a capital.
const SHORTENED: &[&str] = &[
    "dia", "diam", "approx", "aprox", "no", "nr", "num", "max", "min", "esp", "larg", "alt", "comp", "compr", "prof",
    "ext", "int", "qty", "qtd", "cant", "fig", "pol", "pulg", "in", "ft", "ref", "sr", "sra", "dr", "dra", "st", "etc",
    "long", "thk", "wd", "ht", "unid", "pcs", "pzas", "x", "c", "vs",
];

/// Words that lead to the next step.
const THEN: &[&[&str]] = &[
    &["then"],
    &["next"],
    &["after", "that"],
    &["afterwards"],
    &["finally"],
    &["lastly"],
    &["luego"],
    &["despues"],
    &["a", "continuacion"],
    &["por", "ultimo"],
    &["finalmente"],
    &["depois"],
    &["em", "seguida"],
    &["a", "seguir"],
    &["por", "fim"],
];

/// The clauses of a turn, in order; never none.
pub(super) fn clauses(text: &str, tokens: &[Token], lexemes: &[Lexeme]) -> Vec<Clause> {
    let mut starts: Vec<usize> = sentences(text, tokens);
    starts.extend(steps(tokens, lexemes));
    let correction = asides::cut(tokens);
    starts.extend(correction);
    starts.sort_unstable();
    starts.dedup();
    let mut found: Vec<Clause> = Vec::new();
    let mut from = 0;
    for end in starts.into_iter().filter(|at| *at > 0).chain([text.len()]) {
        let words = tokens.iter().filter(|t| t.span.start >= from && t.span.start < end);
        // Marks and enumerators alone say nothing.
        if words.clone().any(|t| !matches!(t.kind, TokenKind::Mark(_))) {
            let start = from + enumerator(words, from);
            let correcting = correction == Some(from) || !found.is_empty() && asides::takes_back(tokens, from);
            found.push(Clause { range: start..end, correcting });
        }
        from = end;
    }
    if found.is_empty() {
        found.push(Clause { range: 0..text.len(), correcting: false });
    }
    found
}

fn word(token: Option<&Token>) -> &str {
    match token.map(|t| &t.kind) {
        Some(TokenKind::Word(word)) => word,
        _ => "",
    }
}

fn mark(token: Option<&Token>) -> Option<char> {
    match token.map(|t| &t.kind) {
        Some(TokenKind::Mark(mark)) => Some(*mark),
        _ => None,
    }
}

/// Where sentences and lines begin.
fn sentences(text: &str, tokens: &[Token]) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut opened = 0;
    for at in 1..tokens.len() {
        let (before, token) = (&tokens[at - 1], &tokens[at]);
        let gap = &text[before.span.end..token.span.start.max(before.span.end)];
        let capital = text[token.span.start..].chars().next().is_some_and(char::is_uppercase);
        let ended = match mark(Some(before)) {
            // "1. a block": the number of a step.
            Some('.') if at - opened == 2 && number(&tokens[opened]).is_some() => false,
            Some('.') => {
                let last = word(at.checked_sub(2).and_then(|b| tokens.get(b)));
                let short = SHORTENED.contains(&last) && !capital || last.len() == 1;
                // "... I mean" hesitates.
                let dots = at >= 2 && mark(Some(&tokens[at - 2])) == Some('.');
                !gap.is_empty() && !short && !dots && mark(Some(token)).is_none()
            }
            Some('!' | '?') => mark(Some(token)).is_none(),
            Some(';') => text[before.span.clone()].starts_with(';'),
            _ => false,
        };
        if ended || gap.contains('\n') {
            starts.push(token.span.start);
            opened = at;
        }
    }
    starts
}

/// A small whole number as written: "2".
fn number(token: &Token) -> Option<usize> {
    match &token.kind {
        TokenKind::Number { digits, negative: false } if digits.len() <= 2 => digits.parse().ok(),
        _ => None,
    }
}

/// Where numbered steps and "then ..." begin inside a sentence.
fn steps(tokens: &[Token], lexemes: &[Lexeme]) -> Vec<usize> {
    let mut starts = Vec::new();
    // "1) a block 2) a slot": numbers that go up by one from one.
    let numbered: Vec<(usize, usize)> = (0..tokens.len())
        .filter(|at| {
            matches!(mark(tokens.get(at + 1)), Some(')' | '.' | ':'))
                && tokens[at + 1].glued
                && mark(at.checked_sub(1).and_then(|b| tokens.get(b))) != Some('(')
        })
        .filter_map(|at| Some((at, number(&tokens[at])?)))
        .collect();
    let run = numbered.iter().zip(1..).take_while(|((_, n), wanted)| n == wanted).count();
    if run >= 2 {
        starts.extend(numbered[..run].iter().map(|(at, _)| tokens[*at].span.start));
    }
    for at in 2..tokens.len() {
        let phrase = THEN.iter().find(|p| p.iter().enumerate().all(|(n, w)| word(tokens.get(at + n)) == *w));
        let Some(phrase) = phrase else { continue };
        let after = tokens.get(at + phrase.len()).map_or(usize::MAX, |t| t.span.start);
        if acts(lexemes, after) {
            starts.push(tokens[at].span.start);
        }
    }
    starts
}

/// What follows "then" is a step when it does something before it counts or measures: "then drill ...", "then a hole ...".
fn acts(lexemes: &[Lexeme], from: usize) -> bool {
    let rest = lexemes.iter().filter(|l| l.span.start >= from).take(7);
    let acting = |l: &Lexeme| {
        [Class::Feature, Class::Verb].iter().any(|c| l.sense(*c).is_some())
            || ["remove", "change", "create", "increase", "decrease"].iter().any(|act| l.act(act))
    };
    rest.take_while(|l| !l.is_break()).any(acting)
}

/// How many bytes the number of a step takes: "2)", "3.", "step 4:".
fn enumerator<'a>(mut words: impl Iterator<Item = &'a Token> + Clone, from: usize) -> usize {
    const STEP: [&str; 5] = ["step", "passo", "paso", "etapa", "op"];
    const WORDS: [&str; 24] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "um", "dois", "tres", "quatro", "cinco",
        "seis", "sete", "oito", "uno", "dos", "cuatro", "siete", "ocho", "first", "second", "third",
    ];
    let mut rest = words.clone();
    if STEP.contains(&word(rest.next())) {
        words.next();
        // "step one: ..."
        let (written, colon) = (rest.next(), rest.next());
        if WORDS.contains(&word(written)) && matches!(mark(colon), Some(':' | ',')) {
            return colon.map_or(0, |colon| colon.span.end - from);
        }
    }
    let (first, second) = (words.next(), words.next());
    let numbered = first.and_then(number).is_some() && matches!(mark(second), Some(')' | '.' | ':'));
    match second.filter(|second| numbered && second.glued) {
        Some(second) => second.span.end - from,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{language, lex, lexeme, lexicon::Lexicon, normalise::fold, state::Language};

    fn split(text: &str) -> Vec<&str> {
        let lexicon = Lexicon::new();
        let tokens = lex::lex(&fold(text), text);
        let words: Vec<_> = tokens.iter().map(|t| lexicon.word(word(Some(t)))).collect();
        let language = language::detect(&words, &lexicon, Some(Language::En));
        let lexemes = lexeme::lexemes(&tokens, &words, &lexicon, language);
        clauses(text, &tokens, &lexemes).into_iter().map(|c| text[c.range].trim()).collect()
    }

    #[test]
    fn sentences_and_steps_are_read_one_by_one() {
        assert_eq!(split("A block 80 x 60 x 2.5. Drill a hole."), ["A block 80 x 60 x 2.5.", "Drill a hole."]);
        assert_eq!(split("1. block 10x10x10\n2. hole of 3"), ["block 10x10x10", "hole of 3"]);
        assert_eq!(split("1) a plate 2) a hole of 4 3) a chamfer"), ["a plate", "a hole of 4", "a chamfer"]);
        assert_eq!(split("cilindro de 40 e depois um furo de 5"), ["cilindro de 40 e", "depois um furo de 5"]);
    }

    #[test]
    fn shortened_words_and_rows_go_on() {
        assert_eq!(split("rod 20 dia. x 50"), ["rod 20 dia. x 50"]);
        assert_eq!(split("the first at 15 and then every 20"), ["the first at 15 and then every 20"]);
        assert_eq!(split("bar, 4 in. wide"), ["bar, 4 in. wide"]);
    }
}
