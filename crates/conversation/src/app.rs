//! Use cases: start a dialogue, say something in it, read it back.

mod dialogues;
mod ports;
mod turns;

pub(crate) use dialogues::{create_dialogue, get_dialogue, list_dialogues};
pub(crate) use ports::{Dialogue, DialogueStore, NewDialogue, Objects, Take, Turn};
pub(crate) use turns::{Specification, create_turn, get_specification, list_turns};
