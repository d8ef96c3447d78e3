//! PURE: what the platform and a printer say to each other, and what a printer's reports mean; no sockets, no clock.
//!
//! The platform's own protocol runs on MQTT 3.1.1 with JSON payloads, one message a packet:
//!
//! | topic | direction | payload |
//! |---|---|---|
//! | `3dpot/printer/{id}/command` | to the printer | [`Command`] |
//! | `3dpot/printer/{id}/ack` | from the printer | [`Ack`], one for every command |
//! | `3dpot/printer/{id}/status` | from the printer | [`Status`], periodically and at every change |
//!
//! A printer need not remember which starts it has seen: the platform sends a start at most once for a fence and
//! resolves a lost acknowledgement by a [`Action::Query`]. Commands to one printer are ordered, so the answer to a query
//! that follows a start tells whether the start arrived.

mod message;
mod reducer;
pub mod topic;

pub use message::{Ack, Action, Command, DecodeError, MAX_PAYLOAD_BYTES, Outcome, SCHEMA, State, Status, Temperatures};
pub use reducer::{Change, changes};
