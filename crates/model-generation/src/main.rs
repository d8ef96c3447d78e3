//! The model-generation service as a process of its own; `model-generation worker geometry` is its worker.

use std::process::ExitCode;

use service_kit::host;

fn main() -> ExitCode {
    if std::env::args().skip(1).eq(["worker", "geometry"]) {
        return model_generation::worker_main();
    }
    host::main(
        model_generation::SERVICE,
        |host, parts| async move { model_generation::build(host.config()?, parts).await },
    )
}
