//! Typed identifiers: UUIDv7 wrapped per resource, with AIP resource names.
//!
//! An identifier of one resource cannot be passed where another is meant, and its text form is the resource name that
//! the API shows (`models/0192...`). Identifiers are arguments of the domain: only adapters call [`Id::now_v7`].

mod hash;
mod id;
mod slug;

pub use hash::{ContentHash, ParseHashError};
pub use id::{Id, ParseIdError, Resource};
pub use slug::{DeviceId, OwnerId, ParseDeviceIdError, ParseOwnerIdError};

macro_rules! resources {
    ($($(#[$doc:meta])* $kind:ident, $alias:ident, $collection:literal;)*) => {
        /// Marker types, one per resource. They are never constructed.
        pub mod kind {
            $($(#[$doc])* #[derive(Debug)] pub enum $kind {} impl crate::Resource for $kind {
                const COLLECTION: &'static str = $collection;
            })*
        }
        $($(#[$doc])* pub type $alias = Id<kind::$kind>;)*
    };
}

resources! {
    /// A dialogue between a person and the platform.
    Dialogue, DialogueId, "dialogues";
    /// One message of a dialogue and the answer to it.
    Turn, TurnId, "turns";
    /// A part's model: its versions and artefacts.
    Model, ModelId, "models";
    /// A body that somebody brought.
    Import, ImportId, "imports";
    /// A model sliced for one printer profile.
    Slice, SliceId, "slices";
    /// A price for a slice.
    Quote, QuoteId, "quotes";
    /// One physical print.
    PrintJob, PrintJobId, "printJobs";
    /// A picture of a part.
    Picture, PictureId, "pictures";
    /// A unit of background work.
    Job, JobId, "jobs";
    /// A fact written to the outbox.
    Event, EventId, "events";
}
