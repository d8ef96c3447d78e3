//! The print-job service as a process of its own.

use std::process::ExitCode;

use service_kit::host;

fn main() -> ExitCode {
    host::main(print_job::SERVICE, |host, parts| async move {
        let loaded = host.loader.load_table(print_job::SERVICE);
        let config = loaded.map_err(|e| rpc::Error::invalid(print_job::SERVICE, e.to_string()))?;
        let iot = host.peer("iot")?;
        print_job::build(config, parts, iot).await
    })
}
