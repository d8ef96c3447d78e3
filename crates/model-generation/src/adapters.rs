//! The outside: worker processes that evaluate geometry.

mod child;
mod frame;
mod pool;

pub use child::worker_main;
pub(crate) use pool::WorkerPool;
