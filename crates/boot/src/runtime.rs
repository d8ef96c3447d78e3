//! The tokio runtime that a `main` runs on, and the exit codes that the platform shares.

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use crate::environment::Hardware;

/// Something failed.
pub const EXIT_FAILED: u8 = 1;
/// The configuration is invalid (`EX_CONFIG` of sysexits.h).
pub const EXIT_CONFIG: u8 = 78;
/// Stopped by Ctrl-C.
pub const EXIT_INTERRUPTED: u8 = 130;

/// How long blocking work may hold up the end of the process once the main future is done.
const BLOCKING_GRACE: Duration = Duration::from_secs(2);

/// Runs a main future to its end on a multi-threaded runtime with one worker a processor (at least two, so that one
/// busy task cannot stop the others).
pub fn run<F>(main: F) -> ExitCode
where
    F: Future<Output = ExitCode>,
{
    let hardware = Hardware::detect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(hardware.cpus.max(2))
        .thread_name("pot")
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(main);
            runtime.shutdown_timeout(BLOCKING_GRACE);
            code
        }
        Err(error) => {
            tracing::error!(%error, "the runtime did not start: is the limit of threads or open files reached?");
            ExitCode::from(EXIT_FAILED)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_comes_through_and_blocking_work_cannot_hold_the_end() {
        let code = run(async {
            let worker = tokio::task::spawn_blocking(|| 7);
            ExitCode::from(worker.await.unwrap())
        });
        assert_eq!(code, ExitCode::from(7));
    }
}
