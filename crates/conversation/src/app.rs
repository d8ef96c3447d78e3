//! Use cases: start a dialogue, say something in it, read it back.

mod assist;
mod dialogues;
mod ports;
mod specifications;
mod turns;

pub use assist::{Answer, Assisted, Consulted, LanguageModel, Progress, Rung, Unanswered, Unread, Usage, consult};
pub(crate) use dialogues::{create_dialogue, get_dialogue, list_dialogues};
pub(crate) use ports::{
    After, Claim, Dialogue, DialogueStore, Ledger, ModelName, NewDialogue, Objects, Said, Take, Turn,
};
pub(crate) use specifications::{Base, Difference, Specification, Told};
pub(crate) use turns::{Assistance, Desk, Step, create_turn, get_turn, list_turns};
