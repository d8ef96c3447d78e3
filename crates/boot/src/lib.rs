//! Process life: the captured environment, typed configuration, time, the runtime, shutdown and drain.
//!
//! A `main` of this platform is four steps, all from here: capture the [`Environment`], load the configuration with
//! [`Loader`], build the services with a [`Shutdown`] and [`Tasks`], and drain. Only this crate reads the process
//! environment and only this crate starts tasks, so that nothing is configured behind one's back and nothing is left
//! running.

mod clock;
mod config;
mod environment;
mod runtime;
mod secret;
mod shutdown;
mod tasks;

pub use clock::{Clock, ManualClock};
pub use config::{ConfigError, Loader, print_config};
pub use environment::{Environment, Hardware};
pub use runtime::{EXIT_CONFIG, EXIT_FAILED, EXIT_INTERRUPTED, run};
pub use secret::Secret;
pub use shutdown::Shutdown;
pub use tasks::{Drained, Tasks};
