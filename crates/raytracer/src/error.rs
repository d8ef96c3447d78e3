//! Why a picture could not be made, and what to change.

/// The closed set of refusals. Nothing here holds a cause: the crate touches no outside world.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RenderError {
    #[error(
        "there is nothing to draw: every object is empty or has only degenerate triangles; pass at least one triangle with an area"
    )]
    NothingToDraw,
    #[error("{field} is {value}, outside {min}..={max}; choose a value within the bounds")]
    OutOfBounds { field: &'static str, value: u64, min: u64, max: u64 },
    #[error(
        "object {object}, triangle {triangle} refers to corner {index}, but the mesh has {corners} corners; rebuild the mesh"
    )]
    BadIndex { object: usize, triangle: usize, index: u32, corners: usize },
    #[error("{field} is not a finite number or outside its meaning ({why}); correct the scene")]
    BadScene { field: &'static str, why: &'static str },
    #[error("object {object} has a position that is not finite at corner {corner}; rebuild the mesh")]
    BadPosition { object: usize, corner: usize },
    #[error("the triangles are spread over too many orders of magnitude for the search tree; simplify the mesh")]
    TooDeep,
    #[error("the render was cancelled")]
    Cancelled,
}
