//! PURE: the part as data. A part is a feature history: material, colour, quantity, fit and an ordered list of operations
//! whose parameters are quantities that know the words they came from.
//!
//! Nothing here computes geometry or understands language. The [`catalogue`] says which kinds of operation exist and
//! which parameters each has; [`Edit`]s change a part and are validated against it; [`lower`] turns the history into
//! plain numbers in a small solid-modelling vocabulary ([`solid`]) that the geometry crate evaluates.

pub mod catalogue;
mod edit;
mod families;
mod lower;
mod material;
mod operation;
mod quantity;
mod sketch;
pub mod solid;

pub use edit::{Edit, EditError, MAX_OPERATIONS};
pub use lower::{Invalid, lower};
pub use material::{Colour, Fit, Material};
pub use operation::{Face, Operation, OperationId, Part, Placement, Position, SCHEMA, Variable};
pub use quantity::{Dimension, Quantity, Source};
pub use sketch::{Figure, Outline, Path, Point, Sketch, SpacePoint, SpaceStroke, Stroke};
