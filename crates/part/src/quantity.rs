//! A value with its provenance: what it is, the words it came from, and who decided it.

use serde::{Deserialize, Serialize};

/// What a quantity measures; the value is in the unit named here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// Millimetres.
    Length,
    /// Degrees.
    Angle,
    /// A whole number without a unit: holes, teeth, copies.
    Count,
    /// A plain ratio: 0.2 is 20 %.
    Ratio,
}

/// Where a value comes from. A language model can only point at the user's words: a value that is in no turn and follows
/// from no rule does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Source {
    /// Said in turn `turn` (0 is the first), in the bytes `start..end` of its text.
    User { turn: u32, start: u32, end: u32 },
    /// Assumed by the named rule because nobody said it.
    Default { rule: String },
    /// Follows by the named rule from other values.
    Derived { rule: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantity {
    pub value: f64,
    /// The words as said ("12 cm", "doze centímetros"), empty when nobody said them.
    pub words: String,
    pub source: Source,
}

impl Quantity {
    pub fn said(value: f64, words: impl Into<String>, turn: u32, span: std::ops::Range<usize>) -> Self {
        let source = Source::User { turn, start: span.start as u32, end: span.end as u32 };
        Self { value, words: words.into(), source }
    }

    pub fn default(value: f64, rule: impl Into<String>) -> Self {
        Self { value, words: String::new(), source: Source::Default { rule: rule.into() } }
    }

    pub fn derived(value: f64, rule: impl Into<String>) -> Self {
        Self { value, words: String::new(), source: Source::Derived { rule: rule.into() } }
    }

    pub fn is_said(&self) -> bool {
        matches!(self.source, Source::User { .. })
    }
}
