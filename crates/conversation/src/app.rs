//! Use cases: start a dialogue, say something in it, read it back.

mod assist;
mod dialogues;
mod ports;
mod turns;

pub use assist::{Answer, Assisted, Consulted, LanguageModel, Rung, Unanswered, Unread, Usage, consult};
pub(crate) use dialogues::{create_dialogue, get_dialogue, list_dialogues};
pub(crate) use ports::{Claim, Dialogue, DialogueStore, Ledger, ModelName, NewDialogue, Objects, Take, Turn};
pub(crate) use turns::{Assistance, Desk, Specification, create_turn, get_specification, list_turns};
