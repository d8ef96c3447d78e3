//! PURE: a lowered part to exact solids (B-rep) and their mesh, its file formats and its printability.
//!
//! [`evaluate`] builds each piece on the exact kernel; where that kernel refuses an operation with a typed error, or
//! returns something that does not check or does not mesh closed, the piece is built on the mesh kernel instead, and the
//! result says so and has no STEP. Lengths are millimetres. The same input gives the same bytes in every format.

mod build;
mod contour;
mod evaluate;
pub mod formats;
mod glyphs;
mod kernel;
mod layout;
pub mod printability;

pub use build::{Artefacts, Build, BuildError, BuildOptions, build};
pub use evaluate::{Evaluated, EvaluatedPiece, GeometryError, Kernels, Options, evaluate};
