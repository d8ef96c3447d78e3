//! The outside: worker processes that evaluate geometry.

mod child;
mod evaluator;
mod frame;
mod pipe;
mod pool;

pub use child::worker_main;
pub(crate) use evaluator::WorkerPool;
