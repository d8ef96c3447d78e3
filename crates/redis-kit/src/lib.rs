//! Cache and broadcast: what the services see of Redis, and the adapter that runs inside one process.
//!
//! Nothing that must succeed depends on this crate. Every call has a deadline of its own, and what a caller gets when
//! the store is slow, hung or gone is part of the contract of [`Cache`] and [`Broadcast`]: speed is lost, never an
//! answer.

mod broadcast;
mod cache;
mod in_process;

pub use broadcast::{Broadcast, Delivery, Subscription};
pub use cache::{Cache, ComputeError, Deadline};
pub use in_process::{InProcessBroadcast, InProcessCache};
