//! The connection pool of one schema.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, PoolError, RecyclingMethod, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{NoTls, Row};

use crate::config::check_schema;
use crate::listen::{Hub, Subscription};
use crate::tx::Tx;
use crate::{Error, PoolConfig, error};

/// Attempts of [`Pool::transaction`]: the first one and the repetitions after serialization failures.
const TRANSACTION_ATTEMPTS: u32 = 5;

/// Connections that see one schema. Cloning is cheap and shares the connections.
#[derive(Clone)]
pub struct Pool {
    inner: deadpool_postgres::Pool,
    config: Arc<PoolConfig>,
    hub: Arc<Hub>,
}

impl Pool {
    /// Builds the pool; connections are opened when they are first needed.
    pub fn new(config: PoolConfig) -> Result<Self, Error> {
        let hub = Arc::new(Hub::new(config.driver()?));
        Self::build(config, hub)
    }

    fn build(config: PoolConfig, hub: Arc<Hub>) -> Result<Self, Error> {
        let manager =
            Manager::from_config(config.driver()?, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        let inner = deadpool_postgres::Pool::builder(manager)
            .max_size(config.max_size)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(Duration::from_millis(config.acquire_timeout_ms)))
            .create_timeout(Some(Duration::from_millis(config.connect_timeout_ms)))
            .build()
            .map_err(|error| Error::Config { field: "pool", reason: error.to_string() })?;
        Ok(Self { inner, config: Arc::new(config), hub })
    }

    /// A pool of its own for another schema of the same database. The connection that listens for notifications is
    /// shared.
    pub fn for_schema(&self, schema: &str) -> Result<Self, Error> {
        check_schema(schema)?;
        let config = PoolConfig {
            schema: schema.to_owned(),
            application_name: format!("pot {schema}"),
            ..PoolConfig::clone(&self.config)
        };
        Self::build(config, Arc::clone(&self.hub))
    }

    pub fn schema(&self) -> &str {
        &self.config.schema
    }

    /// A connection, returned to the pool when it is dropped.
    pub async fn get(&self) -> Result<Conn, Error> {
        match self.inner.get().await {
            Ok(inner) => Ok(Conn { inner }),
            Err(PoolError::Backend(error)) => Err(match Error::from(error) {
                // Whatever stops a new connection from being made, the caller's request could not have caused it.
                Error::Statement(error) if error.code().is_none() => Error::Unavailable { reason: chain(&error) },
                error => error,
            }),
            Err(error) => Err(Error::Unavailable { reason: error.to_string() }),
        }
    }

    /// Begins a transaction (READ COMMITTED). It rolls back when it is dropped without [`Tx::commit`].
    pub async fn begin(&self) -> Result<Tx, Error> {
        Tx::begin(self.get().await?).await
    }

    /// Runs `work` in a transaction, commits if it succeeds, and repeats it after a serialization failure or a deadlock.
    /// `work` must have no effect outside the transaction. It is given a shared handle of which it keeps nothing.
    ///
    /// ```ignore
    /// pool.transaction(|tx| async move { jobs::enqueue(&tx, job).await }).await?;
    /// ```
    pub async fn transaction<T, E, W, F>(&self, work: W) -> Result<T, E>
    where
        W: Fn(Arc<Tx>) -> F,
        F: Future<Output = Result<T, E>>,
        E: From<Error> + std::error::Error + 'static,
    {
        let mut attempt = 1;
        loop {
            let tx = Arc::new(self.begin().await?);
            let result = match work(Arc::clone(&tx)).await {
                Ok(value) => match Arc::into_inner(tx) {
                    Some(tx) => tx.commit().await.map(|()| value).map_err(E::from),
                    None => return Err(Error::LeakedTransaction.into()),
                },
                Err(error) => Err(error),
            };
            match result {
                Err(error) if attempt < TRANSACTION_ATTEMPTS && error::is_serialization(&error) => {
                    tracing::debug!(attempt, "repeating a transaction after a serialization failure");
                    // Linear and different for each process, so that two that collided do not collide again in step.
                    let pause = u64::from(attempt * 5 + std::process::id() % 7);
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    /// Subscribes to the notifications of `channel` within this pool's schema; SQL sends them with
    /// `pg_notify(current_schema() || '.' || channel, payload)`. Returns once the server has been told, if it can be
    /// reached; otherwise the subscription begins when it can.
    pub async fn listen(&self, channel: &str) -> Subscription {
        Hub::subscribe(&self.hub, format!("{}.{channel}", self.config.schema)).await
    }

    /// Closes the pool: waiting and later callers get [`Error::Unavailable`].
    pub fn close(&self) {
        self.inner.close();
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("config", &self.config).finish_non_exhaustive()
    }
}

/// An error with everything that caused it, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

/// A pooled connection. Statements are prepared once a connection and cached.
pub struct Conn {
    inner: Object,
}

/// Query parameters, as the driver takes them.
type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Conn {
    pub async fn query(&self, sql: &'static str, params: Params<'_>) -> Result<Vec<Row>, Error> {
        let statement = self.inner.prepare_cached(sql).await?;
        Ok(self.inner.query(&statement, params).await?)
    }

    /// One row or none; several are an error.
    pub async fn query_opt(&self, sql: &'static str, params: Params<'_>) -> Result<Option<Row>, Error> {
        let statement = self.inner.prepare_cached(sql).await?;
        Ok(self.inner.query_opt(&statement, params).await?)
    }

    /// Exactly one row; none or several are an error.
    pub async fn query_one(&self, sql: &'static str, params: Params<'_>) -> Result<Row, Error> {
        let statement = self.inner.prepare_cached(sql).await?;
        Ok(self.inner.query_one(&statement, params).await?)
    }

    /// The number of rows that the statement changed.
    pub async fn execute(&self, sql: &'static str, params: Params<'_>) -> Result<u64, Error> {
        let statement = self.inner.prepare_cached(sql).await?;
        Ok(self.inner.execute(&statement, params).await?)
    }

    /// Several statements without parameters, unprepared: for DDL and maintenance.
    pub async fn batch(&self, sql: &str) -> Result<(), Error> {
        Ok(self.inner.batch_execute(sql).await?)
    }

    /// The driver's client, for COPY, portals and statements built at run time.
    pub fn driver(&self) -> &tokio_postgres::Client {
        &self.inner
    }

    pub(crate) fn driver_mut(&mut self) -> &mut tokio_postgres::Client {
        &mut self.inner
    }
}
