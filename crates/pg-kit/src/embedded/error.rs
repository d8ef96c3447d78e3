//! What can go wrong with the embedded server, and what the person can do about it.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error(
        "no PostgreSQL server was found and none could be installed.\nLooked for: {looked_for}.\nInstallation: {install}.\n\
         Remedy: install it (`apt install postgresql`), or Python's pip (`apt install python3-pip`) so that it can be \
         fetched, or give the URL of a database"
    )]
    NotFound { looked_for: String, install: String },
    #[error(
        "the data folder {} was made by PostgreSQL {major}, and there is no server of that version on this machine.\n\
         Looked for: {looked_for}.\nRemedy: `apt install postgresql-{major}`, or use another data folder", data.display()
    )]
    WrongVersion { data: PathBuf, major: String, looked_for: String },
    #[error(
        "the data folder is damaged: {}: {reason}.\nNothing was deleted. Remedy: restore the folder {} from a backup, or \
         move it away to begin with an empty one", file.display(), data.display()
    )]
    Corrupt { data: PathBuf, file: PathBuf, reason: String },
    #[error(
        "{} cannot be entered by the user {user}, as whom PostgreSQL runs because it refuses to run as root.\n\
         Remedy: use a folder under /var/lib/pot, or `chmod o+x` it and the folders above it", path.display()
    )]
    NotTraversable { path: PathBuf, user: String },
    #[error(
        "PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as; create one (`useradd --system postgres`)"
    )]
    NoUser,
    #[error("the socket's path {} is longer than the 107 bytes that the system allows; choose a shorter runtime folder", path.display())]
    SocketPathTooLong { path: PathBuf },
    #[error("{} is in the way: {reason}; move it away", path.display())]
    InTheWay { path: PathBuf, reason: String },
    #[error("cannot {action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("{program} failed ({status}): {output}")]
    Program { program: String, status: String, output: String },
    #[error(
        "PostgreSQL did not become ready on {}: {reason}\nIts last messages:\n{log}\nNothing was deleted. If the folder is \
         damaged, restore it from a backup, or move it away and start with an empty one",
        folder.display()
    )]
    Start { folder: PathBuf, reason: String, log: String },
    #[error("a server that an earlier run left behind (process {pid}) does not end; end it by hand")]
    Leftover { pid: u32 },
}

/// For `map_err`: names the action and the path.
pub(super) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> EmbeddedError {
    let path = path.into();
    move |source| EmbeddedError::Io { action, path, source }
}
