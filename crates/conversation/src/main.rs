//! The conversation service as a process of its own.

use std::process::ExitCode;

use service_kit::host;

fn main() -> ExitCode {
    host::main(conversation::SERVICE, |host, parts| async move { conversation::build(host.config()?, parts).await })
}
