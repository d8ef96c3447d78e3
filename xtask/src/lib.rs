//! Developer commands, as a library so that the repository's rules also run as tests.

pub mod bench;
pub mod cases;
pub mod codegen;
pub mod eval;
pub mod fuzz;
pub mod kill;
pub mod test_run;
pub mod tidy;
pub mod tools;
pub mod workspace;
