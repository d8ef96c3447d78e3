//! What a reply says about the language model's part in it, in the speaker's language.

use fluent::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::langid;

use crate::domain::{reply::bundle, state::Language};

/// A remark about the language model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// It gave no usable answer: none, none in time, or nothing that can be read.
    Silent,
    /// It proposed what the words do not say.
    Refused,
    /// The owner's budget of the day is spent.
    Budget,
    /// The change was worked out with it.
    Helped,
    /// Measures of the turn that found no place.
    Unused(String),
}

pub(super) struct Notes {
    bundles: [FluentBundle<FluentResource>; 3],
}

impl Notes {
    pub(super) fn new() -> Self {
        Notes {
            bundles: [
                bundle(langid!("pt"), include_str!("../../../locales/pt/llm.ftl")),
                bundle(langid!("en"), include_str!("../../../locales/en/llm.ftl")),
                bundle(langid!("es"), include_str!("../../../locales/es/llm.ftl")),
            ],
        }
    }

    pub(super) fn say(&self, language: Language, note: &Note) -> String {
        let bundle = match language {
            Language::Pt => &self.bundles[0],
            Language::En => &self.bundles[1],
            Language::Es => &self.bundles[2],
        };
        let mut args = FluentArgs::new();
        let id = match note {
            Note::Silent => "llm-silent",
            Note::Refused => "llm-refused",
            Note::Budget => "llm-budget",
            Note::Helped => "llm-helped",
            Note::Unused(words) => {
                args.set("words", words.as_str());
                "llm-unused"
            }
        };
        let mut errors = Vec::new();
        let pattern = bundle.get_message(id).and_then(|message| message.value());
        pattern.map_or_else(String::new, |p| bundle.format_pattern(p, Some(&args), &mut errors).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_exists_in_every_language_and_differs_between_them() {
        let notes = Notes::new();
        for note in [Note::Silent, Note::Refused, Note::Budget, Note::Helped, Note::Unused("5 mm".into())] {
            let texts: Vec<String> = Language::ALL.into_iter().map(|l| notes.say(l, &note)).collect();
            assert!(texts.iter().all(|t| t.len() > 10), "{note:?}: {texts:?}");
            assert!(texts[0] != texts[1] && texts[1] != texts[2] && texts[0] != texts[2], "{texts:?}");
        }
        assert!(notes.say(Language::En, &Note::Unused("5 mm".into())).contains("5 mm"));
    }
}
