//! Commands that use a platform: the one of `--server`, the one that runs on the data folder, or one started for the
//! length of the command.

use std::future::Future;

use boot::{Environment, Shutdown};
use serde_json::json;

use crate::{
    chat,
    cli::{ChatArgs, Global, MakeArgs},
    client::Platform,
    config::{self, Config},
    failure::Failure,
    files::OutputFolder,
    make::Job,
    output::{Output, error_line},
    platform::{self, Running},
    trace,
};

pub(crate) async fn make(global: &Global, environment: &Environment, args: &MakeArgs) -> Result<(), Failure> {
    let output = Output::new(global.json);
    let folder = OutputFolder::open(&args.out)?;
    with_platform(global, environment, &output, |platform| Job { platform, output: &output, folder, args }.run()).await
}

pub(crate) async fn chat(global: &Global, environment: &Environment, args: &ChatArgs) -> Result<(), Failure> {
    let output = Output::new(global.json);
    let setting = chat::Setting {
        history: config::folders(global.data.as_ref(), environment).install.join("chat_history"),
        no_color: environment.no_color,
        language: environment.language.clone(),
    };
    with_platform(global, environment, &output, |platform| chat::run(platform, &output, args, setting)).await
}

pub(crate) async fn trace(global: &Global, environment: &Environment, id: &str) -> Result<(), Failure> {
    let output = Output::new(global.json);
    with_platform(global, environment, &output, |platform| trace::run(platform, &output, id)).await
}

async fn with_platform<W, F>(
    global: &Global,
    environment: &Environment,
    output: &Output,
    work: W,
) -> Result<(), Failure>
where
    W: FnOnce(Platform) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    let shutdown = Shutdown::new();
    let interrupted = shutdown.clone();
    if let Some(url) = &global.server {
        let token = global.token.clone().or_else(|| environment.pot.get("POT_TOKEN").cloned());
        let platform = Platform::connect(url, &token.unwrap_or_default()).await?;
        return until_interrupted(interrupted, work(platform)).await;
    }
    let folders = config::folders(global.data.as_ref(), environment);
    if let Some((address, token)) = platform::attach(&folders).await? {
        output.note(&format!("using the platform at {}", address.address));
        let platform = Platform::connect(&address.address, &token).await?;
        return until_interrupted(interrupted, work(platform)).await;
    }
    let config = Config::load(global, environment).map_err(|e| Failure::configuration(e.to_string()))?;
    let config = config.transient(global.verbose);
    let _telemetry = telemetry::init(config.telemetry()).map_err(|e| Failure::configuration(e.to_string()))?;
    output.say("starting the embedded platform ...", json!({"event": "starting"}));
    let running = Running::start(config, &folders, environment, shutdown, error_line).await?;
    let worked = match Platform::connect(&running.address.address, &running.token).await {
        Ok(platform) => tokio::select! {
            done = until_interrupted(interrupted, work(platform)) => done,
            () = running.stopped() => Err(Failure::failed("the platform stopped")),
        },
        Err(failure) => Err(failure),
    };
    let stopped = running.stop().await;
    worked.and(stopped)
}

/// Ctrl-C ends the command; what it started goes on in a platform that is not its own.
async fn until_interrupted(shutdown: Shutdown, work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let signals = Shutdown::new();
    tokio::select! {
        done = work => done,
        () = async {
            tokio::select! {
                _ = signals.clone().listen_to_signals() => {}
                () = signals.triggered() => {}
            }
        } => {
            shutdown.trigger();
            Err(Failure::interrupted())
        }
    }
}
