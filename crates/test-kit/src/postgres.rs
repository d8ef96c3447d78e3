//! The ephemeral Postgres server.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use pg_kit::embedded::{DataDirLock, Embedded, EmbeddedConfig, Environment, Folders};
use pg_kit::{MigrationSet, Pool, PoolConfig};
use tokio::sync::OnceCell;

static SERVER: OnceCell<Server> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(1);

struct Server {
    embedded: Embedded,
    _lock: DataDirLock,
    _reaper: Child,
}

/// A database of its own for one test.
pub struct TestDb {
    server: &'static Server,
    name: String,
}

/// Starts the server if this process has none yet, and makes a database on it.
///
/// # Panics
///
/// If there is no server to be had: a test cannot go on without it.
pub async fn postgres() -> TestDb {
    let server = SERVER.get_or_init(Server::start).await;
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let admin = PoolConfig { max_size: 1, ..PoolConfig::new(server.embedded.address(), "public") };
    let admin = Pool::new(admin).unwrap_or_else(|error| panic!("{error}"));
    let conn = admin.get().await.unwrap_or_else(|error| panic!("{error}"));
    conn.batch(&format!("CREATE DATABASE {name}")).await.unwrap_or_else(|error| panic!("{error:?}"));
    TestDb { server, name }
}

impl TestDb {
    /// The settings of a pool on this database.
    pub fn config(&self, schema: &str) -> PoolConfig {
        PoolConfig::new(self.server.embedded.address_of(&self.name), schema)
    }

    /// A pool for `schema`, which [`TestDb::migrated`] or the test itself makes.
    pub fn pool(&self, schema: &str) -> Pool {
        Pool::new(self.config(schema)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A pool for `schema` with `sets` applied.
    pub async fn migrated(&self, schema: &str, sets: &[MigrationSet]) -> Pool {
        let pool = self.pool(schema);
        pg_kit::migrate(&pool, sets).await.unwrap_or_else(|error| panic!("{error:?}"));
        pool
    }

    /// Asserts that nothing of the test goes on in its database: no open transaction, no lock that outlived one.
    pub async fn assert_quiet(&self) {
        let pool = self.pool("public");
        let conn = pool.get().await.unwrap_or_else(|error| panic!("{error}"));
        let sql = "SELECT pid::text || ' ' || state || ': ' || query FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
                   UNION ALL
                   SELECT 'advisory lock of ' || pid FROM pg_locks
                   WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        let mut left = Vec::new();
        // What was under way when the test's last future was dropped is allowed to end.
        for _ in 0..50 {
            let rows = conn.query(sql, &[]).await.unwrap_or_else(|error| panic!("{error:?}"));
            left = rows.iter().map(|row| row.get::<_, String>(0)).collect();
            if left.is_empty() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("left over in the test's database: {left:#?}");
    }
}

impl Server {
    #[allow(clippy::disallowed_methods, reason = "tests have no `boot` that hands them PATH")]
    async fn start() -> Self {
        let fail = |what: &str, error: &dyn std::fmt::Display| -> ! { panic!("test Postgres: {what}: {error}") };
        let base = tempfile::Builder::new().prefix("pot-test-").tempdir().unwrap_or_else(|e| fail("folder", &e)).keep();
        // The server's user, where tests run as root, has to get through.
        std::fs::set_permissions(&base, std::fs::Permissions::from_mode(0o711)).unwrap_or_else(|e| fail("chmod", &e));
        // A server that has to be installed is installed where the product would, so that it is fetched once.
        let uid = std::fs::metadata("/proc/self").map_or(1, |this| this.uid());
        let home = std::env::var_os("HOME").map(Into::into);
        let standard = Folders::standard(&Environment { is_root: uid == 0, uid, home, ..Environment::default() });
        let folders = Folders { data: base.join("data"), install: standard.install, runtime: base.join("run") };
        let lock = DataDirLock::acquire(&folders.data).unwrap_or_else(|error| fail("lock", &error));
        let mut config = EmbeddedConfig::new(&folders, std::env::var_os("PATH"));
        config.volatile = true;
        config.max_connections = 300;
        let embedded = match Embedded::start(&config, &lock).await {
            Ok(embedded) => embedded,
            Err(error) => {
                drop(std::fs::remove_dir_all(&base));
                fail("start", &error)
            }
        };
        let reaper = reaper(embedded.pid(), &base).unwrap_or_else(|error| fail("reaper", &error));
        Self { embedded, _lock: lock, _reaper: reaper }
    }
}

/// Statics are not dropped, and a killed process drops nothing at all; so a small shell waits for our end of its pipe to
/// close, then for the server, and removes the files.
fn reaper(pid: u32, base: &Path) -> std::io::Result<Child> {
    Command::new("/bin/sh")
        .arg("-c")
        .arg(r#"cat > /dev/null; while kill -0 "$1" 2> /dev/null; do sleep 0.05; done; rm -rf "$2""#)
        .arg("reaper")
        .arg(pid.to_string())
        .arg(base)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}
