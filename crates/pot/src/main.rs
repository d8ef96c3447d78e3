//! The `pot` command: the platform in one process, and its command line.

mod chat;
mod cli;
mod client;
mod config;
mod device;
mod failure;
mod files;
mod json;
mod make;
mod output;
mod platform;
mod session;
mod suggestions;
mod trace;
mod up;

use std::process::ExitCode;

use boot::Environment;
use clap::Parser;
use cli::{Cli, Command};
use output::Output;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::Worker(_) = &cli.command {
        return model_generation::worker_main();
    }
    boot::run(async move {
        let json = cli.global.json;
        match run(cli).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                failure.report(&Output::new(json));
                failure.exit_code()
            }
        }
    })
}

async fn run(cli: Cli) -> Result<(), failure::Failure> {
    let environment = Environment::capture();
    let global = cli.global;
    match cli.command {
        Command::Make(args) => session::make(&global, environment, &args).await,
        Command::Chat(args) => session::chat(&global, environment, &args).await,
        Command::Trace(args) => session::trace(&global, environment, &args.id).await,
        Command::Up(args) => up::run(&global, environment, &args).await,
        Command::VirtualPrinter(args) => device::run(&global, args).await,
        // Answered before the runtime was started.
        Command::Worker(_) => Ok(()),
    }
}
