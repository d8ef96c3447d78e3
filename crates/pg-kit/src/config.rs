//! Where a database is and how its pool behaves.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_postgres::config::Host;

use crate::Error;

/// Where the database listens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// `postgresql://user:password@host:port/database`.
    Url(String),
    /// A Unix socket, as the embedded server has.
    Socket { folder: PathBuf, port: u16, user: String, database: String },
}

/// The password in a URL must not reach a log.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(_) => f.write_str("Url(***)"),
            Self::Socket { folder, database, .. } => write!(f, "Socket({}, {database})", folder.display()),
        }
    }
}

/// A pool's settings. Durations are in milliseconds in files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolConfig {
    pub address: Address,
    /// The service's schema: `[a-z_][a-z0-9_]{0,30}`.
    pub schema: String,
    /// Connections a pool opens at most.
    pub max_size: usize,
    /// Opening a connection fails after this many milliseconds.
    pub connect_timeout_ms: u64,
    /// Waiting for a free connection fails after this many milliseconds.
    pub acquire_timeout_ms: u64,
    /// The server cancels a statement after this many milliseconds.
    pub statement_timeout_ms: u64,
    /// Shown by `pg_stat_activity`.
    pub application_name: String,
}

impl PoolConfig {
    pub fn new(address: Address, schema: impl Into<String>) -> Self {
        let schema = schema.into();
        Self {
            address,
            application_name: format!("pot {schema}"),
            schema,
            max_size: 8,
            connect_timeout_ms: 5_000,
            acquire_timeout_ms: 5_000,
            statement_timeout_ms: 30_000,
        }
    }

    /// The driver's configuration for this pool's connections.
    pub(crate) fn driver(&self) -> Result<tokio_postgres::Config, Error> {
        check_schema(&self.schema)?;
        if self.max_size == 0 {
            return Err(Error::Config { field: "max_size", reason: "must be at least 1".into() });
        }
        let mut driver = match &self.address {
            // The parser's error can quote the URL, which holds the password.
            Address::Url(url) => url.parse::<tokio_postgres::Config>().map_err(|_| Error::Config {
                field: "url",
                reason: "expected postgresql://user:password@host:port/database".into(),
            })?,
            Address::Socket { folder, port, user, database } => {
                let mut driver = tokio_postgres::Config::new();
                driver.host_path(folder).port(*port).user(user).dbname(database);
                driver
            }
        };
        if driver.get_hosts().is_empty() {
            return Err(Error::Config { field: "url", reason: "names no host".into() });
        }
        driver
            .application_name(&self.application_name)
            .connect_timeout(Duration::from_millis(self.connect_timeout_ms))
            .options(format!(
                "-c search_path={},public -c statement_timeout={} -c idle_in_transaction_session_timeout=60s \
                 -c timezone=UTC",
                self.schema, self.statement_timeout_ms
            ));
        if driver.get_hosts().iter().any(|host| matches!(host, Host::Tcp(_))) {
            driver.keepalives_idle(Duration::from_secs(30));
        }
        Ok(driver)
    }
}

/// Schema names are put into SQL text and channel names, so they are restricted instead of quoted.
pub(crate) fn check_schema(schema: &str) -> Result<(), Error> {
    let first = |c: char| c.is_ascii_lowercase() || c == '_';
    let rest = |c: char| first(c) || c.is_ascii_digit();
    if schema.len() <= 31 && schema.starts_with(first) && schema.chars().all(rest) {
        return Ok(());
    }
    Err(Error::Config {
        field: "schema",
        reason: format!(
            "\"{schema}\" must be 1 to 31 lower-case letters, digits and underscores, not beginning with a digit"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_are_plain_identifiers() {
        for good in ["print_job", "_a", "iot2"] {
            assert!(check_schema(good).is_ok(), "{good}");
        }
        for bad in ["", "2a", "a-b", "A", "a;drop", &"a".repeat(32)] {
            assert!(check_schema(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_wrong_url_is_reported_without_its_password() {
        let config = PoolConfig::new(Address::Url("postgresql://u:sesame@host:notaport/db".into()), "iot");
        let error = config.driver().unwrap_err();
        assert!(matches!(error, Error::Config { field: "url", .. }));
        assert!(!format!("{error} {error:?} {config:?}").contains("sesame"));
    }
}
