//! The embedded engine: what people say about a part, understood offline, without a model, and the same way every time.
//!
//! A turn passes through small pure stages: normalise -> lex -> lexicon -> quantities -> grammar -> compose (edits) ->
//! validate -> ask or accept -> reply. It never invents a number: a value is said (with its bytes in the turn), follows by
//! a named rule, or is the catalogue's default and is mentioned as such.

mod asides;
mod clauses;
mod compose;
pub mod diff;
mod engine;
mod explain;
mod grammar;
mod language;
mod lex;
mod lexeme;
mod lexicon;
mod normalise;
pub mod proposal;
mod quantity;
mod reply;
mod resolve;
mod state;
mod threads;

pub use engine::Engine;
pub use explain::{Explainer, Explanation, Origin};
pub use normalise::{MAX_CHARACTERS, Rejected};
pub use state::{Assumption, Language, Outcome, Phase, Question, QuestionKind, State};
