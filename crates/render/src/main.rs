//! The render service as a process of its own.

use std::process::ExitCode;

use service_kit::host;

fn main() -> ExitCode {
    host::main(render::SERVICE, |host, parts| async move {
        let config =
            host.loader.load_table(render::SERVICE).map_err(|e| rpc::Error::invalid(render::SERVICE, e.to_string()))?;
        render::build(config, parts).await
    })
}
