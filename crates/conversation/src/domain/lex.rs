//! The lexer: folded text to words, numbers, M-sizes, quoted text, colours in hexadecimal and punctuation, each with its
//! bytes in the original text.

use std::ops::Range;

use super::normalise::Folded;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    Word(String),
    /// Digits with the separators as written; which of them is the decimal sign depends on the language.
    Number {
        digits: String,
        negative: bool,
    },
    /// "1/2" and, with a whole number before it, "1 1/2".
    Fraction(f64),
    /// M4, M2.5.
    Metric(f64),
    /// Text in quotes, as written.
    Quoted(String),
    /// `#rrggbb`.
    Hex(String),
    Mark(char),
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    /// Bytes of the original text.
    pub(crate) span: Range<usize>,
    /// True when nothing stands between this token and the one before it ("12mm").
    pub(crate) glued: bool,
}

pub(crate) fn lex(folded: &Folded, original: &str) -> Vec<Token> {
    let mut lexer = Lexer { bytes: folded.text.as_bytes(), folded, original, at: 0, end: 0, tokens: Vec::new() };
    while lexer.at < lexer.bytes.len() {
        lexer.step();
    }
    lexer.tokens
}

struct Lexer<'a> {
    bytes: &'a [u8],
    folded: &'a Folded,
    original: &'a str,
    at: usize,
    /// Where the last token ended.
    end: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn peek(&self, offset: usize) -> u8 {
        self.bytes.get(self.at + offset).copied().unwrap_or(b' ')
    }

    fn previous(&self) -> u8 {
        if self.at == 0 { b' ' } else { self.bytes[self.at - 1] }
    }

    fn push(&mut self, kind: TokenKind, start: usize, end: usize) {
        let glued = start == self.end && start > 0;
        self.tokens.push(Token { kind, span: self.folded.original(start..end), glued });
        self.at = end;
        self.end = end;
    }

    fn after_number(&self) -> bool {
        self.end == self.at
            && self.tokens.last().is_some_and(|t| matches!(t.kind, TokenKind::Number { .. } | TokenKind::Fraction(_)))
    }

    fn run(&self, from: usize, accept: impl Fn(u8) -> bool) -> usize {
        self.bytes[from..].iter().position(|b| !accept(*b)).map_or(self.bytes.len(), |n| from + n)
    }

    fn step(&mut self) {
        let start = self.at;
        match self.bytes[start] {
            b' ' => self.at += 1,
            b'm' if self.peek(1).is_ascii_digit() && !self.previous().is_ascii_alphanumeric() => self.metric(start),
            b'a'..=b'z' => self.word(start),
            b'0'..=b'9' => self.number(start, false),
            b'.' if self.peek(1).is_ascii_digit() && !self.previous().is_ascii_alphanumeric() => {
                self.number(start, false)
            }
            b'-' => self.hyphen(start),
            b'#' => self.hex(start),
            b'"' if self.after_number() => self.push(TokenKind::Word("inch".into()), start, start + 1),
            b'\'' if self.after_number() && self.peek(1) == b'\'' => {
                self.push(TokenKind::Word("inch".into()), start, start + 2);
            }
            b'\'' if self.after_number() => self.push(TokenKind::Word("foot".into()), start, start + 1),
            quote @ (b'"' | b'\'') => self.quoted(start, quote),
            b'%' => self.push(TokenKind::Word("percent".into()), start, start + 1),
            mark @ (b',' | b';' | b'.' | b':' | b'(' | b')' | b'=' | b'&' | b'+' | b'!' | b'?' | b'/' | b'*') => {
                self.push(TokenKind::Mark(char::from(mark)), start, start + 1);
            }
            // The degree sign is the only two-byte character that folding leaves.
            0xc2 if self.peek(1) == 0xb0 => self.push(TokenKind::Word("degree".into()), start, start + 2),
            _ => self.at += 1,
        }
    }

    /// Letters; an apostrophe inside a word joins ("it's", "d'agua").
    fn word(&mut self, start: usize) {
        let mut end = self.run(start, |b| b.is_ascii_lowercase());
        while self.bytes.get(end) == Some(&b'\'') && self.bytes.get(end + 1).is_some_and(u8::is_ascii_lowercase) {
            end = self.run(end + 1, |b| b.is_ascii_lowercase());
        }
        // "80mmx60mm": the cross after a unit is a word of its own.
        if end - start > 1 && self.bytes[end - 1] == b'x' && self.bytes.get(end).is_some_and(u8::is_ascii_digit) {
            let unit = &self.folded.text[start..end - 1];
            if matches!(unit, "mm" | "cm" | "m" | "in") {
                end -= 1;
            }
        }
        let word: String = self.folded.text[start..end].chars().filter(|c| *c != '\'').collect();
        self.push(TokenKind::Word(word), start, end);
    }

    fn metric(&mut self, start: usize) {
        let mut end = self.run(start + 1, |b| b.is_ascii_digit());
        if matches!(self.bytes.get(end), Some(b'.' | b',')) && self.bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
            end = self.run(end + 1, |b| b.is_ascii_digit());
        }
        match self.folded.text[start + 1..end].replace(',', ".").parse() {
            Ok(size) => {
                self.push(TokenKind::Metric(size), start, end);
                // "those M5s".
                if self.peek(0) == b's' && !self.peek(1).is_ascii_alphanumeric() {
                    self.at += 1;
                }
            }
            Err(_) => self.at = end,
        }
    }

    fn number(&mut self, start: usize, negative: bool) {
        let sign = usize::from(negative);
        let mut end = self.run(start + sign, |b| b.is_ascii_digit());
        while matches!(self.bytes.get(end), Some(b'.' | b','))
            && self.bytes.get(end + 1).is_some_and(u8::is_ascii_digit)
        {
            end = self.run(end + 1, |b| b.is_ascii_digit());
        }
        let digits = &self.folded.text[start + sign..end];
        if self.bytes.get(end) == Some(&b'/') && self.bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
            let close = self.run(end + 1, |b| b.is_ascii_digit());
            let (top, bottom) = (digits.parse::<f64>(), self.folded.text[end + 1..close].parse::<f64>());
            if let (Ok(top), Ok(bottom)) = (top, bottom)
                && bottom > 0.0
                && bottom <= 128.0
            {
                return self.fraction(top / bottom, start, close);
            }
        }
        self.push(TokenKind::Number { digits: digits.to_owned(), negative }, start, end);
    }

    /// A whole number right before a proper fraction belongs to it.
    fn fraction(&mut self, value: f64, start: usize, end: usize) {
        let between = &self.folded.text[self.end.min(start)..start];
        if value < 1.0
            && (between == " " || between == "-" || between == "  ")
            && let Some(Token { kind: TokenKind::Number { digits, negative: false }, span, glued }) = self.tokens.last()
            && let Ok(whole) = digits.parse::<u32>()
        {
            let (from, glued) = (span.start, *glued);
            self.tokens.pop();
            let to = self.folded.original(start..end).end;
            self.tokens.push(Token { kind: TokenKind::Fraction(f64::from(whole) + value), span: from..to, glued });
            self.at = end;
            self.end = end;
            return;
        }
        self.push(TokenKind::Fraction(value), start, end);
    }

    /// A minus sign, the dash of a range, or the hyphen of a compound word (which is nothing).
    fn hyphen(&mut self, start: usize) {
        let (before, after) = (self.previous(), self.peek(1));
        if before.is_ascii_digit() && after.is_ascii_digit() {
            // "1-1/2" is one and a half: the fraction takes the whole number itself.
            self.at += 1;
            let close = self.run(self.at, |b| b.is_ascii_digit());
            if self.bytes.get(close) != Some(&b'/') {
                self.push(TokenKind::Mark('-'), start, start + 1);
            }
        } else if after.is_ascii_digit() && !before.is_ascii_alphanumeric() {
            self.number(start, true);
        } else if before == b' ' && after == b' ' {
            self.push(TokenKind::Mark(';'), start, start + 1);
        } else {
            self.at += 1;
        }
    }

    fn hex(&mut self, start: usize) {
        let end = self.run(start + 1, |b| b.is_ascii_hexdigit());
        if end - start == 7 {
            self.push(TokenKind::Hex(self.folded.text[start..end].to_owned()), start, end);
        } else {
            self.at += 1;
        }
    }

    fn quoted(&mut self, start: usize, quote: u8) {
        if quote == b'\'' && self.previous().is_ascii_alphanumeric() {
            self.at += 1;
            return;
        }
        let close = self.bytes[start + 1..].iter().position(|b| *b == quote).map(|n| start + 1 + n);
        match close {
            Some(close) if close > start + 1 => {
                let inner = self.folded.original(start + 1..close);
                let text = self.original[inner].trim().to_owned();
                self.push(TokenKind::Quoted(text), start, close + 1);
            }
            _ => self.at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::normalise::fold;

    fn kinds(text: &str) -> Vec<TokenKind> {
        lex(&fold(text), text).into_iter().map(|t| t.kind).collect()
    }

    fn word(text: &str) -> TokenKind {
        TokenKind::Word(text.into())
    }

    fn number(text: &str) -> TokenKind {
        TokenKind::Number { digits: text.into(), negative: false }
    }

    #[test]
    fn splits_units_from_numbers_and_sizes_from_crosses() {
        assert_eq!(kinds("80x60×40mm"), [number("80"), word("x"), number("60"), word("x"), number("40"), word("mm")]);
        assert_eq!(kinds("3-mm walls"), [number("3"), word("mm"), word("walls")]);
        assert_eq!(kinds("porta-copos"), [word("porta"), word("copos")]);
    }

    #[test]
    fn an_inch_mark_is_not_a_quote() {
        assert_eq!(kinds("2\" pipe"), [number("2"), word("inch"), word("pipe")]);
        assert_eq!(kinds("1 1/2\""), [TokenKind::Fraction(1.5), word("inch")]);
        assert_eq!(kinds("1-1/2 in"), [TokenKind::Fraction(1.5), word("in")]);
        assert_eq!(kinds("saying \"Room 12\""), [word("saying"), TokenKind::Quoted("Room 12".into())]);
        assert_eq!(kinds("“João”"), [TokenKind::Quoted("João".into())]);
    }

    #[test]
    fn minus_signs_and_m_sizes() {
        assert_eq!(kinds("-5 mm")[0], TokenKind::Number { digits: "5".into(), negative: true });
        assert_eq!(kinds("M2,5 holes")[0], TokenKind::Metric(2.5));
        assert_eq!(kinds("#FF8800"), [TokenKind::Hex("#ff8800".into())]);
    }
}
