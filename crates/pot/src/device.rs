//! `pot virtual-printer`: the simulated printer as a process of its own.

use boot::{Clock, Shutdown, Tasks};

use crate::{cli::VirtualPrinterArgs, failure::Failure, output};

pub(crate) async fn run(args: VirtualPrinterArgs) -> Result<(), Failure> {
    if args.with_parent {
        pg_kit::die_with_parent()?;
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
