//! The gateway's own process: configuration, build, run, drain.

use std::path::Path;
use std::process::ExitCode;

use boot::{EXIT_CONFIG, EXIT_FAILED, Environment, Loader, Shutdown, Tasks};
use gateway::{BuildError, Config};

fn main() -> ExitCode {
    boot::run(async {
        let environment = Environment::capture();
        let loaded = Loader::new().optional_file(Path::new("pot.toml")).map(|loader| loader.environment(environment));
        let configs = loaded.and_then(|loader| {
            Ok((loader.load_table::<Config>("gateway")?, loader.load_table::<telemetry::Config>("telemetry")?))
        });
        let (config, telemetry_config) = match configs {
            Ok(configs) => configs,
            Err(error) => return refuse(&error.to_string(), EXIT_CONFIG),
        };
        let _telemetry = match telemetry::init(telemetry_config) {
            Ok(guard) => guard,
            Err(error) => return refuse(&error.to_string(), EXIT_CONFIG),
        };
        let shutdown = Shutdown::new();
        let tasks = Tasks::new(shutdown.clone());
        tasks.spawn("signals", shutdown.clone().listen_to_signals());
        match gateway::run(&config, shutdown.clone()).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(BuildError::Config(error)) => refuse(&error.to_string(), EXIT_CONFIG),
            Err(error) => refuse(&error.to_string(), EXIT_FAILED),
        }
    })
}

/// Telemetry may not run yet, so the reason goes to standard error as it is.
#[expect(clippy::print_stderr, reason = "the last word of a process that does not start")]
fn refuse(why: &str, code: u8) -> ExitCode {
    eprintln!("gateway: {why}");
    ExitCode::from(code)
}
