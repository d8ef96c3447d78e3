//! Migrations: named sets with a history each, run under an advisory lock.

use refinery::{Migration, Runner};

use crate::{Error, Pool};

/// Migrations that belong together: a service's own, or those that a kit brings (`jobs`, `events`). Each set has its
/// own history table, so that kits and services number theirs independently.
#[derive(Clone, Copy, Debug)]
pub struct MigrationSet {
    /// `[a-z_]+`; the history table is `migrations_{name}`.
    pub name: &'static str,
    /// File names without extension (`0001_models`) with their SQL, ascending. A published file never changes.
    pub files: &'static [(&'static str, &'static str)],
}

/// A [`MigrationSet`] from files of the calling crate's `migrations/` folder.
///
/// ```ignore
/// pub const MIGRATIONS: pg_kit::MigrationSet = pg_kit::migrations!("iot", "0001_devices", "0002_telemetry");
/// ```
#[macro_export]
macro_rules! migrations {
    ($name:literal, $($file:literal),+ $(,)?) => {
        $crate::MigrationSet {
            name: $name,
            files: &[$((
                $file,
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $file, ".sql")),
            )),+],
        }
    };
}

/// Creates the pool's schema and brings it up to date. Replicas that start at the same time wait for each other.
pub async fn migrate(pool: &Pool, sets: &[MigrationSet]) -> Result<(), Error> {
    let schema = pool.schema();
    let mut conn = pool.get().await?;
    // A migration may take longer than a request may.
    conn.batch("SET statement_timeout = 0").await?;
    let locked = conn.query_one("SELECT pg_advisory_lock(hashtextextended('pot migrate ' || $1, 0))", &[&schema]).await;
    let result = match locked {
        Ok(_) => run(&mut conn, schema, sets).await,
        Err(error) => Err(error),
    };
    // The lock and the setting belong to the session, which goes back to the pool.
    let undone = conn.batch("SELECT pg_advisory_unlock_all(); RESET statement_timeout").await;
    result.and(undone)
}

async fn run(conn: &mut crate::Conn, schema: &str, sets: &[MigrationSet]) -> Result<(), Error> {
    // The name was checked when the pool was built. Looked up first because CREATE needs a privilege that a service
    // whose schema an administrator made does not have.
    let exists = conn.query_opt("SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&schema]).await?;
    if exists.is_none() {
        conn.batch(&format!("CREATE SCHEMA IF NOT EXISTS {schema}")).await?;
    }
    for set in sets {
        let failed = |source| Error::Migration { set: set.name, schema: schema.to_owned(), source: Box::new(source) };
        let mut migrations = Vec::with_capacity(set.files.len());
        for (file, sql) in set.files {
            let (version, name) = file.split_once('_').unwrap_or((file, "migration"));
            let version = version.trim_start_matches('0');
            migrations.push(Migration::unapplied(&format!("V{version}__{name}"), sql).map_err(failed)?);
        }
        let mut runner = Runner::new(&migrations);
        runner.set_migration_table_name(format!("migrations_{}", set.name));
        let report = runner.run_async(conn.driver_mut()).await.map_err(failed)?;
        for applied in report.applied_migrations() {
            tracing::info!(schema, set = set.name, migration = %applied, "migration applied");
        }
    }
    Ok(())
}
