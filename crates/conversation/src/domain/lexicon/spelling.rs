//! Misspellings: an unknown longer word that is one slip away from exactly one spelling class of known words.

use std::collections::HashMap;

/// Shorter words have too many neighbours to guess; of the shortest only slips that fingers make are taken back.
const SHORTEST: usize = 5;

/// A known word with the set of its letters.
type Candidate = (u32, Box<str>);

#[derive(Default)]
pub(super) struct Spelling {
    /// Known words by first letter and length.
    buckets: HashMap<(u8, usize), Vec<Candidate>>,
}

impl Spelling {
    pub(super) fn learn(&mut self, word: &str) {
        if word.len() >= SHORTEST - 1 && word.is_ascii() {
            self.buckets.entry((word.as_bytes()[0], word.len())).or_default().push((letters(word), word.into()));
        }
    }

    /// Orders the candidates, so that the answer does not depend on the order of learning.
    pub(super) fn finish(&mut self) {
        self.buckets.values_mut().for_each(|bucket| bucket.sort());
    }

    pub(super) fn correct(&self, word: &str) -> Option<&str> {
        if word.len() < SHORTEST || word.len() > 24 || !word.is_ascii() {
            return None;
        }
        let set = letters(word);
        for length in [word.len(), word.len() + 1, word.len() - 1] {
            let Some(bucket) = self.buckets.get(&(word.as_bytes()[0], length)) else { continue };
            // One slip changes the letter set by at most two letters.
            let near = bucket.iter().filter(|(other, _)| (other ^ set).count_ones() <= 2);
            let slip = |known: &str| {
                let (word, known) = (word.as_bytes(), known.as_bytes());
                if word.len() > SHORTEST { one_slip(word, known) } else { fingers(word, known) }
            };
            if let Some((_, known)) = near.into_iter().find(|(_, known)| slip(known)) {
                return Some(known);
            }
        }
        None
    }
}

pub(super) fn letters(word: &str) -> u32 {
    word.bytes().filter(u8::is_ascii_lowercase).fold(0, |set, b| set | 1 << (b - b'a'))
}

/// Two neighbours swapped, or "n" for "m": "shefl", "tanpa".
fn fingers(a: &[u8], b: &[u8]) -> bool {
    // A letter that should be doubled: "yelow".
    if b.len() == a.len() + 1 {
        let at = a.iter().zip(b).take_while(|(x, y)| x == y).count();
        // Or a vowel that was swallowed: "grdos".
        let said = at < a.len() && b[at] == b[at.max(1) - 1]
            || (2..a.len()).contains(&at) && matches!(b[at], b'a' | b'e' | b'i' | b'o' | b'u');
        return at > 0 && said && a[at..] == b[at + 1..];
    }
    let nasal = |x: &u8| matches!(x, b'm' | b'n');
    let mut differ = (0..a.len()).filter(|i| b.get(*i) != Some(&a[*i]));
    match (a.len() == b.len(), differ.next(), differ.next(), differ.next()) {
        (true, Some(i), None, _) => nasal(&a[i]) && nasal(&b[i]) || i > 1 && beside(a[i], b[i]),
        (true, Some(i), Some(j), None) => j == i + 1 && a[i] == b[j] && a[j] == b[i],
        _ => false,
    }
}

/// Two keys next to each other in their row.
fn beside(a: u8, b: u8) -> bool {
    ["qwertyuiop", "asdfghjkl", "zxcvbnm"].iter().any(|row| {
        let at = |key: u8| row.bytes().position(|k| k == key);
        at(a).zip(at(b)).is_some_and(|(i, j)| i.abs_diff(j) == 1)
    })
}

/// One letter wrong, missing or too many, or two neighbours swapped.
fn one_slip(a: &[u8], b: &[u8]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let tail = short.iter().rev().zip(long.iter().rev()).take_while(|(x, y)| x == y).count();
    if short.len() < long.len() {
        return same + tail >= short.len();
    }
    let differing = short.len() - same - tail.min(short.len() - same);
    differing <= 1 || (differing == 2 && short[same] == long[same + 1] && short[same + 1] == long[same])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips() {
        assert!(one_slip(b"diametr", b"diameter"));
        assert!(one_slip(b"daimeter", b"diameter"));
        assert!(one_slip(b"widhts", b"widths"));
        assert!(one_slip(b"diammeter", b"diameter"));
        assert!(!one_slip(b"dimeters", b"diameter"));
        assert!(!one_slip(b"planter", b"printer"));
        assert!(fingers(b"shefl", b"shelf"));
        assert!(fingers(b"tanpa", b"tampa"));
        assert!(fingers(b"yelow", b"yellow") && fingers(b"negrp", b"negro"));
        assert!(!fingers(b"plane", b"plate"));
    }
}
