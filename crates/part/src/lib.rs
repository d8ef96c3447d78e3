//! PURE: the part as data. A part is a feature history: material, colour, quantity, fit and an ordered list of operations
//! whose parameters are quantities that know the words they came from.
//!
//! Nothing here computes geometry or understands language. The [`catalogue`] says which kinds of operation exist and
//! which parameters each has; [`Edit`]s change a part and are validated against it; [`lower`] turns the history into
//! plain numbers in a small solid-modelling vocabulary ([`solid`]) that the geometry crate evaluates.

pub mod catalogue;
mod edit;
pub mod examples;
mod expression;
mod families;
mod lower;
mod material;
mod operation;
mod operations;
mod quantity;
mod region;
mod sketch;
pub mod solid;
pub mod standards;
mod value;

pub use edit::{Beside, Edit, EditError, MAX_OPERATIONS, MAX_VARIABLES};
pub use examples::examples;
pub use expression::{Expression, ExpressionError, MAX_EXPRESSION_DEPTH, MAX_EXPRESSION_LENGTH, Name, evaluated};
pub use lower::{Invalid, lower};
pub use material::{Colour, Fit, Material};
pub use operation::{
    Anchor, AnchorFrom, Face, FaceEdge, MAX_PLACES, Operation, OperationId, Part, Placement, Position, SCHEMA,
    Variable, clock_angle,
};
pub use quantity::{Dimension, Quantity, Source};
pub use sketch::{
    Figure, MAX_DRAWN, MAX_HOLES, MAX_POINTS, MAX_SEGMENTS, MAX_TEXT, Outline, Path, Point, Sketch, SpacePoint,
    SpaceStroke, Stroke,
};
