//! The rules of default and derived values in other languages.
//!
//! A rule is an English phrase in the part; its words make the key of its translation. Numbers, threads and sides are taken
//! out of it first, so that "10 mm from the left edge" and "4 mm from the right edge" are one message.

use part::catalogue;

use super::Explainer;
use crate::domain::state::Language;

const SIDES: [&str; 7] = ["left", "right", "front", "back", "top", "bottom", "far"];

impl Explainer {
    /// The rule in the language; as it is where nobody translated it.
    pub(super) fn rule(&self, language: Language, rule: &str) -> String {
        if let Some((base, message)) = rule.rsplit_once(", turn ")
            && let Ok(turn) = message.parse::<u64>()
        {
            let (base, message) = (self.rule(language, base), (turn + 1).to_string());
            return self.say(language, "rule-turn", &[("rule", &base), ("message", &message)]);
        }
        if language == Language::En {
            return rule.replace('_', " ");
        }
        // What a vessel holds is told in the words that said it, with an English condition after them.
        if let Some(words) = rule.strip_prefix("holds ") {
            return match words.split_once(" at ") {
                Some((words, _)) => {
                    let args = [("words", words), ("n1", "120")];
                    self.say(language, "rule--holds-at-n-percent-of-the-diameter-in-height", &args)
                }
                None => self.say(language, "rule--holds", &[("words", words)]),
            };
        }
        [false, true]
            .into_iter()
            .find_map(|names| self.translated(language, rule, names))
            .unwrap_or_else(|| rule.to_owned())
    }

    /// `names` also takes out the names of sizes and things, which are plain words in other rules.
    fn translated(&self, language: Language, rule: &str, names: bool) -> Option<String> {
        let words: Vec<&str> =
            rule.split_whitespace().map(|w| w.trim_matches([',', ';', ':', '.', '(', ')'])).collect();
        let mut counts = [0_usize; 5];
        let mut args: Vec<(String, String)> = Vec::new();
        let mut key = String::from("rule-");
        for (at, word) in words.iter().enumerate() {
            let (place, letter, value) = if word.parse::<f64>().is_ok() {
                (0, "n", word.replace('.', ","))
            } else if word.strip_prefix('M').is_some_and(|rest| rest.parse::<f64>().is_ok()) {
                (1, "m", (*word).to_owned())
            } else if SIDES.contains(word) && words.get(at + 1) == Some(&"edge") {
                (2, "s", self.say(language, &format!("side--{word}"), &[]))
            } else if names && is_parameter(word) {
                (3, "p", self.say(language, &format!("name--{word}"), &[]))
            } else if names && catalogue::find(word).is_some() {
                (4, "k", self.say(language, &format!("kind--{word}"), &[]))
            } else {
                let plain = plain(word);
                if !plain.is_empty() {
                    key.push('-');
                    key.push_str(&plain);
                }
                continue;
            };
            counts[place] += 1;
            key.push('-');
            key.push_str(letter);
            args.push((format!("{letter}{}", counts[place]), value));
        }
        // "rule--" and the first word.
        let key = key.replacen("rule-", "rule--", 1).replacen("rule---", "rule--", 1);
        let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.find(language, &key, &args)
    }
}

fn is_parameter(word: &str) -> bool {
    catalogue::definitions().iter().any(|definition| definition.parameter(word).is_some())
}

/// A word as a part of a key: letters and digits, hyphens between.
fn plain(word: &str) -> String {
    match word {
        "%" => return "percent".to_owned(),
        "+" => return "plus".to_owned(),
        "-" => return "minus".to_owned(),
        "/" => return "over".to_owned(),
        _ => {}
    }
    let letters: String =
        word.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    letters.split('-').filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join("-")
}
