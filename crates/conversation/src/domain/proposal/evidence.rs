//! Finding a quotation in what was said, and reading the number that it points at.
//!
//! The number is read where it stands, by the embedded engine's own reader, so that "80" of "80 x 60 mm" is 80 mm and "12"
//! of "12 cm" is 120 mm whatever else the model thinks of it.

use std::ops::Range;

use part::{Edit, Part};
use serde_json::Value;

use super::{Refused, Saying, measures};
use crate::domain::{
    language,
    lex::{self, TokenKind},
    lexeme::{self, Item, Lexeme, Measure, Unit},
    lexicon::{Class, Lexicon},
    normalise::{self, Folded},
    state::Language,
};

/// Characters of a text that a part carries, at most; see [`part::catalogue::Choice`].
pub(super) const LONGEST_TEXT: usize = 60;

/// The turns of a dialogue as evidence, the current one first, then from the newest to the oldest.
pub(super) struct Evidence {
    said: Vec<Said>,
}

struct Said {
    turn: u32,
    text: String,
    folded: Folded,
    lexemes: Vec<Lexeme>,
}

/// A number that was said.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) measure: Measure,
    pub(super) turn: u32,
    /// The words that the number was read from.
    pub(super) words: String,
    /// True where the words beside it call it a radius.
    pub(super) radius: bool,
}

/// Blanks texts that the part carries, byte for byte, so that every span still leads into the original.
pub(super) fn mask(text: &str, carried: &[String]) -> String {
    let mut masked = text.to_owned();
    for carried in carried.iter().filter(|c| !c.is_empty()) {
        // A text that was cut to the longest that a part carries went on in the turn.
        let cut = carried.chars().count() >= LONGEST_TEXT;
        while let Some(at) = masked.find(carried.as_str()) {
            let end = if cut { masked.len() } else { at + carried.len() };
            masked.replace_range(at..end, &" ".repeat(end - at));
        }
    }
    masked
}

pub(super) fn lexemes(lexicon: &Lexicon, text: &str, language: Option<Language>) -> Vec<Lexeme> {
    let folded = normalise::fold(text);
    let tokens = lex::lex(&folded, text);
    let words: Vec<Option<u32>> = tokens
        .iter()
        .map(|token| match &token.kind {
            TokenKind::Word(word) => lexicon.word(word),
            _ => None,
        })
        .collect();
    let language = language.unwrap_or_else(|| language::detect(&words, lexicon, None));
    lexeme::lexemes(&tokens, &words, lexicon, language)
}

impl Evidence {
    pub(super) fn new(lexicon: &Lexicon, current: &Saying, earlier: &[Saying], carried: &[String]) -> Self {
        let mut order: Vec<&Saying> = earlier.iter().collect();
        order.sort_by_key(|saying| std::cmp::Reverse(saying.turn));
        let said = std::iter::once(current).chain(order).map(|saying| {
            let text = mask(&saying.text, carried);
            let (folded, lexemes) = (normalise::fold(&text), lexemes(lexicon, &text, saying.language));
            Said { turn: saying.turn, text: saying.text.clone(), folded, lexemes }
        });
        Evidence { said: said.collect() }
    }

    pub(super) fn turn(&self) -> u32 {
        self.said.first().map_or(0, |said| said.turn)
    }

    /// That the current turn holds these words. One letter or sign is no reason for anything.
    pub(super) fn asked(&self, quote: &str) -> Result<(), Refused> {
        let letters = quote.chars().filter(|c| c.is_alphanumeric()).count();
        let found = self.said.first().is_some_and(|said| !said.find(quote).is_empty());
        if found && letters >= 2 { Ok(()) } else { Err(Refused::NotSaid(quote.to_owned())) }
    }

    /// The words that the quotation points at in the current turn, as they were written, where they stand once or more.
    pub(super) fn verbatim(&self, quote: &str) -> Result<String, Refused> {
        let said = self.said.first().ok_or_else(|| Refused::NotSaid(quote.to_owned()))?;
        let quote = quote.trim();
        match said.text.contains(quote) && !quote.is_empty() {
            true => Ok(quote.to_owned()),
            false => Err(Refused::NotSaid(quote.to_owned())),
        }
    }

    /// True when the quoted words of the current turn have this meaning.
    pub(super) fn means(&self, quote: &str, accept: impl Fn(&Lexeme) -> bool) -> bool {
        self.said.first().is_some_and(|said| {
            let spans = said.find(quote);
            said.lexemes.iter().any(|l| spans.iter().any(|s| overlap(s, &l.span)) && accept(l))
        })
    }

    /// The one number that a quotation points at, in the newest turn that holds the words.
    pub(super) fn number(&self, quote: &str) -> Result<Found, Refused> {
        let mut seen = false;
        for said in &self.said {
            let mut values: Vec<Found> = Vec::new();
            for span in said.find(quote) {
                seen = true;
                let within: Vec<(usize, &Measure)> =
                    measures(&said.lexemes).filter(|(_, m)| overlap(&m.span, &span)).collect();
                match within.as_slice() {
                    [] => {}
                    // A quotation from the middle of a number would say another one.
                    [(at, measure)] if span.start <= measure.span.start => values.push(said.found(*at, measure)),
                    _ => return Err(Refused::NotANumber(quote.to_owned())),
                }
            }
            let Some(first) = values.first() else { continue };
            let same =
                |other: &Found| other.measure.value == first.measure.value && other.measure.unit == first.measure.unit;
            if !values.iter().all(same) {
                return Err(Refused::Ambiguous(quote.to_owned()));
            }
            return Ok(first.clone());
        }
        Err(if seen { Refused::NotANumber(quote.to_owned()) } else { Refused::NotSaid(quote.to_owned()) })
    }

    /// The measures of the current turn that the part holds nowhere, in the words that said them.
    pub(super) fn unused(&self, part: &Part, edits: &[Edit]) -> Vec<String> {
        let Some(said) = self.said.first() else { return Vec::new() };
        let (spans, words) = sources(part);
        let copies = edits.iter().any(|e| matches!(e, Edit::SetQuantity { .. }));
        let mut left = Vec::new();
        for (_, measure) in measures(&said.lexemes) {
            let text = said.text[measure.span.clone()].trim();
            let counted = (copies || part.quantity > 1) && measure.value == f64::from(part.quantity);
            let placed = spans.iter().any(|(turn, s)| *turn == said.turn && overlap(s, &measure.span))
                || words.iter().any(|w| w.contains(text));
            if !placed && !counted && !measure.article {
                left.push(text.to_owned());
            }
        }
        left
    }
}

impl Said {
    /// Where the words stand, whatever their case and accents, whole words and whole numbers only; bytes of the original.
    fn find(&self, quote: &str) -> Vec<Range<usize>> {
        let needle = normalise::fold(quote.trim()).text;
        let needle = needle.trim();
        if needle.is_empty() {
            return Vec::new();
        }
        let hay = self.folded.text.as_str();
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(at) = hay.get(from..).and_then(|rest| rest.find(needle)).map(|n| from + n) {
            let end = at + needle.len();
            if whole(hay, at, end) {
                found.push(self.folded.original(at..end));
            }
            from = at + needle.chars().next().map_or(1, char::len_utf8);
        }
        found
    }

    fn found(&self, at: usize, measure: &Measure) -> Found {
        let radius = |lexeme: Option<&Lexeme>| lexeme.is_some_and(|l| l.is(Class::Axis, "radius"));
        // "radius of 20 mm", "20 mm of radius".
        let link =
            |n: usize| self.lexemes.get(n).is_some_and(|l| l.func("of") || matches!(l.item, Item::Break(':' | '=')));
        let before = at.checked_sub(1).map(|n| if link(n) { n.wrapping_sub(1) } else { n });
        let after = if link(at + 1) { at + 2 } else { at + 1 };
        Found {
            measure: measure.clone(),
            turn: self.turn,
            words: self.text[measure.span.clone()].to_owned(),
            radius: radius(before.and_then(|n| self.lexemes.get(n))) || radius(self.lexemes.get(after)),
        }
    }
}

/// True when a match neither begins nor ends inside a word or a number.
fn whole(hay: &str, start: usize, end: usize) -> bool {
    let bytes = hay.as_bytes();
    let at = |n: usize| bytes.get(n).copied().unwrap_or(b' ');
    let (before, first) = (if start == 0 { b' ' } else { at(start - 1) }, at(start));
    let (last, after) = (at(end - 1), at(end));
    let digit = |b: u8| b.is_ascii_digit();
    let letter = |b: u8| b.is_ascii_alphabetic();
    let sign = |b: u8| matches!(b, b'.' | b',' | b'/');
    let into_number =
        digit(first) && (digit(before) || letter(before) || sign(before) && start >= 2 && digit(at(start - 2)));
    let out_of_number = digit(last) && (digit(after) || sign(after) && digit(at(end + 1)));
    !(into_number || out_of_number || letter(first) && letter(before) || letter(last) && letter(after))
}

pub(super) fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// Where the part's values were said, turn and bytes, and all words that any value came from.
pub(super) fn sources(part: &Part) -> (Vec<(u32, Range<usize>)>, Vec<String>) {
    let (mut spans, mut words) = (Vec::new(), Vec::new());
    let value = serde_json::to_value(part).unwrap_or_default();
    let mut rest = vec![&value];
    // Quantities stand in parameters, placements, sketches and paths alike; in JSON all of them look the same.
    while let Some(value) = rest.pop() {
        match value {
            Value::Array(items) => rest.extend(items),
            Value::Object(fields) => {
                let number = |name: &str| fields.get(name).and_then(Value::as_u64);
                if let (Some("user"), Some(said), Some(start), Some(end)) =
                    (fields.get("kind").and_then(Value::as_str), number("turn"), number("start"), number("end"))
                {
                    spans.push((said as u32, start as usize..end as usize));
                }
                if let (Some(Value::String(said)), true) = (fields.get("words"), fields.contains_key("source")) {
                    words.push(said.clone());
                }
                rest.extend(fields.values());
            }
            _ => {}
        }
    }
    (spans, words)
}

/// A count is a plain whole number.
pub(super) fn is_count(measure: &Measure) -> bool {
    measure.unit == Unit::None && measure.value.fract() == 0.0
}
