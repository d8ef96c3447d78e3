//! PURE: a lowered part to exact solids (B-rep) and their mesh, its file formats and its printability.
//!
//! [`evaluate`] builds each piece on the exact kernel; where that kernel refuses an operation with a typed error, or
//! returns something that does not check or does not mesh closed, the piece is built on the mesh kernel instead, and the
//! result says so and has no STEP. Lengths are millimetres. The same input gives the same bytes in every format.

mod blend;
mod brought;
mod build;
mod cache;
mod contour;
mod evaluate;
mod flanks;
pub mod formats;
mod glyphs;
pub mod import;
mod kernel;
mod ladder;
mod layout;
mod loft;
mod lumps;
mod outline;
mod plan;
pub mod printability;
mod rehearse;
mod spine;

pub use brought::{Imported, Imports};
pub use build::{Artefacts, Build, BuildError, BuildOptions, build, build_with, preview_glb};
pub use cache::{CacheCounts, CacheLimits, Tier};
pub use evaluate::{Evaluated, EvaluatedPiece, Evaluator, GeometryError, Kernels, Options, evaluate, evaluate_with};
pub use rehearse::rehearse;
