//! `pot up`: serve the platform until Ctrl-C, then drain.

use boot::{Environment, Shutdown, Tasks};
use serde_json::json;

use crate::{
    cli::{Global, UpArgs},
    config::{self, Config},
    failure::Failure,
    output::{self, Output, error_line},
    platform::Running,
};

pub(crate) async fn run(global: &Global, environment: &Environment, args: &UpArgs) -> Result<(), Failure> {
    let output = Output::new(global.json);
    let config = Config::load(global, environment).map_err(|e| Failure::configuration(e.to_string()))?;
    let config = config.with_flags(args);
    if args.print_config {
        let text = boot::print_config(&config).map_err(|e| Failure::configuration(e.to_string()))?;
        output::line(&text);
        return Ok(());
    }
    let _telemetry = telemetry::init(config.telemetry()).map_err(|e| Failure::configuration(e.to_string()))?;
    let folders = config::folders(global.data.as_ref(), environment);
    let shutdown = Shutdown::new();
    let signals = Tasks::new(shutdown.clone());
    signals.spawn("signals", shutdown.clone().listen_to_signals());
    let running = Running::start(config, &folders, environment, shutdown, error_line).await?;
    let (address, token_file) = (&running.address, folders.data.join("token"));
    output.say(
        &format!(
            "3D Pot {} at {}\n  MQTT for devices: {}\n  token: {}\nCtrl-C stops it.",
            env!("CARGO_PKG_VERSION"),
            address.address,
            address.mqtt,
            token_file.display()
        ),
        json!({
            "event": "ready",
            "address": address.address,
            "mqtt": address.mqtt,
            "token_file": token_file.display().to_string(),
        }),
    );
    running.stopped().await;
    running.stop().await
}
