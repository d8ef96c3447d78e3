//! Starting, watching and stopping the server.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::NoTls;

use super::error::io;
use super::find::{Binaries, find_or_install};
use super::process::{clear_leftovers, command, output};
use super::user::{RunAs, check_traversable, make_data_dir, private_dir, run_as};
use super::{DataDirLock, EmbeddedConfig, EmbeddedError};
use crate::{Address, PoolConfig};

mod supervise;

use supervise::Supervisor;

const PORT: u16 = 5432;
const USER: &str = "pot";
const DATABASE: &str = "pot";
/// The cluster's folder within the data folder.
const CLUSTER: &str = "postgres";
/// The kernel's limit of a socket's path, without the terminating zero.
const SOCKET_PATH_MAX: usize = 107;
/// Replaying the log after a kill can take a while on a slow disk.
const READY_TIMEOUT: Duration = Duration::from_secs(120);

/// A running embedded server. Dropping it stops it and waits for that; [`Embedded::stop`] does so without blocking.
pub struct Embedded {
    supervisor: Supervisor,
    sockets: PathBuf,
    version: String,
}

impl Embedded {
    /// Starts the server on the locked data folder; makes the cluster if there is none, recovers it if its last run was
    /// killed.
    pub async fn start(config: &EmbeddedConfig, lock: &DataDirLock) -> Result<Self, EmbeddedError> {
        let cluster = lock.dir().join(CLUSTER);
        let user = run_as(&cluster)?;
        check_traversable(lock.dir(), user.as_ref())?;
        let existing = cluster_version(lock.dir(), &cluster)?;
        let binaries = find_or_install(config, existing.as_deref(), lock.dir(), user.as_ref()).await?;
        if existing.is_none() {
            (config.progress)("Creating the database ...");
            initialize(config, &binaries, lock.dir(), &cluster, user.as_ref()).await?;
        }
        clear_leftovers(&cluster).await?;
        // Nobody works in the cluster, so this file is a killed server's. Were its number meanwhile another process's,
        // the server would refuse to start.
        remove_file(&cluster.join("postmaster.pid"))?;
        let sockets = socket_folder(&config.runtime_dir, &cluster, user.as_ref())?;

        let mut server = command(&binaries.postgres(), user.as_ref());
        server.arg("-D").arg(&cluster).arg("-k").arg(&sockets).arg("-p").arg(PORT.to_string());
        for setting in settings(config) {
            server.arg("-c").arg(setting);
        }
        let supervisor = Supervisor::spawn(server.into_std()).map_err(io("start", binaries.postgres()))?;
        let embedded = Self { supervisor, sockets, version: binaries.major };
        embedded.ready(lock.dir(), &cluster).await?;
        Ok(embedded)
    }

    /// Where the server listens; the database is `pot`.
    pub fn address(&self) -> Address {
        self.address_of(DATABASE)
    }

    /// The address of another database of this server.
    pub fn address_of(&self, database: &str) -> Address {
        Address::Socket {
            folder: self.sockets.clone(),
            port: PORT,
            user: USER.to_owned(),
            database: database.to_owned(),
        }
    }

    /// The settings of a pool for `schema`.
    pub fn pool_config(&self, schema: &str) -> PoolConfig {
        PoolConfig::new(self.address(), schema)
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        self.supervisor.pid()
    }

    /// The major version: "18".
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Resolves when the server ends without being told to.
    pub async fn exited(&self) -> String {
        self.supervisor.exited().await
    }

    /// Fast shutdown: connections are closed, a checkpoint is written.
    pub async fn stop(self) {
        // The drop blocks while the server writes.
        if tokio::task::spawn_blocking(move || drop(self)).await.is_err() {
            tracing::error!("stopping the database panicked");
        }
    }

    /// Waits until the server answers, and makes the database.
    async fn ready(&self, data: &Path, cluster: &Path) -> Result<(), EmbeddedError> {
        let failed = |reason: String, log: String| EmbeddedError::Start { folder: cluster.to_owned(), reason, log };
        let driver = crate::config::PoolConfig::new(self.address_of("postgres"), "public")
            .driver()
            .map_err(|error| failed(error.to_string(), String::new()))?;
        let deadline = Instant::now() + READY_TIMEOUT;
        loop {
            match driver.connect(NoTls).await {
                Ok((client, connection)) => {
                    let work = create_database(&client);
                    let result = tokio::select! {
                        result = work => result,
                        // The connection ends only on an error, which the work then reports.
                        _ = connection => continue,
                    };
                    return result.map_err(|error| failed(crate::pool::chain(&error), self.log()));
                }
                Err(error) => {
                    if let Some(status) = self.supervisor.status() {
                        let log = self.log();
                        let damage = corruption(data, cluster, &log);
                        return Err(damage.unwrap_or_else(|| failed(format!("it ended ({status})"), log)));
                    }
                    if Instant::now() > deadline {
                        return Err(failed(crate::pool::chain(&error), self.log()));
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn log(&self) -> String {
        self.supervisor.log()
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.supervisor.stop();
        // The server removes its socket; the folder is ours.
        drop(fs::remove_dir(&self.sockets));
    }
}

async fn create_database(client: &tokio_postgres::Client) -> Result<(), tokio_postgres::Error> {
    let known = client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&DATABASE]).await?;
    if known.is_none() {
        client.batch_execute(&format!("CREATE DATABASE {DATABASE}")).await?;
    }
    Ok(())
}

/// The major version of the cluster, `None` if there is no cluster yet.
fn cluster_version(data: &Path, cluster: &Path) -> Result<Option<String>, EmbeddedError> {
    let empty = match fs::read_dir(cluster) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(io("list", cluster)(error)),
    };
    if empty {
        return Ok(None);
    }
    let file = cluster.join("PG_VERSION");
    let corrupt = |reason: String| EmbeddedError::Corrupt { data: data.to_owned(), file: file.clone(), reason };
    let text = fs::read_to_string(&file).map_err(|error| corrupt(error.to_string()))?;
    let major = text.trim();
    if major.is_empty() || !major.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(corrupt("it does not hold a version number".into()));
    }
    Ok(Some(major.to_owned()))
}

/// Makes a cluster beside its place and moves it there when it is whole: one that was interrupted is never used.
async fn initialize(
    config: &EmbeddedConfig,
    binaries: &Binaries,
    data: &Path,
    cluster: &Path,
    user: Option<&RunAs>,
) -> Result<(), EmbeddedError> {
    let staging = data.join(".postgres.new");
    match fs::remove_dir_all(&staging) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io("remove", &staging)(error)),
        _ => {}
    }
    private_dir(&staging, user)?;
    let mut initdb = command(&binaries.initdb(), user);
    initdb.arg("-D").arg(&staging).args(["-U", USER, "--encoding=UTF8", "--locale=C", "--auth=trust"]);
    if config.volatile {
        initdb.arg("--no-sync");
    }
    output(&mut initdb, "initdb").await?;
    // Replaces an empty folder too.
    fs::rename(&staging, cluster).map_err(io("move the new database to", cluster))
}

/// Authentication is by folder: only the server's user, and root, can enter it.
fn socket_folder(runtime: &Path, cluster: &Path, user: Option<&RunAs>) -> Result<PathBuf, EmbeddedError> {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::MetadataExt;

    let runtime = make_data_dir(runtime)?;
    let metadata = fs::symlink_metadata(&runtime).map_err(io("look at", &runtime))?;
    let us = rustix::process::geteuid().as_raw();
    if metadata.uid() != us && metadata.uid() != 0 {
        return Err(EmbeddedError::InTheWay { path: runtime, reason: "it belongs to another user".into() });
    }
    // One folder a cluster, always the same, so that a killed run leaves nothing new behind.
    let digest = blake3::hash(cluster.as_os_str().as_bytes()).to_hex();
    let folder = runtime.join(&digest[..12]);
    let socket = folder.join(format!(".s.PGSQL.{PORT}"));
    if socket.as_os_str().len() > SOCKET_PATH_MAX {
        return Err(EmbeddedError::SocketPathTooLong { path: socket });
    }
    private_dir(&folder, user)?;
    check_traversable(&folder, user)?;
    remove_file(&socket)?;
    remove_file(&folder.join(format!(".s.PGSQL.{PORT}.lock")))?;
    Ok(folder)
}

fn remove_file(path: &Path) -> Result<(), EmbeddedError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// A small server beside the platform's own work: no TCP, no replication, no parallel queries, no JIT.
fn settings(config: &EmbeddedConfig) -> Vec<String> {
    let mut settings: Vec<String> = [
        "listen_addresses=",
        "unix_socket_permissions=0700",
        "shared_buffers=64MB",
        "max_worker_processes=2",
        "max_parallel_workers=0",
        "max_parallel_workers_per_gather=0",
        "jit=off",
        "wal_level=minimal",
        "max_wal_senders=0",
        "min_wal_size=64MB",
        "max_wal_size=256MB",
        "logging_collector=off",
        "log_destination=stderr",
        "log_line_prefix=",
        "timezone=UTC",
        "log_timezone=UTC",
    ]
    .map(str::to_owned)
    .into();
    settings.push(format!("max_connections={}", config.max_connections));
    if config.volatile {
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
    }
    settings
}

/// Reads from the server's messages whether its files are damaged, and which.
fn corruption(data: &Path, cluster: &Path, log: &str) -> Option<EmbeddedError> {
    const SIGNS: [&str; 8] = [
        "could not open file",
        "could not read file",
        "could not open directory",
        "could not locate a valid checkpoint record",
        "invalid checkpoint record",
        "incorrect checksum in control file",
        "not a valid data directory",
        "could not find the database system",
    ];
    // A disk that is full or a file that cannot be read for lack of rights is no damage.
    if log.contains("Permission denied") || log.contains("No space left") {
        return None;
    }
    // In the order of the signs: a line that names a file before one that does not.
    let line = SIGNS.iter().find_map(|sign| log.lines().find(|line| line.contains(sign)))?;
    let file = line.split('"').nth(1).map_or_else(|| cluster.to_owned(), |quoted| cluster.join(quoted));
    Some(EmbeddedError::Corrupt { data: data.to_owned(), file, reason: line.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_told_from_other_failures() {
        let (data, cluster) = (Path::new("/d"), Path::new("/d/postgres"));
        let log = "postgres: could not find the database system\nExpected to find it in the directory \"/d/postgres\",\n\
                   but could not open file \"/d/postgres/global/pg_control\": No such file or directory\n";
        match corruption(data, cluster, log) {
            Some(EmbeddedError::Corrupt { file, .. }) => assert_eq!(file, Path::new("/d/postgres/global/pg_control")),
            other => panic!("{other:?}"),
        }
        let relative =
            corruption(data, cluster, "LOG:  starting\nPANIC:  could not open file \"base/1\": Input/output error");
        assert!(matches!(relative, Some(EmbeddedError::Corrupt { file, .. }) if file == cluster.join("base/1")));
        for other in ["FATAL:  could not create shared memory segment", "could not open file \"x\": Permission denied"]
        {
            assert!(corruption(data, cluster, other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_folder_without_a_version_is_damaged_and_an_empty_one_is_new() {
        let dir = tempfile::tempdir().unwrap();
        let cluster = dir.path().join("postgres");
        assert_eq!(cluster_version(dir.path(), &cluster).unwrap(), None);
        fs::create_dir(&cluster).unwrap();
        assert_eq!(cluster_version(dir.path(), &cluster).unwrap(), None);
        fs::write(cluster.join("base"), "").unwrap();
        let error = cluster_version(dir.path(), &cluster).unwrap_err();
        assert!(error.to_string().contains("PG_VERSION") && error.to_string().contains("Remedy"), "{error}");
        fs::write(cluster.join("PG_VERSION"), "15\n").unwrap();
        assert_eq!(cluster_version(dir.path(), &cluster).unwrap().as_deref(), Some("15"));
    }

    #[test]
    fn a_long_runtime_folder_is_refused_with_its_path() {
        let dir = tempfile::tempdir().unwrap();
        let runtime = dir.path().join("x".repeat(100));
        assert!(matches!(
            socket_folder(&runtime, Path::new("/d/postgres"), None),
            Err(EmbeddedError::SocketPathTooLong { .. })
        ));
    }
}
