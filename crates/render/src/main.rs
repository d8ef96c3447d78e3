//! The render service as a process of its own.

use std::process::ExitCode;

use service_kit::host;

fn main() -> ExitCode {
    host::main(render::SERVICE, |host, parts| async move { render::build(host.config()?, parts).await })
}
