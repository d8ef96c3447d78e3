//! `pot virtual-printer`: the simulated printer as a process of its own.

use boot::{Clock, Shutdown, Tasks};

use crate::{
    cli::{Global, VirtualPrinterArgs},
    failure::Failure,
    output,
};

pub(crate) async fn run(global: &Global, args: VirtualPrinterArgs) -> Result<(), Failure> {
    let level = ["warn", "info", "debug"][usize::from(global.verbose.min(2))].to_owned();
    let telemetry = telemetry::Config { level, service_name: "virtual-printer".to_owned(), ..Default::default() };
    let _telemetry = telemetry::init(telemetry).map_err(|e| Failure::configuration(e.to_string()))?;
    if args.with_parent {
        end_with_parent()?;
    }
    let usage = || Failure::configuration(format!("--broker {}: write it as host:port", args.broker));
    let (host, port) = args.broker.rsplit_once(':').ok_or_else(usage)?;
    let config = virtual_printer::Config {
        id: args.id.clone(),
        broker_host: host.to_owned(),
        broker_port: port.parse().map_err(|_| usage())?,
        speed: args.speed,
        fault: args.fail,
        start_log: args.start_log,
        limits: gcode::MachineLimits::default(),
    };
    if !args.with_parent {
        output::error_line(&format!("virtual printer {} at {} times real time; Ctrl-C ends it", args.id, args.speed));
    }
    let shutdown = Shutdown::new();
    let tasks = Tasks::new(shutdown.clone());
    tasks.spawn("signals", shutdown.clone().listen_to_signals());
    virtual_printer::run(config, Clock::system(), tasks).await.map_err(|error| Failure::failed(error.to_string()))
}

/// The parent holds the other end of standard input; the end of it is the end of the parent.
fn end_with_parent() -> Result<(), Failure> {
    std::thread::Builder::new().name("parent".to_owned()).spawn(|| {
        // However reading ends, nobody is there any more.
        std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()).unwrap_or_default();
        std::process::exit(0);
    })?;
    Ok(())
}
