//! The print-job service as a process of its own.

use std::process::ExitCode;

use service_kit::host;

fn main() -> ExitCode {
    host::main(print_job::SERVICE, |host, parts| async move {
        print_job::build(host.config()?, parts, host.peer("iot")?).await
    })
}
