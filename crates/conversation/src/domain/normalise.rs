//! Normalisation: lower case, accents folded, typographic signs made plain, with a map from every folded byte back to
//! the byte of the original text that it came from.
//!
//! The map is what lets a quantity carry the very words that were said, whatever folding did to them.

use std::ops::Range;

/// The longest message, in characters.
pub const MAX_CHARACTERS: usize = 2_000;

/// Why a message is not a message. Nothing of it reaches the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    #[error("the message is empty; say what to make, for example: a box 80 x 60 x 40 mm")]
    Empty,
    #[error("the message has {0} characters; the limit is {MAX_CHARACTERS}: shorten it or send it in several turns")]
    TooLong(usize),
    #[error("the message has a control character at byte {0}; send plain text")]
    Binary(usize),
}

/// Folded text that remembers where it came from.
#[derive(Debug)]
pub(crate) struct Folded {
    pub(crate) text: String,
    /// For every byte of `text`, the bytes of the original character.
    origin: Vec<(u32, u32)>,
}

impl Folded {
    /// The bytes of the original text behind a range of folded bytes.
    pub(crate) fn original(&self, folded: Range<usize>) -> Range<usize> {
        if folded.is_empty() {
            let at = self.origin.get(folded.start).map_or(0, |o| o.0 as usize);
            return at..at;
        }
        self.origin[folded.start].0 as usize..self.origin[folded.end - 1].1 as usize
    }
}

pub(crate) fn check(text: &str) -> Result<(), Rejected> {
    let characters = text.chars().count();
    if characters > MAX_CHARACTERS {
        return Err(Rejected::TooLong(characters));
    }
    let control =
        |c: char| (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || matches!(c, '\u{fffd}' | '\u{feff}');
    if let Some((at, _)) = text.char_indices().find(|(_, c)| control(*c)) {
        return Err(Rejected::Binary(at));
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Rejected::Empty);
    }
    Ok(())
}

pub(crate) fn fold(text: &str) -> Folded {
    let mut folded = Folded { text: String::with_capacity(text.len()), origin: Vec::with_capacity(text.len()) };
    for (at, character) in text.char_indices() {
        let before = folded.text.len();
        push(&mut folded.text, character);
        let source = (at as u32, (at + character.len_utf8()) as u32);
        folded.origin.extend(std::iter::repeat_n(source, folded.text.len() - before));
    }
    folded
}

fn push(out: &mut String, character: char) {
    match character {
        'A'..='Z' => out.push(character.to_ascii_lowercase()),
        ' '..='~' => out.push(character),
        '\n' | '\r' | '\t' | '\u{a0}' | '\u{202f}' | '\u{2009}' => out.push(' '),
        // A leading space keeps "1½" from reading as "11/2".
        '½' => out.push_str(" 1/2"),
        '¼' => out.push_str(" 1/4"),
        '¾' => out.push_str(" 3/4"),
        '⅛' => out.push_str(" 1/8"),
        '⅜' => out.push_str(" 3/8"),
        '⅝' => out.push_str(" 5/8"),
        '⅞' => out.push_str(" 7/8"),
        '×' | '✕' => out.push('x'),
        '“' | '”' | '„' | '«' | '»' | '″' => out.push('"'),
        '’' | '‘' | '′' => out.push('\''),
        '–' | '—' | '−' => out.push('-'),
        '°' | 'º' => out.push('°'),
        // The diameter sign in its usual disguises.
        'Ø' | 'ø' | '⌀' | '∅' | 'φ' | 'Φ' => out.push_str("diameter "),
        // A combining accent after its letter.
        '\u{300}'..='\u{36f}' => {}
        _ => match deunicode::deunicode_char(character) {
            Some(ascii) => out.extend(ascii.chars().map(|c| c.to_ascii_lowercase())),
            None => out.push(' '),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_lead_back_to_the_accented_words() {
        let text = "Vaso de doze centímetros — ½ pé";
        let folded = fold(text);
        let at = folded.text.find("centimetros").unwrap();
        assert_eq!(&text[folded.original(at..at + "centimetros".len())], "centímetros");
        let half = folded.text.find("1/2").unwrap();
        assert_eq!(&text[folded.original(half..half + 3)], "½");
    }

    #[test]
    fn refuses_what_is_not_a_message() {
        assert_eq!(check("  \n "), Err(Rejected::Empty));
        assert_eq!(check("?!"), Err(Rejected::Empty));
        assert_eq!(check("box\u{0}"), Err(Rejected::Binary(3)));
        assert_eq!(check(&"a".repeat(2_001)), Err(Rejected::TooLong(2_001)));
        assert_eq!(check(&"é".repeat(2_000)), Ok(()));
    }
}
