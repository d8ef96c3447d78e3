//! The planner alone, without a kernel behind it: for fuzzing.

use part::solid::Body;

use crate::plan;

/// Plans every piece in every way that [`crate::evaluate`] may try, and gives the number of tasks; refused steps count none.
pub fn rehearse(body: &Body) -> usize {
    let mut tasks = 0;
    for piece in &body.pieces {
        let Ok(written) = plan::written(piece) else { continue };
        let (rewritten, _) = plan::rewritten(&written);
        tasks += rewritten.len();
        tasks += plan::shelled_first(&written).map_or(0, |tasks| tasks.len());
        tasks +=
            usize::from(plan::asks_for_seams(&rewritten)) + rewritten.iter().filter(|t| plan::is_thread(t)).count();
    }
    tasks
}
