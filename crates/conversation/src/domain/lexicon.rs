//! The lexicon: what the words and phrases of each language mean, as data, compiled once into a trie over word numbers.
//!
//! A language is one file of lines `class meaning: form | form`. Plurals and genders are made by rule, so that the files
//! hold dictionary forms only.

use std::collections::HashMap;

use super::state::Language;

mod inflect;
mod spelling;

/// What kind of thing a phrase names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Class {
    Family,
    Feature,
    /// A verb that asks for a feature: "round the edges".
    Verb,
    HoleKind,
    HoleUse,
    Axis,
    Adjective,
    More,
    Less,
    Qualifier,
    Place,
    Edges,
    Face,
    Material,
    BadMaterial,
    Colour,
    Shade,
    Fit,
    Number,
    Dozen,
    Part,
    Point,
    Minus,
    Unit,
    Factor,
    Act,
    Func,
    Stop,
}

impl Class {
    fn parse(text: &str) -> Option<Class> {
        Some(match text {
            "family" => Class::Family,
            "feature" => Class::Feature,
            "verb" => Class::Verb,
            "holekind" => Class::HoleKind,
            "holeuse" => Class::HoleUse,
            "axis" => Class::Axis,
            "adj" => Class::Adjective,
            "more" => Class::More,
            "less" => Class::Less,
            "qual" => Class::Qualifier,
            "place" => Class::Place,
            "edges" => Class::Edges,
            "face" => Class::Face,
            "material" => Class::Material,
            "badmaterial" => Class::BadMaterial,
            "colour" => Class::Colour,
            "shade" => Class::Shade,
            "fit" => Class::Fit,
            "num" => Class::Number,
            "dozen" => Class::Dozen,
            "part" => Class::Part,
            "point" => Class::Point,
            "minus" => Class::Minus,
            "unit" => Class::Unit,
            "factor" => Class::Factor,
            "act" => Class::Act,
            "func" => Class::Func,
            "stop" => Class::Stop,
            _ => return None,
        })
    }

    fn is_noun(self) -> bool {
        matches!(
            self,
            Class::Family
                | Class::Feature
                | Class::Axis
                | Class::Qualifier
                | Class::Unit
                | Class::Place
                | Class::Edges
                | Class::Dozen
        )
    }

    fn is_adjective(self) -> bool {
        matches!(
            self,
            Class::Adjective
                | Class::More
                | Class::Less
                | Class::Colour
                | Class::Shade
                | Class::HoleKind
                | Class::Fit
                | Class::Verb
                | Class::HoleUse
                | Class::Place
        )
    }

    /// Small words mean what they mean in their own language only.
    fn crosses_languages(self) -> bool {
        !matches!(self, Class::Func | Class::Stop | Class::Minus | Class::Point)
    }
}

/// One meaning of a phrase in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sense {
    pub(crate) class: Class,
    pub(crate) name: &'static str,
    /// `None` for what is the same in every language.
    pub(crate) language: Option<Language>,
}

/// A phrase found in a row of words.
pub(crate) struct Found {
    /// Every meaning of the phrase, those of the spoken language first.
    pub(crate) senses: Vec<Sense>,
    pub(crate) words: usize,
}

pub(crate) struct Lexicon {
    words: HashMap<Box<str>, u32>,
    edges: HashMap<(u32, u32), u32>,
    senses: HashMap<u32, Vec<Sense>>,
    spelling: spelling::Spelling,
}

const FILES: [(Option<Language>, &str); 4] = [
    (None, include_str!("lexicon/common.txt")),
    (Some(Language::En), include_str!("lexicon/en.txt")),
    (Some(Language::Pt), include_str!("lexicon/pt.txt")),
    (Some(Language::Es), include_str!("lexicon/es.txt")),
];

impl Lexicon {
    pub(crate) fn new() -> Self {
        let mut lexicon = Lexicon {
            words: HashMap::new(),
            edges: HashMap::new(),
            senses: HashMap::new(),
            spelling: spelling::Spelling::default(),
        };
        for (language, text) in FILES {
            for (class, name, form) in entries(text) {
                for form in inflect::forms(form, class, language) {
                    lexicon.insert(&form, Sense { class, name, language });
                }
            }
        }
        for word in lexicon.words.keys() {
            lexicon.spelling.learn(word);
        }
        lexicon.spelling.finish();
        lexicon
    }

    fn insert(&mut self, form: &str, sense: Sense) {
        let mut node = 0;
        for word in form.split_whitespace() {
            let next = self.words.len() as u32;
            let word = *self.words.entry(word.into()).or_insert(next);
            let fresh = self.edges.len() as u32 + 1;
            node = *self.edges.entry((node, word)).or_insert(fresh);
        }
        let senses = self.senses.entry(node).or_default();
        if !senses.contains(&sense) {
            senses.push(sense);
        }
    }

    /// The number of a word; a likely misspelling of a longer word has that word's number.
    pub(crate) fn word(&self, word: &str) -> Option<u32> {
        if let Some(id) = self.words.get(word) {
            return Some(*id);
        }
        let known = self.spelling.correct(word)?;
        let id = self.words.get(known).copied()?;
        // "cierto" is no slip of "ciento": a number is not guessed from another letter, only from lost or swapped ones.
        let other_letter = known.len() == word.len() && spelling::letters(known) != spelling::letters(word);
        (!(other_letter && self.only_counts(id))).then_some(id)
    }

    /// Whether a word is a number and nothing else.
    fn only_counts(&self, word: u32) -> bool {
        let senses = self.edges.get(&(0, word)).and_then(|node| self.senses.get(node));
        senses.is_some_and(|s| s.iter().all(|s| matches!(s.class, Class::Number | Class::Dozen | Class::Part)))
    }

    /// Languages in which a single word means something by itself.
    pub(crate) fn languages(&self, word: u32) -> impl Iterator<Item = Language> + '_ {
        let senses = self.edges.get(&(0, word)).and_then(|node| self.senses.get(node));
        let known = move |language: &Language| senses.is_some_and(|s| s.iter().any(|s| s.language == Some(*language)));
        Language::ALL.into_iter().filter(known)
    }

    /// The longest phrase at the start of `words` that means something to a speaker of `language`.
    pub(crate) fn find(&self, words: impl Iterator<Item = Option<u32>>, language: Language) -> Option<Found> {
        let (mut node, mut best) = (0, None);
        for (count, word) in words.enumerate() {
            let Some(next) = word.and_then(|word| self.edges.get(&(node, word))) else { break };
            node = *next;
            let Some(senses) = self.senses.get(&node) else { continue };
            let native = |s: &&Sense| s.language.is_none_or(|l| l == language);
            let mut chosen: Vec<Sense> = senses.iter().filter(native).copied().collect();
            if chosen.is_empty() {
                chosen = senses.iter().filter(|s| s.class.crosses_languages()).copied().collect();
            }
            if !chosen.is_empty() {
                best = Some(Found { senses: chosen, words: count + 1 });
            }
        }
        best
    }
}

fn entries(text: &'static str) -> impl Iterator<Item = (Class, &'static str, &'static str)> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(": ")).flat_map(|(head, forms)| {
        let (class, name) = head.split_once(' ').unwrap_or((head, ""));
        let class = Class::parse(class);
        forms.split('|').filter_map(move |form| Some((class?, name, form.trim())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_language_is_understood() {
        for (language, text) in FILES {
            for line in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
                let (head, forms) = line.split_once(": ").unwrap_or_else(|| panic!("{language:?}: no colon in {line}"));
                let class = head.split_once(' ').map(|(class, _)| class).unwrap_or(head);
                assert!(Class::parse(class).is_some(), "{language:?}: unknown class in {line}");
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == ' ' || c == '|';
                assert!(forms.chars().all(plain), "{language:?}: a form that folding never produces in {line}");
            }
        }
    }

    #[test]
    fn longest_phrase_in_its_own_language_wins() {
        let lexicon = Lexicon::new();
        let find = |text: &str, language| {
            let words: Vec<_> = text.split(' ').map(|w| lexicon.word(w)).collect();
            lexicon.find(words.into_iter(), language).map(|f| (f.senses[0].class, f.senses[0].name, f.words))
        };
        assert_eq!(find("plant pots now", Language::En), Some((Class::Family, "plant_pot", 2)));
        assert_eq!(find("no centro", Language::Pt), Some((Class::Func, "in", 1)));
        assert_eq!(find("no lid", Language::En), Some((Class::Func, "without", 1)));
        assert_eq!(find("alturra", Language::Pt), Some((Class::Axis, "height", 1)));
        assert_eq!(find("mais altas", Language::Pt), Some((Class::More, "height", 2)));
    }
}
