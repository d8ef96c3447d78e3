//! The service's tables.

mod print_jobs;
mod queue;
mod rows;
mod slices;

use pg_kit::Pool;

pub(crate) const MIGRATIONS: pg_kit::MigrationSet = pg_kit::migrations!("print_job", "0001_print_jobs", "0002_plates");

pub(crate) struct Postgres {
    pool: Pool,
}

impl Postgres {
    pub(crate) fn new(pool: Pool) -> Self {
        Postgres { pool }
    }
}
