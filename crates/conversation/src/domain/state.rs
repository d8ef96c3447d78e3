//! The dialogue as data: language, history of the part with a head, the question that waits for an answer, and where the
//! conversation stands.

use part::{Edit, Part};
use serde::{Deserialize, Serialize};

/// Languages that the engine reads and answers in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    Pt,
    En,
    Es,
}

impl Language {
    pub const ALL: [Language; 3] = [Language::Pt, Language::En, Language::Es];

    /// The primary language subtag.
    pub fn as_str(self) -> &'static str {
        match self {
            Language::Pt => "pt",
            Language::En => "en",
            Language::Es => "es",
        }
    }
}

/// Where the dialogue stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nothing was said yet about a part.
    #[default]
    Active,
    /// A part is being described.
    Specifying,
    /// A question waits for its answer.
    Clarifying,
    /// The part is whole and its sizes are being checked; never at rest between turns.
    Validating,
    /// The part can be built.
    Complete,
}

/// Why we ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// An essential size or word is missing and no default is sensible.
    MissingSize,
    /// Two statements cannot both hold.
    Contradiction,
    /// Zero, negative or beyond what can be printed.
    Unprintable,
    /// Not something that the catalogue knows.
    UnknownObject,
    UnknownMaterial,
    UnknownColour,
    /// The words name no change that we can make out.
    NotUnderstood,
}

/// One question; the answer to it may be as short as "40".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    pub kind: QuestionKind,
    /// The operation asked about, empty when the question is about the part as a whole.
    pub operation: String,
    /// The parameter or choice asked about, empty when it is not about one.
    pub parameter: String,
    pub text: String,
}

/// Everything the engine remembers between turns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub language: Option<Language>,
    /// Every state of the part, oldest first; never empty.
    pub history: Vec<Part>,
    /// The current entry of `history`; entries after it can be redone.
    pub head: usize,
    pub pending: Option<Question>,
    /// The number of the turn that comes next; the first is 0.
    pub turn_number: u32,
    pub phase: Phase,
    /// Operation and parameter that were changed last: what "no, 30" is about.
    pub focus: Option<(String, String)>,
    /// Sizes that were said before anybody said of what: the turn's number and its text.
    #[serde(default)]
    pub unplaced: Option<(u32, String)>,
}

impl Default for State {
    fn default() -> Self {
        State {
            language: None,
            history: vec![Part::default()],
            head: 0,
            pending: None,
            turn_number: 0,
            phase: Phase::Active,
            focus: None,
            unplaced: None,
        }
    }
}

/// The longest history kept; the oldest entries fall off first.
pub(crate) const MAX_HISTORY: usize = 500;

impl State {
    /// The part as it stands.
    pub fn part(&self) -> &Part {
        // A state read from storage may be damaged; the first entry is then the safe answer.
        static EMPTY: std::sync::LazyLock<Part> = std::sync::LazyLock::new(Part::default);
        self.history.get(self.head).or(self.history.first()).unwrap_or(&EMPTY)
    }

    pub fn can_undo(&self) -> bool {
        self.head > 0
    }

    pub fn can_redo(&self) -> bool {
        self.head + 1 < self.history.len()
    }

    /// Appends a new part after the head; what could be redone is gone.
    pub(crate) fn commit(&mut self, part: Part) {
        self.history.truncate(self.head + 1);
        self.history.push(part);
        if self.history.len() > MAX_HISTORY {
            self.history.remove(0);
        }
        self.head = self.history.len() - 1;
    }
}

/// A value that nobody said and that the reply mentions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assumption {
    pub operation: String,
    pub parameter: String,
    /// Millimetres, degrees, a count or a ratio, by the parameter's dimension.
    pub value: f64,
    /// The rule that gave the value.
    pub rule: String,
}

/// What a turn did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub state: State,
    /// Empty for undo, redo, questions and small talk.
    pub edits: Vec<Edit>,
    /// True when the turn moved through the history; the edits then start from where it arrived.
    pub travelled: bool,
    pub reply: String,
    pub question: Option<Question>,
    /// True when the part can be built as it stands and nothing is asked.
    pub complete: bool,
    pub assumptions: Vec<Assumption>,
}
