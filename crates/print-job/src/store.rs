//! The service's tables.

mod print_jobs;
mod queue;
mod rows;
mod slices;

use pg_kit::Pool;

pub const MIGRATIONS: pg_kit::MigrationSet = pg_kit::migrations!("print_job", "0001_print_jobs");

pub struct Postgres {
    pool: Pool,
}

impl Postgres {
    pub fn new(pool: Pool) -> Self {
        Postgres { pool }
    }
}
