//! Lexemes: what the grammar reads. Tokens become quantities, sizes ("A x B x C"), phrases of the lexicon, quoted text,
//! breaks and unknown words.

use std::ops::Range;

use super::{
    lex::{Token, TokenKind},
    lexicon::{Class, Lexicon, Sense},
    quantity,
    state::Language,
};

/// What a measure's number counts; the value is already in the unit named here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A plain number.
    None,
    /// Millimetres.
    Length,
    /// Degrees.
    Angle,
    /// A ratio: 20 % is 0.2.
    Percent,
    /// Cubic millimetres: what a vessel holds.
    Volume,
    /// Weights: understood, and no size.
    Other,
    /// The nominal diameter of a metric screw thread, millimetres.
    Metric,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Measure {
    pub(crate) value: f64,
    pub(crate) unit: Unit,
    /// Millimetres (or degrees, or 1) to the unit as said.
    pub(crate) factor: f64,
    /// Bytes of the original text.
    pub(crate) span: Range<usize>,
    /// True when the number is an article in disguise ("a foot", "um metro").
    pub(crate) article: bool,
}

impl Measure {
    /// A length in millimetres, a plain number counting as millimetres.
    pub(crate) fn is_size(&self) -> bool {
        matches!(self.unit, Unit::None | Unit::Length)
    }

    pub(crate) fn is_count(&self) -> bool {
        self.unit == Unit::None && self.value.fract() == 0.0
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    Measure(Measure),
    Group(Vec<Measure>),
    Phrase(Vec<Sense>),
    Text(String),
    Hex(String),
    Break(char),
    Unknown(String),
    /// A number that no quantity has taken yet; only inside the pipeline.
    Digits {
        digits: String,
        negative: bool,
    },
    Fraction(f64),
    Metric(f64),
}

#[derive(Clone, Debug)]
pub(crate) struct Lexeme {
    pub(crate) item: Item,
    pub(crate) span: Range<usize>,
    pub(crate) glued: bool,
}

impl Lexeme {
    /// The meaning of this phrase in a class.
    pub(crate) fn sense(&self, class: Class) -> Option<&'static str> {
        match &self.item {
            Item::Phrase(senses) => senses.iter().find(|s| s.class == class).map(|s| s.name),
            _ => None,
        }
    }

    pub(crate) fn is(&self, class: Class, name: &str) -> bool {
        match &self.item {
            Item::Phrase(senses) => senses.iter().any(|s| s.class == class && s.name == name),
            _ => false,
        }
    }

    pub(crate) fn func(&self, name: &str) -> bool {
        self.is(Class::Func, name)
    }

    pub(crate) fn act(&self, name: &str) -> bool {
        self.is(Class::Act, name)
    }

    pub(crate) fn measure(&self) -> Option<&Measure> {
        match &self.item {
            Item::Measure(measure) => Some(measure),
            _ => None,
        }
    }

    pub(crate) fn is_break(&self) -> bool {
        matches!(self.item, Item::Break(c) if c != ':' && c != '=' && c != '(' && c != ')')
    }
}

/// Looks up phrases, then joins numbers with their units and sizes with each other.
pub(crate) fn lexemes(tokens: &[Token], words: &[Option<u32>], lexicon: &Lexicon, language: Language) -> Vec<Lexeme> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        let mut taken = 1;
        let item = match &token.kind {
            TokenKind::Number { digits, negative } => Item::Digits { digits: digits.clone(), negative: *negative },
            TokenKind::Fraction(value) => Item::Fraction(*value),
            TokenKind::Metric(size) => Item::Metric(*size),
            TokenKind::Quoted(text) => Item::Text(text.clone()),
            TokenKind::Hex(text) => Item::Hex(text.clone()),
            TokenKind::Mark(mark) => Item::Break(*mark),
            TokenKind::Word(word) => match lexicon.find(words[at..].iter().copied(), language) {
                Some(mut found) => {
                    // "doscientos por ciento veinte" crosses two numbers; "por ciento" alone is a unit.
                    let percent =
                        found.words == 2 && found.senses.iter().any(|s| s.class == Class::Unit && s.name == "percent");
                    let goes_on = |at: usize| {
                        let next = words.get(at).copied().into_iter();
                        lexicon.find(next, language).is_some_and(|f| {
                            let tens =
                                |s: &Sense| s.class == Class::Number && s.name.parse::<f64>().is_ok_and(|n| n < 100.0);
                            f.senses.iter().any(tens)
                        })
                    };
                    if percent
                        && goes_on(at + 2)
                        && let Some(first) = lexicon.find(words[at..=at].iter().copied(), language)
                    {
                        found = first;
                    }
                    taken = found.words;
                    Item::Phrase(found.senses)
                }
                None => Item::Unknown(word.clone()),
            },
        };
        let span = token.span.start..tokens[at + taken - 1].span.end;
        out.push(Lexeme { item, span, glued: token.glued });
        at += taken;
    }
    let measured = quantity::measures(out, language);
    quantity::groups(measured)
}
